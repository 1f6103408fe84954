#include "common/events/home_calendar.hpp"

#include <sys/stat.h>

#include <algorithm>
#include <utility>

#include "common/events/staleness.hpp"

namespace bullpen::events {

using Kind = CalendarAlarm::Kind;

namespace {

// Whether the file is another one than the last run of bullpen-calendar saw.
bool is_news(const OperatorFile& file, const std::string& shared, const Snapshot& known) {
    const auto status =
        std::find_if(known.sources.begin(), known.sources.end(),
                     [&](const SourceStatus& one) { return one.source == file.source; });
    const bool was_there = status != known.sources.end();
    struct stat facts {};
    if (::stat((shared + "/" + std::string(file.name)).c_str(), &facts) != 0)
        return was_there;
    const UtcTime changed{std::chrono::seconds(facts.st_ctim.tv_sec) +
                          Nanos(facts.st_ctim.tv_nsec)};
    return !was_there || !status->attempted || changed > *status->attempted;
}

}  // namespace

std::vector<CalendarAlarm> file_alarms(const LoadedSnapshot& snapshot,
                                       const Result<Overrides>& overrides, UtcTime now) {
    std::vector<CalendarAlarm> all;
    if (!snapshot.trouble.empty())
        all.push_back({Kind::snapshot_bad, std::string(k_snapshot_name),
                       "the snapshot is damaged: " + snapshot.trouble});
    if (!overrides)
        all.push_back({Kind::snapshot_bad, std::string(k_overrides_name),
                       "the override file is not used: " + overrides.error().message()});
    if (overrides) {
        for (std::string& sentence : reckoned_anew(*overrides, now))
            all.push_back({Kind::tzdata_old, std::string(k_overrides_name), std::move(sentence)});
    }
    if (!overrides || !snapshot.snapshot)
        return all;
    for (const std::string& id : not_applied(*overrides, now, snapshot.snapshot->events))
        all.push_back({Kind::snapshot_bad, std::string(k_overrides_name),
                       "the override of " + id +
                           " is not applied: it takes an important event away within a day, and "
                           "has no \"force\":true"});
    return all;
}

HomeCalendar look_at_home(storage::FileSystem& files, const std::string& shared, bool asks,
                          UtcTime now, std::string_view tzdata) {
    const auto loaded = load_snapshot(files, shared + "/" + std::string(k_snapshot_name));
    const auto overrides = load_overrides(files, shared + "/" + std::string(k_overrides_name));
    HomeCalendar home;
    home.there = loaded.snapshot.has_value();
    // Without a calendar the host's time zones still decide when markets are open.
    const Snapshot known = loaded.snapshot.value_or(Snapshot());
    home.behind = !home.there || std::any_of(k_operator_files.begin(), k_operator_files.end(),
                                             [&](const OperatorFile& file) {
                                                 return is_news(file, shared, known);
                                             });
    std::vector<Event> events = known.events;
    if (overrides)
        apply(*overrides, now, events);
    home.important = important_times(events, now);
    home.alarms = host_alarms(known, now, tzdata);
    // Who lets nobody be asked knows that nothing was said; an account that minds says so. And
    // before the first calendar there is nothing yet that could lack.
    if (!asks || !home.there)
        home.alarms = without_ages(std::move(home.alarms));
    const auto files_bad = file_alarms(loaded, overrides, now);
    home.alarms.insert(home.alarms.end(), files_bad.begin(), files_bad.end());
    return home;
}

}  // namespace bullpen::events
