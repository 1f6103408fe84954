#include "calendar/merge.hpp"

#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <algorithm>
#include <set>
#include <string>
#include <vector>

#include "calendar/changes.hpp"
#include "calendar/collector.hpp"
#include "calendar/text.hpp"

namespace bullpen::calendar {
namespace {

const Zones& zones() {
    static const Zones loaded = [] {
        auto found = Zones::load();
        REQUIRE(found);
        return *found;
    }();
    return loaded;
}

const UtcTime k_now = *parse_utc("2026-03-01T12:00:00Z");
const events::Day k_today = *day_of(2026, 3, 1);

// A statement of one source about some months of two series, with covers, moves and cancellations
// as they come.
Parsed statement(const std::string& source) {
    static const std::vector<std::string> k_series{"us.bls.cpi", "us.bls.ppi"};
    Context context;
    context.zones = &zones();
    context.fetched = k_now;
    Collector collector(source, context);
    for (const std::string& series : k_series) {
        for (int month = 0; month < 8; ++month) {
            if (*rc::gen::inRange(0, 4) == 0)
                continue;
            Row row;
            row.series = series;
            row.period = month_text(2026 * 12 + month);
            row.day = *day_of(2026, static_cast<unsigned>(month + 1), 10) +
                      std::chrono::days(*rc::gen::inRange(0, 3));
            if (*rc::gen::inRange(0, 6) != 0)
                row.time = std::chrono::minutes(510 + 30 * *rc::gen::inRange(0, 2));
            if (*rc::gen::inRange(0, 8) == 0)
                row.status = events::Status::cancelled;
            collector.add(std::move(row));
        }
        if (*rc::gen::arbitrary<bool>())
            collector.cover(series, k_today - std::chrono::days(60),
                            k_today + std::chrono::days(*rc::gen::inRange(0, 300)));
    }
    return collector.finish(true);
}

std::vector<Parsed> statements() {
    std::vector<Parsed> all;
    for (const char* const source : {"bls-ics", "bea-html", "bot-file", "forexfactory-json"}) {
        if (*rc::gen::inRange(0, 4) != 0)
            all.push_back(statement(source));
    }
    return all;
}

TEST_CASE("a merge done again changes nothing and raises only what still stands") {
    CHECK(rc::check("merging the result with the same statements gives the same calendar", [] {
        const Calendar before = merge({}, statements(), k_now).calendar;
        const auto now = statements();
        const Merged once = merge(before, now, k_now);
        const Merged twice = merge(once.calendar, now, k_now);
        RC_ASSERT(twice.calendar == once.calendar);
        RC_ASSERT(changes(once.calendar, twice.calendar, k_now).empty());
        for (const MergeAlarm& alarm : twice.alarms)
            RC_ASSERT(alarm.kind == MergeAlarm::Kind::disagreement ||
                      alarm.kind == MergeAlarm::Kind::odd_date);
    }));
}

TEST_CASE("the order in which sources come does not matter") {
    CHECK(rc::check("a shuffled list of statements gives the same result", [] {
        const Calendar before = merge({}, statements(), k_now).calendar;
        auto now = statements();
        const Merged straight = merge(before, now, k_now);
        std::reverse(now.begin(), now.end());
        RC_ASSERT(merge(before, now, k_now) == straight);
        if (!now.empty())
            std::rotate(now.begin(), now.begin() + 1, now.end());
        RC_ASSERT(merge(before, now, k_now) == straight);
    }));
}

TEST_CASE("a published event that is to come never goes away without an alarm") {
    CHECK(rc::check("it is there, or an alarm names it", [] {
        const Calendar before = merge({}, statements(), k_now).calendar;
        const auto now = statements();
        const Merged after = merge(before, now, k_now);
        std::set<std::string> alarmed;
        for (const MergeAlarm& alarm : after.alarms)
            alarmed.insert(alarm.subject);
        for (const events::Event& event : before.events) {
            if (event.utc <= k_now || event.cancelled() ||
                event.status == events::Status::estimated)
                continue;
            const auto there =
                std::find_if(after.calendar.events.begin(), after.calendar.events.end(),
                             [&](const auto& other) { return other.id == event.id; });
            RC_ASSERT(there != after.calendar.events.end());
            const bool stated = std::any_of(now.begin(), now.end(), [&](const Parsed& statement) {
                return std::any_of(statement.events.begin(), statement.events.end(),
                                   [&](const auto& other) { return other.id == event.id; });
            });
            if (there->cancelled() && !stated)
                RC_ASSERT(alarmed.contains(event.id));
        }
    }));
}

TEST_CASE("what one official source has and another one that lists the day lacks is an alarm") {
    CHECK(rc::check("a disagreement names it, and it counts", [] {
        const auto now = statements();
        const Merged merged = merge({}, now, k_now);
        const auto has = [](const Parsed& said, const std::string& id) {
            return std::any_of(said.events.begin(), said.events.end(),
                               [&](const auto& event) { return event.id == id; });
        };
        for (const events::Event& event : merged.calendar.events) {
            if (event.utc <= k_now || event.cancelled() ||
                !is_official(find_source(event.sources.front().source)->rank))
                continue;
            const auto day = std::chrono::floor<std::chrono::days>(events::Day{} +
                                                                   event.local.time_since_epoch());
            for (const Parsed& said : now) {
                const bool lacks = is_official(find_source(said.source)->rank) &&
                                   !has(said, event.id) &&
                                   events::covers(said.coverage, event.series, day, day);
                const bool told = std::any_of(
                    merged.alarms.begin(), merged.alarms.end(), [&](const MergeAlarm& alarm) {
                        return alarm.kind == MergeAlarm::Kind::disagreement &&
                               alarm.subject == event.id;
                    });
                RC_ASSERT(!lacks || told);
            }
        }
    }));
}

TEST_CASE("a release that is missing from its source is cancelled only where it lists the month") {
    CHECK(rc::check("an event is cancelled by a statement that covers its day", [] {
        // A year of monthly releases, and the same without some of them.
        std::set<int> gone;
        for (int i = *rc::gen::inRange(0, 4); i > 0; --i)
            gone.insert(*rc::gen::inRange(3, 12));
        const auto year = [&](bool whole) {
            Context context;
            context.zones = &zones();
            context.fetched = k_now;
            Collector collector("bls-ics", context);
            std::vector<events::Day> days;
            for (int month = 1; month <= 12; ++month) {
                if (!whole && gone.contains(month))
                    continue;
                Row row;
                row.series = "us.bls.cpi";
                row.period = month_text(2026 * 12 + month - 2);
                row.day = *day_of(2026, static_cast<unsigned>(month), 12);
                row.time = std::chrono::minutes(510);
                days.push_back(row.day);
                collector.add(std::move(row));
            }
            collector.cover_releases("us.bls.cpi", days, *day_of(2026, 1, 1),
                                     last_of_month(days.back()), std::chrono::days(45));
            return collector.finish();
        };
        const Calendar before = merge({}, {year(true)}, k_now).calendar;
        const Merged after = merge(before, {year(false)}, k_now);
        for (const int month : gone) {
            const auto id = events::event_id("us.bls.cpi", month_text(2026 * 12 + month - 2));
            const auto there =
                std::find_if(after.calendar.events.begin(), after.calendar.events.end(),
                             [&](const auto& event) { return event.id == id; });
            RC_ASSERT(there != after.calendar.events.end());
            RC_ASSERT(!there->cancelled());
            const events::Day day = *day_of(2026, static_cast<unsigned>(month), 12);
            RC_ASSERT(!events::covers(after.calendar.coverage, "us.bls.cpi", day, day));
        }
    }));
}

TEST_CASE("every time that an official source states is kept while the event is to come") {
    CHECK(rc::check("it is the event's own time or one of its others", [] {
        const auto now = statements();
        const Merged merged = merge({}, now, k_now);
        for (const Parsed& said : now) {
            if (!is_official(find_source(said.source)->rank))
                continue;
            for (const events::Event& event : said.events) {
                const auto there =
                    std::find_if(merged.calendar.events.begin(), merged.calendar.events.end(),
                                 [&](const auto& other) { return other.id == event.id; });
                RC_ASSERT(there != merged.calendar.events.end());
                if (event.cancelled() || there->utc <= k_now)
                    continue;
                const auto same_day = [&](events::LocalMinute local) {
                    return std::chrono::floor<std::chrono::days>(local) ==
                           std::chrono::floor<std::chrono::days>(event.local);
                };
                RC_ASSERT(same_day(there->local) ||
                          std::any_of(there->other_times.begin(), there->other_times.end(),
                                      [&](const auto& other) { return same_day(other.local); }));
            }
        }
    }));
}

}  // namespace
}  // namespace bullpen::calendar
