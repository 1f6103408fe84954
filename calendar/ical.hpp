// The events of an iCalendar file as plain values. What the format leaves out is allowed here:
// without DTSTAMP or UID an event is still one. It is read by our own code, which looks at each
// byte a fixed number of times; the library for it takes half a second and 130 MiB for a hostile
// mebibyte.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/result.hpp"
#include "common/events/event.hpp"

namespace bullpen::calendar {

struct IcalEvent {
    std::string summary;
    std::string start;  // "DTSTART;TZID=US-Eastern:20250110T083000", unfolded
    events::Day day{};
    std::optional<std::chrono::seconds> time;  // of day; none: a day without a time
    bool utc = false;                          // the time is UTC, not the wall clock of `zone`
    std::string zone;                          // TZID as written; empty: none
    bool cancelled = false;
    bool repeats = false;  // it stands for several events by a rule
};

struct Ical {
    static constexpr std::size_t k_lines_max = 50'000;
    static constexpr std::size_t k_components_max = 6000;
    static constexpr std::size_t k_line_max = 8192;  // bytes, unfolded
    static constexpr std::size_t k_depth_max = 8;

    std::string zone;  // X-WR-TIMEZONE; empty: none
    std::vector<IcalEvent> events;
    std::size_t errors = 0;  // lines that are not what the format allows
};

// Errc::corrupt when it is not one whole calendar: a file that was cut off, or something else;
// Errc::too_large over a limit above.
Result<Ical> read_ical(std::string_view body);

}  // namespace bullpen::calendar
