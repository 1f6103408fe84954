#include "worker/report/run_record.hpp"

#include <doctest/doctest.h>

#include "tests/unit/report/small_run.hpp"
#include "worker/report/formats.hpp"

using namespace bullpen;
using namespace bullpen::report;
using test::dollars;

TEST_CASE("each trading day has its trades, its change and its distance from the highest equity") {
    const test::SmallRun small;
    const auto rows = day_rows(small.run);
    REQUIRE(rows.size() == 3);
    // The first trade closed at 19:10 of the 10th in New York: it is the 11th's.
    CHECK(day_text(rows[0].day) == "2025-03-10");
    CHECK(rows[0].trades == 0);
    CHECK(rows[0].change == dollars(0));
    CHECK(rows[1].trades == 2);
    CHECK(rows[1].wins == 1);
    CHECK(rows[1].net == dollars(60));
    CHECK(rows[1].fees == dollars(4));
    CHECK(rows[1].change == dollars(60));
    CHECK(rows[1].drawdown == dollars(0));
    CHECK(rows[2].trades == 1);
    CHECK(rows[2].net == dollars(-42));
    CHECK(rows[2].equity == dollars(10'018));
    CHECK(rows[2].drawdown == dollars(42));
}

TEST_CASE("hours are those of the entry on the market's wall clock, those between included") {
    const test::SmallRun small;
    const auto hours = by_hour(small.run);
    // 19:00, 9:31 and 10:02 in New York.
    REQUIRE(hours.size() == 11);
    CHECK(hours.front().name == "09");
    CHECK(hours.front().net == dollars(-40));
    CHECK(hours[1].trades == 1);
    CHECK(hours[2].trades == 0);
    CHECK(hours.back().name == "19");
    CHECK(hours.back().wins == 1);
}

TEST_CASE("exits are named by their reason, protective stops as such, the most frequent first") {
    test::SmallRun small;
    const auto exits = by_exit(small.run);
    REQUIRE(exits.size() == 2);
    CHECK(exits[0].name == "protective_stop");
    CHECK(exits[0].trades == 2);
    CHECK(exits[0].net == dollars(-82));
    CHECK(exits[1].name == "target");

    // A stop that was moved is named by what moved it.
    for (auto& trade : small.run.trades) {
        if (trade.closed_by == model::Purpose::protective_stop)
            trade.why = execution::Label::cut("trailing");
    }
    CHECK(by_exit(small.run)[0].name == "trailing");
}

TEST_CASE(
    "a mean price is exact where it is on the grid, and a multiple of R is of the first stop") {
    const test::SmallRun small;
    const auto& trade = small.run.trades[0];
    // 20'000 and 20'002 ticks of 0.25: 5000.25 in the mean.
    CHECK(mean_price(*small.run.instruments, trade.symbol, trade.entry_ticks, 2) == "5000.25");
    CHECK(mean_price(*small.run.instruments, trade.symbol, 60'001, 3) == "5000.083333");
    CHECK(mean_price(*small.run.instruments, model::Symbol::cut("none"), 4, 1).empty());
    // Risked: 20'001 - 19'990 = 11 ticks each; won: (40'086 - 40'002) / 2 = 42 ticks each.
    CHECK(r_multiple(trade).value() == doctest::Approx(42.0 / 11));
    CHECK_FALSE(r_multiple(small.run.trades[1]));
}

TEST_CASE("a stretch begins with the equity that was there before it") {
    const auto at = [](const char* time) { return Bound(parse_utc(time).value()); };
    test::SmallRun small;
    restrict_to(small.run, at("2025-03-11T22:00:00Z"), std::nullopt);
    CHECK(small.run.trades.size() == 1);
    CHECK(small.run.days.size() == 1);
    CHECK(small.run.start == dollars(10'060));
    test::SmallRun early;
    restrict_to(early.run, std::nullopt, at("2025-03-10T22:00:00Z"));
    CHECK(early.run.trades.empty());
    CHECK(early.run.days.size() == 1);
    CHECK(early.run.start == dollars(10'000));
}

TEST_CASE("a stretch of days is one of trading days, each with all of its trades") {
    using namespace std::chrono;
    const auto day = [](unsigned number) {
        return Bound(time::TradingDay(sys_days(2025y / 3 / number)));
    };
    // Its first trade closed on the evening before, in UTC as in New York.
    test::SmallRun small;
    restrict_to(small.run, day(11), day(12));
    const auto rows = day_rows(small.run);
    REQUIRE(rows.size() == 1);
    CHECK(rows[0].day == sys_days(2025y / 3 / 11));
    CHECK(rows[0].trades == 2);
    CHECK(rows[0].change == dollars(60));
    CHECK(small.run.statistics().trades == 2);
    CHECK(small.run.first == parse_utc("2025-03-10T22:00:00Z").value());
    CHECK(small.run.last == parse_utc("2025-03-11T22:00:00Z").value());
    test::SmallRun before;
    restrict_to(before.run, std::nullopt, day(11));
    CHECK(before.run.trades.empty());
    CHECK(day_rows(before.run).size() == 1);
    CHECK(before.run.statistics().max_drawdown == dollars(0));
    test::SmallRun after;
    restrict_to(after.run, day(12), std::nullopt);
    CHECK(after.run.start == dollars(10'060));
    CHECK(day_rows(after.run).size() == 1);
}

TEST_CASE("the last trades are as many as were asked for, at most all") {
    const test::SmallRun small;
    CHECK(last_trades(small.run, 0).empty());
    REQUIRE(last_trades(small.run, 2).size() == 2);
    CHECK(last_trades(small.run, 2).front().number == 2);
    CHECK(last_trades(small.run, 9).size() == 3);
}
