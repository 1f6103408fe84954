// Against years of real candles with independently computed stops; skipped where they are not kept.
#include <sys/stat.h>

#include <doctest/doctest.h>

#include <cmath>

#include "tests/support/programs.hpp"
#include "tests/support/temporary.hpp"
#include "tests/unit/equity/table.hpp"
#include "worker/equity/day_candles.hpp"
#include "worker/equity/hourly_lows.hpp"
#include "worker/equity/pattern.hpp"
#include "worker/equity/trailing_stop.hpp"

namespace bullpen::equity {
namespace {

using test_table::number;
using test_table::rows_of;

std::string folder() {
    return test::source_directory() + "/../shared/data/market/nse";
}

bool present() {
    struct stat facts {};
    if (::stat(folder().c_str(), &facts) == 0)
        return true;
    test::skip("skipped: the real data of ../shared/data is not here");
    return false;
}

TEST_CASE("ranges and trailing stops are those of the real table, on each of its days") {
    if (!present())
        return;
    const auto text = test::read_text(folder() + "/INFY_daily_atr_trailing.csv");
    const auto bars = read_day_candles(text, 5000);
    REQUIRE(bars.has_value());
    const auto rows = rows_of(text, ',');
    REQUIRE(rows.size() == bars->size());
    const auto values = day_values(*bars);
    TrailingStop trail;
    int stops = 0;
    for (std::size_t i = 0; i < rows.size(); ++i) {
        const auto& row = rows[i];
        const auto atr = number(row.at("atr14_wilder"));
        if (atr && values[i].atr14)
            CHECK(std::abs(*values[i].atr14 - *atr) < 1e-6);
        if (row.at("position_high").empty())
            continue;
        // Its ranges are those of the evening, with the day's own.
        const auto evening =
            std::chrono::floor<std::chrono::days>((*bars)[i].start) + std::chrono::days(1);
        const auto range = daily_range(*bars, evening);
        REQUIRE(range);
        CHECK(std::abs(range->atr / 100 - *number(row.at("atr20_sma"))) < 1e-6);
        CHECK(std::abs(range->percent - *number(row.at("atr20_pct"))) < 1e-6);
        CHECK(tranches_of(range->volatility).multiplier == *number(row.at("mult")));
        const auto high = test_table::price(row.at("position_high"));
        if (*high < trail.high)
            trail = {};
        trail.raise(*high, range, {5});
        CHECK(trail.stop == test_table::price(row.at("stop_tick_floor")));
        ++stops;
    }
    CHECK(stops > 600);
}

TEST_CASE("the lows of the real day's hours are those of its minutes") {
    if (!present())
        return;
    const auto hours = rows_of(test::read_text(folder() + "/INFY_2021-05-03_60m.csv"), ',');
    const auto minutes = rows_of(test::read_text(folder() + "/INFY_2021-05-03_1m.csv"), ',');
    const auto day = std::chrono::floor<std::chrono::days>(*parse_utc("2021-05-03T00:00:00Z"));
    HourlyLows lows;
    std::size_t hour = 0;
    for (const auto& minute : minutes) {
        const auto at = *parse_utc(minute.at("date") + "T" + minute.at("start_ist") + "Z") -
                        std::chrono::minutes(330);
        lows.add(at, *test_table::price(minute.at("low")), day, day - std::chrono::days(3));
        if (!lows.previous() || lows.previous()->index < static_cast<int>(hour))
            continue;
        REQUIRE(hour < hours.size());
        CHECK(lows.previous()->low == *test_table::price(hours[hour].at("low")));
        ++hour;
    }
    CHECK(hour + 1 == hours.size());
}

TEST_CASE("a year of real candles is read and analysed") {
    if (!present())
        return;
    const auto bars = read_day_candles(test::read_text(folder() + "/INFY_day.csv"), 500);
    REQUIRE(bars.has_value());
    CHECK(bars->size() > 200);
    const auto analysis = analyse(*bars, day_values(*bars));
    REQUIRE(analysis);
    CHECK(analysis->counts.above_sma <= 40);
}

}  // namespace
}  // namespace bullpen::equity
