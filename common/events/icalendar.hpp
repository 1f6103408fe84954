// Events as an iCalendar file (RFC 5545) that any calendar program opens: stable ids, sequence
// numbers that follow the revisions, cancelled and tentative events marked as such. Pure.
#pragma once

#include <string>
#include <vector>

#include "common/events/event.hpp"

namespace bullpen::events {

// Instants are in UTC; an event of which only the day is known is one of all day. `stamp` is when
// the file is made. Lines end with CRLF and are folded at 75 octets.
std::string icalendar(const std::vector<Event>& events, UtcTime stamp);

}  // namespace bullpen::events
