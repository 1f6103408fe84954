// The months in which calendars went wrong, walked through with the snapshots that a daemon would
// have had on each day.
#include <doctest/doctest.h>

#include "common/events/staleness.hpp"
#include "tests/unit/events/calendars.hpp"

namespace bullpen::events {

using namespace std::chrono_literals;
using namespace test;

namespace {

// What an account with the usual windows is told at a time of New York.
std::string told(const Snapshot& snapshot, std::string_view at,
                 const Overrides* overrides = nullptr) {
    const UtcTime now = ny(at);
    const Timeline line = timeline(&snapshot, {}, now, now + 48h, overrides);
    const Answer answer = line.query(now);
    std::string text(code(answer.standing));
    if (answer.event != nullptr)
        text += " " + answer.event->id;
    return text;
}

bool alarmed(const Snapshot& snapshot, std::string_view at, CalendarAlarm::Kind kind) {
    const UtcTime now = ny(at);
    const auto all = alarms(snapshot.sources, snapshot.coverage, now,
                            std::chrono::floor<std::chrono::days>(now - 5h));
    return std::any_of(all.begin(), all.end(),
                       [&](const CalendarAlarm& alarm) { return alarm.kind == kind; });
}

Event moved(Event event, std::string_view to) {
    event.previous_local = event.local;
    event.local = *parse_local(to);
    event.status = Status::moved;
    ++event.revision;
    (void)resolve(event, new_york());
    return event;
}

}  // namespace

TEST_CASE("October 2013: dates that nobody corrects stay believed for as long as the ladder says") {
    Snapshot before;
    cover_all(before, "2013-01-01", "2013-12-31");
    accepted(before, "bls-ics", ny("2013-09-30T17:00"));
    const Event jobs = event("us.bls.empsit", "2013-09", "2013-10-04T08:30");
    const Event prices = event("us.bls.cpi", "2013-09", "2013-10-16T08:30");
    before.events = {jobs, prices};
    // The site answers nothing from the 1st on. The published day still blocks; nothing came out.
    CHECK(told(before, "2013-10-04T08:30") == "blocked us.bls.empsit:2013-09");
    CHECK_FALSE(alarmed(before, "2013-10-07T16:59", CalendarAlarm::Kind::source_old));
    CHECK(alarmed(before, "2013-10-07T17:00", CalendarAlarm::Kind::source_old));
    CHECK(told(before, "2013-10-16T08:30") == "blocked us.bls.cpi:2013-09");
    // The 17th: the agency is back and says when.
    Snapshot after = before;
    after.sources[0].accepted = ny("2013-10-17T17:00");
    after.events = {moved(jobs, "2013-10-22T08:30"), moved(prices, "2013-10-30T08:30")};
    CHECK(told(after, "2013-10-22T08:30") == "blocked us.bls.empsit:2013-09");
    CHECK(told(after, "2013-10-30T08:30") == "blocked us.bls.cpi:2013-09");
    CHECK(told(after, "2013-10-18T08:30") == "clear");
    CHECK_FALSE(alarmed(after, "2013-10-18T17:00", CalendarAlarm::Kind::source_old));
}

TEST_CASE("October 2025 to February 2026: a report that moves twice, and a year that ends") {
    Snapshot calendar;
    cover_all(calendar, "2025-01-01", "2025-12-31");
    accepted(calendar, "bls-ics", ny("2025-09-30T17:00"));
    const Event jobs = event("us.bls.empsit", "2025-09", "2025-10-03T08:30");
    calendar.events = {jobs};
    CHECK(told(calendar, "2025-10-03T08:30") == "blocked us.bls.empsit:2025-09");
    // 42 days of silence: degraded since the 30th, and the word of the operator moves the CPI.
    CHECK(rung_of(calendar.sources[0], ny("2025-10-30T16:59")) == Rung::alarm);
    CHECK(rung_of(calendar.sources[0], ny("2025-10-30T17:00")) == Rung::degraded);
    Override prices;
    prices.kind = OverrideKind::add;
    prices.id = "us.bls.cpi:2025-09";
    prices.title = "Consumer Price Index";
    prices.currency = "USD";
    prices.local = *parse_local("2025-10-24T08:30");
    prices.zone = "America/New_York";
    prices.utc = ny("2025-10-24T08:30");
    prices.by = "anna";
    prices.reason = "announced on the 10th";
    prices.at = ny("2025-10-10T18:00");
    prices.expires = ny("2025-10-25T00:00");
    const Overrides overrides{{prices}};
    CHECK(told(calendar, "2025-10-24T08:30") == "clear");
    CHECK(told(calendar, "2025-10-24T08:30", &overrides) == "blocked us.bls.cpi:2025-09");
    // Back on November 14: the report of September on the 20th.
    calendar.sources[0].accepted = ny("2025-11-14T17:00");
    calendar.events = {moved(jobs, "2025-11-20T08:30")};
    CHECK(told(calendar, "2025-11-20T08:30") == "blocked us.bls.empsit:2025-09");
    // The next year is not there yet: told from November 27 on, and in January nobody knows.
    CHECK(alarmed(calendar, "2025-11-27T18:00", CalendarAlarm::Kind::coverage_ends));
    calendar.sources[0].accepted = ny("2025-12-31T17:00");
    CHECK(told(calendar, "2025-12-31T12:00") == "clear");
    CHECK(told(calendar, "2026-01-02T12:00") == "unknown");
    CHECK(alarmed(calendar, "2026-01-02T12:00", CalendarAlarm::Kind::coverage_lacks));
    // 2026 is published; on February 2 the report of January moves from the 6th to the 11th.
    cover_all(calendar, "2026-01-01", "2026-12-31");
    calendar.sources[0].accepted = ny("2026-02-02T17:00");
    calendar.events = {
        moved(event("us.bls.empsit", "2026-01", "2026-02-06T08:30"), "2026-02-11T08:30")};
    CHECK(told(calendar, "2026-02-06T08:30") == "clear");
    CHECK(told(calendar, "2026-02-11T08:30") == "blocked us.bls.empsit:2026-01");
}

TEST_CASE("March 2020: two meetings that no calendar had, one of them on a Sunday") {
    Snapshot calendar;
    cover_all(calendar, "2020-01-01", "2020-12-31");
    accepted(calendar, "fed-json", ny("2020-03-02T17:00"));
    const Event planned = event("us.fed.fomc.statement", "2020-03-17", "2020-03-18T14:00");
    calendar.events = {planned};
    CHECK(told(calendar, "2020-03-03T10:00") == "clear");
    // The press release is seen a minute later.
    calendar.events = {event("us.fed.fomc.statement", "x:2020-03-03", "2020-03-03T10:00"), planned};
    CHECK(told(calendar, "2020-03-03T10:01") == "blocked us.fed.fomc.statement:x:2020-03-03");
    CHECK(told(calendar, "2020-03-03T11:00") == "clear");
    calendar.events = {event("us.fed.fomc.statement", "x:2020-03-15", "2020-03-15T17:00"), planned};
    CHECK(told(calendar, "2020-03-15T17:30") == "blocked us.fed.fomc.statement:x:2020-03-15");
    calendar.events[1].status = Status::cancelled;
    CHECK(told(calendar, "2020-03-18T14:00") == "clear");
}

TEST_CASE("at every clock change of ten years the windows stay on the wall clock") {
    for (int year = 2020; year < 2030; ++year) {
        // The second Sunday of March and the first of November.
        using namespace std::chrono;
        for (const Day sunday : {Day(std::chrono::year(year) / March / Sunday[2]),
                                 Day(std::chrono::year(year) / November / Sunday[1])}) {
            const std::string friday = format_day(sunday - days(2));
            const std::string monday = format_day(sunday + days(1));
            Snapshot calendar;
            cover_all(calendar, format_day(sunday - days(10)), format_day(sunday + days(10)));
            calendar.events = {event("us.bls.cpi", "a", friday + "T08:30"),
                               event("us.bls.ppi", "b", monday + "T08:30")};
            const Timeline line =
                timeline(&calendar, {}, ny(friday + "T00:00"), ny(monday + "T23:00"));
            for (const std::string& day : {friday, monday}) {
                CHECK(line.query(ny(day + "T07:59")).standing == Standing::clear);
                CHECK(line.query(ny(day + "T08:00")).standing == Standing::blocked);
                CHECK(line.query(ny(day + "T09:29")).standing == Standing::blocked);
                CHECK(line.query(ny(day + "T09:30")).standing == Standing::clear);
            }
            // The three days between are an hour shorter in spring, an hour longer in autumn.
            const Nanos apart = calendar.events[1].utc - calendar.events[0].utc;
            CHECK(apart == 72h + (sunday > Day(std::chrono::year(year) / July / 1) ? 1h : -1h));
            // And so it is with the times that nobody knows events of.
            const Timeline unknown =
                timeline(nullptr, {}, ny(friday + "T00:00"), ny(monday + "T23:00"));
            CHECK(unknown.query(ny(monday + "T07:59")).entries);
            CHECK_FALSE(unknown.query(ny(monday + "T08:00")).entries);
        }
    }
}

}  // namespace bullpen::events
