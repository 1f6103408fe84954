// The parts of a log line, for the logger and the audit log.
#pragma once

#include <string>
#include <string_view>

#include "common/base/clock.hpp"
#include "common/log/logger.hpp"

namespace bullpen::log {

inline constexpr std::string_view k_line_end = "}\n";

// Empties `line` and writes `{"ts":...` up to the members that every line has.
void begin_line(std::string& line, UtcTime now, Level level, std::string_view event,
                const Identity& identity, std::string_view correlation);
// `,"key":value` for each, redacted; the line stays below k_line_size_max with its end.
void append_members(std::string& line, const Redactor& redactor, Fields fields);

}  // namespace bullpen::log
