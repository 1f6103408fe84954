#include "worker/day_end.hpp"

#include <doctest/doctest.h>

using namespace bullpen;
using namespace bullpen::worker;

namespace {

DayResult day(int number, std::int64_t dollars, std::int64_t trades = 1) {
    return {time::TradingDay(std::chrono::days(20'000 + number)), {dollars * 1'000'000}, trades, 0};
}

}  // namespace

TEST_CASE("a day is over with the bar at which the market shuts, and is told once") {
    DayEnd days;
    CHECK(!days.on_bar(day(1, 5), false, true));
    CHECK(days.on_bar(day(1, 7, 2), true, true) == day(1, 7, 2));
    // A bar that comes late changes nothing, nor does the next day tell of it again.
    CHECK(!days.on_bar(day(1, 7, 2), true, true));
    CHECK(!days.on_bar(day(2, 0), false, true));
    CHECK(days.on_bar(day(2, -3), true, true) == day(2, -3));
}

TEST_CASE("a day whose last bar never came is told of with the first of another one") {
    DayEnd days;
    CHECK(!days.on_bar(day(1, 5), false, true));
    CHECK(days.on_bar(day(2, 0), false, true) == day(1, 5));
    CHECK(!days.on_bar(day(2, 1), false, true));
}

TEST_CASE("days that are taken as history are not told of") {
    DayEnd days;
    CHECK(!days.on_bar(day(1, 0), false, false));
    CHECK(!days.on_bar(day(1, 0), true, false));
    CHECK(!days.on_bar(day(2, 0), false, false));
    // Of the day in which the account caught up the whole is known.
    CHECK(!days.on_bar(day(2, 4), false, true));
    CHECK(days.on_bar(day(2, 4), true, true) == day(2, 4));
}
