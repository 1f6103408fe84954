// Durations, sizes and percentages as people write them: a whole number and a unit. A bare number
// is refused, because its unit would be a guess; only 0 needs none.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "common/base/clock.hpp"
#include "common/base/result.hpp"

namespace bullpen::config {

// "250 ms", "5 s", "10 min", "1 h", "2 d"; the space may be left out. Never negative.
Result<Nanos> parse_duration(std::string_view text);
// In the greatest unit that takes it whole: "90 s", "1500 ms"; "0 s" for nothing.
std::string format_duration(Nanos duration);

// "512 B", "64 KiB", "64 MiB", "2 GiB", "1 TiB", in bytes.
Result<std::uint64_t> parse_size(std::string_view text);
std::string format_size(std::uint64_t bytes);

// "10 %".
Result<int> parse_percent(std::string_view text);
std::string format_percent(int percent);

}  // namespace bullpen::config
