// What merging the economic calendar costs: ten years of events, monthly and weekly, stated by an
// official feed, by a second official source, and known from the last time. The floor is a copy of
// what comes out.
#include <vector>

#include "bench/support/command_line.hpp"
#include "bench/support/json_line.hpp"
#include "bench/support/process.hpp"
#include "calendar/collector.hpp"
#include "calendar/merge.hpp"

namespace {

using namespace bullpen;
using namespace bullpen::bench;
using namespace bullpen::calendar;

constexpr std::size_t k_rounds = 31;
constexpr int k_years = 10;
constexpr int k_first_year = 2017;
constexpr std::chrono::minutes k_morning{8 * 60 + 30};

// `series` monthly series and a weekly one, in the same ten years. Half of them are over.
Parsed statement(const Zones& zones, std::string_view source, int series) {
    Context context;
    context.zones = &zones;
    context.year_now = k_first_year + k_years / 2;
    Collector collector(source, context);
    const auto add = [&](std::string name, std::string period, events::Day day) {
        Row row;
        row.series = std::move(name);
        row.period = std::move(period);
        row.day = day;
        row.time = k_morning;
        row.title = "A release";
        row.zone = "America/New_York";
        row.importance = 2;
        row.raw = "DTSTART;TZID=US-Eastern:20260110T083000 A release";
        collector.add(std::move(row));
    };
    const events::Day first(std::chrono::year(k_first_year) / 1 / 1);
    for (int i = 0; i < series; ++i) {
        const std::string name = "us.test.series" + std::to_string(i);
        for (int month = 0; month < k_years * 12; ++month)
            add(name, std::to_string(month), first + std::chrono::days(month * 30 + i % 28));
        collector.cover(name, first, first + std::chrono::days(365 * k_years));
    }
    for (int week = 0; week < k_years * 52; ++week)
        add("us.test.weekly", std::to_string(week), first + std::chrono::days(week * 7 + 3));
    return collector.finish();
}

}  // namespace

int main(int argc, char**) try {
    require(argc == 1, "it takes no arguments");
    const auto zones = Zones::load();
    require(zones.has_value(), "the time zones are there");
    const UtcTime now(Nanos(
        events::Day(std::chrono::year(k_first_year + k_years / 2) / 1 / 1).time_since_epoch()));
    const std::vector<Parsed> statements{statement(*zones, "bls-ics", 26),
                                         statement(*zones, "bea-html", 8)};
    const Calendar before = merge({}, statements, now).calendar;
    std::vector<double> ours;
    std::vector<double> floors;
    std::size_t events = 0;
    for (std::size_t i = 0; i < k_rounds; ++i) {
        auto begin = mono_ns();
        const Merged merged = merge(before, statements, now);
        ours.push_back(ms(mono_ns() - begin));
        begin = mono_ns();
        const Calendar copy = merged.calendar;
        floors.push_back(ms(mono_ns() - begin));
        events = copy.events.size();
    }
    JsonLine("calendar_merge")
        .add("events", static_cast<double>(events))
        .add("ms", median(ours))
        .add("p99_ms", quantile(ours, 0.99))
        .add("floor_ms", median(floors))
        .print();
    return 0;
} catch (const bullpen::bench::Unmeasured& why) {
    return bullpen::bench::give_up(why);
}
