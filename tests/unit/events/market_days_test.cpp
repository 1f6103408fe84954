#include "common/events/market_days.hpp"

#include <doctest/doctest.h>

#include <deque>

#include "common/time/market_calendar.hpp"
#include "tests/unit/events/calendars.hpp"

namespace bullpen::events {

using namespace test;
using time::Market;

namespace {

time::DayHours hours(const time::HolidayTable& table, Market market, std::string_view day) {
    // The hours of a day name their holiday in the calendar's own table.
    static std::deque<time::MarketCalendar> kept;
    return kept.emplace_back(*time::MarketCalendar::load(market, table)).hours(*parse_day(day));
}

time::HolidayTable completed(const Snapshot* snapshot = nullptr, const Overrides& overrides = {}) {
    auto table = time::HolidayTable::built_in();
    complete(table, snapshot, overrides, utc("2026-11-21T12:00:00Z"));
    return table;
}

Event exchange_holiday(std::string_view day, std::vector<std::string> tags) {
    Event made;
    made.id = event_id("in.nse.holiday", day);
    made.series = "in.nse.holiday";
    made.title = "Holi";
    made.local = *parse_local(day);
    made.zone = "Asia/Kolkata";
    made.precision = Precision::date;
    made.tags = std::move(tags);
    return made;
}

}  // namespace

TEST_CASE("where there is a rule the days after the table are known, elsewhere nobody knows them") {
    const auto table = completed();
    for (const Market market : {Market::cme_equity_index, Market::cme_fx, Market::cme_metals,
                                Market::cme_energy, Market::cme_rates, Market::nyse}) {
        CAPTURE(time::code(market));
        CHECK(hours(table, market, "2030-12-25").covered);
        CHECK(hours(table, market, "2030-12-25").count == 0);
    }
    CHECK_FALSE(hours(table, Market::nse_cash, "2027-01-26").covered);
    CHECK_FALSE(hours(table, Market::nse_derivatives, "2027-01-26").covered);
}

TEST_CASE("Good Friday follows the calendar's day of the employment report, else its rule") {
    // By the rule the report of March 2029 is on April 6; Good Friday is March 30.
    CHECK(hours(completed(), Market::cme_equity_index, "2029-03-30").count == 0);
    Snapshot snapshot;
    snapshot.events = {event("us.bls.empsit", "2029-02", "2029-03-30T08:30")};
    const auto moved = completed(&snapshot);
    CHECK(hours(moved, Market::cme_equity_index, "2029-03-30").early_close());
    CHECK(hours(moved, Market::nyse, "2029-03-30").count == 0);
    // 2028-04-14 is no day of a report by any rule; an operator says that it is.
    Override entry;
    entry.kind = OverrideKind::add;
    entry.id = "us.bls.empsit:2028-03";
    entry.local = *parse_local("2028-04-14T08:30");
    entry.utc = ny("2028-04-14T08:30");
    entry.expires = utc("2028-05-01T00:00:00Z");
    CHECK(hours(completed(), Market::cme_equity_index, "2028-04-14").count == 0);
    CHECK(hours(completed(nullptr, {{entry}}), Market::cme_equity_index, "2028-04-14").count == 1);
}

TEST_CASE("the exchange's own list shuts its days and says for which year it speaks") {
    Snapshot snapshot;
    snapshot.events = {exchange_holiday("2026-12-16", {"cm", "fo", "market_closed"}),
                       exchange_holiday("2027-03-22", {"cm", "market_closed"})};
    snapshot.coverage = {{"in.nse.holiday", *parse_day("2026-01-01"), *parse_day("2027-12-31"),
                          "nse-holidays", utc("2026-11-20T00:00:00Z"), true}};
    const auto table = completed(&snapshot);
    CHECK(hours(table, Market::nse_cash, "2026-12-16").count == 0);
    CHECK(hours(table, Market::nse_derivatives, "2026-12-16").count == 0);
    CHECK(hours(table, Market::nse_cash, "2027-03-22").count == 0);
    CHECK(hours(table, Market::nse_derivatives, "2027-03-22").count == 1);
    CHECK(hours(table, Market::nse_cash, "2027-03-23").covered);
    CHECK_FALSE(hours(table, Market::nse_cash, "2028-01-03").covered);
    // What the table has stays: a special session is no holiday of the list.
    CHECK(hours(table, Market::nse_cash, "2026-02-01").count == 1);
}

TEST_CASE("Good Friday follows the calendar also in the years of the built-in table") {
    const auto in = [](int year, const char* id, const char* local) {
        Override entry;
        entry.kind = OverrideKind::add;
        entry.id = id;
        entry.local = *parse_local(local);
        entry.utc = ny(local);
        entry.at = utc("2026-11-20T12:00:00Z");
        entry.expires = utc(std::to_string(year) + "-12-01T00:00:00Z");
        return completed(nullptr, {{entry}});
    };
    CHECK(hours(completed(), Market::cme_equity_index, "2027-03-26").count == 0);
    const auto table = in(2027, "us.bls.empsit:x:2027-03-26", "2027-03-26T08:30");
    CHECK(hours(table, Market::cme_equity_index, "2027-03-26").early_close());
    CHECK(hours(table, Market::nyse, "2027-03-26").count == 0);
    // An operator's own row stays.
    auto own = time::HolidayTable::built_in();
    for (time::Holiday& row :
         own.markets.at(static_cast<std::size_t>(Market::cme_equity_index)).days) {
        if (row.day == *parse_day("2027-03-26"))
            row.name = "ours";
    }
    Snapshot snapshot;
    snapshot.events = {event("us.bls.empsit", "2027-02", "2027-03-26T08:30")};
    complete(own, &snapshot, {}, utc("2026-11-21T12:00:00Z"));
    CHECK(hours(own, Market::cme_equity_index, "2027-03-26").count == 0);
}

TEST_CASE("a holiday to come that the exchange's list took away is a trading day") {
    Snapshot snapshot;
    // All that is left of the year, but for the 24th of November.
    for (const char* const day : {"2026-12-25"})
        snapshot.events.push_back(exchange_holiday(day, {"cm", "fo", "market_closed"}));
    CHECK(hours(completed(&snapshot), Market::nse_cash, "2026-11-24").count == 0);
    snapshot.coverage = {{"in.nse.holiday", *parse_day("2026-01-01"), *parse_day("2026-12-31"),
                          "nse-holidays", utc("2026-11-20T00:00:00Z"), true}};
    const auto table = completed(&snapshot);
    CHECK(hours(table, Market::nse_cash, "2026-11-24").count == 1);
    CHECK(hours(table, Market::nse_derivatives, "2026-11-24").count == 1);
    CHECK(hours(table, Market::nse_cash, "2026-12-25").count == 0);
    // What is over is as it was.
    CHECK(hours(table, Market::nse_cash, "2026-11-10").count == 0);
}

TEST_CASE("an operator's word lies over rule and table") {
    Override entry;
    entry.kind = OverrideKind::market_closed;
    entry.market = Market::nyse;
    entry.day = *parse_day("2026-12-10");
    entry.reason = "a day of mourning";
    entry.expires = utc("2026-12-12T00:00:00Z");
    CHECK(hours(completed(), Market::nyse, "2026-12-10").count == 1);
    const auto table = completed(nullptr, {{entry}});
    const auto calendar = time::MarketCalendar::load(Market::nyse, table);
    const auto closed = calendar->hours(*parse_day("2026-12-10"));
    CHECK(closed.count == 0);
    REQUIRE(closed.holiday != nullptr);
    CHECK(closed.holiday->name == "a day of mourning");
}

}  // namespace bullpen::events
