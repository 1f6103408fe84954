#include "ctl/calendar_view.hpp"

#include <algorithm>

namespace bullpen::ctl {

using events::CalendarAlarm;
using events::Day;
using std::chrono::days;

Result<CalendarView> CalendarView::read(const Home& home, UtcTime now) {
    storage::SystemFileSystem files;
    BULLPEN_TRY(auto new_york, time::Zone::load("America/New_York"));
    CalendarView view{{}, {}, {}, {}, std::move(new_york), now};
    auto loaded =
        events::load_snapshot(files, home.shared() + "/" + std::string(events::k_snapshot_name));
    if (!loaded.trouble.empty())
        view.troubles.push_back("the snapshot is damaged: " + loaded.trouble);
    if (loaded.snapshot)
        view.events = loaded.snapshot->events;
    view.snapshot = std::move(loaded.snapshot);
    auto overrides =
        events::load_overrides(files, home.shared() + "/" + std::string(events::k_overrides_name));
    if (overrides)
        view.overrides = std::move(*overrides);
    else
        view.troubles.push_back("the override file is not used: " + overrides.error().message());
    events::apply(view.overrides, now, view.events);
    return view;
}

Day CalendarView::today() const {
    return Day(std::chrono::floor<days>(new_york.local(now).time_since_epoch()));
}

UtcTime CalendarView::begin_of(Day day) const {
    return new_york.read(time::LocalTime(Nanos(day.time_since_epoch()))).earliest;
}

const events::Event* CalendarView::find(std::string_view id) const {
    const auto found = std::find_if(events.begin(), events.end(),
                                    [&](const events::Event& event) { return event.id == id; });
    return found == events.end() ? nullptr : &*found;
}

std::vector<CalendarAlarm> CalendarView::alarms() const {
    std::vector<CalendarAlarm> all;
    for (const std::string& trouble : troubles)
        all.push_back({CalendarAlarm::Kind::snapshot_bad, "files", trouble});
    if (snapshot) {
        const auto ages = events::alarms(snapshot->sources, snapshot->coverage, now, today());
        all.insert(all.end(), ages.begin(), ages.end());
    } else {
        all.push_back({CalendarAlarm::Kind::coverage_lacks, "calendar",
                       "there is no calendar: nothing was fetched for this home"});
    }
    const auto tzdata = time::tzdata_version();
    if (events::tzdata_old(tzdata, now))
        all.push_back({CalendarAlarm::Kind::tzdata_old, "tzdata",
                       "the host's time-zone data (" + tzdata + ") is more than a year old"});
    return all;
}

std::string when_text(const events::Event& event) {
    constexpr std::string_view k_days[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
    const Day day(std::chrono::floor<days>(event.local.time_since_epoch()));
    std::string text(k_days[std::chrono::weekday(day).c_encoding()]);
    text += " " + events::format_local(event.local);
    text[14] = ' ';
    if (event.precision == events::Precision::date)
        text.resize(14);
    return text;
}

std::string new_york_text(const CalendarView& view, UtcTime at) {
    const auto local = std::chrono::floor<std::chrono::minutes>(view.new_york.local(at));
    std::string text = events::format_local(local);
    text[10] = ' ';
    return text;
}

}  // namespace bullpen::ctl
