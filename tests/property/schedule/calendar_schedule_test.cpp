#include "supervisor/schedule/calendar_schedule.hpp"

#include <doctest/doctest.h>
#include <rapidcheck.h>

namespace bullpen::schedule {

using namespace std::chrono_literals;

TEST_CASE("whatever clocks, events, failures and restarts do") {
    static const time::Zone zone = *time::Zone::load("America/New_York");
    CHECK(rc::check("runs of all sources keep their distance, and no time is served twice", [] {
        const time::Recurrence times(*rc::gen::element(Every::day, Every::month), 17h, zone);
        CalendarSchedule schedule(times, *rc::gen::element<Nanos>(0s, 90s, 10min), {});
        FakeClock clock;
        clock.set_utc(*parse_utc("2026-03-01T00:00:00Z") + 1h * *rc::gen::inRange(0, 24 * 300));
        std::vector<UtcTime> events;
        for (int i = 0; i < *rc::gen::inRange(0, 6); ++i)
            events.push_back(clock.utc() + 1min * *rc::gen::inRange(0, 60 * 72));
        std::sort(events.begin(), events.end());
        schedule.set_events(events);
        std::optional<MonoTime> last_all;
        for (int step = 0; step < 300; ++step) {
            clock.advance(1min * *rc::gen::inRange(1, 45));
            if (*rc::gen::inRange(0, 40) == 0)
                clock.set_utc(clock.utc() - 1min * *rc::gen::inRange(0, 600));
            const auto before = schedule.memory().served;
            const auto run = schedule.due(clock.now());
            if (!run)
                continue;
            const bool all = *run != Run::watch;
            if (all) {
                RC_ASSERT((!last_all || clock.mono() - *last_all >= CalendarSchedule::k_apart));
                last_all = clock.mono();
            }
            // A regular time comes back only after a failure, or when the clock went back so far
            // that no note of it is believed.
            const auto success = schedule.memory().success;
            const UtcTime believed = clock.utc() + CalendarSchedule::k_future_max;
            if (*run == Run::refresh && before && success)
                RC_ASSERT((*before < *times.last(clock.utc()) || *success < *before ||
                           *before > believed || *success > believed));
            schedule.begun(*run, clock.now());
            RC_ASSERT(!schedule.due(clock.now()));
            RC_ASSERT((!before || *before > believed || *schedule.memory().served >= *before));
            clock.advance(1min * *rc::gen::inRange(0, 3));
            schedule.ended(*rc::gen::inRange(0, 5) > 0, clock.now());
        }
    }));
    CHECK(rc::check("with one look an hour nothing older than 26 hours is ever held", [] {
        CalendarSchedule schedule({Every::day, 17h, zone}, Nanos{}, {});
        FakeClock clock;
        clock.set_utc(*parse_utc("2026-03-01T00:00:00Z") + 1h * *rc::gen::inRange(0, 24 * 300));
        for (int hour = 0; hour < 24 * 8; ++hour) {
            if (const auto run = schedule.due(clock.now())) {
                schedule.begun(*run, clock.now());
                schedule.ended(true, clock.now());
            }
            RC_ASSERT(schedule.memory().success);
            RC_ASSERT(clock.utc() - *schedule.memory().success <= 26h);
            clock.advance(1h);
        }
    }));
}

}  // namespace bullpen::schedule
