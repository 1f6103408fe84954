#include "common/time/schedule.hpp"

#include <doctest/doctest.h>

namespace bullpen::time {
namespace {

MarketCalendar market(Market of) {
    return *MarketCalendar::load(of);
}

UtcTime at(const std::string& text) {
    return *parse_utc(text);
}

// The times of a schedule in (from, to], as texts.
std::vector<std::string> times(const std::string& text, Market of, const std::string& from,
                               const std::string& to) {
    const auto schedule = Schedule::parse(text);
    REQUIRE_MESSAGE(schedule.has_value(), text);
    const auto calendar = market(of);
    std::vector<std::string> found;
    for (auto next = schedule->next(at(from), calendar); next && *next <= at(to);
         next = schedule->next(*next, calendar)) {
        // The way back finds the same times.
        CHECK(schedule->last(*next, calendar) == *next);
        CHECK(schedule->last(*next - Nanos(1), calendar) < *next);
        found.push_back(format_utc(*next).substr(0, 16));
    }
    CHECK(schedule->count(at(from), at(to), calendar, 100'000) == found.size());
    return found;
}

using Times = std::vector<std::string>;

TEST_CASE("a time without days is one of the market's days, on the market's wall clock") {
    // Friday, the weekend, Monday; 2026-01-26 is Republic Day.
    CHECK(times("14:00", Market::nse_cash, "2026-01-22T00:00:00Z", "2026-01-28T00:00:00Z") ==
          Times{"2026-01-22T08:30", "2026-01-23T08:30", "2026-01-27T08:30"});
    CHECK(times("14:00 market days", Market::nse_cash, "2026-01-25T00:00:00Z",
                "2026-01-28T00:00:00Z") == Times{"2026-01-27T08:30"});
}

TEST_CASE("a Saturday and a Sunday with a session of their own are market days") {
    CHECK(times("14:00", Market::nse_cash, "2026-01-31T00:00:00Z", "2026-02-02T00:00:00Z") ==
          Times{"2026-02-01T08:30"});
    CHECK(times("09:20", Market::nse_cash, "2025-02-01T00:00:00Z", "2025-02-01T23:00:00Z") ==
          Times{"2025-02-01T03:50"});
}

TEST_CASE("weekdays, several times, and a zone of its own") {
    CHECK(times("09:00,17:30 mon,wed Europe/London", Market::nse_cash, "2026-07-05T00:00:00Z",
                "2026-07-10T00:00:00Z") ==
          Times{"2026-07-06T08:00", "2026-07-06T16:30", "2026-07-08T08:00", "2026-07-08T16:30"});
    CHECK(times("12:00 sat-mon", Market::nyse, "2026-07-03T00:00:00Z", "2026-07-08T00:00:00Z") ==
          Times{"2026-07-04T16:00", "2026-07-05T16:00", "2026-07-06T16:00"});
}

TEST_CASE("daily means weekends and holidays as well") {
    CHECK(times("00:30 daily Asia/Kolkata", Market::nyse, "2026-01-25T00:00:00Z",
                "2026-01-27T00:00:00Z") == Times{"2026-01-25T19:00", "2026-01-26T19:00"});
}

TEST_CASE("a time that the clocks skip is the instant of the change, and one for two of them") {
    CHECK(times("02:15,02:45 daily America/New_York", Market::nse_cash, "2026-03-07T12:00:00Z",
                "2026-03-09T12:00:00Z") ==
          Times{"2026-03-08T07:00", "2026-03-09T06:15", "2026-03-09T06:45"});
}

TEST_CASE("a time that the clocks show twice comes once, at first") {
    CHECK(times("01:30 daily America/New_York", Market::nse_cash, "2026-10-31T12:00:00Z",
                "2026-11-02T12:00:00Z") == Times{"2026-11-01T05:30", "2026-11-02T06:30"});
}

TEST_CASE("a market's time stays where it is when another market's clocks change") {
    CHECK(times("15:00", Market::nse_cash, "2026-03-06T12:00:00Z", "2026-03-10T12:00:00Z") ==
          Times{"2026-03-09T09:30", "2026-03-10T09:30"});
    CHECK(times("15:00", Market::nyse, "2026-03-06T12:00:00Z", "2026-03-10T12:00:00Z") ==
          Times{"2026-03-06T20:00", "2026-03-09T19:00"});
}

TEST_CASE("the session of NSE's shares is cut in quarters: 25 before 2026-08-03, 24 after") {
    const auto before = times("every 15 min in session", Market::nse_cash, "2026-07-31T00:00:00Z",
                              "2026-07-31T23:00:00Z");
    CHECK(before.size() == 25);
    CHECK(before.front() == "2026-07-31T03:45");
    CHECK(before.back() == "2026-07-31T09:45");
    const auto after = times("every 15 min in session", Market::nse_cash, "2026-08-03T00:00:00Z",
                             "2026-08-03T23:00:00Z");
    CHECK(after.size() == 24);
    CHECK(after.back() == "2026-08-03T09:30");
}

TEST_CASE("a session of two blocks has its quarters in both, each from its opening on") {
    CHECK(times("every 30 min in session", Market::nse_cash, "2024-03-02T00:00:00Z",
                "2024-03-02T23:00:00Z") ==
          Times{"2024-03-02T03:45", "2024-03-02T04:15", "2024-03-02T06:00", "2024-03-02T06:30"});
}

TEST_CASE("an hour of trading in the evening has its own times") {
    CHECK(times("every 20 min in session", Market::nse_cash, "2024-11-01T00:00:00Z",
                "2024-11-01T23:00:00Z") ==
          Times{"2024-11-01T12:30", "2024-11-01T12:50", "2024-11-01T13:10"});
    CHECK(times("close - 10 min", Market::nse_cash, "2024-11-01T00:00:00Z",
                "2024-11-01T23:00:00Z") == Times{"2024-11-01T13:20"});
}

TEST_CASE("a close that comes early takes what goes by it along") {
    // The day before Thanksgiving, and the day after it.
    CHECK(times("close - 30 min", Market::nyse, "2026-11-25T00:00:00Z", "2026-11-28T00:00:00Z") ==
          Times{"2026-11-25T20:30", "2026-11-27T17:30"});
    CHECK(times("open + 5 min", Market::cme_equity_index, "2026-03-06T00:00:00Z",
                "2026-03-10T00:00:00Z") == Times{"2026-03-08T22:05", "2026-03-09T22:05"});
}

TEST_CASE("what comes after something else has no times of its own") {
    const auto schedule = Schedule::parse("after place_orders_daily");
    REQUIRE(schedule);
    CHECK(schedule->after() == "place_orders_daily");
    CHECK_FALSE(schedule->next(at("2026-01-01T00:00:00Z"), market(Market::nyse)));
    CHECK_FALSE(schedule->last(at("2026-01-01T00:00:00Z"), market(Market::nyse)));
    CHECK_FALSE(schedule->step());
}

TEST_CASE("the least time between two runs of a day is known") {
    CHECK(Schedule::parse("09:00,09:10,12:00")->step() == std::chrono::minutes(10));
    CHECK(Schedule::parse("every 15 min in session")->step() == std::chrono::minutes(15));
    CHECK_FALSE(Schedule::parse("14:00")->step());
}

TEST_CASE("what is no schedule is refused with a sentence that quotes it") {
    for (const char* text : {"",
                             " ",
                             "soon",
                             "24:00",
                             "9:20",
                             "14:00 Asia/Nowhere",
                             "14:00 mon-fri daily",
                             "14:00 market",
                             "14:00 daily market days",
                             "14:00 UTC Asia/Kolkata",
                             "every 0 min in session",
                             "every 15 min",
                             "every 721 min in session",
                             "every -5 min in session",
                             "every 15 s in session",
                             "open + 5",
                             "open 5 min",
                             "close * 5 min",
                             "open + 1441 min",
                             "after",
                             "after a b",
                             "after Rank",
                             "14:00 ../../etc/passwd",
                             "14:00,"}) {
        CAPTURE(text);
        const auto schedule = Schedule::parse(text);
        const bool trailing_comma = std::string_view(text) == "14:00,";
        CHECK(schedule.has_value() == trailing_comma);
        if (!schedule)
            CHECK_FALSE(schedule.error().message().empty());
    }
}

}  // namespace
}  // namespace bullpen::time
