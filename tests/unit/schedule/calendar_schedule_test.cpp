#include "supervisor/schedule/calendar_schedule.hpp"

#include <doctest/doctest.h>

#include <string>

namespace bullpen::schedule {

namespace {

using namespace std::chrono_literals;

const time::Zone& new_york() {
    static const time::Zone zone = *time::Zone::load("America/New_York");
    return zone;
}

UtcTime utc(std::string_view text) {
    return *parse_utc(text);
}

// A daemon that looks every `step` and whose runs take a minute.
struct Walk {
    CalendarSchedule schedule;
    FakeClock clock;
    bool runs_end_well = true;
    std::string told;

    struct Times {
        Every every = Every::day;
        Nanos watch_every{};
    };
    explicit Walk(std::string_view begin, Times times, CalendarMemory memory = {})
        : schedule({times.every, 17h, new_york()}, times.watch_every, memory) {
        clock.set_utc(utc(begin));
    }
    void look() {
        const auto run = schedule.due(clock.now());
        if (!run)
            return;
        told += std::string(told.empty() ? "" : " ") + std::string(code(*run)) + "@" +
                format_utc(clock.utc()).substr(5, 11);
        schedule.begun(*run, clock.now());
        CHECK_FALSE(schedule.due(clock.now()));
        clock.advance(1min);
        schedule.ended(runs_end_well, clock.now());
    }
    void until(std::string_view end, Nanos step = 1min) {
        while (clock.utc() < utc(end)) {
            look();
            clock.advance(step);
        }
    }
    void restart() {
        schedule = CalendarSchedule({Every::day, 17h, new_york()}, Nanos{}, schedule.memory());
    }
};

CalendarMemory served_at(std::string_view at) {
    return {utc(at), utc(at)};
}

}  // namespace

TEST_CASE("every day at 17:00 of New York, through both clock changes and the year's end") {
    Walk spring("2026-03-06T22:30:00Z", {}, served_at("2026-03-06T22:00:00Z"));
    spring.until("2026-03-10T00:00:00Z");
    CHECK(spring.told == "refresh@03-07T22:00 refresh@03-08T21:00 refresh@03-09T21:00");
    Walk autumn("2026-10-30T21:30:00Z", {}, served_at("2026-10-30T21:00:00Z"));
    autumn.until("2026-11-03T00:00:00Z");
    CHECK(autumn.told == "refresh@10-31T21:00 refresh@11-01T22:00 refresh@11-02T22:00");
    Walk winter("2026-12-30T22:30:00Z", {}, served_at("2026-12-30T22:00:00Z"));
    winter.until("2027-01-03T00:00:00Z");
    CHECK(winter.told == "refresh@12-31T22:00 refresh@01-01T22:00 refresh@01-02T22:00");
}

TEST_CASE("on the 1st of each month") {
    Walk walk("2026-01-02T00:00:00Z", {.every = Every::month}, served_at("2026-01-01T22:00:00Z"));
    walk.until("2026-06-30T00:00:00Z", 7min);
    CHECK(walk.told ==
          "refresh@02-01T22:00 refresh@03-01T22:01 refresh@04-01T21:05 "
          "refresh@05-01T21:03 refresh@06-01T21:03");
}

TEST_CASE("never means never") {
    Walk walk("2026-01-02T00:00:00Z", {.every = Every::never, .watch_every = 90s});
    walk.schedule.set_events({utc("2026-01-02T13:30:00Z")});
    walk.until("2026-01-04T00:00:00Z");
    CHECK(walk.told.empty());
}

TEST_CASE("a daemon that was not there makes up for the times it missed, once") {
    Walk walk("2026-05-11T09:00:00Z", {}, served_at("2026-05-01T21:00:00Z"));
    walk.until("2026-05-11T20:59:00Z");
    CHECK(walk.told == "refresh@05-11T09:00");
    walk.restart();
    walk.until("2026-05-11T21:30:00Z");
    CHECK(walk.told == "refresh@05-11T09:00 refresh@05-11T21:00");
    Walk first("2026-05-11T09:00:00Z", {});
    first.until("2026-05-11T12:00:00Z");
    CHECK(first.told == "refresh@05-11T09:00");
}

TEST_CASE(
    "a time whose run began is not served again by the next daemon, but a failure is mended") {
    Walk walk("2026-05-11T20:55:00Z", {}, served_at("2026-05-10T21:00:00Z"));
    walk.runs_end_well = false;
    walk.until("2026-05-11T21:10:00Z");
    CHECK(walk.told == "refresh@05-11T21:00");
    // Every half an hour until one ends well.
    walk.until("2026-05-11T22:10:00Z");
    CHECK(walk.told == "refresh@05-11T21:00 refresh@05-11T21:31 refresh@05-11T22:02");
    walk.runs_end_well = true;
    walk.until("2026-05-12T12:00:00Z");
    CHECK(walk.told ==
          "refresh@05-11T21:00 refresh@05-11T21:31 refresh@05-11T22:02 "
          "refresh@05-11T22:33");
    // The daemon dies in the middle of a run.
    Walk dies("2026-05-11T21:00:00Z", {}, served_at("2026-05-10T21:00:00Z"));
    dies.schedule.begun(*dies.schedule.due(dies.clock.now()), dies.clock.now());
    CHECK(*dies.schedule.memory().served == utc("2026-05-11T21:00:00Z"));
    dies.restart();
    CHECK_FALSE(dies.schedule.due(dies.clock.now()));
    // How it ended nobody knows, so it is made up for later.
    dies.clock.advance(CalendarSchedule::k_retry);
    CHECK(dies.schedule.due(dies.clock.now()) == Run::refresh);
}

TEST_CASE("half an hour before and five minutes after an important event it is checked again") {
    Walk walk("2026-12-04T12:00:00Z", {}, served_at("2026-12-03T22:00:00Z"));
    walk.schedule.set_events({utc("2026-12-04T13:30:00Z"), utc("2026-12-04T15:00:00Z")});
    walk.until("2026-12-04T20:00:00Z");
    CHECK(walk.told ==
          "recheck@12-04T13:00 recheck@12-04T13:35 recheck@12-04T14:30 "
          "recheck@12-04T15:05");
    // Events that are close together do not bring more than one run in ten minutes.
    Walk close("2026-12-09T18:00:00Z", {}, served_at("2026-12-08T22:00:00Z"));
    close.schedule.set_events({utc("2026-12-09T19:00:00Z"), utc("2026-12-09T19:03:00Z")});
    close.until("2026-12-09T20:00:00Z");
    CHECK(close.told ==
          "recheck@12-09T18:30 recheck@12-09T18:40 recheck@12-09T19:05 "
          "recheck@12-09T19:15");
}

TEST_CASE("press releases are watched at their own pace, and all else goes first") {
    Walk walk("2026-12-04T12:00:00Z", {.watch_every = 10min}, served_at("2026-12-03T22:00:00Z"));
    walk.schedule.set_events({utc("2026-12-04T13:00:00Z")});
    walk.until("2026-12-04T13:00:00Z");
    CHECK(walk.told ==
          "watch@12-04T12:00 watch@12-04T12:10 watch@12-04T12:20 recheck@12-04T12:30 "
          "watch@12-04T12:40 watch@12-04T12:50");
}

TEST_CASE(
    "a wall clock that is set back serves no time twice, and one that ran ahead is forgiven") {
    Walk walk("2026-05-11T20:59:00Z", {}, served_at("2026-05-10T21:00:00Z"));
    walk.until("2026-05-11T21:05:00Z");
    CHECK(walk.told == "refresh@05-11T21:00");
    walk.clock.set_utc(utc("2026-05-11T20:30:00Z"));
    walk.until("2026-05-11T21:30:00Z");
    CHECK(walk.told == "refresh@05-11T21:00");
    // Ahead: one run; back again: the notes are of a time that cannot be, so one more.
    walk.clock.set_utc(utc("2030-01-01T00:00:00Z"));
    walk.until("2030-01-01T01:00:00Z");
    CHECK(walk.told == "refresh@05-11T21:00 refresh@01-01T00:00");
    walk.clock.set_utc(utc("2026-05-11T22:00:00Z"));
    walk.until("2026-05-11T23:00:00Z");
    CHECK(walk.told == "refresh@05-11T21:00 refresh@01-01T00:00 refresh@05-11T22:00");
    walk.until("2026-05-12T20:00:00Z");
    CHECK(walk.told == "refresh@05-11T21:00 refresh@01-01T00:00 refresh@05-11T22:00");
}

TEST_CASE("a host that slept through a time makes up for it when it wakes") {
    Walk walk("2026-05-11T20:00:00Z", {}, served_at("2026-05-10T21:00:00Z"));
    walk.until("2026-05-11T20:30:00Z");
    walk.clock.advance(24h * 3);
    walk.until("2026-05-14T20:40:00Z");
    CHECK(walk.told == "refresh@05-14T20:30");
}

}  // namespace bullpen::schedule
