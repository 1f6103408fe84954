#include "worker/backtest/sweep.hpp"

#include <doctest/doctest.h>

#include <thread>

#include "common/feed/feed.hpp"
#include "tests/unit/backtest/market.hpp"
#include "worker/backtest/walk_forward.hpp"

using namespace bullpen;
using namespace bullpen::backtest;

namespace {

std::string refusal(std::string_view text) {
    const auto axis = parse_axis(text);
    return axis ? std::string() : axis.error().context();
}

std::vector<BacktestSettings> by_stop(std::initializer_list<int> stops) {
    std::vector<BacktestSettings> all;
    for (const int ticks : stops) {
        all.push_back(test::run_settings());
        all.back().strategy.stop_ticks = ticks;
    }
    return all;
}

}  // namespace

TEST_CASE("a range has its end when a step hits it, and no rounding from step to step") {
    CHECK(parse_axis("a=7:15:2").value() == Axis{"a", {"7", "9", "11", "13", "15"}});
    CHECK(parse_axis("a=1:4:2").value().values == std::vector<std::string>{"1", "3"});
    CHECK(parse_axis("a=1.9:2.5:0.2").value().values ==
          std::vector<std::string>{"1.9", "2.1", "2.3", "2.5"});
    CHECK(parse_axis("a=-1:1:1").value().values == std::vector<std::string>{"-1", "0", "1"});
    CHECK(parse_axis("a=5:5:1").value().values == std::vector<std::string>{"5"});
}

TEST_CASE("a list keeps its words, and a time of day is not a range") {
    CHECK(parse_axis("s.filter=true,false").value() == Axis{"s.filter", {"true", "false"}});
    CHECK(parse_axis("session.flat_by=15:10,16:10").value().values ==
          std::vector<std::string>{"15:10", "16:10"});
}

TEST_CASE("values that cannot be swept are refused with what is wrong") {
    CHECK(refusal("stop").find("KEY=FROM:TO:STEP") != std::string::npos);
    CHECK(refusal("=1,2").find("KEY=FROM:TO:STEP") != std::string::npos);
    CHECK(refusal("a=").find("KEY=FROM:TO:STEP") != std::string::npos);
    CHECK(refusal("a=1,,2").find("empty value") != std::string::npos);
    CHECK(refusal("a=1:2:0").find("above zero") != std::string::npos);
    CHECK(refusal("a=3:2:1").find("before it begins") != std::string::npos);
    CHECK(refusal("a=x:2:1").find("not FROM:TO:STEP") != std::string::npos);
    CHECK(refusal("a=0:1000000:0.001").find("20000 values") != std::string::npos);
}

TEST_CASE("every combination comes once, the last key changing fastest, and there is a limit") {
    const std::vector axes{Axis{"a", {"1", "2"}}, Axis{"b", {"x", "y", "z"}}};
    const auto all = combinations(axes).value();
    REQUIRE(all.size() == 6);
    CHECK(all[0] == std::vector<std::string>{"1", "x"});
    CHECK(all[2] == std::vector<std::string>{"1", "z"});
    CHECK(all[3] == std::vector<std::string>{"2", "x"});
    const std::vector twice{Axis{"a", {"1"}}, Axis{"a", {"2"}}};
    CHECK_FALSE(combinations(twice));
    const std::vector<std::string> many(200, "1");
    const std::vector wide{Axis{"a", many}, Axis{"b", many}};
    CHECK_FALSE(combinations(wide));
    const std::vector<Axis> deep(k_axes_max + 1, Axis{"a", {"1"}});
    CHECK_FALSE(combinations(deep));
}

TEST_CASE("work is done once each, however many threads share it") {
    for (const unsigned threads : {1U, 2U, 7U}) {
        std::vector<int> done(100);
        in_parallel(done.size(), threads, [&](std::size_t i) { ++done[i]; });
        CHECK(std::ranges::all_of(done, [](int count) { return count == 1; }));
    }
    in_parallel(0, 4, [](std::size_t) { FAIL("there is nothing to do"); });
}

TEST_CASE("a sweep's rows are those of single runs, whatever the number of threads") {
    const auto bars = test::market(1, 5 * 1380);
    const auto settings = by_stop({7, 9, 11, 13});
    const SystemClock clock;
    std::size_t most = 0;
    std::mutex mutex;
    const auto one = sweep(settings, bars, 1, clock).value();
    const auto many = sweep(settings, bars, 3, clock, [&](std::size_t done) {
                          const std::lock_guard lock(mutex);
                          most = std::max(most, done);
                      }).value();
    CHECK(most == 4);
    REQUIRE(one.size() == 4);
    for (std::size_t i = 0; i < one.size(); ++i) {
        const auto alone = run(settings[i], bars, clock).value();
        CHECK(one[i].index == i);
        CHECK(one[i].trades_hash == alone.trades_hash);
        CHECK(many[i].trades_hash == alone.trades_hash);
        CHECK(one[i].statistics.net == alone.totals.net());
    }
    CHECK(one[0].trades_hash != one[3].trades_hash);
}

TEST_CASE("rows are ranked by the measure, the unsayable last, equals in their order") {
    std::vector<SweepRow> rows(4);
    for (std::size_t i = 0; i < rows.size(); ++i)
        rows[i].index = i;
    rows[0].statistics.sharpe = 1.0;
    rows[2].statistics.sharpe = 2.0;
    rows[3].statistics.sharpe = 1.0;
    rank(rows, Measure::sharpe);
    std::vector<std::size_t> order;
    for (const auto& row : rows)
        order.push_back(row.index);
    CHECK(order == std::vector<std::size_t>{2, 0, 3, 1});
    report::Statistics falls;
    falls.trades = 3;
    falls.max_drawdown = {500'000'000, model::k_usd};
    CHECK(value_of(Measure::drawdown, falls) == -500.0);
    CHECK_FALSE(value_of(Measure::drawdown, {}));
    for (std::size_t i = 0; i < static_cast<std::size_t>(Measure::count_); ++i) {
        const auto measure = static_cast<Measure>(i);
        CHECK(measure_from(code(measure)) == measure);
    }
    CHECK_FALSE(measure_from("luck"));
}

TEST_CASE("a plan of days is read, and nothing else") {
    CHECK(parse_walk("train=60d,test=20d").value() == WalkPlan{60, 20});
    CHECK(parse_walk("test=1,train=2").value() == WalkPlan{2, 1});
    for (const auto* wrong :
         {"", "train=60", "test=2", "train=0,test=1", "train=1,test=x", "train=1,train=2,test=1",
          "train=1,test=1,more=1", "train=99999,test=1"})
        CHECK_MESSAGE(!parse_walk(wrong), wrong);
}

TEST_CASE("every day after the first stretch is traded in one window, the last one cut short") {
    CHECK(windows(10, {4, 3}) == std::vector<Window>{{0, 4, 3}, {3, 4, 3}});
    CHECK(windows(9, {4, 3}) == std::vector<Window>{{0, 4, 3}, {3, 4, 2}});
    CHECK(windows(4, {4, 3}).empty());
}

TEST_CASE("what was traded out of sample is what the chosen settings trade, and nothing before") {
    const auto bars = test::market(1, 16 * 1380);
    const auto settings = by_stop({7, 11, 15});
    const auto calendar = time::MarketCalendar::load(time::Market::cme_equity_index).value();
    const SystemClock clock;
    const WalkPlan plan{6, 4};
    const auto walk = walk_forward(settings, bars, plan, calendar, Measure::net, 2, clock).value();
    const auto days = days_of(bars, calendar);
    REQUIRE(walk.windows.size() == windows(days.size(), plan).size());
    REQUIRE(walk.windows.size() >= 2);
    CHECK(walk.days.size() == days.size());
    CHECK(walk.equity.size() == days.size() - plan.train_days);
    REQUIRE(walk.trades.size() > 3);
    const auto first_test = bars[days[plan.train_days].begin].start;
    CHECK(walk.first == first_test);
    auto equity = walk.start;
    for (std::size_t i = 0; i < walk.trades.size(); ++i) {
        CHECK(walk.trades[i].opened >= first_test);
        CHECK(walk.trades[i].number == i + 1);
        equity = equity + walk.trades[i].net();
    }
    CHECK(walk.equity.back().equity == equity);
    std::uint64_t counted = 0;
    for (const auto& window : walk.windows) {
        REQUIRE(window.chosen);
        counted += window.test.trades;
        // It is the best of all in sample.
        for (const auto& other : settings) {
            auto trained = other;
            trained.trade_from = bars[days[window.window.first].begin].start;
            const auto warm = window.window.first - std::min(window.window.first, k_warm_days);
            const auto end = days[window.window.first + window.window.train - 1].end;
            const auto part = std::span(bars).subspan(days[warm].begin, end - days[warm].begin);
            CHECK(run(trained, part, clock).value().totals.net() <= window.train.net);
        }
    }
    CHECK(counted == walk.trades.size());
    const auto again = walk_forward(settings, bars, plan, calendar, Measure::net, 1, clock).value();
    CHECK(again.trades_hash == walk.trades_hash);
    const auto few =
        walk_forward(settings, std::span(bars).first(1380), plan, calendar, Measure::net, 1, clock);
    CHECK_FALSE(few);
}

TEST_CASE("without a trade in sample nothing is traded out of sample") {
    const auto bars = test::market(1, 8 * 1380);
    auto none = test::run_settings();
    none.strategy.long_entries = false;
    none.strategy.short_entries = false;
    const std::vector settings{none};
    const auto calendar = time::MarketCalendar::load(time::Market::cme_equity_index).value();
    const auto walk =
        walk_forward(settings, bars, {3, 2}, calendar, Measure::net, 1, SystemClock()).value();
    CHECK(walk.trades.empty());
    for (const auto& window : walk.windows)
        CHECK_FALSE(window.chosen);
    CHECK(walk.equity.back().equity == walk.start);
}
