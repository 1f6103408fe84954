#include "common/events/blackout.hpp"

#include <doctest/doctest.h>

#include <algorithm>

#include "common/config/event_names.hpp"
#include "tests/unit/events/calendars.hpp"

namespace bullpen::events {

using namespace std::chrono_literals;
using namespace test;

namespace {

Snapshot one_week() {
    Snapshot snapshot;
    cover_all(snapshot, "2026-01-01", "2026-12-31");
    accepted(snapshot, "bls-ics", ny("2026-12-01T17:00"));
    snapshot.events = {event("us.bls.empsit", "2026-11", "2026-12-04T08:30"),
                       event("us.fed.fomc.statement", "2026-12-08", "2026-12-09T14:00"),
                       event("us.fed.fomc.presser", "2026-12-08", "2026-12-09T14:30"),
                       event("us.bls.cpi", "2026-11", "2026-12-10T08:30")};
    return snapshot;
}

struct Case {
    Snapshot snapshot = one_week();
    config::EventSettings settings;
    Overrides overrides;
    UtcTime from = ny("2026-12-02T00:00");
    UtcTime to = ny("2026-12-30T00:00");

    [[nodiscard]] Timeline line() const {
        return timeline(&snapshot, settings, from, to, &overrides);
    }
};

}  // namespace

TEST_CASE("an account stands aside from 30 minutes before to 60 after, to the nanosecond") {
    const Case c;
    const Timeline line = c.line();
    const UtcTime release = ny("2026-12-04T08:30");
    CHECK(line.query(release - 30min - 1ns).standing == Standing::clear);
    CHECK(line.query(release - 30min - 1ns).entries);
    const Answer answer = line.query(release - 30min);
    CHECK(answer.standing == Standing::blocked);
    CHECK_FALSE(answer.entries);
    REQUIRE(answer.event != nullptr);
    CHECK(answer.event->id == "us.bls.empsit:2026-11");
    CHECK(answer.from == release - 30min);
    CHECK(answer.to == release + 60min);
    CHECK(line.query(release + 60min - 1ns).standing == Standing::blocked);
    CHECK(line.query(release + 60min).standing == Standing::clear);
}

TEST_CASE("windows that overlap are one stretch, named by what is most important in each part") {
    const Case c;
    const Timeline line = c.line();
    const Answer first = line.query(ny("2026-12-09T13:45"));
    CHECK(first.from == ny("2026-12-09T13:30"));
    CHECK(first.to == ny("2026-12-09T15:30"));
    CHECK(first.event->series == "us.fed.fomc.statement");
    const Answer last = line.query(ny("2026-12-09T15:15"));
    CHECK(last.from == ny("2026-12-09T13:30"));
    CHECK(last.to == ny("2026-12-09T15:30"));
    CHECK(last.event->series == "us.fed.fomc.presser");
}

TEST_CASE("the most particular window counts, and actions of open windows add up") {
    Case c;
    c.settings.windows = {"high: 30 min before, 60 min after, block_entries",
                          "cpi: 2 min before, 2 min after, flatten",
                          "us.fed.fomc.presser: 60 min before, 10 min after, cancel_resting",
                          "fomc: 10 min before, 40 min after, forbid_modifications"};
    const Timeline line = c.line();
    CHECK(line.query(ny("2026-12-10T08:27")).standing == Standing::clear);
    CHECK(line.query(ny("2026-12-10T08:28")).actions == config::EventActions{.flatten = true});
    CHECK(line.query(ny("2026-12-10T08:32")).standing == Standing::clear);
    CHECK(line.query(ny("2026-12-09T13:35")).actions ==
          config::EventActions{.cancel_resting = true});
    CHECK(line.query(ny("2026-12-09T13:55")).actions ==
          config::EventActions{.cancel_resting = true, .forbid_modifications = true});
    CHECK(line.query(ny("2026-12-04T08:05")).actions == config::EventActions{});
}

TEST_CASE("events of other currencies or of less importance than asked for do not count") {
    Case c;
    Event other = event("ff.eur.ecb_rate", "2026-12-17", "2026-12-17T08:15");
    other.importance = 3;
    other.currency = "EUR";
    c.snapshot.events.push_back(other);
    CHECK(c.line().query(other.utc).standing == Standing::clear);
    c.settings.currencies = {"USD", "EUR"};
    c.snapshot.coverage.push_back({"ff.eur", *parse_day("2026-12-13"), *parse_day("2026-12-19"),
                                   "forexfactory-json", utc("2026-12-13T22:00:00Z"), false});
    CHECK(c.line().query(other.utc).standing == Standing::blocked);
    c.settings.currencies.clear();
    CHECK(c.line().query(other.utc).standing == Standing::blocked);
    c.snapshot.events.back().importance = 2;
    CHECK(c.line().query(other.utc).standing == Standing::clear);
    c.settings.windows.emplace_back("medium: 5 min before, 5 min after, block_entries");
    CHECK(c.line().query(other.utc).standing == Standing::blocked);
}

TEST_CASE("who names a class or a currency that nobody states is told that it is unknown") {
    Case c;
    const UtcTime noon = ny("2026-12-14T12:00");
    c.settings.windows = {"fomc_minutes: 30 min before, 60 min after, block_entries"};
    CHECK(c.line().query(noon).standing == Standing::unknown);
    c.snapshot.coverage.push_back({"us.fed.fomc.minutes", *parse_day("2026-12-01"),
                                   *parse_day("2026-12-31"), "fed-json",
                                   utc("2026-12-01T22:00:00Z"), true});
    CHECK(c.line().query(noon).standing == Standing::clear);
    // Who minds what is important does not wait for the minutes.
    c.snapshot.coverage.pop_back();
    c.settings = {};
    CHECK(c.line().query(noon).standing == Standing::clear);
    c.settings.currencies = {"EUR"};
    CHECK(c.line().query(noon).standing == Standing::unknown);
    CHECK_FALSE(c.line().query(ny("2026-12-14T10:00")).entries);
    c.settings.currencies = {"USD", "EUR"};
    CHECK(c.line().query(noon).standing == Standing::unknown);
    c.snapshot.coverage.push_back({"ff.eur", *parse_day("2026-12-13"), *parse_day("2026-12-18"),
                                   "forexfactory-json", utc("2026-12-13T22:00:00Z"), false});
    CHECK(c.line().query(noon).standing == Standing::clear);
    CHECK(c.line().query(ny("2026-12-21T12:00")).standing == Standing::unknown);
}

TEST_CASE("at an unknown time no entries are made, and nothing is closed for it") {
    config::EventSettings settings;
    settings.windows = {"high: 30 min before, 60 min after, flatten, cancel_resting, reduce"};
    const Timeline line =
        timeline(nullptr, settings, ny("2026-11-20T00:00"), ny("2026-12-01T00:00"));
    const Answer answer = line.query(ny("2026-11-20T08:30"));
    CHECK(answer.standing == Standing::unknown);
    CHECK_FALSE(answer.entries);
    CHECK(answer.actions == config::EventActions{});
}

TEST_CASE("every name of series.hpp may stand in a window, and no other one") {
    std::vector<std::string> names{"high", "medium", "low", "other"};
    for (const Series& series : all_series()) {
        names.emplace_back(series.name);
        names.emplace_back(series.event_class);
    }
    std::sort(names.begin(), names.end());
    names.erase(std::unique(names.begin(), names.end()), names.end());
    const auto known = config::event_names();
    std::vector<std::string> sorted(known.begin(), known.end());
    std::sort(sorted.begin(), sorted.end());
    CHECK(sorted == names);
}

TEST_CASE("what an account waits for a statement of can be stated by some source, or is built in") {
    config::CalendarSettings all;
    all.sources.emplace_back("forexfactory-json");
    config::CalendarSettings none;
    none.sources.clear();
    for (const auto name : config::event_names()) {
        CAPTURE(name);
        config::EventSettings settings;
        settings.windows = {std::string(name) + ": 5 min before, 5 min after, block_entries"};
        const auto rules = AccountRules::from(settings);
        REQUIRE(rules);
        const auto minded = minded_series(*rules);
        const bool waits = std::any_of(minded.begin(), minded.end(), [](const auto& series) {
            // Its dates are built in.
            return series != "us.fed.fomc.statement" && series != "us.fed.fomc.presser";
        });
        CHECK(config::unstatable(settings, all).empty());
        CHECK(config::unstatable(settings, none).empty() != waits);
    }
    config::EventSettings euro;
    euro.currencies = {"EUR"};
    CHECK(config::unstatable(euro, {}).size() == 1);
    CHECK(config::unstatable(euro, all).empty());
    euro.enabled = false;
    CHECK(config::unstatable(euro, {}).empty());
}

TEST_CASE("a cancelled event keeps nobody from trading, an unconfirmed and an estimated one do") {
    for (const auto& [status, standing] : {std::pair{Status::cancelled, Standing::clear},
                                           {Status::unconfirmed, Standing::blocked},
                                           {Status::estimated, Standing::blocked},
                                           {Status::released, Standing::blocked}}) {
        Case c;
        c.snapshot.events[0].status = status;
        CHECK(c.line().query(ny("2026-12-04T08:30")).standing == standing);
    }
}

TEST_CASE("when two official sources disagree, both times count") {
    Case c;
    Event& cpi = c.snapshot.events[3];
    cpi.other_times = {{*parse_local("2026-12-11T08:30"), cpi.zone, ny("2026-12-11T08:30"), "x"}};
    const Timeline line = c.line();
    CHECK(line.query(ny("2026-12-10T08:30")).standing == Standing::blocked);
    CHECK(line.query(ny("2026-12-11T08:30")).standing == Standing::blocked);
    CHECK(line.query(ny("2026-12-11T08:30")).event->id == cpi.id);
}

TEST_CASE("an event of which only the day is known blocks all of it") {
    Case c;
    Event& cpi = c.snapshot.events[3];
    cpi.precision = Precision::date;
    cpi.local = *parse_local("2026-12-10");
    (void)resolve(cpi, new_york());
    const Timeline line = c.line();
    CHECK(line.query(ny("2026-12-10T00:00")).standing == Standing::blocked);
    CHECK(line.query(ny("2026-12-10T23:59")).standing == Standing::blocked);
    CHECK(line.query(ny("2026-12-11T00:00")).standing == Standing::clear);
}

TEST_CASE("outside of stated coverage the answer is unknown, and the settings say what follows") {
    Case c;
    for (SeriesCoverage& row : c.snapshot.coverage) {
        if (row.series == "us.bls.ppi")
            row.to = *parse_day("2026-12-13");
    }
    const UtcTime monday = ny("2026-12-14T12:00");
    const UtcTime slot = ny("2026-12-14T10:30");
    struct Row {
        config::OnUnknown on_unknown;
        bool entries;
        bool entries_in_slot;
    };
    for (const Row& row :
         {Row{config::OnUnknown::slots, true, false}, Row{config::OnUnknown::block, false, false},
          Row{config::OnUnknown::trade, true, true}}) {
        c.settings.on_unknown = row.on_unknown;
        const Timeline line = c.line();
        CHECK(line.query(ny("2026-12-13T12:00")).standing == Standing::clear);
        CHECK(line.query(monday).standing == Standing::unknown);
        CHECK(line.query(monday).why == "no source states the events of this day");
        CHECK(line.query(monday).entries == row.entries);
        CHECK(line.query(slot).entries == row.entries_in_slot);
        // What is known still counts.
        CHECK(line.query(ny("2026-12-09T14:00")).standing == Standing::blocked);
    }
    // An account that minds only the FOMC does not need that statement.
    c.settings.windows = {"fomc: 30 min before, 60 min after, block_entries"};
    CHECK(c.line().query(monday).standing == Standing::clear);
}

TEST_CASE("the slots of days that nobody knows are on business days around the usual times") {
    config::EventSettings settings;
    const Timeline line =
        timeline(nullptr, settings, ny("2026-11-20T00:00"), ny("2026-12-01T00:00"));
    CHECK(line.query(ny("2026-11-20T12:00")).why == "there is no calendar");
    CHECK(line.query(ny("2026-11-20T12:00")).entries);
    for (const auto& moment : {std::pair{"2026-11-20T07:59", true},
                               {"2026-11-20T08:00", false},
                               {"2026-11-20T09:29", false},
                               {"2026-11-20T10:59", false},
                               {"2026-11-20T11:00", true},
                               {"2026-11-20T13:30", false},
                               {"2026-11-20T14:59", false},
                               {"2026-11-20T15:00", true},
                               {"2026-11-21T10:00", true},
                               {"2026-11-26T10:00", true},
                               {"2026-11-27T10:00", false}}) {
        const std::string text = moment.first;
        CAPTURE(text);
        const Answer answer = line.query(ny(text));
        CHECK(answer.entries == moment.second);
        CHECK(answer.standing == Standing::unknown);
    }
    // 8:00 to 11:00 is one stretch: two slots that touch.
    CHECK(line.query(ny("2026-11-20T09:00")).from == ny("2026-11-20T08:00"));
    CHECK(line.query(ny("2026-11-20T09:00")).to == ny("2026-11-20T11:00"));
}

TEST_CASE("an account that minds no events is always clear") {
    Case c;
    c.settings.enabled = false;
    CHECK(c.line().query(ny("2026-12-09T14:00")).standing == Standing::clear);
    CHECK(timeline(nullptr, c.settings, c.from, c.to).query(c.from).entries);
    c.settings.enabled = true;
    c.settings.windows.clear();
    CHECK(c.line().query(ny("2026-12-09T14:00")).standing == Standing::clear);
}

TEST_CASE("a timeline says unknown about times that it was not built for") {
    const Case c;
    const Timeline line = c.line();
    CHECK(line.query(c.from).standing == Standing::clear);
    for (const UtcTime at : {c.from - 1ns, c.to, UtcTime{}, UtcTime::max()}) {
        CHECK(line.query(at).standing == Standing::unknown);
        CHECK_FALSE(line.query(at).entries);
    }
    CHECK(Timeline().query(c.from).standing == Standing::unknown);
    CHECK_FALSE(Timeline().query(c.from).entries);
}

TEST_CASE("the next window is found from before, within and after one") {
    const Case c;
    const Timeline line = c.line();
    const auto first = line.next_block(c.from);
    REQUIRE(first);
    CHECK(first->event->series == "us.bls.empsit");
    const auto second = line.next_block(ny("2026-12-04T08:30"));
    REQUIRE(second);
    CHECK(second->from == ny("2026-12-09T13:30"));
    CHECK_FALSE(line.next_block(ny("2026-12-10T09:00")));
}

TEST_CASE("overrides move, cancel and add while they last") {
    Case c;
    const auto entry = [&](OverrideKind kind, std::string id, std::string_view local = {}) {
        Override made;
        made.kind = kind;
        made.by = "anna";
        made.reason = "the agency announced it";
        made.at = c.from;
        made.expires = c.to;
        made.id = std::move(id);
        if (!local.empty()) {
            made.local = *parse_local(local);
            made.zone = "America/New_York";
            made.utc = ny(local);
            made.title = "Emergency";
        }
        c.overrides.entries.push_back(made);
    };
    entry(OverrideKind::move, "us.bls.cpi:2026-11", "2026-12-11T10:00");
    entry(OverrideKind::cancel, "us.bls.empsit:2026-11");
    entry(OverrideKind::add, "us.fed.fomc.statement:x:2026-12-06", "2026-12-06T17:00");
    entry(OverrideKind::cancel, "us.bls.ppi:2026-11");  // which is not there
    const Timeline line = c.line();
    CHECK(line.query(ny("2026-12-10T08:30")).standing == Standing::clear);
    CHECK(line.query(ny("2026-12-11T10:00")).standing == Standing::blocked);
    CHECK(line.query(ny("2026-12-04T08:30")).standing == Standing::clear);
    CHECK(line.query(ny("2026-12-06T17:00")).event->title == "Emergency");
    for (Override& made : c.overrides.entries)
        made.expires = c.from;
    CHECK(c.line().query(ny("2026-12-10T08:30")).standing == Standing::blocked);
    CHECK(c.line().query(ny("2026-12-06T17:00")).standing == Standing::clear);
}

}  // namespace bullpen::events
