#include "common/time/recurrence.hpp"

#include <doctest/doctest.h>

namespace bullpen::time {

namespace {

using namespace std::chrono_literals;

UtcTime utc(std::string_view text) {
    return *parse_utc(text);
}

Recurrence at(Every every, Nanos time_of_day) {
    return {every, time_of_day, *Zone::load("America/New_York")};
}

}  // namespace

TEST_CASE("a daily time stays on the wall clock when clocks change") {
    const auto daily = at(Every::day, 17h);
    CHECK(daily.next(utc("2026-03-08T12:00:00Z")) == utc("2026-03-08T21:00:00Z"));
    CHECK(daily.next(utc("2026-03-07T22:00:00Z")) == utc("2026-03-08T21:00:00Z"));
    CHECK(daily.last(utc("2026-03-07T22:00:00Z")) == utc("2026-03-07T22:00:00Z"));
    CHECK(daily.last(utc("2026-03-07T21:59:59Z")) == utc("2026-03-06T22:00:00Z"));
    // Skipped: the change itself. Shown twice: the first time.
    CHECK(at(Every::day, 2h + 30min).next(utc("2026-03-08T05:00:00Z")) ==
          utc("2026-03-08T07:00:00Z"));
    CHECK(at(Every::day, 1h + 30min).next(utc("2026-11-01T04:30:00Z")) ==
          utc("2026-11-01T05:30:00Z"));
}

TEST_CASE("a monthly time is on the 1st, also over the year's end") {
    const auto monthly = at(Every::month, 17h);
    CHECK(monthly.next(utc("2026-12-01T22:00:00Z")) == utc("2027-01-01T22:00:00Z"));
    CHECK(monthly.next(utc("2026-12-01T21:59:59Z")) == utc("2026-12-01T22:00:00Z"));
    CHECK(monthly.last(utc("2026-12-01T21:59:59Z")) == utc("2026-11-01T22:00:00Z"));
    CHECK(monthly.last(utc("2026-01-01T21:59:59Z")) == utc("2025-12-01T22:00:00Z"));
    CHECK_FALSE(at(Every::never, 17h).next(utc("2026-12-01T22:00:00Z")));
}

TEST_CASE("homes are spread over twenty minutes, each always at its own, and within the day") {
    Nanos least = 24h;
    Nanos most{};
    for (int i = 0; i < 1000; ++i) {
        const std::string home = "/srv/bullpen" + std::to_string(i);
        const Nanos at = jittered(17h, home);
        CHECK(at == jittered(17h, home));
        least = std::min(least, at);
        most = std::max(most, at);
        CHECK(jittered(0h, home) >= 0h);
        CHECK(jittered(24h - 1min, home) < 24h);
        CHECK(share_of(30s, home) == share_of(30s, home));
        CHECK(share_of(30s, home) >= 0s);
        CHECK(share_of(30s, home) <= 30s);
        CHECK(share_of(0s, home) == 0s);
    }
    CHECK(least >= 17h - 10min);
    CHECK(least < 17h - 9min);
    CHECK(most <= 17h + 10min);
    CHECK(most > 17h + 9min);
}

}  // namespace bullpen::time
