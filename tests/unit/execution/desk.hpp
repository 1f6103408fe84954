// A desk to try the order manager at: a broker that does only what the test says, a journal in
// memory, a gate that lets everything through unless told otherwise, and a clock that stands still.
#pragma once

#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <memory>
#include <string>
#include <vector>

#include "common/base/errc.hpp"
#include "worker/execution/order_manager.hpp"

namespace bullpen::risk {

// Stands in for the risk gate, the only maker of approved orders.
class RiskGate {
  public:
    static Approved<model::OrderTerms> pass(const model::OrderTerms& terms) {
        return Approved<model::OrderTerms>(terms);
    }
};

}  // namespace bullpen::risk

namespace bullpen::execution::test {

using std::chrono::milliseconds;
using std::chrono::seconds;

class OpenGate final : public Approver {
  public:
    Verdict approve(const model::OrderTerms& terms, const Exposure& exposure,
                    const std::optional<Plan>& plan, Instant /*now*/) override {
        asked.push_back({terms, exposure, plan.has_value()});
        if (denies && terms.purpose == *denies)
            return GateDenial{7, Label::cut("by the test")};
        return risk::RiskGate::pass(terms);
    }
    struct Asked {
        model::OrderTerms terms;
        Exposure exposure;
        bool planned = false;
    };
    [[nodiscard]] UtcTime market_time() const override { return market; }
    UtcTime market{};  // as far as its bars tell
    std::optional<model::Purpose> denies;
    std::vector<Asked> asked;
};

class MemoryJournal final : public Recorder {
  public:
    Result<void> durable(const Record& record) override {
        if (full)
            return fail(Errc::exhausted, "full");
        records.push_back(record);
        return {};
    }
    Result<void> record(const Record& record) override { return durable(record); }
    template <class T>
    [[nodiscard]] std::size_t count() const {
        return static_cast<std::size_t>(
            std::count_if(records.begin(), records.end(),
                          [](const Record& record) { return std::holds_alternative<T>(record); }));
    }
    bool full = false;
    std::vector<Record> records;
};

class ScriptedPort final : public broker::Port {
  public:
    struct Command {
        broker::OrderCommand command{};
        model::ClientOrderId order;
        std::int64_t quantity = 0;
        model::Price price;
    };
    struct Query {
        char kind = 0;  // 'o', 'f', 'p', 'b'
        std::uint64_t number = 0;
        UtcTime since{};
    };

    [[nodiscard]] int fd() const override { return -1; }
    std::optional<MonoTime> poll(Instant /*now*/, std::vector<broker::Event>& /*events*/) override {
        return std::nullopt;
    }
    void connect(Instant /*now*/) override {}
    [[nodiscard]] bool connected() const override { return true; }
    [[nodiscard]] std::string_view session_account() const override { return session; }
    void hurry(bool now_hurries, Instant /*now*/) override { hurries = now_hurries; }
    void submit(const risk::Approved<model::OrderTerms>& terms, Instant /*now*/) override {
        submitted.push_back(*terms);
        commands.push_back({broker::OrderCommand::submit, terms->id, terms->quantity, {}});
    }
    void cancel(const model::ClientOrderId& order, Instant /*now*/) override {
        commands.push_back({broker::OrderCommand::cancel, order, 0, {}});
    }
    void replace(const model::ClientOrderId& order, std::int64_t quantity, model::Price price,
                 Instant /*now*/) override {
        commands.push_back({broker::OrderCommand::replace, order, quantity, price});
    }
    [[nodiscard]] bool can_replace() const override { return replaces; }
    [[nodiscard]] bool in_order() const override { return ordered; }
    std::uint64_t query_orders(UtcTime since, Instant /*now*/) override { return put('o', since); }
    std::uint64_t query_fills(UtcTime since, Instant /*now*/) override { return put('f', since); }
    std::uint64_t query_positions(Instant /*now*/) override { return put('p', {}); }
    std::uint64_t query_balance(Instant /*now*/) override { return put('b', {}); }
    std::uint64_t query_instrument(const model::Symbol& /*symbol*/, Instant /*now*/) override {
        return put('i', {});
    }

    bool replaces = true;
    bool hurries = false;
    std::string session = "PA-1";
    bool ordered = false;
    std::vector<model::OrderTerms> submitted;
    std::vector<Command> commands;
    std::vector<Query> queries;  // not answered yet

  private:
    std::uint64_t put(char kind, UtcTime since) {
        queries.push_back({kind, ++number_, since});
        return number_;
    }
    std::uint64_t number_ = 0;
};

inline const model::Symbol k_mes = model::Symbol::cut("MES");

class Desk {
  public:
    explicit Desk(UnexpectedPolicy unexpected = UnexpectedPolicy::protect) {
        settings.tag = "TEST";
        settings.account = BrokerAccount::cut("PA-1");
        settings.unexpected = unexpected;
        settings.verify_after_exit = false;
        settings.reconcile_every = Nanos{};
        build();
    }

    void build() {
        manager = std::make_unique<OrderManager>(instruments, settings, port, journal, gate);
    }
    // Up and reconciled with a broker that holds what the test says.
    void open(std::uint64_t fence = 1) {
        REQUIRE(manager->start(Fence{fence}, now));
        connect();
        answer_all();
        REQUIRE(manager->reconciled());
        forget();
    }
    // The process dies; another one takes over with what is in the journal.
    void restart(std::uint64_t fence = 2) {
        port.queries.clear();
        build();
        for (const Record& record : journal.records)
            manager->replay(record);
        REQUIRE(manager->start(Fence{fence}, now));
        connect();
    }
    void connect(const char* account = "PA-1") { event(broker::Connected{account}); }

    void event(const broker::Event& event) { manager->on_event(event, now); }
    void pass(Nanos by) {
        // As the worker's loop does: whenever something is due.
        const MonoTime end = now.mono + by;
        while (true) {
            const auto due = manager->next_deadline();
            if (!due || *due > end)
                break;
            const Nanos step = std::max(*due - now.mono, Nanos(1));
            now.mono += step;
            now.utc += step;
            manager->on_time(now);
        }
        now.utc += end - now.mono;
        now.mono = end;
        manager->on_time(now);
    }

    // Answers what was asked, by what the test put into `orders`, `fills` and `positions`.
    void answer_all(bool known = true) {
        for (int i = 0; i < 8 && !port.queries.empty(); ++i) {
            for (const auto& query : std::exchange(port.queries, {}))
                answer(query, known);
        }
    }
    void answer(const ScriptedPort::Query& query, bool known = true) {
        if (query.kind == 'o')
            event(broker::OrdersAnswer{query.number, known ? std::optional(orders) : std::nullopt,
                                       ""});
        if (query.kind == 'f')
            event(
                broker::FillsAnswer{query.number, known ? std::optional(fills) : std::nullopt, ""});
        if (query.kind == 'p')
            event(broker::PositionsAnswer{query.number,
                                          known ? std::optional(positions) : std::nullopt, ""});
        if (query.kind == 'b')
            event(broker::BalanceAnswer{query.number, known ? std::optional(cash) : std::nullopt,
                                        may_trade, ""});
    }
    // Lets time go on and answers whatever is asked meanwhile.
    void live(Nanos by, bool known = true) {
        const MonoTime end = now.mono + by;
        while (now.mono < end) {
            pass(std::min<Nanos>(milliseconds(100), end - now.mono));
            answer_all(known);
        }
    }

    // A long entry of `quantity` with its stop at 4990, decided at 5000 (in ticks).
    Decided enter(std::int64_t quantity, int bar = 0, model::Side side = model::Side::buy) {
        return manager->enter(entry(quantity, bar, side), now);
    }
    [[nodiscard]] Entry entry(std::int64_t quantity, int bar = 0,
                              model::Side side = model::Side::buy) const {
        Entry entry;
        entry.account = BrokerAccount::cut("PA-1");
        entry.key = key(model::Purpose::entry, bar);
        entry.side = side;
        entry.quantity = quantity;
        entry.expected = {5000};
        entry.stop = model::Price{side == model::Side::buy ? 4990 : 5010};
        return entry;
    }
    [[nodiscard]] static model::IntentKey key(model::Purpose leg, int bar = 0) {
        model::IntentKey key;
        key.strategy = model::Symbol::cut("test");
        key.symbol = k_mes;
        key.signal_bar = utc_from_nanos(1'700'000'000'000'000'000) + bar * std::chrono::minutes(1);
        key.leg = leg;
        return key;
    }
    Decided exit(std::int64_t quantity = 0, int bar = 0, std::optional<model::Price> limit = {}) {
        Exit exit;
        exit.account = BrokerAccount::cut("PA-1");
        exit.key = key(quantity == 0 ? model::Purpose::exit : model::Purpose::partial_exit, bar);
        exit.quantity = quantity;
        exit.limit = limit;
        exit.expected = {5005};
        return manager->exit(exit, now);
    }

    Decided move_stop(model::Price stop, const char* why = "") {
        return manager->move_stop({BrokerAccount::cut("PA-1"), k_mes, stop, Label::cut(why)}, now);
    }

    void answer_command(const model::ClientOrderId& order, broker::OrderCommand command,
                        broker::Outcome outcome) {
        event(broker::Answer{command, outcome, order, model::BrokerOrderId::cut(order.view()), ""});
    }
    void accept(const model::ClientOrderId& order) {
        answer_command(order, broker::OrderCommand::submit, broker::Outcome::accepted);
        // Half of the tests are about orders at the market, which have no time to be seen working.
        if (terms_of(order).purpose == model::Purpose::protective_stop)
            report(order, broker::BrokerStatus::working);
    }
    void fill(const model::ClientOrderId& order, std::int64_t quantity, std::int64_t price) {
        event(make_fill(order, quantity, price));
    }
    model::Fill make_fill(const model::ClientOrderId& order, std::int64_t quantity,
                          std::int64_t price) {
        const auto terms = terms_of(order);
        model::Fill fill;
        fill.execution = model::ExecutionId::cut("E" + std::to_string(++executions));
        fill.order = order;
        fill.symbol = k_mes;
        fill.side = terms.side;
        fill.quantity = quantity;
        fill.price = {price};
        fill.time = now.utc;
        fill.fee = {620'000, model::k_usd};
        return fill;
    }
    broker::OrderReport make_report(const model::ClientOrderId& order, broker::BrokerStatus status,
                                    std::int64_t filled = 0) {
        const auto terms = terms_of(order);
        broker::OrderReport report;
        report.order = order;
        report.broker_order = model::BrokerOrderId::cut(order.view());
        report.symbol = k_mes;
        report.side = terms.side;
        report.type = terms.type;
        report.quantity = terms.quantity;
        report.filled = filled;
        report.stop = terms.stop;
        report.limit = terms.limit;
        report.status = status;
        report.updated = now.utc;
        return report;
    }
    void report(const model::ClientOrderId& order, broker::BrokerStatus status,
                std::int64_t filled = 0) {
        event(make_report(order, status, filled));
    }
    [[nodiscard]] model::OrderTerms terms_of(const model::ClientOrderId& order) const {
        const Order* found = manager->book().find(order);
        REQUIRE(found != nullptr);
        return found->terms;
    }
    // Cancels as a broker does: accepted, then reported.
    void confirm_cancel(const model::ClientOrderId& order) {
        answer_command(order, broker::OrderCommand::cancel, broker::Outcome::accepted);
        report(order, broker::BrokerStatus::cancelled);
    }

    // Long `quantity` at 5000, protected: the id of the stop.
    model::ClientOrderId long_and_protected(std::int64_t quantity, int bar = 0) {
        const auto decided = enter(quantity, bar);
        REQUIRE(decided.made());
        accept(decided.order);
        fill(decided.order, quantity, 5000);
        const auto stop = last_submitted();
        REQUIRE(stop.purpose == model::Purpose::protective_stop);
        accept(stop.id);
        forget();
        return stop.id;
    }
    [[nodiscard]] model::OrderTerms last_submitted() const {
        REQUIRE_FALSE(port.submitted.empty());
        return port.submitted.back();
    }
    [[nodiscard]] Status status(const model::ClientOrderId& order) const {
        const Order* found = manager->book().find(order);
        return found == nullptr ? Status::created : found->status;
    }
    [[nodiscard]] std::size_t commands(broker::OrderCommand command) const {
        return static_cast<std::size_t>(
            std::count_if(port.commands.begin(), port.commands.end(),
                          [&](const auto& sent) { return sent.command == command; }));
    }
    [[nodiscard]] bool told(NoticeKind kind) const {
        return std::any_of(manager->notices().begin(), manager->notices().end(),
                           [&](const Notice& notice) { return notice.kind == kind; });
    }
    void forget() {
        manager->take();
        port.commands.clear();
        port.submitted.clear();
        gate.asked.clear();
    }
    [[nodiscard]] std::int64_t held() const { return manager->held(k_mes); }
    [[nodiscard]] std::size_t open_orders() const {
        const auto orders_now = manager->book().orders();
        return static_cast<std::size_t>(
            std::count_if(orders_now.begin(), orders_now.end(),
                          [](const Order& order) { return is_open(order.status); }));
    }

    std::array<const model::Instrument*, 1> instruments{*model::find_instrument("MES")};
    OrderManagerSettings settings;
    ScriptedPort port;
    MemoryJournal journal;
    OpenGate gate;
    std::unique_ptr<OrderManager> manager;
    Instant now{utc_from_nanos(1'700'000'100'000'000'000), MonoTime(seconds(1000))};
    std::vector<broker::OrderReport> orders;
    std::vector<model::Fill> fills;
    std::vector<broker::PositionReport> positions;
    model::Money cash{50'000'000'000, model::k_usd};
    bool may_trade = true;
    int executions = 0;
};

}  // namespace bullpen::execution::test
