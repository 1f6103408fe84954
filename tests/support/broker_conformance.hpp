// What every broker adapter must do, as one suite of cases. An adapter's test makes a BrokerBench
// around it and calls broker_conformance().
#pragma once

#include <doctest/doctest.h>

#include <algorithm>
#include <functional>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "common/model/instrument.hpp"
#include "tests/support/approve.hpp"
#include "worker/broker/port.hpp"

namespace bullpen::test {

// An adapter with a market that the test moves: MES, in ticks of 0.25. Commission 0.50 a contract.
class BrokerBench {
  public:
    BrokerBench() = default;
    BrokerBench(const BrokerBench&) = delete;
    BrokerBench& operator=(const BrokerBench&) = delete;
    virtual ~BrokerBench() = default;

    [[nodiscard]] virtual broker::Port& port() = 0;
    // The account as the broker is to write it.
    [[nodiscard]] virtual std::string account() const = 0;
    [[nodiscard]] virtual Instant now() const = 0;
    // A whole bar, in ticks.
    virtual void bar(std::int64_t open, std::int64_t high, std::int64_t low,
                     std::int64_t close) = 0;
    // Polls until the condition holds; false when it takes too long.
    virtual bool until(const std::function<bool()>& condition) = 0;

    // Everything that was told, oldest first.
    std::vector<broker::Event> events;

    template <class T>
    [[nodiscard]] std::vector<T> all() const {
        std::vector<T> found;
        for (const auto& event : events) {
            if (const auto* one = std::get_if<T>(&event))
                found.push_back(*one);
        }
        return found;
    }
    [[nodiscard]] std::vector<broker::Answer> answers(const model::ClientOrderId& order) const {
        auto found = all<broker::Answer>();
        std::erase_if(found, [&](const broker::Answer& one) { return one.order != order; });
        return found;
    }
    [[nodiscard]] std::optional<broker::BrokerStatus> status(
        const model::ClientOrderId& order) const {
        std::optional<broker::BrokerStatus> last;
        for (const auto& report : all<broker::OrderReport>()) {
            if (report.order == order)
                last = report.status;
        }
        return last;
    }

    model::OrderTerms terms(model::Side side, model::OrderType type, std::int64_t quantity,
                            std::int64_t price = 0) {
        model::OrderTerms made;
        made.id = model::ClientOrderId::make("TEST", Fence{7}, ++sequence_);
        made.key.strategy = model::Symbol::cut("test");
        made.key.symbol = made.symbol = model::Symbol::cut("MES");
        made.side = side;
        made.type = type;
        made.time_in_force = model::TimeInForce::gtc;
        made.quantity = quantity;
        if (type == model::OrderType::limit)
            made.limit = {price};
        if (type == model::OrderType::stop)
            made.stop = {price};
        return made;
    }
    void submit(const model::OrderTerms& order) { port().submit(approved(order), now()); }
    // Submits and waits for the answer.
    broker::Outcome outcome(const model::OrderTerms& order) {
        const auto before = answers(order.id).size();
        submit(order);
        REQUIRE(until([&] { return answers(order.id).size() > before; }));
        return answers(order.id).back().outcome;
    }
    void connect() {
        port().connect(now());
        REQUIRE(until([&] { return port().connected(); }));
        REQUIRE(until([&] { return !all<broker::Connected>().empty(); }));
    }
    template <class T>
    T asked(std::uint64_t query) {
        std::optional<T> answer;
        REQUIRE(until([&] {
            for (const auto& one : all<T>()) {
                if (one.query == query)
                    answer = one;
            }
            return answer.has_value();
        }));
        return *answer;
    }
    std::vector<broker::OrderReport> orders() {
        return asked<broker::OrdersAnswer>(port().query_orders(UtcTime{}, now())).orders.value();
    }
    std::vector<model::Fill> fills() {
        return asked<broker::FillsAnswer>(port().query_fills(UtcTime{}, now())).fills.value();
    }
    std::int64_t position() {
        const auto answer = asked<broker::PositionsAnswer>(port().query_positions(now()));
        for (const auto& one : answer.positions.value()) {
            if (one.symbol.view() == "MES")
                return one.quantity;
        }
        return 0;
    }
    model::Money balance() {
        return asked<broker::BalanceAnswer>(port().query_balance(now())).balance.value();
    }

  private:
    std::uint64_t sequence_ = 0;
};

using MakeBench = std::function<std::unique_ptr<BrokerBench>()>;

inline void conforms_unconnected(BrokerBench& bench) {
    auto& port = bench.port();
    const auto order = bench.terms(model::Side::buy, model::OrderType::market, 1);
    CHECK(!port.connected());
    CHECK(bench.outcome(order) == broker::Outcome::not_sent);
    CHECK(bench.answers(order.id).size() == 1);
    const auto now = bench.now();
    CHECK(!bench.asked<broker::OrdersAnswer>(port.query_orders({}, now)).orders);
    CHECK(!bench.asked<broker::FillsAnswer>(port.query_fills({}, now)).fills);
    CHECK(!bench.asked<broker::PositionsAnswer>(port.query_positions(now)).positions);
    CHECK(!bench.asked<broker::BalanceAnswer>(port.query_balance(now)).balance);
    bench.connect();
    // What was not sent may be sent again, and then it is there once.
    CHECK(bench.outcome(order) == broker::Outcome::accepted);
    CHECK(bench.orders().size() == 1);
}

inline void conforms_identity(BrokerBench& bench) {
    bench.connect();
    CHECK(bench.all<broker::Connected>().back().account == bench.account());
    auto& port = bench.port();
    const auto symbol = model::Symbol::cut("MES");
    const auto known =
        bench.asked<broker::InstrumentAnswer>(port.query_instrument(symbol, bench.now()));
    const auto* const mes = *model::find_instrument("MES");
    CHECK(known.symbol == symbol);
    CHECK(model::verify(*mes, known.said));
    const auto other = bench.asked<broker::InstrumentAnswer>(
        port.query_instrument(model::Symbol::cut("ZZZ"), bench.now()));
    CHECK(!other.said.tick);
    CHECK(!other.said.tick_value);
    CHECK(!other.said.point_value);
}

inline void conforms_market_order(BrokerBench& bench) {
    bench.connect();
    const auto cash = bench.balance();
    const auto order = bench.terms(model::Side::buy, model::OrderType::market, 2);
    CHECK(bench.outcome(order) == broker::Outcome::accepted);
    CHECK(!bench.answers(order.id).front().broker_order.empty());
    CHECK(bench.position() == 0);
    bench.bar(400, 404, 396, 402);
    REQUIRE(bench.until([&] { return bench.status(order.id) == broker::BrokerStatus::filled; }));
    const auto told = bench.all<model::Fill>();
    REQUIRE(told.size() == 1);
    CHECK(told[0].order == order.id);
    CHECK(told[0].broker_order == bench.answers(order.id).front().broker_order);
    CHECK(told[0].price.ticks == 400);
    CHECK(told[0].quantity == 2);
    CHECK(told[0].fee.millionths == 1'000'000);
    CHECK(bench.position() == 2);
    CHECK(bench.balance() == cash - model::Money{1'000'000});
    CHECK(bench.fills() == told);
    CHECK(bench.answers(order.id).size() == 1);
}

inline void conforms_ids(BrokerBench& bench) {
    bench.connect();
    const auto order = bench.terms(model::Side::buy, model::OrderType::limit, 1, 300);
    CHECK(bench.outcome(order) == broker::Outcome::accepted);
    CHECK(bench.outcome(order) == broker::Outcome::rejected);
    CHECK(bench.orders().size() == 1);
    // The id of an order that was rejected is used too.
    auto bad = bench.terms(model::Side::buy, model::OrderType::limit, 0, 300);
    CHECK(bench.outcome(bad) == broker::Outcome::rejected);
    CHECK(!bench.answers(bad.id).front().text.empty());
    bad.quantity = 1;
    CHECK(bench.outcome(bad) == broker::Outcome::rejected);
    const auto orders = bench.orders();
    REQUIRE(orders.size() == 2);
    CHECK(orders[1].status == broker::BrokerStatus::rejected);
}

inline void conforms_cancel(BrokerBench& bench) {
    bench.connect();
    const auto order = bench.terms(model::Side::buy, model::OrderType::limit, 1, 300);
    CHECK(bench.outcome(order) == broker::Outcome::accepted);
    const auto cancelled = [&](const model::ClientOrderId& id) {
        const auto before = bench.answers(id).size();
        bench.port().cancel(id, bench.now());
        REQUIRE(bench.until([&] { return bench.answers(id).size() > before; }));
        CHECK(bench.answers(id).back().command == broker::OrderCommand::cancel);
        return bench.answers(id).back().outcome;
    };
    CHECK(cancelled(order.id) == broker::Outcome::accepted);
    REQUIRE(bench.until([&] { return bench.status(order.id) == broker::BrokerStatus::cancelled; }));
    CHECK(cancelled(order.id) == broker::Outcome::rejected);
    CHECK(cancelled(model::ClientOrderId::make("NONE", Fence{1}, 1)) == broker::Outcome::rejected);
    bench.bar(250, 260, 240, 250);
    CHECK(bench.position() == 0);
    CHECK(bench.orders().at(0).status == broker::BrokerStatus::cancelled);
}

inline void conforms_replace(BrokerBench& bench) {
    bench.connect();
    if (!bench.port().can_replace())
        return;
    const auto order = bench.terms(model::Side::sell, model::OrderType::limit, 2, 500);
    CHECK(bench.outcome(order) == broker::Outcome::accepted);
    bench.port().replace(order.id, 1, {410}, bench.now());
    REQUIRE(bench.until([&] { return bench.answers(order.id).size() == 2; }));
    CHECK(bench.answers(order.id).back().outcome == broker::Outcome::accepted);
    CHECK(bench.answers(order.id).back().command == broker::OrderCommand::replace);
    CHECK(bench.orders().at(0).limit.ticks == 410);
    CHECK(bench.orders().at(0).quantity == 1);
    bench.bar(400, 412, 396, 402);
    REQUIRE(bench.until([&] { return bench.status(order.id) == broker::BrokerStatus::filled; }));
    CHECK(bench.position() == -1);
    // Of an order that has come to its end nothing can be changed.
    bench.port().replace(order.id, 3, {420}, bench.now());
    REQUIRE(bench.until([&] { return bench.answers(order.id).size() == 3; }));
    CHECK(bench.answers(order.id).back().outcome != broker::Outcome::accepted);
    CHECK(bench.position() == -1);
}

inline void conforms_stop_and_target(BrokerBench& bench) {
    bench.connect();
    const auto entry = bench.terms(model::Side::buy, model::OrderType::market, 1);
    CHECK(bench.outcome(entry) == broker::Outcome::accepted);
    bench.bar(400, 404, 396, 402);
    const auto stop = bench.terms(model::Side::sell, model::OrderType::stop, 1, 390);
    const auto target = bench.terms(model::Side::sell, model::OrderType::limit, 1, 410);
    CHECK(bench.outcome(stop) == broker::Outcome::accepted);
    CHECK(bench.outcome(target) == broker::Outcome::accepted);
    bench.bar(402, 408, 391, 400);
    CHECK(bench.position() == 1);
    bench.bar(400, 408, 388, 400);
    REQUIRE(bench.until([&] { return bench.status(stop.id) == broker::BrokerStatus::filled; }));
    CHECK(bench.position() == 0);
    CHECK(bench.status(target.id) != broker::BrokerStatus::filled);
    const auto fills = bench.fills();
    REQUIRE(fills.size() == 2);
    CHECK(fills[1].price.ticks == 390);
    CHECK(fills[0].execution != fills[1].execution);
    // Everything that was told is in the answer, and nothing else.
    CHECK(fills == bench.all<model::Fill>());
}

inline void conforms_ioc(BrokerBench& bench) {
    bench.connect();
    bench.bar(400, 404, 396, 402);
    auto order = bench.terms(model::Side::buy, model::OrderType::limit, 1, 380);
    order.time_in_force = model::TimeInForce::ioc;
    CHECK(bench.outcome(order) == broker::Outcome::accepted);
    bench.bar(400, 404, 370, 402);
    REQUIRE(bench.until([&] { return bench.status(order.id) == broker::BrokerStatus::cancelled; }));
    CHECK(bench.position() == 0);
}

inline void conforms_many(BrokerBench& bench) {
    bench.connect();
    constexpr int k_orders = 230;
    std::set<std::string> ids;
    for (int i = 0; i < k_orders; ++i) {
        const auto order = bench.terms(model::Side::buy, model::OrderType::limit, 1, 200 + i);
        CHECK(bench.outcome(order) == broker::Outcome::accepted);
    }
    // An answer of several pages is told whole.
    for (const auto& order : bench.orders())
        ids.insert(order.order.str());
    CHECK(ids.size() == k_orders);
    bench.bar(400, 404, 100, 402);
    REQUIRE(bench.until([&] { return bench.all<model::Fill>().size() == k_orders; }));
    CHECK(bench.fills().size() == k_orders);
    CHECK(bench.position() == k_orders);
}

inline void broker_conformance(const MakeBench& make) {
    SUBCASE("before the connection nothing is sent and nothing is known") {
        conforms_unconnected(*make());
    }
    SUBCASE("who the session is for, and what an instrument is") {
        conforms_identity(*make());
    }
    SUBCASE("a market order: one answer, its fill, position and balance") {
        conforms_market_order(*make());
    }
    SUBCASE("an id is used once") {
        conforms_ids(*make());
    }
    SUBCASE("a cancel is final, and too late for what has ended") {
        conforms_cancel(*make());
    }
    SUBCASE("a change in place") {
        conforms_replace(*make());
    }
    SUBCASE("a stop and a target of one position") {
        conforms_stop_and_target(*make());
    }
    SUBCASE("at once or not at all") {
        conforms_ioc(*make());
    }
    SUBCASE("many orders: none is lost, no answer is a part") {
        conforms_many(*make());
    }
}

}  // namespace bullpen::test
