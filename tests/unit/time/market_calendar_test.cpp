#include "common/time/market_calendar.hpp"

#include <doctest/doctest.h>

#include <string>

namespace bullpen::time {
namespace {

UtcTime at(const char* text) {
    const auto time = parse_utc(text);
    REQUIRE_MESSAGE(time.has_value(), text);
    return *time;
}

const MarketCalendar& calendar(Market market) {
    static const auto make = [](Market m) { return *MarketCalendar::load(m); };
    static const std::array<MarketCalendar, k_markets> all = {make(Market::cme_equity_index),
                                                              make(Market::cme_fx),
                                                              make(Market::cme_metals),
                                                              make(Market::cme_energy),
                                                              make(Market::cme_rates),
                                                              make(Market::nse_cash),
                                                              make(Market::nyse),
                                                              make(Market::nse_derivatives)};
    return all[static_cast<std::size_t>(market)];
}

const MarketCalendar& es() {
    return calendar(Market::cme_equity_index);
}

std::string day(const MarketCalendar& market, const char* time) {
    const auto date = market.trading_day(at(time));
    return format_utc(UtcTime(date.time_since_epoch())).substr(0, 10);
}

std::string next_open(const MarketCalendar& market, const char* time) {
    return format_utc(market.next_open(at(time))).substr(0, 16);
}

std::string next_close(const MarketCalendar& market, const char* time) {
    return format_utc(market.next_close(at(time))).substr(0, 16);
}

std::string shut(const MarketCalendar& market, const char* time) {
    return std::string(code(market.span(at(time)).shut));
}

TEST_CASE("a market is found by its code and by nothing else") {
    for (std::size_t i = 0; i < k_markets; ++i) {
        const auto market = static_cast<Market>(i);
        CHECK(market_from(code(market)) == market);
    }
    CHECK_FALSE(market_from("CME").has_value());
}

TEST_CASE("the evening belongs to the next trading day, and the break to the one before") {
    // 2025-04-07 is a Monday in summer: 18:00 in New York is 22:00 UTC.
    CHECK(day(es(), "2025-04-06T22:00:00Z") == "2025-04-07");
    CHECK(day(es(), "2025-04-07T20:59:59Z") == "2025-04-07");
    CHECK(day(es(), "2025-04-07T21:30:00Z") == "2025-04-07");
    CHECK(day(es(), "2025-04-07T21:59:59.999Z") == "2025-04-07");
    CHECK(day(es(), "2025-04-07T22:00:00Z") == "2025-04-08");
    // Over a weekend it stays Friday, until Sunday 18:00.
    CHECK(day(es(), "2025-04-11T21:00:00Z") == "2025-04-11");
    CHECK(day(es(), "2025-04-12T12:00:00Z") == "2025-04-11");
    CHECK(day(es(), "2025-04-13T21:59:59Z") == "2025-04-11");
    CHECK(day(es(), "2025-04-13T22:00:00Z") == "2025-04-14");
}

TEST_CASE("every hour in which it is shut has its reason and its end") {
    CHECK(shut(es(), "2025-04-07T20:59:59Z") == "open");
    CHECK(shut(es(), "2025-04-07T21:00:00Z") == "maintenance");
    CHECK(next_open(es(), "2025-04-07T21:00:00Z") == "2025-04-07T22:00");
    CHECK(next_close(es(), "2025-04-07T21:00:00Z") == "2025-04-08T21:00");
    CHECK(shut(es(), "2025-04-11T21:00:00Z") == "weekend");
    CHECK(next_open(es(), "2025-04-11T21:00:00Z") == "2025-04-13T22:00");
    CHECK(shut(es(), "2025-04-13T22:00:00Z") == "open");
    // Thanksgiving: it halts at 13:00 and opens again at 18:00, for a short Friday.
    CHECK(shut(es(), "2025-11-27T17:59:59Z") == "open");
    CHECK(shut(es(), "2025-11-27T18:00:00Z") == "holiday");
    CHECK(next_open(es(), "2025-11-27T18:00:00Z") == "2025-11-27T23:00");
    CHECK(next_close(es(), "2025-11-27T23:00:00Z") == "2025-11-28T18:15");
    CHECK(shut(es(), "2025-11-28T18:15:00Z") == "holiday");
    CHECK(next_open(es(), "2025-11-28T18:15:00Z") == "2025-11-30T23:00");
    // Christmas is shut from the early close of its eve to its own evening.
    CHECK(next_close(es(), "2025-12-24T12:00:00Z") == "2025-12-24T18:15");
    CHECK(shut(es(), "2025-12-25T12:00:00Z") == "holiday");
    CHECK(day(es(), "2025-12-25T12:00:00Z") == "2025-12-24");
    CHECK(next_open(es(), "2025-12-24T18:15:00Z") == "2025-12-25T23:00");
    // New Year's Eve is an ordinary day, and New Year opens in the evening.
    CHECK(next_open(es(), "2025-12-31T22:00:00Z") == "2026-01-01T23:00");
    CHECK(shut(es(), "2026-01-01T12:00:00Z") == "holiday");
    // Good Friday without and with the Employment Situation.
    CHECK(shut(es(), "2025-04-18T13:00:00Z") == "holiday");
    CHECK(shut(es(), "2026-04-03T13:14:59Z") == "open");
    CHECK(shut(es(), "2026-04-03T13:15:00Z") == "holiday");
}

TEST_CASE("opening and closing keep their wall clock in the weeks in which clocks change") {
    // Forward on 2025-03-09, back on 2025-11-02.
    CHECK(next_open(es(), "2025-03-07T22:00:00Z") == "2025-03-09T22:00");
    CHECK(next_close(es(), "2025-03-06T23:00:00Z") == "2025-03-07T22:00");
    CHECK(next_close(es(), "2025-03-09T22:00:00Z") == "2025-03-10T21:00");
    CHECK(next_open(es(), "2025-10-31T21:00:00Z") == "2025-11-02T23:00");
    CHECK(next_close(es(), "2025-10-30T22:00:00Z") == "2025-10-31T21:00");
    CHECK(next_close(es(), "2025-11-02T23:00:00Z") == "2025-11-03T22:00");
    CHECK(es().minutes_to_close(at("2025-03-09T22:00:00Z")) == 1380);
    CHECK(es().minutes_to_close(at("2025-11-02T23:00:00Z")) == 1380);
}

TEST_CASE("minutes to the close count whole minutes, and are zero when shut") {
    CHECK(es().minutes_to_close(at("2025-04-07T20:58:30Z")) == 1);
    CHECK(es().minutes_to_close(at("2025-04-07T20:59:00.000000001Z")) == 0);
    CHECK(es().minutes_to_close(at("2025-04-07T21:00:00Z")) == 0);
    // A half day is as short as it says.
    CHECK(es().minutes_to_close(at("2024-12-24T18:00:00Z")) == 15);
}

TEST_CASE("product groups keep different hours on one holiday") {
    // Martin Luther King Jr. Day 2026: 13:00, 14:30 and 17:00 in New York.
    CHECK(next_close(es(), "2026-01-19T12:00:00Z") == "2026-01-19T18:00");
    CHECK(next_close(calendar(Market::cme_energy), "2026-01-19T12:00:00Z") == "2026-01-19T19:30");
    CHECK(next_close(calendar(Market::cme_metals), "2026-01-19T12:00:00Z") == "2026-01-19T19:30");
    CHECK(next_close(calendar(Market::cme_fx), "2026-01-19T12:00:00Z") == "2026-01-19T22:00");
    // The day after Thanksgiving 2024 for currencies.
    CHECK(next_close(calendar(Market::cme_fx), "2024-11-29T12:00:00Z") == "2024-11-29T19:45");
    // A day of mourning shut shares early and oil not at all.
    CHECK(next_close(es(), "2025-01-09T12:00:00Z") == "2025-01-09T14:30");
    CHECK(next_close(calendar(Market::cme_energy), "2025-01-09T12:00:00Z") == "2025-01-09T22:00");
}

TEST_CASE(
    "on a day whose hours have no source nobody knows them, and the earliest likely close counts") {
    const auto& rates = calendar(Market::cme_rates);
    const auto span = rates.span(at("2025-07-04T12:00:00Z"));
    CHECK(span.assumed);
    CHECK_FALSE(span.covered);
    CHECK(next_close(rates, "2025-07-04T12:00:00Z") == "2025-07-04T17:00");
    CHECK(rates.span(at("2025-07-02T12:00:00Z")).covered);
    // What the group does on a Good Friday is not known either; that of the equity index is.
    const TradingDay good_friday(std::chrono::year(2026) / 4 / 3);
    CHECK_FALSE(calendar(Market::cme_energy).hours(good_friday).covered);
    CHECK(es().hours(good_friday).covered);
    CHECK(calendar(Market::cme_energy).hours(TradingDay(std::chrono::year(2026) / 1 / 19)).covered);
}

TEST_CASE("what has no source is marked") {
    CHECK_FALSE(es().span(at("2025-07-04T12:00:00Z")).assumed);
    CHECK(calendar(Market::cme_rates).span(at("2025-07-04T12:00:00Z")).assumed);
    for (const Holiday& holiday : es().holidays().days)
        CHECK_FALSE(holiday.assumed);
}

TEST_CASE("shares in India trade from 09:15 to 15:30, and to 15:15 since August 2026") {
    const auto& nse = calendar(Market::nse_cash);
    CHECK(shut(nse, "2025-06-02T03:44:59Z") == "overnight");
    CHECK(shut(nse, "2025-06-02T03:45:00Z") == "open");
    CHECK(shut(nse, "2025-06-02T09:59:59Z") == "open");
    CHECK(shut(nse, "2025-06-02T10:00:00Z") == "overnight");
    CHECK(next_close(nse, "2026-07-31T04:00:00Z") == "2026-07-31T10:00");
    CHECK(next_close(nse, "2026-08-03T04:00:00Z") == "2026-08-03T09:45");
    // The trading day begins at midnight in Kolkata, 18:30 UTC.
    CHECK(day(nse, "2025-06-02T18:29:59Z") == "2025-06-02");
    CHECK(day(nse, "2025-06-02T18:30:00Z") == "2025-06-03");
    // Weekend, and a holiday in the week: Independence Day is a Friday.
    CHECK(shut(nse, "2025-06-07T06:00:00Z") == "weekend");
    CHECK(day(nse, "2025-06-08T06:00:00Z") == "2025-06-06");
    CHECK(shut(nse, "2025-08-15T06:00:00Z") == "holiday");
    CHECK(next_open(nse, "2025-08-14T10:00:00Z") == "2025-08-18T03:45");
}

TEST_CASE("Indian futures and options trade ten minutes longer since August 2026") {
    const auto& nse = calendar(Market::nse_derivatives);
    CHECK(next_close(nse, "2026-07-31T04:00:00Z") == "2026-07-31T10:00");
    CHECK(next_close(nse, "2026-08-03T04:00:00Z") == "2026-08-03T10:10");
    CHECK(shut(nse, "2026-10-02T06:00:00Z") == "holiday");
}

TEST_CASE("shares in New York trade from 09:30 to 16:00, and to 13:00 before a holiday") {
    const auto& nyse = calendar(Market::nyse);
    CHECK(shut(nyse, "2026-11-20T14:29:59Z") == "overnight");
    CHECK(shut(nyse, "2026-11-20T14:30:00Z") == "open");
    CHECK(next_close(nyse, "2026-11-20T14:30:00Z") == "2026-11-20T21:00");
    CHECK(next_close(nyse, "2026-07-10T14:30:00Z") == "2026-07-10T20:00");
    CHECK(shut(nyse, "2026-11-26T15:00:00Z") == "holiday");
    CHECK(next_close(nyse, "2026-11-27T15:00:00Z") == "2026-11-27T18:00");
    CHECK(shut(nyse, "2026-11-27T18:00:00Z") == "holiday");
    // With the Employment Situation the futures open for some hours; shares do not.
    CHECK(shut(nyse, "2026-04-03T14:00:00Z") == "holiday");
    CHECK(shut(es(), "2026-04-03T13:00:00Z") == "open");
    CHECK(shut(nyse, "2025-01-09T15:00:00Z") == "holiday");
}

TEST_CASE("equity index futures halted from 16:15 to 16:30 until June 2021") {
    CHECK(shut(es(), "2021-06-25T20:14:59Z") == "open");
    CHECK(shut(es(), "2021-06-25T20:15:00Z") == "maintenance");
    CHECK(shut(es(), "2021-06-25T20:30:00Z") == "open");
    CHECK(next_close(es(), "2021-06-25T20:30:00Z") == "2021-06-25T21:00");
    CHECK(next_open(es(), "2021-06-25T20:20:00Z") == "2021-06-25T20:30");
    CHECK(shut(es(), "2021-06-28T20:20:00Z") == "open");
    CHECK(shut(calendar(Market::cme_fx), "2021-06-25T20:20:00Z") == "open");
}

TEST_CASE("special sessions open a weekend, a holiday's evening, and a day in two parts") {
    const auto& nse = calendar(Market::nse_cash);
    // The budget on Sunday 2026-02-01.
    CHECK(shut(nse, "2026-02-01T04:00:00Z") == "open");
    CHECK(day(nse, "2026-02-01T04:00:00Z") == "2026-02-01");
    // Saturday 2024-03-02: 09:15-10:00 and 11:30-12:30 in Kolkata.
    CHECK(shut(nse, "2024-03-02T03:45:00Z") == "open");
    CHECK(next_close(nse, "2024-03-02T03:45:00Z") == "2024-03-02T04:30");
    CHECK(shut(nse, "2024-03-02T05:00:00Z") == "overnight");
    CHECK(next_open(nse, "2024-03-02T05:00:00Z") == "2024-03-02T06:00");
    CHECK(next_close(nse, "2024-03-02T06:00:00Z") == "2024-03-02T07:00");
    CHECK(next_open(nse, "2024-03-02T07:00:00Z") == "2024-03-04T03:45");
    // Muhurat on 2025-10-21: 13:45-14:45.
    CHECK(shut(nse, "2025-10-21T06:00:00Z") == "overnight");
    CHECK(next_open(nse, "2025-10-21T06:00:00Z") == "2025-10-21T08:15");
    CHECK(next_close(nse, "2025-10-21T08:15:00Z") == "2025-10-21T09:15");
}

TEST_CASE("days outside of the table keep regular hours and say that nobody knows") {
    CHECK(es().span(at("2025-07-04T12:00:00Z")).covered);
    const auto later = es().span(at("2031-07-04T18:00:00Z"));
    CHECK(later.open());
    CHECK_FALSE(later.covered);
    CHECK_FALSE(es().span(at("2021-03-10T18:00:00Z")).covered);
}

TEST_CASE("minutes of trading are counted over breaks, weekends, holidays and clock changes") {
    const auto minutes = [](const char* from, const char* to) {
        return es().open_minutes(at(from), at(to));
    };
    CHECK(minutes("2025-01-08T12:00:00Z", "2025-01-08T12:10:00Z") == 10);
    CHECK(minutes("2025-01-08T12:00:30Z", "2025-01-08T12:02:00Z") == 1);
    CHECK(minutes("2025-01-08T21:59:00Z", "2025-01-08T23:01:00Z") == 2);
    CHECK(minutes("2025-01-10T21:00:00Z", "2025-01-12T23:00:00Z") == 60);
    CHECK(minutes("2025-01-10T12:00:00Z", "2025-01-10T12:00:00Z") == 0);
    CHECK(minutes("2025-01-10T12:00:00Z", "2025-01-09T12:00:00Z") == 0);
    // Good Friday, and the rest of an early close.
    CHECK(minutes("2025-04-17T21:00:00Z", "2025-04-20T22:00:00Z") == 0);
    CHECK(minutes("2024-12-24T18:00:00Z", "2024-12-25T23:00:00Z") == 15);
    // Two weeks around each change of the clocks have ten full days.
    CHECK(minutes("2025-03-02T12:00:00Z", "2025-03-16T12:00:00Z") == 10 * 1380);
    CHECK(minutes("2025-10-26T12:00:00Z", "2025-11-09T12:00:00Z") == 10 * 1380);
}

TEST_CASE("a market that its table shuts for a year is shut for a year") {
    MarketHolidays holidays;
    const TradingDay first = std::chrono::year(2025) / 1 / 1;
    for (int i = 0; i < 365; ++i)
        holidays.days.push_back(
            {first + std::chrono::days(i), HolidayKind::closed, 0, 0, {}, false, "strike"});
    const MarketCalendar shut_market(Market::cme_energy, es().zone(), holidays);
    const auto span = shut_market.span(at("2025-06-01T12:00:00Z"));
    CHECK(span.shut == Shut::holiday);
    CHECK(format_utc(span.next_open) == "2025-12-31T23:00:00.000Z");
    CHECK(format_utc(UtcTime(span.day.time_since_epoch())) == "2024-12-31T00:00:00.000Z");
}

}  // namespace
}  // namespace bullpen::time
