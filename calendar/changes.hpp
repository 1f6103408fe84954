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

// The events of a body in one text: the same for two bodies that say the same, whatever else on the
// page changed.
std::string normalised(const std::vector<events::Event>& events);

}  // namespace bullpen::calendar
