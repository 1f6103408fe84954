#include "worker/strategy/adaptive.hpp"

#include <doctest/doctest.h>

#include "tests/unit/strategy/candles.hpp"

namespace bullpen::strategy {
namespace {

using namespace std::chrono_literals;

Rules rules(const config::StrategySettings& settings = {}) {
    return Rules::make(settings, test::es()).value();
}

TEST_CASE("the distances of every regime, by day and late or long held") {
    // Nine ticks to break-even, eight behind, from twelve on; times the regime's factors, those it
    // begins to learn from, and those of an aggressive or patient manner; never below 4, 4 and 6.
    struct Row {
        Regime regime;
        Distances calm;
        Distances late;
    };
    const std::array rows = {
        Row{Regime::normal, {9, 8, 12}, {7, 6, 10}},
        Row{Regime::normal_trending, {9, 11, 12}, {7, 7, 10}},
        Row{Regime::normal_choppy, {7, 6, 10}, {7, 6, 10}},
        Row{Regime::high_vol_trending, {5, 8, 8}, {5, 8, 8}},
        Row{Regime::high_vol_choppy, {4, 4, 7}, {4, 4, 7}},
        Row{Regime::low_vol_trending, {9, 14, 11}, {7, 9, 9}},
        Row{Regime::low_vol_ranging, {9, 7, 12}, {7, 5, 10}},
    };
    const ExitLearning learning;
    for (const Row& row : rows) {
        CAPTURE(code(row.regime));
        CHECK(distances(rules(), learning, row.regime, false, 30min) == row.calm);
        CHECK(distances(rules(), learning, row.regime, true, 0min) == row.late);
        CHECK(distances(rules(), learning, row.regime, false, 31min) == row.late);
    }
}

TEST_CASE("without the adaptive layer the settings hold as they are") {
    config::StrategySettings settings;
    settings.adaptive = false;
    CHECK(distances(rules(settings), {}, Regime::high_vol_choppy, true, 60min) ==
          Distances{9, 8, 12});
}

TEST_CASE("break-even always needs more than what it then keeps") {
    config::StrategySettings settings;
    settings.break_even_ticks = 9;
    settings.break_even_offset = 8;
    CHECK(distances(rules(settings), {}, Regime::high_vol_choppy, false, 0min).break_even == 9);
}

TEST_CASE("nothing is learned before ten exits, five of them in the regime") {
    ExitLearning learning;
    for (int i = 0; i < 4; ++i)
        learning.add(Regime::normal_trending, 9, 100);
    for (int i = 0; i < 5; ++i)
        learning.add(Regime::normal_choppy, 5, 100);
    CHECK(learning.break_even(Regime::normal_choppy) == 0.95);
    // The twelfth is the first of ten and more that is a third one.
    learning.add(Regime::low_vol_ranging, 9, 0);
    learning.add(Regime::low_vol_ranging, 9, 0);
    CHECK(learning.break_even(Regime::normal_choppy) == 0.95);
    learning.add(Regime::low_vol_ranging, 9, 0);
    CHECK(learning.exits() == 12);
    CHECK(learning.break_even(Regime::normal_choppy) == doctest::Approx(0.95 * 0.95));
    CHECK(learning.break_even(Regime::normal_trending) == 1);
}

TEST_CASE("the best group of break-evens nudges the factor its way") {
    const auto learned = [](std::int64_t tight, std::int64_t middle, std::int64_t wide) {
        ExitLearning learning;
        for (int i = 0; i < 4; ++i) {
            learning.add(Regime::normal, 6, tight);
            learning.add(Regime::normal, 8, middle);
            learning.add(Regime::normal, 9, wide);
        }
        return learning.break_even(Regime::normal);
    };
    CHECK(learned(3, 2, 1) == doctest::Approx(0.95));
    CHECK(learned(1, 3, 2) == 1);
    CHECK(learned(1, 2, 3) == doctest::Approx(1.05));
    CHECK(learned(-1, -2, -3) == doctest::Approx(0.95));
}

TEST_CASE("what is learned stays between its bounds") {
    ExitLearning tighter;
    ExitLearning wider;
    for (int i = 0; i < 1000; ++i) {
        tighter.add(Regime::normal, 4, 10);
        wider.add(Regime::normal, 12, 10);
    }
    CHECK(tighter.break_even(Regime::normal) == ExitLearning::k_factor_min);
    CHECK(wider.break_even(Regime::normal) == ExitLearning::k_factor_max);
    CHECK(tighter.valid());
}

TEST_CASE("a position teaches the regime it was opened in, also one that was never seen open") {
    config::StrategySettings settings;
    test::Desk desk(settings, false);
    desk.direct({"rsi", "30"});
    const auto enter = [&](const char* touch, const char* bounce) {
        desk.minute(touch, {"4992.50", "4993.00", "4991.50", "4992.50"}, false);
        CHECK(desk.minute(bounce, {"4992.50", "4993.00", "4991.75", "4992.00"}, false)
                  .starts_with("buy"));
    };
    const auto learned = [&] {
        for (const Detail& detail : desk.runner().strategy().describe()) {
            if (detail.name == "exits_learned_from")
                return detail.text;
        }
        return std::string();
    };
    enter("10:00", "10:01");
    desk.direct({"position", "1", "at", "4992.00", "10:02"});
    desk.minute("10:02", {"4992.00", "4992.00", "4990.00", "4990.00"}, false);
    desk.direct({"closed", "1", "-11"});
    desk.direct({"flat"});
    desk.minute("10:03", {"4990.00", "4990.00", "4990.00", "4990.00"}, false);
    CHECK(learned() == "1");
    enter("10:04", "10:05");
    desk.direct({"closed", "2", "-11"});
    desk.minute("10:06", {"4990.00", "4990.00", "4990.00", "4990.00"}, false);
    CHECK(learned() == "2");
    // Nothing of ours was closed.
    desk.direct({"closed", "3", "-11"});
    desk.minute("10:07", {"4990.00", "4990.00", "4990.00", "4990.00"}, false);
    CHECK(learned() == "2");
}

TEST_CASE("a trail that comes nearer than the price closes the position") {
    config::StrategySettings settings;
    settings.partials = false;
    settings.holding_max = Nanos{0};
    test::run("stop passed", settings, R"(
        @ position 1 at 4992.00 10:00
        @ stop 4989.25
        # Too few bars to tell a regime: 9, 8 and 12 ticks.
        10:00  4992.00 4996.00 4992.00 4996.00   stop 4994.00 trailing
        10:29  4996.00 4996.00 4994.25 4994.50   -
        # Held for more than 30 minutes: the trail is 6 ticks.
        10:30  4994.50 4994.75 4994.25 4994.50   exit stop_passed
    )");
}

}  // namespace
}  // namespace bullpen::strategy
