#include "worker/jobs/order_plan.hpp"

#include <doctest/doctest.h>

#include <algorithm>

#include "common/base/random.hpp"
#include "tests/support/seed.hpp"

namespace bullpen::jobs {
namespace {

model::Money rupees(std::int64_t amount) {
    return {amount * 1'000'000, model::k_inr};
}

// Entry 100, stop `risk` below it, target `reward` above it; in rupees.
Signal signal(const std::string& symbol, std::int64_t risk, std::int64_t reward) {
    return {symbol, {10'000}, {10'000 - risk * 100}, {10'000 + reward * 100}};
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
    [[nodiscard]] Skipped why(const Signal& one) const {
        const auto plan = plan_orders({one}, facts, rules, quotes);
        REQUIRE(plan.skipped.size() == 1);
        return plan.skipped.front().why;
    }
};
using Names = std::vector<std::string>;

TEST_CASE_FIXTURE(Fixture,
                  "the best reward for its risk comes first, of equals the first by name") {
    CHECK(picked({signal("A", 10, 20), signal("D", 5, 15), signal("C", 1, 2),
                  signal("B", 5, 15)}) == Names{"B", "D", "A", "C"});
}

TEST_CASE_FIXTURE(Fixture, "each order is paid from its part of the deployed cash, rounded down") {
    const auto plan = plan_orders({signal("A", 10, 30), signal("B", 10, 20), signal("C", 10, 10)},
                                  facts, rules, quotes);
    REQUIRE(plan.orders.size() == 3);
    // 50,000 in three parts of 16,666.66, at 100.
    for (const auto& order : plan.orders)
        CHECK(order.quantity == 166);
    CHECK(plan.orders[0].limit.ticks == 10'000);
}

TEST_CASE_FIXTURE(Fixture,
                  "the limit is a little above the last price, on the tick, below the circuit") {
    rules.over_last_hundredths = 50;
    quotes["A"] = {{10'013}, {12'000}, {5}};
    CHECK(plan_orders({signal("A", 10, 20)}, facts, rules, quotes).orders[0].limit.ticks == 10'060);
    quotes["A"] = {{10'013}, {10'040}, {5}};
    CHECK(plan_orders({signal("A", 10, 20)}, facts, rules, quotes).orders[0].limit.ticks == 10'040);
}

TEST_CASE_FIXTURE(Fixture, "every rule that says no has a reason of its own") {
    CHECK(why({"A", {10'000}, {10'000}, {12'000}}) == Skipped::bad_signal);
    CHECK(why({"A", {10'000}, {9'000}, {10'000}}) == Skipped::bad_signal);
    CHECK(why({"A", {10'000}, {0}, {12'000}}) == Skipped::bad_signal);
    CHECK(why({"", {10'000}, {9'000}, {12'000}}) == Skipped::bad_signal);
    CHECK(why(signal("X", 10, 20)) == Skipped::no_price);
    quotes["A"].last = {9'000};
    CHECK(why(signal("A", 10, 20)) == Skipped::below_stop);
    quotes["A"].last = {10'000};
    facts.held = {"A"};
    CHECK(why(signal("A", 10, 20)) == Skipped::held);
    facts = {rupees(100'000), {}, {"A"}};
    CHECK(why(signal("A", 10, 20)) == Skipped::ordered);
    facts = {rupees(199), {}, {}};
    CHECK(why(signal("A", 10, 20)) == Skipped::too_dear);
    facts = {rupees(-5), {}, {}};
    CHECK(why(signal("A", 10, 20)) == Skipped::too_dear);
    rules.positions_max = 0;
    CHECK(why(signal("A", 10, 20)) == Skipped::no_room);
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
