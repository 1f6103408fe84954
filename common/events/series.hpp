// The series that Bullpen knows by name: what each is called, how much it moves markets, and at
// which time of day it usually comes out. Constant data.
#pragma once

#include <span>
#include <string_view>

#include "common/events/event.hpp"

namespace bullpen::events {

struct Series {
    std::string_view name;  // "us.bls.cpi"
    std::string_view title;
    std::string_view country;
    std::string_view currency;
    int importance;
    std::string_view zone;
    std::chrono::minutes habitual;  // time of day on the zone's clock; negative: none
    // What accounts call it in their windows: "cpi". Several series may share one.
    std::string_view event_class;
    // Whether an answer of "no event" needs coverage of it, for whoever minds its importance.
    bool guarded;
    // Whether a source can state all its events: who names it in a window then needs that, too.
    bool stated = true;
};

std::span<const Series> all_series();
// nullptr for a series that is not in the table.
const Series* find_series(std::string_view name);
// The event class of any series; "other" for one that is not in the table.
std::string_view class_of(std::string_view series);

}  // namespace bullpen::events
