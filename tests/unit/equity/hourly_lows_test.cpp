// The two hourly rules, as a table of prices that a trader can go through line by line.
#include "worker/equity/hourly_lows.hpp"

#include <doctest/doctest.h>

#include "tests/unit/equity/table.hpp"
#include "worker/equity/exit_rules.hpp"

namespace bullpen::equity {
namespace {

using test_table::price;
using test_table::rows_of;

const std::chrono::sys_days k_friday = std::chrono::sys_days(std::chrono::days(20'639));
// The trading days of the tables, and the one before each.
std::chrono::sys_days day_of(const std::string& name) {
    return k_friday + std::chrono::days(name == "Fri" ? 0 : name == "Mon" ? 3 : 4);
}
std::chrono::sys_days day_before(const std::string& name) {
    return name == "Fri"   ? k_friday - std::chrono::days(1)
           : name == "Mon" ? k_friday
                           : day_of("Mon");
}
// "10:31" on the wall clock of Kolkata.
UtcTime time_of(const std::string& name, const std::string& clock) {
    const auto minutes = std::stoi(clock.substr(0, 2)) * 60 + std::stoi(clock.substr(3, 2));
    return UtcTime(day_of(name)) + std::chrono::minutes(minutes - 330);
}

// A price holds until the next line of the day: it is seen every minute. "away": nobody looks.
// "shuts": the market does. The levels are those that the rule sells at; "-": it does not.
constexpr const char* k_table = R"(
#   day  time   last     previous_low  two_lows
1   Fri  09:15  1000.00  -             -
2   Fri  09:40   990.00  -             -
3   Fri  10:10  1005.00  -             -
4   Fri  10:20  1004.00  -             -
5   Fri  10:30   990.00  -             -
6   Fri  10:31   989.95  990.00        -
7   Fri  10:40  1010.00  -             -
8   Fri  11:20  1000.00  -             -
9   Fri  11:30   989.95  -             -
10  Fri  11:31   989.90  989.95        989.95
11  Fri  11:32   995.00  -             -
12  Fri  12:20   993.00  -             -
13  Fri  12:30  1020.00  -             -
14  Fri  13:20  1019.00  -             -
15  Fri  13:21   992.95  993.00        -
16  Fri  13:22   989.85  993.00        989.90
17  Fri  13:23  1020.00  -             -
18  Fri  15:20  1015.00  1020.00       -
19  Fri  15:30  shuts    -             -
20  Mon  09:15  1012.00  1015.00       1015.00
21  Mon  09:16  1015.00  -             -
22  Mon  09:20  away     -             -
23  Mon  09:50  1020.00  -             -
24  Mon  10:20   950.00  -             -
25  Mon  11:20   949.95  950.00        -
26  Mon  12:20   949.95  -             -
27  Mon  12:21   949.90  949.95        949.95
28  Mon  15:30  shuts    -             -
29  Tue  09:15   949.85  949.90        949.90
)";

TEST_CASE("a price below the hourly low sells, by the previous one or by both: a table") {
    const auto rows = rows_of(k_table);
    REQUIRE(rows.size() == 29);
    HourlyLows lows;
    std::optional<model::Price> last;
    UtcTime at{};
    std::string day;
    for (const auto& row : rows) {
        CAPTURE(row.at("#"));
        const auto until = time_of(row.at("day"), row.at("time"));
        // What was seen before holds until now.
        while (last && row.at("day") == day && at + std::chrono::minutes(1) < until) {
            at += std::chrono::minutes(1);
            lows.add(at, *last, day_of(day), day_before(day));
        }
        day = row.at("day");
        at = until;
        if (row.at("last") == "shuts") {
            lows.shut(at);
            last.reset();
            continue;
        }
        if (row.at("last") == "away") {
            last.reset();
            continue;
        }
        last = price(row.at("last"));
        lows.add(at, *last, day_of(day), day_before(day));
        CHECK(hourly_break(HourlyRule::previous_low, lows, *last) == price(row.at("previous_low")));
        CHECK(hourly_break(HourlyRule::two_lows, lows, *last) == price(row.at("two_lows")));
    }
}

// Prices each minute from one clock time to before another.
void see(HourlyLows& lows, const std::string& day, const std::string& from, const std::string& to,
         std::int64_t paise) {
    for (auto at = time_of(day, from); at < time_of(day, to); at += std::chrono::minutes(1))
        lows.add(at, {paise}, day_of(day), day_before(day));
}

TEST_CASE("half a candle has no low: one that began late, ended early, or has a gap") {
    const std::vector<std::vector<std::pair<std::string, std::string>>> parts = {
        {{"09:18", "10:15"}},
        {{"09:15", "10:12"}},
        {{"09:15", "09:30"}, {"09:33", "10:15"}},
    };
    for (const auto& seen : parts) {
        HourlyLows lows;
        for (const auto& [from, to] : seen)
            see(lows, "Fri", from, to, 100'000);
        see(lows, "Fri", "10:15", "10:16", 1);
        CHECK_FALSE(lows.previous());
    }
    HourlyLows whole;
    see(whole, "Fri", "09:17", "10:14", 100'000);
    see(whole, "Fri", "10:15", "10:16", 1);
    REQUIRE(whole.previous());
    CHECK(whole.previous()->low.ticks == 100'000);
}

TEST_CASE("a day on which nobody looked breaks the row of candles") {
    HourlyLows lows;
    see(lows, "Fri", "14:15", "15:30", 100'000);
    lows.shut(time_of("Fri", "15:30"));
    // Monday is left out.
    see(lows, "Tue", "09:15", "09:16", 1);
    CHECK_FALSE(lows.previous());
}

TEST_CASE("a market that was not seen to shut may have gone on without us") {
    HourlyLows lows;
    see(lows, "Fri", "14:15", "15:20", 100'000);
    see(lows, "Mon", "09:15", "09:16", 1);
    CHECK_FALSE(lows.previous());
}

TEST_CASE("times that go back change nothing") {
    HourlyLows lows;
    see(lows, "Fri", "09:15", "10:20", 100'000);
    const auto before = lows;
    lows.add(time_of("Fri", "10:00"), {1}, day_of("Fri"), day_before("Fri"));
    CHECK(lows == before);
}

}  // namespace
}  // namespace bullpen::equity
