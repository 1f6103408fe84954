// What the files of a home's folder `shared` say of its calendar, as the daemon wants to know it:
// when important events are, and what an operator should hear. Reads files; any thread.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "common/events/alarm.hpp"
#include "common/events/overrides.hpp"
#include "common/events/snapshot.hpp"

namespace bullpen::events {

struct HomeCalendar {
    bool there = false;  // a snapshot could be read
    // There is none, or a file of the operator (k_operator_files) came, changed or went since.
    bool behind = false;
    std::vector<UtcTime> important;
    std::vector<CalendarAlarm> alarms;
};

// `asks`: whether sources may be asked; that they are old or silent is no news where they may not.
HomeCalendar look_at_home(storage::FileSystem& files, const std::string& shared, bool asks,
                          UtcTime now, std::string_view tzdata);

// Of a snapshot that is damaged, a file of overrides that is refused, and entries of it that are
// not applied or that newer time zones moved.
std::vector<CalendarAlarm> file_alarms(const LoadedSnapshot& snapshot,
                                       const Result<Overrides>& overrides, UtcTime now);

}  // namespace bullpen::events
