// What is different between two calendars, for whoever has to know: by id, with both times. What is
// over in both is no news. Pure.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "calendar/merge.hpp"

namespace bullpen::calendar {

struct Change {
    enum class Kind : std::uint8_t {
        added,
        moved,      // to another day
        time_only,  // to another time of the same day
        cancelled,
        restored,  // it was cancelled, and is not any more
        importance,
        removed,  // an estimate that better knowledge replaced
    };
    Kind kind{};
    std::string id;
    bool urgent = false;  // it touches the next k_urgent
    std::string sentence;
    friend bool operator==(const Change&, const Change&) = default;
};
std::string_view code(Change::Kind kind);

// By time of the event, then by id; at most one change for an event, the one that matters most.
std::vector<Change> changes(const Calendar& before, const Calendar& after, UtcTime now);

// Reckons all instants of `fresh` anew, by the time zones of now, and tells which events that are
// to come have the wall clock that they had and are at another instant: time-zone data changed.
std::vector<MergeAlarm> reckon_again(const Calendar& before, Calendar& fresh, const Zones& zones,
                                     UtcTime now);

}  // namespace bullpen::calendar
