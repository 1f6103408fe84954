// A log line as people read it: "2026-11-20 23:14:05.123Z WARN  beats_missed launch=12 age=2.1".
// Lines that are no JSON objects stay as they are. Pure.
#pragma once

#include <functional>
#include <string>
#include <string_view>

namespace bullpen::ctl {

struct LineStyle {
    bool colour = false;
    bool raw = false;           // as it is in the file
    bool with_account = false;  // keep "account": worth it only where several share a file
};

// Appends `line` (without its newline) and a newline.
void append_log_line(std::string& out, std::string_view line, const LineStyle& style);

// Visits the fields of a flat JSON object in order: a string's text unescaped, any other value as
// it is written. False when `line` is not one JSON object; then the visits so far mean nothing.
using FieldVisit = std::function<void(std::string_view key, std::string_view value, bool text)>;
bool visit_fields(std::string_view line, const FieldVisit& visit);

}  // namespace bullpen::ctl
