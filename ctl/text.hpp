// How values read for people: durations, sizes, and text that came from elsewhere made safe to
// print. Pure.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "common/base/clock.hpp"
#include "common/base/result.hpp"

namespace bullpen::ctl {

// The two most significant units: "12s", "4m03s", "2h15m", "3d04h". Negative reads "0s".
std::string duration_text(Nanos duration);
// An age, with tenths below ten seconds, where tenths tell a live beat from a late one: "0.4s".
std::string age_text(Nanos age);
// "812B", "12K", "3.4M", "1.2G"; powers of 1024.
std::string bytes_text(std::uint64_t bytes);
// "30", "30s", "1.5 s", "500ms", "5 min", "2h"; a bare number is seconds.
Result<Nanos> parse_duration(std::string_view text);
// A whole number from 0 to `most`.
Result<std::uint64_t> parse_count(std::string_view text, std::uint64_t most);

// "2026-11-20 23:14:05.123Z" of "2026-11-20T23:14:05.123Z"; any other text as it is.
std::string spaced_utc(std::string_view utc);

// How many columns `text` takes on a terminal, one for each code point.
std::size_t display_width(std::string_view text);
// Appends `text` with control characters and broken UTF-8 as '?': a worker's words must not be
// able to move an operator's cursor. Newlines and tabs become spaces.
void append_printable(std::string& out, std::string_view text);
std::string printable(std::string_view text);
// At most `width` columns; what is cut off is marked by "..".
std::string shortened(std::string_view text, std::size_t width);
// The bytes of the UTF-8 sequence that begins `text`, or 0 when it is broken there.
std::size_t utf8_sequence(std::string_view text);

// Levenshtein's distance, for "did you mean".
std::size_t edit_distance(std::string_view a, std::string_view b);
// How many edits away a word may be and still be what was meant.
std::size_t edits_allowed(std::string_view word);

}  // namespace bullpen::ctl
