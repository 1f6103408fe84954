#include "worker/indicators/quarter_hours.hpp"

#include <doctest/doctest.h>

namespace bullpen::indicators {
namespace {

model::Bar minute(int number, std::int64_t price, std::int64_t volume) {
    model::Bar bar;
    bar.start = UtcTime(std::chrono::hours(480'000) + std::chrono::minutes(number));
    bar.open = {price};
    bar.high = {price + 2};
    bar.low = {price - 3};
    bar.close = {price + 1};
    bar.volume = volume;
    return bar;
}

TEST_CASE("a quarter of an hour is closed by its last minute and contains it") {
    QuarterHours quarters;
    for (int i = 0; i < 14; ++i) {
        const auto closed = quarters.add(minute(i, 100 + i, 10));
        CHECK_FALSE(closed.completed.has_value());
        CHECK_FALSE(closed.left_behind.has_value());
    }
    const auto closed = quarters.add(minute(14, 90, 5));
    REQUIRE(closed.completed.has_value());
    const model::Bar& bar = *closed.completed;
    CHECK(bar.start == minute(0, 0, 0).start);
    CHECK(bar.span == model::k_quarter_hour);
    CHECK(bar.open == model::Price{100});
    CHECK(bar.high == model::Price{115});
    CHECK(bar.low == model::Price{87});
    CHECK(bar.close == model::Price{91});
    CHECK(bar.volume == 145);
    CHECK(bar.minutes == 15);
    CHECK_FALSE(quarters.forming());
}

TEST_CASE("a quarter whose last minute is missing is closed by the next bar, which is not in it") {
    QuarterHours quarters;
    quarters.add(minute(3, 100, 10));
    const auto closed = quarters.add(minute(31, 200, 7));
    REQUIRE(closed.left_behind.has_value());
    CHECK(closed.left_behind->minutes == 1);
    CHECK(closed.left_behind->volume == 10);
    CHECK(closed.left_behind->start == minute(0, 0, 0).start);
    CHECK_FALSE(closed.completed.has_value());
    CHECK(quarters.forming());
}

TEST_CASE("one bar can close the quarter before it and its own") {
    QuarterHours quarters;
    quarters.add(minute(0, 100, 10));
    const auto closed = quarters.add(minute(29, 200, 7));
    REQUIRE(closed.left_behind.has_value());
    REQUIRE(closed.completed.has_value());
    CHECK(closed.left_behind->close == model::Price{101});
    CHECK(closed.completed->open == model::Price{200});
    CHECK(closed.completed->start == minute(15, 0, 0).start);
}

TEST_CASE("the end of a file closes what is open, once") {
    QuarterHours quarters;
    CHECK_FALSE(quarters.finish().has_value());
    quarters.add(minute(0, 100, 10));
    CHECK(quarters.finish().has_value());
    CHECK_FALSE(quarters.finish().has_value());
}

}  // namespace
}  // namespace bullpen::indicators
