// What `bullpen-calendar parse` prints of one parsed body. Pure.
#pragma once

#include <string>

#include "calendar/source.hpp"

namespace bullpen::calendar {

// One JSON object in one line; its events have the shape of the snapshot's (docs/calendar.md).
std::string json_report(const Parsed& parsed);
// The same for people.
std::string text_report(const Parsed& parsed);

}  // namespace bullpen::calendar
