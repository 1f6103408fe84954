// What every parser of a calendar source does to text: blanks, entities, months, times of day.
// Pure; no function reads outside of the text it is given, and none recurses.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/result.hpp"
#include "common/events/event.hpp"

namespace bullpen::calendar {

// Without a UTF-8 byte order mark at its beginning.
std::string_view without_bom(std::string_view text);
// A zero byte is none.
bool is_utf8(std::string_view text);
// The text, or what `room` then holds: the same with a sign for each byte that is no UTF-8.
std::string_view as_utf8(std::string_view text, std::string& room);
// Runs of blanks, line ends and no-break spaces become one blank; none at the ends.
std::string squeezed(std::string_view text);
// ASCII letters only.
std::string lower(std::string_view text);
bool contains(std::string_view text, std::string_view part);
std::vector<std::string_view> split(std::string_view text, char separator);

// Entities become characters ("&lt;", "&#8217;", "&#x27;"); what is no entity stays as it is.
std::string unescaped(std::string_view text);
// Everything from '<' to the next '>' becomes a blank.
std::string without_tags(std::string_view text);
// "Core CPI m/m" -> "core-cpi-m-m": for ids. At most `size_max` bytes; "x" when nothing is left.
std::string slug(std::string_view text, std::size_t size_max);

// A whole number of one to `digits_max` digits and nothing else.
std::optional<int> number(std::string_view text, std::size_t digits_max = 9);
// 1 to 12 for a name of a month or its first three letters or more ("Sept", "Sep."), any case.
std::optional<unsigned> month_number(std::string_view name);
// "2:00 p.m.", "8:30am", "08:30", "14:00".
std::optional<std::chrono::minutes> time_of_day(std::string_view text);
// "2026-10-28".
std::optional<events::Day> iso_day(std::string_view text);

// An ISO 8601 time with its offset: "2026-07-30T12:30:00+00:00", "...Z", "...-0400"; a fraction of
// a second is passed over.
std::optional<UtcTime> iso_instant(std::string_view text);
// "Wed, 27 Jul 2016 18:00:00 GMT", as RSS 2.0 writes it; zones GMT, UT, EST, EDT and +hhmm.
std::optional<UtcTime> mail_instant(std::string_view text);

// A look at a JSON text before a library reads it. Errc::too_large, with a sentence, when its
// brackets nest deeper than this, when it holds more values, or longer runs of blanks between them:
// the time and the memory of the library go up with each.
Result<void> check_json(std::string_view json);
inline constexpr int k_json_depth_max = 32;
inline constexpr std::size_t k_json_values_max = 50'000;
inline constexpr std::size_t k_json_blanks_max = 1024;

// "October 27 - 28", "April 30-May 1", "June 14-15, 2016" somewhere in the text: month and day of
// both ends (the same for a single day). None when there is no such thing.
struct MonthSpan {
    unsigned first_month = 0;
    unsigned first_day = 0;
    unsigned last_month = 0;
    unsigned last_day = 0;
};
std::optional<MonthSpan> month_span(std::string_view text);

// ---- days

std::optional<events::Day> day_of(int year, unsigned month, unsigned day);
inline std::chrono::year_month_day calendar_of(events::Day day) {
    return std::chrono::year_month_day(day);
}
inline int year_of(events::Day day) {
    return static_cast<int>(calendar_of(day).year());
}
bool is_weekend(events::Day day);
events::Day first_of_month(events::Day day);
events::Day last_of_month(events::Day day);
// The months from year 0: "2026-08" is one more than "2026-07".
int month_index(events::Day day);
// "2026-07" of such an index.
std::string month_text(int index);
// The quarter before the one that holds the month of such an index: "2026-q2" for August 2026.
std::string quarter_before(int index);

}  // namespace bullpen::calendar
