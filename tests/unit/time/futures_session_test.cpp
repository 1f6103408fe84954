#include "common/time/futures_session.hpp"

#include <doctest/doctest.h>

#include <string>

#include "tests/unit/time/tzif.hpp"

namespace bullpen::time {
namespace {

UtcTime at(const char* text) {
    const auto time = parse_utc(text);
    REQUIRE_MESSAGE(time.has_value(), text);
    return *time;
}

const FuturesSession& session() {
    static const FuturesSession session(*Zone::parse("America/New_York", new_york_by_rule()));
    return session;
}

std::string day(UtcTime time) {
    return format_utc(UtcTime(session().trading_day(time).time_since_epoch())).substr(0, 10);
}

TradingDay date(int year, unsigned month, unsigned number) {
    return std::chrono::year(year) / std::chrono::month(month) / std::chrono::day(number);
}

TEST_CASE("the trading day begins at 18:00 on the wall clock of New York, winter and summer") {
    // Winter: 23:00 UTC.
    CHECK(day(at("2025-03-06T22:59:59Z")) == "2025-03-06");
    CHECK(day(at("2025-03-06T23:00:00Z")) == "2025-03-07");
    // Summer, from the Sunday on which the clocks changed: 22:00 UTC.
    CHECK(day(at("2025-03-09T21:59:59Z")) == "2025-03-09");
    CHECK(day(at("2025-03-09T22:00:00Z")) == "2025-03-10");
    CHECK(day(at("2025-04-07T20:59:00Z")) == "2025-04-07");
    // And back.
    CHECK(day(at("2024-11-03T22:59:59Z")) == "2024-11-03");
    CHECK(day(at("2024-11-03T23:00:00Z")) == "2024-11-04");
    CHECK(format_utc(session().opens(date(2025, 3, 7))) == "2025-03-06T23:00:00.000Z");
    CHECK(format_utc(session().opens(date(2025, 3, 10))) == "2025-03-09T22:00:00.000Z");
    CHECK(format_utc(session().opens(date(2024, 11, 4))) == "2024-11-03T23:00:00.000Z");
    CHECK(format_utc(session().closes(date(2024, 11, 4))) == "2024-11-04T22:00:00.000Z");
}

TEST_CASE("a holiday's reopening at 18:00 begins a new trading day") {
    CHECK(day(at("2025-01-20T17:59:00Z")) == "2025-01-20");
    CHECK(day(at("2025-01-20T23:00:00Z")) == "2025-01-21");
}

TEST_CASE("the market is shut for an hour each day and over the weekend") {
    CHECK(session().open(at("2025-01-09T21:59:59Z")));
    CHECK_FALSE(session().open(at("2025-01-09T22:00:00Z")));
    CHECK_FALSE(session().open(at("2025-01-09T22:59:59Z")));
    CHECK(session().open(at("2025-01-09T23:00:00Z")));
    CHECK(session().open(at("2025-01-10T21:59:59Z")));
    CHECK_FALSE(session().open(at("2025-01-10T23:30:00Z")));
    CHECK_FALSE(session().open(at("2025-01-11T12:00:00Z")));
    CHECK_FALSE(session().open(at("2025-01-12T22:59:59Z")));
    CHECK(session().open(at("2025-01-12T23:00:00Z")));
    CHECK(format_utc(session().next_open(at("2025-01-10T22:00:00Z"))) ==
          "2025-01-12T23:00:00.000Z");
    CHECK(format_utc(session().next_open(at("2025-01-09T22:00:00Z"))) ==
          "2025-01-09T23:00:00.000Z");
    CHECK(session().next_open(at("2025-01-09T12:34:56Z")) == at("2025-01-09T12:34:56Z"));
    // Over the weekend on which the clocks change.
    CHECK(format_utc(session().next_open(at("2025-03-08T12:00:00Z"))) ==
          "2025-03-09T22:00:00.000Z");
}

TEST_CASE("the session of this system's New York is there") {
    const auto system = FuturesSession::load();
    REQUIRE(system.has_value());
    CHECK(system->trading_day(at("2025-03-09T22:00:00Z")) == date(2025, 3, 10));
}

}  // namespace
}  // namespace bullpen::time
