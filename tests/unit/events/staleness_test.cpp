#include "common/events/staleness.hpp"

#include <doctest/doctest.h>

#include "tests/unit/events/calendars.hpp"

namespace bullpen::events {

using namespace std::chrono_literals;
using namespace test;

namespace {

// One that was good until the 10th of January.
SourceStatus troubled(std::string name, std::string error, int failures) {
    SourceStatus source;
    source.source = std::move(name);
    source.accepted = utc("2026-01-10T22:00:00Z");
    source.error = std::move(error);
    source.failures = failures;
    return source;
}

}  // namespace

TEST_CASE("a hole in what is to come is an alarm, however far away") {
    Snapshot snapshot;
    cover_all(snapshot, "2026-01-01", "2026-08-31");
    const UtcTime now = utc("2026-03-01T12:00:00Z");
    const auto of = [&] {
        return alarms(snapshot.sources, snapshot.coverage, now, *parse_day("2026-03-01"));
    };
    CHECK(of().empty());
    snapshot.coverage.push_back({"us.bls.empsit", *parse_day("2026-10-01"),
                                 *parse_day("2026-12-31"), "bls-ics", now, true});
    const auto all = of();
    REQUIRE(all.size() == 1);
    CHECK(all[0].kind == CalendarAlarm::Kind::coverage_ends);
    CHECK(all[0].subject == "us.bls.empsit");
    CHECK(all[0].sentence.find("from 2026-09-01 to 2026-09-30") != std::string::npos);
}

TEST_CASE("a source climbs the ladder at 2, 7, 30 and 60 days, to the nanosecond") {
    SourceStatus source;
    source.source = "bls-ics";
    const UtcTime accepted = utc("2026-01-10T22:00:00Z");
    source.accepted = accepted;
    struct Row {
        Nanos age;
        Rung rung;
    };
    for (const Row& row : {Row{-24h, Rung::fresh},
                           {0h, Rung::fresh},
                           {48h - 1ns, Rung::fresh},
                           {48h, Rung::warning},
                           {7 * 24h - 1ns, Rung::warning},
                           {7 * 24h, Rung::alarm},
                           {30 * 24h - 1ns, Rung::alarm},
                           {30 * 24h, Rung::degraded},
                           {60 * 24h - 1ns, Rung::degraded},
                           {60 * 24h, Rung::expired},
                           {4000 * 24h, Rung::expired}}) {
        CHECK(rung_of(source, accepted + row.age) == row.rung);
        const auto next = next_rung(source, accepted + row.age);
        REQUIRE(next.has_value() == (row.rung != Rung::expired));
        if (next) {
            CHECK(rung_of(source, *next) > row.rung);
            CHECK(rung_of(source, *next - 1ns) == row.rung);
        }
    }
    source.accepted.reset();
    CHECK(rung_of(source, accepted) == Rung::never);
    CHECK_FALSE(next_rung(source, accepted));
}

TEST_CASE("a source that failed three times is told before it is old") {
    auto source = troubled("bls-ics", "status 403", 2);
    const UtcTime now = *source.accepted + 72h;
    Snapshot snapshot;
    cover_all(snapshot, "2026-01-01", "2026-12-31");
    const Day today = *parse_day("2026-01-13");
    CHECK(alarms({source}, snapshot.coverage, now, today).empty());
    source.failures = 3;
    const auto told = alarms({source}, snapshot.coverage, now, today);
    REQUIRE(told.size() == 1);
    CHECK(told[0].kind == CalendarAlarm::Kind::source_failing);
    CHECK(told[0].sentence == "bls-ics failed 3 times in a row or more: status 403");
    // With each further one it is the same alarm.
    source.failures = 4;
    CHECK(added(told, alarms({source}, snapshot.coverage, now, today)).empty());
}

TEST_CASE("a body that is not believed is told at once") {
    auto source = troubled("fomc-html", "the layout changed", 1);
    source.refused = true;
    Snapshot snapshot;
    cover_all(snapshot, "2026-01-01", "2026-12-31");
    const auto told =
        alarms({source}, snapshot.coverage, *source.accepted + 24h, *parse_day("2026-01-11"));
    REQUIRE(told.size() == 1);
    CHECK(told[0].kind == CalendarAlarm::Kind::source_failing);
    CHECK(told[0].sentence ==
          "fomc-html gives what is not believed, and what it said before counts: the layout "
          "changed");
    const auto read = decode_source(encode(source));
    REQUIRE(read);
    CHECK(*read == source);
}

TEST_CASE("an alarm about an event names it where it stands alone") {
    CHECK(told({CalendarAlarm::Kind::disagreement, "us.bls.cpi:2026-11", "two times"}) ==
          "us.bls.cpi:2026-11: two times");
    CHECK(told({CalendarAlarm::Kind::source_old, "bls-ics", "bls-ics is old"}) == "bls-ics is old");
}

TEST_CASE("days that nobody states are told by series, holes and all") {
    Snapshot snapshot;
    const UtcTime now = utc("2026-03-01T12:00:00Z");
    accepted(snapshot, "bls-ics", now);
    const auto states = [&](const char* series, const char* from, const char* to) {
        snapshot.coverage.push_back(
            {series, *parse_day(from), *parse_day(to), "bls-ics", now, true});
    };
    states("us.bls.cpi", "2026-01-01", "2026-03-31");
    states("us.bls.cpi", "2026-05-01", "2026-05-31");
    states("us.bls.ppi", "2026-01-01", "2026-12-31");
    const auto from = *parse_day("2026-03-01");
    const auto to = *parse_day("2026-06-30");
    const std::vector<std::string> series{"us.bls.cpi", "us.bls.ppi", "us.bea.pce"};
    const auto april = *parse_day("2026-04-01");
    CHECK(unstated(snapshot, series, now, from, to) ==
          std::vector<Unstated>{{"us.bls.cpi", april, *parse_day("2026-04-30")},
                                {"us.bls.cpi", *parse_day("2026-06-01"), to},
                                {"us.bea.pce", from, to}});
    CHECK(unstated(snapshot, series, now, to, from).empty());
    // A source that is not believed for its age says nothing, either.
    CHECK(unstated(snapshot, {"us.bls.ppi"}, now + 61 * 24h, from, to) ==
          std::vector<Unstated>{{"us.bls.ppi", from, to}});
}

TEST_CASE("coverage that ends within 35 days is told, every December") {
    Snapshot snapshot;
    cover_all(snapshot, "2026-01-01", "2026-12-31");
    accepted(snapshot, "bls-ics", utc("2026-11-25T22:00:00Z"));
    const UtcTime now = utc("2026-11-26T22:00:00Z");
    CHECK(alarms(snapshot.sources, snapshot.coverage, now, *parse_day("2026-11-26")).empty());
    const auto told = alarms(snapshot.sources, snapshot.coverage, now, *parse_day("2026-11-27"));
    CHECK(told.size() == snapshot.coverage.size());
    CHECK(told[0].kind == CalendarAlarm::Kind::coverage_ends);
    CHECK(told[0].sentence == "us.bea.gdp.adv is known up to 2026-12-31 only");
    const auto lacks = alarms(snapshot.sources, snapshot.coverage, now, *parse_day("2027-01-01"));
    CHECK(lacks[0].kind == CalendarAlarm::Kind::coverage_lacks);
}

TEST_CASE("where nobody may be asked, ages and coverage are left out, and what was found is not") {
    Snapshot snapshot;
    cover_all(snapshot, "2026-01-01", "2026-12-31");
    accepted(snapshot, "bls-ics", utc("2026-01-25T22:00:00Z"));
    snapshot.sources[0].failures = 3;
    const UtcTime now = utc("2026-12-26T22:00:00Z");
    snapshot.alarms = {{now, {CalendarAlarm::Kind::urgent, "us.bls.cpi:2026-11", "moved"}}};
    CHECK(host_alarms(snapshot, now, "2026e").size() > 2);
    const auto left = without_ages(host_alarms(snapshot, now, "2024a"));
    REQUIRE(left.size() == 2);
    CHECK(left[0].kind == CalendarAlarm::Kind::urgent);
    CHECK(left[1].kind == CalendarAlarm::Kind::tzdata_old);
}

TEST_CASE("61 days without network: states and alarms climb as they should, day by day") {
    Snapshot snapshot;
    const UtcTime last = ny("2026-03-02T17:00");
    cover_all(snapshot, "2026-01-01", "2026-12-31");
    accepted(snapshot, "bls-ics", last);
    // The CPI two months later.
    snapshot.events = {event("us.bls.cpi", "2026-04", "2026-05-12T08:30"),
                       event("us.fed.fomc.statement", "2026-06-16", "2026-06-17T14:00")};
    const config::EventSettings settings;
    const Timeline line = timeline(&snapshot, settings, last, last + 24h * 200);
    std::vector<std::string> story;
    for (int day = 0; day <= 61; ++day) {
        const UtcTime now = last + 24h * day;
        const auto told = alarms(snapshot.sources, snapshot.coverage, now,
                                 std::chrono::floor<std::chrono::days>(now));
        const std::string line_of_day = std::string(code(rung_of(snapshot.sources[0], now))) +
                                        (told.empty() ? "" : " " + told[0].subject) + " " +
                                        std::string(code(line.query(now).standing)) +
                                        (line.query(now).entries ? "" : " aside");
        if (story.empty() || !story.back().ends_with(line_of_day))
            story.push_back(std::to_string(day) + " " + line_of_day);
    }
    CHECK(story == std::vector<std::string>{"0 fresh clear", "2 warning clear",
                                            "7 alarm bls-ics clear", "30 degraded bls-ics clear",
                                            "60 expired bls-ics unknown aside"});
    // Then nothing is answered any more, and the events that are known still count.
    CHECK(line.query(ny("2026-05-06T12:00")).why == "nothing was fetched for 60 days");
    CHECK(line.query(ny("2026-05-12T08:30")).standing == Standing::blocked);
    CHECK(line.query(ny("2026-06-17T14:00")).standing == Standing::blocked);
    // Who minds only the FOMC is told as before: its dates are known long in advance.
    config::EventSettings fomc;
    fomc.windows = {"fomc: 30 min before, 60 min after, block_entries"};
    CHECK(
        timeline(&snapshot, fomc, last, last + 24h * 200).query(ny("2026-06-01T12:00")).standing ==
        Standing::clear);
}

TEST_CASE("after 60 days an operator's word opens all but the hours in which prices come out") {
    Snapshot snapshot;
    const UtcTime last = ny("2026-03-02T17:00");
    cover_all(snapshot, "2026-01-01", "2026-12-31");
    accepted(snapshot, "bls-ics", last);
    Override word;
    word.kind = OverrideKind::acknowledge;
    word.by = "anna";
    word.reason = "looked it up";
    word.at = ny("2026-05-07T09:00");
    word.expires = ny("2026-05-16T09:00");
    const Overrides overrides{{word}};
    const AccountRules rules = *AccountRules::from({});
    Timeline::Input input{&snapshot, &overrides,        &rules, &new_york(), word.at,
                          word.at,   word.at + 24h * 20};
    const Timeline line = Timeline::build(input);
    for (const auto& moment : {std::pair{"2026-05-08T08:30", true},
                               {"2026-05-11T08:24", true},
                               {"2026-05-11T08:25", false},
                               {"2026-05-11T08:44", false},
                               {"2026-05-11T08:45", true},
                               {"2026-05-11T09:58", false},
                               {"2026-05-11T10:05", true},
                               {"2026-05-09T08:30", true},
                               {"2026-05-15T23:59", true},
                               {"2026-05-16T09:00", false},
                               {"2026-05-18T12:00", false}}) {
        const std::string text = moment.first;
        CAPTURE(text);
        CHECK(line.query(ny(text)).entries == moment.second);
        CHECK(line.query(ny(text)).standing == Standing::unknown);
    }
}

TEST_CASE("time-zone data is old after a year, and when nobody knows of when it is") {
    CHECK_FALSE(tzdata_old("2026a", utc("2026-11-21T00:00:00Z")));
    CHECK_FALSE(tzdata_old("2025f", utc("2026-10-20T00:00:00Z")));
    CHECK(tzdata_old("2025b", utc("2026-11-21T00:00:00Z")));
    CHECK(tzdata_old("unknown", utc("2026-11-21T00:00:00Z")));
    CHECK(tzdata_old("", utc("2026-11-21T00:00:00Z")));
}

}  // namespace bullpen::events
