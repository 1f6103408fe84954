#include "worker/jobs/order_plan.hpp"

#include <doctest/doctest.h>

#include <algorithm>

#include "common/base/random.hpp"
#include "tests/support/seed.hpp"
#include "tests/unit/equity/table.hpp"

namespace bullpen::jobs {
namespace {

using equity::test_table::price;
using equity::test_table::Row;
using equity::test_table::rows_of;

model::Money rupees(std::int64_t amount) {
    return {amount * 1'000'000, model::k_inr};
}

// Entry 100, stop `risk` below it, target `reward` above it; in rupees.
Signal signal(const std::string& symbol, std::int64_t risk, std::int64_t reward) {
    return {symbol, {10'000}, {10'000 - risk * 100}, {10'000 + reward * 100}};
}

Signal signal_of(const Row& row) {
    return {row.at("symbol") == "-" ? "" : row.at("symbol"), *price(row.at("entry")),
            *price(row.at("stop")), *price(row.at("target"))};
}

struct Fixture {
    OrderPlanFacts facts{rupees(100'000), {}, {}};
    OrderPlanRules rules;
    std::map<std::string, ShareQuote> quotes;

    Fixture() {
        rules.over_last_hundredths = 0;
        for (const char* symbol : {"A", "B", "C", "D"})
            quotes[symbol] = {{10'000}, {12'000}, {5}};
    }
    [[nodiscard]] std::vector<std::string> picked(const std::vector<Signal>& signals) const {
        std::vector<std::string> names;
        for (const auto& order : plan_orders(signals, facts, rules, quotes).orders)
            names.push_back(order.signal.symbol);
        return names;
    }
};
using Names = std::vector<std::string>;

// Prices in rupees. Reward over risk is (target - entry) / (entry - stop); of equals the first by
// name.
TEST_CASE_FIXTURE(Fixture, "ranking: the best reward for its risk first, of equals by name") {
    const auto rows = rows_of(R"(
#  symbol entry   stop    target  rank
1  A      100.00  90.00   120.00  3
2  D      100.00  95.00   115.00  2
3  C      100.00  99.00   102.00  4
4  B      100.00  95.00   115.00  1
5  E      100.00  90.00   119.95  5
6  F      1000.0  900.00  1100.0  6
)");
    quotes["E"] = quotes["F"] = quotes["A"];
    quotes["F"].last = {100'000};
    std::vector<Signal> signals;
    for (const auto& row : rows)
        signals.push_back(signal_of(row));
    const auto names = picked(signals);
    REQUIRE(names.size() == rows.size());
    for (const auto& row : rows) {
        CAPTURE(row.at("#"));
        CHECK(names[std::stoul(row.at("rank")) - 1] == row.at("symbol"));
    }
}

// So many picks at that limit, of that cash and percentage: how many of each are bought.
TEST_CASE_FIXTURE(Fixture, "sizing: each has the same part of the deployed cash, rounded down") {
    for (const auto& row : rows_of(R"(
#  cash      percent picks limit    buys
1  100000.00 50      3     100.00   166
2  100000.00 50      1     100.00   500
3  100000.00 100     4     100.00   250
4  100000.00 1       1     100.00   10
5  200.00    50      1     100.00   1
6  199.99    50      1     100.00   0
7  400.00    50      2     100.00   1
8  399.99    50      2     100.00   0
9  0.00      50      1     100.00   0
10 -5.00     50      1     100.00   0
11 100000.00 50      1     99.95    500
12 100000.00 50      1     100.05   499
)")) {
        CAPTURE(row.at("#"));
        facts.cash = {price(row.at("cash"))->ticks * 10'000, model::k_inr};
        rules.deployment_percent = std::stoi(row.at("percent"));
        std::vector<Signal> signals;
        for (const auto* symbol : {"A", "B", "C", "D"}) {
            if (signals.size() < std::stoul(row.at("picks")))
                signals.push_back(signal(symbol, 10, 20));
            quotes[symbol].last = *price(row.at("limit"));
        }
        const auto plan = plan_orders(signals, facts, rules, quotes);
        const auto buys = std::stol(row.at("buys"));
        CHECK(plan.orders.size() == (buys > 0 ? signals.size() : 0));
        for (const auto& order : plan.orders)
            CHECK(order.quantity == buys);
        for (const auto& skipped : plan.skipped)
            CHECK(skipped.why == Skipped::too_dear);
    }
}

TEST_CASE_FIXTURE(Fixture, "a share is skipped for the reason that holds longest") {
    struct Row {
        bool manual, held, cooling, ordered;
        Skipped why;
    };
    constexpr Row k_rows[] = {{true, true, true, true, Skipped::manual},
                              {true, false, false, false, Skipped::manual},
                              {false, true, true, true, Skipped::held},
                              {false, false, true, true, Skipped::cooling},
                              {false, false, true, false, Skipped::cooling},
                              {false, false, false, true, Skipped::ordered}};
    for (const auto& row : k_rows) {
        facts = {rupees(100'000), {}, {}};
        const auto put = [](bool is, std::set<std::string>& where) {
            if (is)
                where.insert("A");
        };
        put(row.manual, facts.manual);
        put(row.held, facts.held);
        put(row.cooling, facts.cooling);
        put(row.ordered, facts.ordered);
        const auto plan = plan_orders({signal("A", 10, 20)}, facts, rules, quotes);
        REQUIRE(plan.skipped.size() == 1);
        CHECK(plan.skipped[0].why == row.why);
        CHECK(picked({signal("A", 10, 20), signal("B", 10, 20)}) == Names{"B"});
    }
    CHECK(code(Skipped::manual) == "manual");
    CHECK(code(Skipped::cooling) == "cooling");
    CHECK(code(Skipped::too_dear) == "too_dear");
}

// `above` in hundredths of a percent; `upper` is the day's circuit.
TEST_CASE_FIXTURE(Fixture,
                  "the limit is a little above the last price, on the tick, below the circuit") {
    for (const auto& row : rows_of(R"(
#  last    above upper   tick limit
1  100.00  0     120.00  5    100.00
2  100.13  50    120.00  5    100.60
3  100.13  50    100.40  5    100.40
4  100.00  50    120.00  5    100.50
5  100.00  50    100.00  5    100.00
6  100.10  50    120.00  10   100.60
7  100.00  500   120.00  5    105.00
8  0.95    50    2.00    5    0.95
)")) {
        CAPTURE(row.at("#"));
        rules.over_last_hundredths = std::stoi(row.at("above"));
        quotes["A"] = {
            *price(row.at("last")), *price(row.at("upper")), {std::stol(row.at("tick"))}};
        const Signal any{"A", {100}, {50}, {200'000}};
        CHECK(plan_orders({any}, facts, rules, quotes).orders.at(0).limit ==
              *price(row.at("limit")));
    }
}

// Each rule that skips a signal, and of two that do the one that is said. `has`: what the account
// has of the share; `of`: how many other shares it has, of `max`.
TEST_CASE_FIXTURE(Fixture, "every rule that says no has a reason of its own") {
    std::set<std::string> said;
    for (const auto& row : rows_of(R"(
#  symbol entry   stop    target  last    has     of max cash      says
1  A      100.00  90.00   120.00  100.00  -       0  10  100000.00 buys
2  A      100.00  100.00  120.00  100.00  -       0  10  100000.00 bad_signal
3  A      100.00  90.00   100.00  100.00  -       0  10  100000.00 bad_signal
4  A      100.00  0.00    120.00  100.00  -       0  10  100000.00 bad_signal
5  -      100.00  90.00   120.00  100.00  -       0  10  100000.00 bad_signal
6  A      100.00  90.00   120.00  -       -       0  10  100000.00 no_price
7  A      100.00  90.00   120.00  0.00    -       0  10  100000.00 no_price
8  A      100.00  90.00   120.00  90.00   -       0  10  100000.00 below_stop
9  A      100.00  90.00   120.00  90.05   -       0  10  100000.00 buys
10 A      100.00  90.00   120.00  100.00  held    0  10  100000.00 held
11 A      100.00  90.00   120.00  100.00  ordered 0  10  100000.00 ordered
12 A      100.00  90.00   120.00  100.00  -       9  10  100000.00 buys
13 A      100.00  90.00   120.00  100.00  -       10 10  100000.00 no_room
14 A      100.00  90.00   120.00  100.00  -       0  0   100000.00 no_room
15 A      100.00  90.00   120.00  100.00  -       0  10  199.00    too_dear
16 A      100.00  90.00   120.00  100.00  -       0  10  -5.00     too_dear
17 A      100.00  90.00   120.00  90.00   held    10 10  199.00    held
18 A      100.00  90.00   120.00  90.00   -       10 10  199.00    below_stop
19 A      100.00  90.00   120.00  100.00  -       10 10  199.00    no_room
20 A      100.00  90.00   120.00  100.00  manual  0  10  100000.00 manual
21 A      100.00  90.00   120.00  90.00   manual  10 10  199.00    manual
22 A      100.00  90.00   120.00  100.00  cooling 0  10  100000.00 cooling
23 A      100.00  90.00   120.00  90.00   cooling 10 10  199.00    cooling
24 A      100.00  90.00   120.00  119.95  -       0  10  100000.00 buys
25 A      100.00  90.00   120.00  120.00  -       0  10  100000.00 past_target
26 A      100.00  90.00   120.00  140.00  -       10 10  199.00    past_target
)")) {
        CAPTURE(row.at("#"));
        const auto one = signal_of(row);
        facts = {{price(row.at("cash"))->ticks * 10'000, model::k_inr}, {}, {}};
        rules.positions_max = std::stoi(row.at("max"));
        for (int i = 0; i < std::stoi(row.at("of")); ++i)
            facts.held.insert("X" + std::to_string(i));
        if (row.at("has") == "held")
            facts.held.insert(one.symbol);
        if (row.at("has") == "manual")
            facts.manual.insert(one.symbol);
        if (row.at("has") == "cooling")
            facts.cooling.insert(one.symbol);
        if (row.at("has") == "ordered")
            facts.ordered.insert(one.symbol);
        quotes.clear();
        if (const auto last = price(row.at("last")))
            quotes[one.symbol] = {*last, {12'000}, {5}};
        const auto plan = plan_orders({one}, facts, rules, quotes);
        CHECK((plan.orders.empty() ? std::string(code(plan.skipped.at(0).why)) : "buys") ==
              row.at("says"));
        said.insert(row.at("says"));
    }
    // A share that the file has before has a test of its own.
    for (int why = 0; why < static_cast<int>(Skipped::count_); ++why) {
        const auto skipped = static_cast<Skipped>(why);
        CHECK((skipped == Skipped::repeated || said.contains(std::string(code(skipped)))));
    }
}

TEST_CASE_FIXTURE(Fixture, "what is held and what is ordered takes room, whatever placed it") {
    rules.positions_max = 4;
    facts.held = {"X", "Y"};
    facts.ordered = {"Y", "Z"};
    CHECK(picked({signal("A", 10, 30), signal("B", 10, 20)}) == Names{"A"});
}

TEST_CASE_FIXTURE(Fixture, "a share that comes twice is taken once, by its better line") {
    const auto plan = plan_orders({signal("A", 10, 10), signal("A", 10, 30)}, facts, rules, quotes);
    REQUIRE(plan.orders.size() == 1);
    CHECK(plan.orders[0].signal == signal("A", 10, 30));
    CHECK(plan.skipped[0].why == Skipped::repeated);
}

TEST_CASE_FIXTURE(Fixture, "a second run orders nothing of what the first one ordered") {
    const std::vector<Signal> signals = {signal("A", 10, 30), signal("B", 10, 20)};
    for (const auto& order : plan_orders(signals, facts, rules, quotes).orders)
        facts.ordered.insert(order.signal.symbol);
    const auto again = plan_orders(signals, facts, rules, quotes);
    CHECK(again.orders.empty());
    CHECK(again.skipped.size() == 2);
}

TEST_CASE("whatever the signals: never more than the cash and the room, each signal told once") {
    SeededRandom random(test::seed("plans of orders"));
    for (int world = 0; world < 2000; ++world) {
        CAPTURE(world);
        OrderPlanRules rules;
        rules.positions_max = static_cast<int>(random.between(0, 12));
        rules.deployment_percent = static_cast<int>(random.between(1, 100));
        rules.over_last_hundredths = static_cast<int>(random.between(0, 200));
        OrderPlanFacts facts;
        facts.cash = {random.between(-1'000'000, 400'000'000'000'000), model::k_inr};
        std::map<std::string, ShareQuote> quotes;
        std::vector<Signal> signals;
        const auto any_symbol = [&] { return "S" + std::to_string(random.below(20)); };
        for (auto n = random.below(30); n > 0; --n) {
            const auto entry = random.between(-5, 500'000);
            signals.push_back({any_symbol(),
                               {entry},
                               {entry - random.between(-2, 5000)},
                               {entry + random.between(-2, 9000)}});
            const auto last = random.between(1, 500'000);
            if (random.chance(0.9))
                quotes[signals.back().symbol] = {{last}, {last * 11 / 10 + 10}, {5}};
        }
        for (auto n = random.below(5); n > 0; --n)
            facts.held.insert(any_symbol());
        for (auto n = random.below(5); n > 0; --n)
            facts.ordered.insert(any_symbol());
        const auto plan = plan_orders(signals, facts, rules, quotes);
        REQUIRE(plan.orders.size() + plan.skipped.size() == signals.size());
        std::set<std::string> taken = facts.held;
        taken.insert(facts.ordered.begin(), facts.ordered.end());
        std::int64_t cost = 0;
        for (std::size_t i = 0; i < plan.orders.size(); ++i) {
            const auto& order = plan.orders[i];
            REQUIRE(taken.insert(order.signal.symbol).second);
            REQUIRE(order.quantity > 0);
            REQUIRE(order.limit.ticks % 5 == 0);
            cost += order.quantity * order.limit.ticks * 10'000;
            if (i > 0)
                REQUIRE_FALSE(promises_more(order.signal, plan.orders[i - 1].signal));
        }
        REQUIRE(cost <=
                std::max<std::int64_t>(facts.cash.millionths, 0) / 100 * rules.deployment_percent +
                    1'000'000);
        if (!plan.orders.empty())
            REQUIRE(static_cast<int>(taken.size()) <= rules.positions_max);
        // In another order the same.
        for (std::size_t i = signals.size(); i > 1; --i)
            std::swap(signals[i - 1], signals[random.below(i)]);
        REQUIRE((plan_orders(signals, facts, rules, quotes) == plan));
    }
}

}  // namespace
}  // namespace bullpen::jobs
