// VenuePort: bullpen-venue behind the port. The venue is a broker as far as a worker can tell: a
// process that may be away, slow, wrong or gone in the middle of a word; docs/venue.md has the
// messages.
//
//   - A command is `not_sent` only when none of its bytes left, or when the venue says by its
//     number that it did not look at it; when the connection ends before its answer, or the answer
//     does not come in time, it is `unknown`. A late answer is not told: a query settles the order.
//   - A command never waits in a queue of ours: if the socket will not take any of it now, it is
//     not sent.
//   - A line that is no message, is too long, or is of another account ends the connection.
//   - After a loss it connects again by a schedule, for ever, unless the venue said that there is
//   no
//     use: then connect() must be called.
//
// fd() stays the same through all connections. One thread; no clock.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "common/base/descriptor.hpp"
#include "ipc/venue_message.hpp"
#include "worker/broker/port.hpp"
#include "worker/broker/shares.hpp"

namespace bullpen::broker {

struct VenuePortSettings {
    std::string socket;          // ipc::venue_socket(home)
    std::string account;         // as the venue calls it
    std::string client;          // program and version
    std::string session;         // the launch, for the venue's log
    bool follows_market = true;  // steps are told
    bool lockstep = false;       // the market waits for step_done()
    bool ticks = false;          // steps are told of trades and quotes within the minute too
    std::string watch;           // without an account: only follows this market
    std::string cookie;          // of the home, for one that holds no account's lock
    Nanos answer_wait = std::chrono::seconds(5);
    Nanos query_wait = std::chrono::seconds(5);
    Nanos greeting_wait = std::chrono::seconds(5);
    Nanos ping_interval = ipc::k_venue_ping_interval;
    Nanos silence_max = ipc::k_venue_ping_interval * 3;  // then the connection counts as lost
    // Before each attempt; the last one repeats.
    std::vector<Nanos> reconnect{std::chrono::seconds(0), std::chrono::seconds(2),
                                 std::chrono::seconds(5), std::chrono::seconds(10),
                                 std::chrono::seconds(30)};
    // So much of each wait, at the most, comes on top of it, by account and attempt: who lost the
    // same exchange at the same time does not come back at the same time.
    int jitter_percent = 25;
    Nanos hurried_wait = std::chrono::seconds(2);  // at the most, while it is to hurry
    // While it is to hurry, the connection is asked for a word, and waited for so long.
    Nanos hurried_silence = std::chrono::seconds(3);
    // A connection that lasted so long was a good one: the schedule begins anew.
    Nanos stable_after = std::chrono::seconds(10);
    // Who lost its session to another one tries once more, so much later: a person who looks in is
    // gone by then, and two programs do not take it from each other for ever.
    Nanos relogin_wait = std::chrono::seconds(30);
};

class VenuePort final : public Port {
  public:
    static constexpr std::size_t k_steps_max = 4096;

    // The instruments that prices are written and read with; they outlive the port.
    static Result<std::unique_ptr<VenuePort>> make(
        VenuePortSettings settings, std::span<const model::Instrument* const> instruments);

    // How far the market is, oldest first; more than k_steps_max are not kept: the oldest tick
    // goes, or the oldest of all where none is of a tick. Orders and fills are told apart from it.
    [[nodiscard]] std::vector<ipc::VenueStep> take_steps();
    // Gives the connection up, as if it had been lost, and connects again.
    void reconnect(std::string_view why, Instant now);
    // Asks to be told of the market's steps anew, over the connection that there is.
    void subscribe(Instant now);
    // Everything that a step led to has been sent. Only in lockstep.
    void step_done(std::uint64_t step, Instant now);

    // Of an account that trades shares: the number that the answer will carry. Commands and
    // questions alike; what may be sent again is said as of every command.
    std::uint64_t ask_shares(const ipc::ShareRequest& request, Instant now);
    // An answer with prices comes in parts: `reply.more` says that another follows.
    [[nodiscard]] std::vector<std::pair<std::uint64_t, ShareAnswer>> take_share_answers();
    // The newest time of the market of shares that was told unasked since this was called last.
    [[nodiscard]] std::optional<UtcTime> take_share_time() {
        return std::exchange(share_time_, std::nullopt);
    }

    // By when what was sent has its answer or is given up; none when no answer is awaited.
    [[nodiscard]] std::optional<MonoTime> answer_due() const;

    // Counted since the start, for the beat and for tests.
    [[nodiscard]] std::uint64_t late_answers() const { return late_answers_; }
    [[nodiscard]] std::uint64_t connections() const { return connections_; }

    // Why there is no connection; the text is empty with one, and before the first.
    struct Trouble {
        std::string text;
        bool ended = false;  // by the venue, in its own words
        bool final = false;  // it is not tried again until connect()
    };
    [[nodiscard]] const Trouble& trouble() const { return trouble_; }

    [[nodiscard]] int fd() const override { return poller_.get(); }
    std::optional<MonoTime> poll(Instant now, std::vector<Event>& events) override;
    void connect(Instant now) override;
    [[nodiscard]] bool connected() const override { return stage_ == Stage::up; }
    [[nodiscard]] std::string_view session_account() const override {
        return connected() ? std::string_view(session_account_) : std::string_view();
    }
    void hurry(bool hurries, Instant now) override;
    void submit(const risk::Approved<model::OrderTerms>& terms, Instant now) override;
    void cancel(const model::ClientOrderId& order, Instant now) override;
    void replace(const model::ClientOrderId& order, std::int64_t quantity, model::Price price,
                 Instant now) override;
    [[nodiscard]] bool can_replace() const override { return can_replace_; }
    // One stream, read line by line; and of an old one nothing is read once there is a new one.
    [[nodiscard]] bool in_order() const override { return true; }
    std::uint64_t query_orders(UtcTime since, Instant now) override;
    std::uint64_t query_fills(UtcTime since, Instant now) override;
    std::uint64_t query_positions(Instant now) override;
    std::uint64_t query_balance(Instant now) override;
    std::uint64_t query_instrument(const model::Symbol& symbol, Instant now) override;

  private:
    enum class Stage : std::uint8_t {
        idle,      // nobody asked for a connection
        waiting,   // for the next attempt
        greeting,  // connected, not welcome yet
        up,
        refused,  // for good, until connect()
    };
    // A command or a query that was sent.
    struct Sent {
        ipc::VenueRequestKind kind{};
        model::ClientOrderId order;
        model::Symbol symbol;     // of instrument
        std::uint64_t begin = 0;  // place of its first byte in the stream
        MonoTime due{};
        std::vector<OrderReport> orders;  // pages so far
        std::vector<model::Fill> fills;
        std::optional<ipc::ShareReply> shares;
        std::size_t prices = 0;  // that were told already
    };

    VenuePort(VenuePortSettings settings, std::span<const model::Instrument* const> instruments,
              Descriptor poller);

    // venue_port.cpp: the connection
    void open_connection(Instant now);
    void lose(std::string_view why, bool final, Instant now);
    void read_all(Instant now);
    void write_all(Instant now);
    void watch();
    bool put(const ipc::VenueRequest& request, bool whole_or_nothing, Instant now);
    void look_at_times(Instant now);
    [[nodiscard]] std::optional<MonoTime> next_time() const;
    [[nodiscard]] MonoTime lost_at() const;
    [[nodiscard]] Nanos wait_before(std::size_t attempt);
    void ping(Instant now);
    void give_up(std::uint64_t id, const Sent& sent, std::string_view why);
    void command(ipc::VenueRequest request, Instant now);
    std::uint64_t query(ipc::VenueRequest request, Instant now);

    // venue_port_reading.cpp: what the venue says
    Result<void> take(std::string_view line, Instant now);
    Result<void> welcomed(const ipc::VenueReply& reply, Instant now);
    Result<void> answered(const ipc::VenueReply& reply);
    void not_looked_at(std::uint64_t id, std::string_view why);
    void keep_step(ipc::VenueStep step);
    Result<void> orders_came(const ipc::VenueReply& reply);
    Result<void> fills_came(const ipc::VenueReply& reply);
    Result<void> positions_came(const ipc::VenueReply& reply);
    Result<void> balance_came(const ipc::VenueReply& reply);
    Result<void> instrument_came(const ipc::VenueReply& reply);
    Result<void> shares_came(std::uint64_t id, ipc::ShareReply page);
    Result<OrderReport> report_of(const ipc::VenueOrder& order);
    [[nodiscard]] Result<model::Fill> fill_of(const ipc::VenueFill& fill) const;
    [[nodiscard]] const model::Instrument* instrument(std::string_view symbol) const;
    std::optional<Sent> taken(std::uint64_t id, ipc::VenueRequestKind kind);
    void answer(ipc::VenueRequestKind kind, Outcome outcome, const model::ClientOrderId& order,
                std::string_view text);

    VenuePortSettings settings_;
    std::vector<const model::Instrument*> instruments_;
    Descriptor poller_;
    Descriptor socket_;
    Stage stage_ = Stage::idle;
    bool watches_writing_ = false;
    ipc::LineSplitter lines_;
    std::string unsent_;
    std::uint64_t written_ = 0;   // bytes of this connection that left
    std::uint64_t appended_ = 0;  // and that were to leave
    std::size_t attempt_ = 0;     // of the schedule
    MonoTime next_attempt_{};
    std::uint64_t attempts_ = 0;  // counted up
    bool may_relogin_ = false;    // since connect(): once
    Trouble trouble_;
    bool hurries_ = false;
    MonoTime hurries_since_{};
    MonoTime since_{};  // of the stage
    MonoTime last_heard_{};
    MonoTime last_said_{};
    bool can_replace_ = true;
    std::string session_account_;  // as the venue's welcome said it

    std::uint64_t last_id_ = 0;
    std::map<std::uint64_t, Sent> sent_;
    std::vector<Event> told_;
    std::deque<ipc::VenueStep> steps_;
    std::vector<std::pair<std::uint64_t, ShareAnswer>> share_answers_;
    std::optional<UtcTime> share_time_;
    // What a change of an order is priced in; dropped when the order has come to its end.
    std::unordered_map<std::string, model::Symbol> symbols_;
    std::uint64_t late_answers_ = 0;
    std::uint64_t connections_ = 0;
};

}  // namespace bullpen::broker
