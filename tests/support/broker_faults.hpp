// What every broker adapter must make of a broker that does wrong: the other half of the suite in
// broker_conformance.hpp.
#pragma once

#include <doctest/doctest.h>

#include <algorithm>
#include <cstdint>
#include <span>
#include <variant>
#include <vector>

#include "tests/support/broker_bench.hpp"
#include "worker/execution/ledger.hpp"

namespace bullpen::test {

// A book that counts each execution once, as every account keeps one.
struct CountingBook {
    const model::Instrument* mes = *model::find_instrument("MES");
    execution::Ledger ledger{std::span(&mes, 1)};
    std::size_t applied = 0;
    std::size_t repeated = 0;

    void take(const std::vector<model::Fill>& fills) {
        for (const auto& fill : fills) {
            const bool counted = ledger.apply(fill, {}).taking == execution::Taking::applied;
            ++(counted ? applied : repeated);
        }
    }
    [[nodiscard]] std::int64_t position() const {
        const auto* line = ledger.find(model::Symbol::cut("MES"));
        return line == nullptr ? 0 : line->position.quantity;
    }
};

template <class T>
std::size_t place_of(const BrokerBench& bench) {
    const auto found =
        std::find_if(bench.events.begin(), bench.events.end(),
                     [](const broker::Event& one) { return std::holds_alternative<T>(one); });
    return static_cast<std::size_t>(found - bench.events.begin());
}

// Connected again after a loss, by itself or because it is told to.
inline void connect_again(BrokerBench& bench, std::size_t times) {
    if (!bench.port().connected())
        bench.port().connect(bench.now());
    REQUIRE(bench.until([&] {
        return bench.port().connected() && bench.all<broker::Connected>().size() == times;
    }));
    CHECK(bench.all<broker::Connected>().back().account == bench.account());
}

inline void conforms_lost_session(BrokerBench& bench) {
    bench.connect();
    const auto entry = bench.terms(model::Side::buy, model::OrderType::market, 1);
    CHECK(bench.outcome(entry) == broker::Outcome::accepted);
    bench.bar(400, 404, 396, 402);
    const auto stop = bench.terms(model::Side::sell, model::OrderType::stop, 1, 300);
    CHECK(bench.outcome(stop) == broker::Outcome::accepted);
    if (!bench.misbehave(Misdeed::expire_session))
        return;
    // Nobody looked at the order: that is proven, and it may be sent again.
    const auto lost = bench.terms(model::Side::buy, model::OrderType::limit, 1, 290);
    CHECK(bench.outcome(lost) == broker::Outcome::not_sent);
    REQUIRE(bench.until([&] { return !bench.all<broker::Disconnected>().empty(); }));
    CHECK(!bench.all<broker::Disconnected>().back().final);
    connect_again(bench, 2);
    CHECK(bench.answers(lost.id).size() == 1);
    CHECK(bench.position() == 1);
    CHECK(bench.orders().size() == 2);
    CHECK(bench.outcome(lost) == broker::Outcome::accepted);
    CHECK(bench.orders().size() == 3);
    // A question is answered with all or with nothing, and the session is there again after it.
    REQUIRE(bench.misbehave(Misdeed::expire_session));
    const auto query = bench.port().query_positions(bench.now());
    CHECK(!bench.asked<broker::PositionsAnswer>(query).positions);
    connect_again(bench, 3);
    // The old session's orders are told of in the new one.
    bench.bar(402, 404, 295, 300);
    REQUIRE(bench.until([&] { return bench.status(stop.id) == broker::BrokerStatus::filled; }));
    CHECK(bench.position() == 0);
}

inline void conforms_unknown(BrokerBench& bench, Misdeed misdeed) {
    if (!bench.misbehave(misdeed))
        return;
    bench.connect();
    const auto order = bench.terms(model::Side::buy, model::OrderType::market, 1);
    CHECK(bench.outcome(order) == broker::Outcome::unknown);
    connect_again(bench, misdeed == Misdeed::lose_line ? 2 : 1);
    const auto orders = bench.orders();
    REQUIRE(orders.size() == 1);
    CHECK(orders[0].order == order.id);
    bench.bar(400, 404, 396, 402);
    REQUIRE(bench.until([&] { return bench.status(order.id) == broker::BrokerStatus::filled; }));
    // It was asked about, and never sent again; and what was said of it is not said anew.
    CHECK(bench.answers(order.id).size() == 1);
    CHECK(bench.submissions(order.id).value_or(1) == 1);
    CHECK(bench.fills().size() == 1);
    CHECK(bench.position() == 1);
}

inline void conforms_parts(BrokerBench& bench) {
    bench.connect();
    if (!bench.misbehave(Misdeed::fill_in_parts))
        return;
    const auto order = bench.terms(model::Side::buy, model::OrderType::market, 3);
    CHECK(bench.outcome(order) == broker::Outcome::accepted);
    bench.bar(400, 404, 396, 402);
    bench.bar(402, 408, 400, 404);
    REQUIRE(bench.until([&] { return bench.status(order.id) == broker::BrokerStatus::filled; }));
    // Reports count from the order's beginning, executions each for itself.
    std::int64_t before = 0;
    bool was_part = false;
    for (const auto& report : bench.all<broker::OrderReport>()) {
        if (report.order != order.id)
            continue;
        CHECK(report.quantity == 3);
        CHECK(report.filled >= before);
        before = report.filled;
        was_part =
            was_part || (report.filled == 1 && report.status == broker::BrokerStatus::working);
    }
    CHECK(was_part);
    CHECK(before == 3);
    const auto told = bench.all<model::Fill>();
    REQUIRE(told.size() == 2);
    CHECK(told[0].quantity == 1);
    CHECK(told[1].quantity == 2);
    CHECK(told[0].execution != told[1].execution);
    CHECK(bench.fills() == told);
    CHECK(bench.orders().at(0).filled == 3);
    CHECK(bench.position() == 3);
}

inline void conforms_away(BrokerBench& bench) {
    bench.connect();
    const auto trade = [&](model::Side side, std::int64_t quantity) {
        const auto order = bench.terms(side, model::OrderType::market, quantity);
        CHECK(bench.outcome(order) == broker::Outcome::accepted);
    };
    trade(model::Side::buy, 2);
    bench.bar(400, 404, 396, 402);
    REQUIRE(bench.until([&] { return bench.all<model::Fill>().size() == 1; }));
    CountingBook book;
    book.take(bench.all<model::Fill>());
    const auto stop = bench.terms(model::Side::sell, model::OrderType::stop, 3, 395);
    const auto again = bench.terms(model::Side::buy, model::OrderType::limit, 2, 390);
    CHECK(bench.outcome(stop) == broker::Outcome::accepted);
    CHECK(bench.outcome(again) == broker::Outcome::accepted);
    if (!bench.leave())
        return;
    const auto told = bench.all<model::Fill>().size();
    bench.bar(402, 404, 394, 396);
    bench.bar(396, 398, 388, 392);
    CHECK(bench.all<model::Fill>().size() == told);
    bench.connect();
    const auto fills = bench.fills();
    REQUIRE(fills.size() == 3);
    // Oldest first, so that what is held passes through what it was: 2, then -1, then 1.
    CHECK(fills[1].order == stop.id);
    CHECK(fills[2].order == again.id);
    CHECK(fills[1].time < fills[2].time);
    std::vector<std::int64_t> held;
    for (const auto& fill : fills) {
        book.take({fill});
        held.push_back(book.position());
    }
    CHECK(held == std::vector<std::int64_t>{2, -1, 1});
    // What is told twice, by an event and by two answers, counted once.
    book.take(bench.fills());
    CHECK(book.applied == 3);
    CHECK(book.repeated == 4);
    CHECK(book.position() == bench.position());
}

inline void conforms_twice(BrokerBench& bench) {
    bench.connect();
    if (!bench.misbehave(Misdeed::tell_twice))
        return;
    const auto order = bench.terms(model::Side::buy, model::OrderType::market, 2);
    CHECK(bench.outcome(order) == broker::Outcome::accepted);
    bench.bar(400, 404, 396, 402);
    REQUIRE(bench.until([&] { return bench.all<model::Fill>().size() == 2; }));
    CountingBook book;
    book.take(bench.all<model::Fill>());
    CHECK(book.applied == 1);
    CHECK(book.repeated == 1);
    CHECK(book.position() == 2);
    CHECK(bench.position() == 2);
    CHECK(bench.answers(order.id).size() == 1);
}

inline void conforms_frames(BrokerBench& bench) {
    bench.connect();
    if (!bench.misbehave(Misdeed::gather))
        return;
    constexpr std::int64_t k_orders = 20;
    std::vector<model::ClientOrderId> ids;
    for (std::int64_t i = 0; i < k_orders; ++i) {
        const auto order = bench.terms(model::Side::buy, model::OrderType::limit, 1, 390 + i);
        CHECK(bench.outcome(order) == broker::Outcome::accepted);
        ids.push_back(order.id);
    }
    bench.bar(420, 424, 380, 402);
    REQUIRE(bench.until([&] {
        return std::all_of(ids.begin(), ids.end(), [&](const model::ClientOrderId& id) {
            return bench.status(id) == broker::BrokerStatus::filled;
        });
    }));
    // All of a frame, once, in the order in which it happened.
    const auto told = bench.all<model::Fill>();
    CHECK(told.size() == k_orders);
    CHECK(bench.fills() == told);
    CHECK(bench.position() == k_orders);
}

inline void conforms_late_answer(BrokerBench& bench) {
    bench.connect();
    if (!bench.misbehave(Misdeed::late_answer))
        return;
    const auto order = bench.terms(model::Side::buy, model::OrderType::market, 1);
    bench.submit(order);
    // It is there although nobody was told so.
    CHECK(bench.orders().size() == 1);
    CHECK(bench.answers(order.id).empty());
    bench.bar(400, 404, 396, 402);
    REQUIRE(bench.until([&] { return !bench.answers(order.id).empty(); }));
    CHECK(place_of<model::Fill>(bench) < place_of<broker::Answer>(bench));
    const auto answer = bench.answers(order.id).front();
    CHECK(answer.outcome == broker::Outcome::accepted);
    CHECK(answer.broker_order == bench.all<model::Fill>().at(0).broker_order);
    CHECK(bench.status(order.id) == broker::BrokerStatus::filled);
    CHECK(bench.fills().size() == 1);
    CHECK(bench.position() == 1);
}

}  // namespace bullpen::test
