// Venue: the paper exchange without its sockets: lines come in, lines go out at their time. It ties
// the matching core, the markets, the personality, the book and the log together. What goes out has
// been written to the book before, and what is in the book outlives the process.
//
// One thread. `now` is the clock's; nothing here reads one.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "common/base/home.hpp"
#include "common/log/logger.hpp"
#include "common/matching/exchange.hpp"
#include "common/time/futures_session.hpp"
#include "venue/admission.hpp"
#include "venue/book.hpp"
#include "venue/market_driver.hpp"
#include "venue/personality.hpp"
#include "venue/session.hpp"
#include "venue/settings.hpp"
#include "venue/share_desk.hpp"
#include "venue/venue_log.hpp"

namespace bullpen::venue {

// What the server is to do with a connection.
struct Output {
    enum class Kind : std::uint8_t {
        line,
        close,       // after what was said before
        break_off,   // at once
        black_hole,  // neither read nor write any more
    };
    std::uint64_t session = 0;
    Kind kind = Kind::line;
    std::string line;
    // May be left out of what is told to a side that does not keep up.
    bool spare = false;
};

class Venue {
  public:
    // Opens the book and takes up what is in it. `files` and `log` outlive the venue.
    static Result<std::unique_ptr<Venue>> open(const Home& home, const VenueSettings& settings,
                                               storage::FileSystem& files, log::Logger& log,
                                               Instant now);
    Venue(const Venue&) = delete;
    Venue& operator=(const Venue&) = delete;
    ~Venue();

    [[nodiscard]] Personality& personality() { return personality_; }
    [[nodiscard]] const matching::Exchange& exchange() const { return exchange_; }
    [[nodiscard]] const ShareDesk& shares() const { return *shares_; }

    // A connection was made, by which it is called from now on.
    std::uint64_t connected(const Peer& peer, Instant now);
    void received(std::uint64_t session, std::string_view line, Instant now);
    // The other side is gone, or sent what cannot be read.
    void gone(std::uint64_t session, std::string_view why, Instant now);
    // Does what is due. After an error nothing that was not told may be told: the process ends,
    // and its successor goes on from the book.
    Result<void> work(Instant now);
    // When work() has something to do again.
    [[nodiscard]] std::optional<MonoTime> next_due() const;
    // What is to leave now, in order; empty afterwards.
    std::vector<Output> take_outputs(Instant now);
    // A market's file came into the roster, or into its place, after this process gave up the right
    // to read any other: a successor can.
    [[nodiscard]] bool is_outgrown() const { return outgrown_; }
    // Snapshot and sync, at the end.
    Result<void> close(Instant now);

  private:
    struct Market {
        std::string name;
        std::unique_ptr<MarketDriver> driver;
        std::uint64_t told_step = 0;    // the last that was told; lockstep waits for it
        std::uint64_t told_to_all = 0;  // the last that was no trade between two bars
        MonoTime told_at{};
        bool started = false;
    };
    struct OrderFacts {
        model::Purpose purpose = model::Purpose::entry;
        std::string intent;
        UtcTime wall{};
    };
    // Something that happens at a time by itself.
    struct Later {
        std::uint64_t order = 0;      // is rejected after all
        std::uint64_t execution = 0;  // or of which this one is taken back
    };

    Venue(const Home& home, const VenueSettings& settings, storage::FileSystem& files,
          log::Logger& log, model::Instruments instruments);

    // venue.cpp
    Result<void> open_book(Instant now);
    Result<void> apply(const Record& record);
    std::vector<Record> everything() const;
    void record(const Record& record);
    void noted(const Result<void>& written);
    Session* find(std::uint64_t number);
    void say(Session& session, ipc::VenueReply reply, Instant now, Nanos delay = Nanos{0},
             bool spare = false);
    void end(Session& session, bool final, std::string_view text, Instant now,
             std::uint64_t not_looked_at = 0);
    void break_off(Session& session, std::string_view why, Instant now);

    // venue_sessions.cpp
    void hello(Session& session, const ipc::VenueRequest& request, Instant now);
    void watch(Session& session, const ipc::VenueRequest& request, ipc::VenueReply welcome,
               Instant now);
    bool admit(const Session& session, const std::string& account, Instant now, std::string* why);
    void note_received(const Session& session, std::string_view line,
                       const Result<ipc::VenueRequest>& request, Instant now);
    matching::AccountRef account_of(const std::string& name, Instant now);
    void take_roster(const std::string& account, Instant now);
    bool too_fast(Session& session, Instant now);
    void command_came(Session& session, const ipc::VenueRequest& request, Instant now);
    void execute(Session& session, const ipc::VenueRequest& request, Instant now);

    // venue_orders.cpp
    void submit(Session& session, const ipc::VenueRequest& request, Instant now);
    void cancel(Session& session, const ipc::VenueRequest& request, Instant now);
    void replace(Session& session, const ipc::VenueRequest& request, Instant now);
    void answer(Session& session, const ipc::VenueRequest& request, matching::Refusal refusal,
                std::uint64_t number, std::string_view text, Instant now);
    // Whether the fault strikes; in the log if it does.
    bool strikes(const Session& session, Fault fault, Instant now);
    bool strikes(const Session& session, Fault fault, std::string_view command,
                 std::string_view purpose, Instant now);
    // Whether the command is not to be executed at all.
    bool strikes_before(Session& session, std::uint64_t id, std::string_view command,
                        std::string_view purpose, Instant now);
    void answer_late(Session& session, std::uint64_t order, Instant now, Nanos delay);
    [[nodiscard]] Nanos gathered(Nanos delay, Instant now) const;
    void flush_events(Instant now);
    void happened(const matching::Event& event, Instant now);
    void void_execution(std::uint64_t number, std::uint64_t order, Instant now);
    void tell_event(const matching::Event& event, Instant now);
    ipc::VenueOrder describe(const matching::Order& order) const;
    ipc::VenueFill describe(const matching::Execution& execution) const;
    std::optional<std::size_t> market_for(const std::string& account,
                                          const model::Symbol& symbol) const;
    bool trades_in(const std::string& account, const std::string& market) const;
    bool follows(const Session& session, const std::string& market) const;
    const model::Instrument& instrument_of(matching::MarketRef ref) const;

    // venue_queries.cpp
    void query(Session& session, const ipc::VenueRequest& request, Instant now);
    void query_orders(Session& session, const ipc::VenueRequest& request, Instant now);
    void query_fills(Session& session, const ipc::VenueRequest& request, Instant now);
    void query_positions(Session& session, const ipc::VenueRequest& request, Instant now);
    template <class Item>
    void pages(Session& session, const ipc::VenueRequest& request, std::vector<Item> items,
               std::vector<Item> ipc::VenueReply::*member, ipc::VenueReplyKind kind, Instant now);

    // venue_market.cpp
    Result<void> add_market(const MarketSettings& settings, Instant now);
    void add_markets(Instant now);
    bool may_step(const Market& market, Instant now) const;
    void step(Market& market, Instant now);
    [[nodiscard]] bool loses_tick(std::int64_t number) const;
    // Whether nothing is told of this bar.
    [[nodiscard]] bool is_mute(std::uint64_t bar) const;
    void stepped(Market& market, ipc::VenueStep step, Instant now);
    void tell_place(Session& session, Instant now);
    std::optional<MonoTime> market_due(const Market& market) const;

    // venue_shares.cpp
    Result<void> open_shares(Instant now);
    void serve_shares(Session& session, const ipc::VenueRequest& request, Instant now);
    void say_shares(Session& session, std::uint64_t id, const ipc::ShareReply& reply, Instant now);
    void step_shares(Instant now);
    void share_stepped(Instant now);
    [[nodiscard]] model::Money share_cash(const std::string& account) const;
    Result<std::string> admin_shares(const std::string& command, const std::string& arguments,
                                     Instant now);

    // venue_admin.cpp
    void admin(Session& session, const ipc::VenueRequest& request, Instant now);
    Result<std::string> administer(const std::string& command, const std::string& arguments,
                                   Instant now);
    Result<std::string> admin_market(const std::string& command, const std::string& arguments,
                                     Instant now);
    Result<std::string> admin_payout(const std::string& arguments, Instant now);
    Result<std::string> admin_order(const std::string& arguments, Instant now);
    Result<std::string> admin_void(const matching::Order& order, Instant now);
    Result<std::string> admin_account(const std::string& arguments) const;
    Result<Market*> named_market(const std::string& name);

    Home home_;
    VenueSettings settings_;
    storage::FileSystem& files_;
    log::Logger& log_;
    model::Instruments instruments_;
    UtcTime roster_seen_{};  // when the roster in force was recorded that settings_ follows
    std::optional<Admission> admission_;
    std::optional<VenueLog> own_log_;
    std::optional<Book> book_;
    std::optional<time::FuturesSession> trading_days_;
    matching::Exchange exchange_;
    Personality personality_;
    std::optional<ShareDesk> shares_;
    std::optional<MonoTime> shares_due_;   // of the next step of their market
    std::optional<MonoTime> shares_next_;  // where its speed is its own
    Instant shares_at_;                    // of what is done to their books, for the log
    std::vector<Market> markets_;          // as the exchange numbers them
    std::map<std::string, MarketPlace> places_;
    std::map<std::uint64_t, Session> sessions_;
    std::uint64_t last_session_ = 0;
    std::uint64_t last_step_ = 0;
    std::unordered_map<std::uint64_t, OrderFacts> facts_;        // by order
    std::unordered_map<std::uint64_t, UtcTime> execution_wall_;  // by execution
    std::multimap<MonoTime, Later> later_;
    std::vector<Output> outputs_;
    std::optional<MonoTime> sync_due_;
    bool outgrown_ = false;
    std::optional<Error> failure_;  // of the book: nothing may be told any more
};

}  // namespace bullpen::venue
