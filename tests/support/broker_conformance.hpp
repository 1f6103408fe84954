// What every broker adapter must do, as one suite of cases. An adapter's test makes a BrokerBench
// around it and calls broker_conformance().
#pragma once

#include <doctest/doctest.h>

#include <functional>
#include <memory>
#include <set>
#include <string>

#include "tests/support/broker_bench.hpp"
#include "tests/support/broker_faults.hpp"

namespace bullpen::test {

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
    SUBCASE("a session that is lost in the middle of the run") {
        conforms_lost_session(*make());
    }
    SUBCASE("an answer that never comes: asked about, never sent again") {
        conforms_unknown(*make(), Misdeed::lose_answer);
    }
    SUBCASE("a connection that ends before the answer: asked about, never sent again") {
        conforms_unknown(*make(), Misdeed::lose_line);
    }
    SUBCASE("an order that fills in parts: reports count from its beginning") {
        conforms_parts(*make());
    }
    SUBCASE("executions missed while away: in the order in which they happened") {
        conforms_away(*make());
    }
    SUBCASE("an execution that is told twice counts once") {
        conforms_twice(*make());
    }
    SUBCASE("several events in one frame") {
        conforms_frames(*make());
    }
    SUBCASE("an answer that comes after its execution") {
        conforms_late_answer(*make());
    }
}

}  // namespace bullpen::test
