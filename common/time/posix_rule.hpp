// The footer of a TZif file: a POSIX TZ string such as "EST5EDT,M3.2.0,M11.1.0", which rules after
// the last listed transition. Internal to the zone reader.
#pragma once

#include <string_view>

#include "common/time/zone.hpp"

namespace bullpen::time {

// Errc::corrupt when the text is not such a rule. The empty text is a footer that is not present.
Result<Footer> parse_footer(std::string_view text);

// The change that `rule` names in `year`, in seconds since 1970 on the wall clock before it.
std::int64_t change_of_year(const YearlyRule& rule, int year);

}  // namespace bullpen::time
