// A broker that does everything a broker may do to a program: it loses requests and answers, says
// things twice, late and in another order, fills in pieces, hangs up, and is sometimes right. It is
// also the judge: it knows every order that reached it and every execution.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "common/base/random.hpp"
#include "worker/broker/port.hpp"

namespace bullpen::simulation {

// How badly the broker behaves; probabilities of each occasion.
struct Personality {
    double lose_request = 0;   // never arrives, nothing is said
    double lose_answer = 0;    // arrives, nothing is said
    double late_request = 0;   // arrives up to 20 seconds later, an answer of "unknown" before
    double not_sent = 0;       // refused by the adapter, proven
    double reject = 0;         // an entry is refused
    double reject_stop = 0;    // a stop is refused
    double keep_pending = 0;   // a stop or an exit is taken and gets to the market late or never
    double void_fill = 0;      // an execution is taken back within 5 seconds
    double cancel_stop = 0;    // a stop that works is cancelled by the broker, per second
    double drop_stop = 0;      // likewise, and it is never heard of again
    double duplicate = 0;      // an event comes twice
    double omit_fill = 0;      // an execution is not told
    double omit_report = 0;    // a report is not told
    double part_fill = 0;      // fills come in pieces
    double slow_event = 0;     // an event takes up to 5 seconds, and is overtaken
    double refuse_cancel = 0;  // a cancel is refused although the order lives
    double query_fails = 0;    // a query is answered with "unknown"
    double query_lost = 0;     // or not at all
    double hang_up = 0;        // the link goes down, per second
    bool replaces = true;
    Nanos latency = Millis(20);  // of everything, each way, at most
};

struct BrokerOrder {
    model::OrderTerms terms;
    broker::BrokerStatus status = broker::BrokerStatus::working;
    std::int64_t filled = 0;
    UtcTime updated{};
    MonoTime next_fill{};
    bool triggered = false;
    MonoTime works_from{};  // until then it is pending
    bool taken = false;     // by the broker
    bool dropped = false;   // likewise, and it is listed no more
    [[nodiscard]] bool live() const { return !broker::is_final(status); }
    [[nodiscard]] bool works() const { return status == broker::BrokerStatus::working; }
    [[nodiscard]] std::int64_t remaining() const { return live() ? terms.quantity - filled : 0; }
    [[nodiscard]] bool closes() const { return terms.purpose != model::Purpose::entry; }
    [[nodiscard]] bool is_stop() const { return terms.purpose == model::Purpose::protective_stop; }
};

class Broker final : public broker::Port {
  public:
    Broker(const Personality& personality, std::uint64_t seed)
        : personality_(personality), random_(seed) {}

    // --- the port ---
    [[nodiscard]] int fd() const override { return -1; }
    std::optional<MonoTime> poll(Instant now, std::vector<broker::Event>& events) override;
    void connect(Instant now) override;
    [[nodiscard]] bool connected() const override { return connected_; }
    [[nodiscard]] std::string_view session_account() const override {
        return connected_ ? "PA-1" : "";
    }
    void submit(const risk::Approved<model::OrderTerms>& terms, Instant now) override;
    void cancel(const model::ClientOrderId& order, Instant now) override;
    void replace(const model::ClientOrderId& order, std::int64_t quantity, model::Price price,
                 Instant now) override;
    [[nodiscard]] bool can_replace() const override { return personality_.replaces; }
    std::uint64_t query_orders(UtcTime since, Instant now) override;
    std::uint64_t query_fills(UtcTime since, Instant now) override;
    std::uint64_t query_positions(Instant now) override;
    std::uint64_t query_balance(Instant now) override;
    std::uint64_t query_instrument(const model::Symbol& symbol, Instant now) override;

    // --- the world ---
    void set_price(model::Price price) { price_ = price; }
    // The worker is closing the position, as far as anybody knows.
    void expect_closing(bool closing) { closing_ = closing; }
    void step(Instant now);
    // How often the broker did so.
    [[nodiscard]] std::uint64_t kept_pending() const { return kept_pending_; }
    [[nodiscard]] std::uint64_t took_away() const { return took_away_; }
    [[nodiscard]] std::uint64_t took_back() const { return took_back_; }
    // The program at the other end died: what was on its way to it is lost.
    void peer_died(Instant now);
    void calm() {
        personality_ =
            Personality{.replaces = personality_.replaces, .latency = personality_.latency};
    }

    // --- the judge ---
    [[nodiscard]] std::int64_t position() const { return position_; }
    [[nodiscard]] const std::vector<BrokerOrder>& orders() const { return orders_; }
    [[nodiscard]] const std::vector<model::Fill>& executions() const { return executions_; }
    [[nodiscard]] std::int64_t cash_ticks() const { return cash_ticks_; }
    // The first promise that an order broke by reaching the broker; empty when none did.
    [[nodiscard]] const std::string& complaint() const { return complaint_; }

  private:
    enum class Ask : std::uint8_t { submit, cancel, replace, orders, fills, positions };
    struct Request {
        Ask ask{};
        MonoTime at{};
        model::OrderTerms terms;  // or only its id
        std::int64_t quantity = 0;
        model::Price price;
        std::uint64_t number = 0;
        bool silent = false;  // no answer
        bool unknown = false;
    };
    struct Telling {
        MonoTime at{};
        std::uint64_t order = 0;
        broker::Event event;
    };

    void request(Request request, Instant now);
    std::uint64_t query(Ask ask, Instant now);
    void handle(const Request& request, Instant now);
    void handle_submit(const Request& request, Instant now);
    void handle_cancel(const Request& request, Instant now);
    void handle_replace(const Request& request, Instant now);
    void judge(const model::OrderTerms& terms);
    void match(BrokerOrder& order, Instant now);
    void take_away(double passed, Instant now);
    void take_back(const model::Fill& fill, Instant now);
    // Whether something was taken back lately that the worker may not have heard of.
    [[nodiscard]] bool is_doubtful() const;
    void execute(BrokerOrder& order, std::int64_t quantity, Instant now);
    void tell(broker::Event event, Instant now, bool droppable = false);
    void answer(const Request& request, broker::Outcome outcome, Instant now);
    void report(BrokerOrder& order, Instant now);
    [[nodiscard]] broker::OrderReport report_of(const BrokerOrder& order) const;
    BrokerOrder* find(const model::ClientOrderId& id);
    [[nodiscard]] Nanos delay();

    Personality personality_;
    SeededRandom random_;
    bool connected_ = false;
    MonoTime up_at_{};
    bool connecting_ = false;
    model::Price price_{5000};
    std::vector<Request> requests_;
    std::vector<Telling> tellings_;
    std::vector<BrokerOrder> orders_;
    std::vector<model::Fill> executions_;
    std::int64_t position_ = 0;
    std::int64_t cash_ticks_ = 0;
    std::uint64_t number_ = 0;
    std::uint64_t told_ = 0;
    MonoTime last_step_{};
    std::string complaint_;
    bool closing_ = false;
    std::uint64_t kept_pending_ = 0;
    std::uint64_t took_away_ = 0;
    std::vector<std::pair<MonoTime, model::Fill>> to_take_back_;
    std::uint64_t took_back_ = 0;
    std::optional<MonoTime> took_back_at_;
};

}  // namespace bullpen::simulation
