// Writing JSON by hand, for lines that must always be valid whatever is put in. Appends to a string
// and cannot fail.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "common/log/field.hpp"

namespace bullpen::log {

// With quotes. Bytes that are not UTF-8 become U+FFFD.
void append_json_text(std::string& out, std::string_view text);
// Shortest form that reads back to the same double; null for what is not finite.
void append_json_number(std::string& out, double value);
void append_json_value(std::string& out, const Field::Value& value);
// "key":value of each in their order, with commas between.
void append_json_fields(std::string& out, std::span<const Field> fields);
// The same with the braces of an object.
void append_json_object(std::string& out, std::span<const Field> fields);

}  // namespace bullpen::log
