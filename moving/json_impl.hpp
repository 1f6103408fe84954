// JSON that somebody else wrote, for the .cpp files of this folder: bounded in size and depth, and
// numbers taken for what they are. Pure.
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>

#include "common/base/result.hpp"

namespace bullpen::moving {

using Json = nlohmann::ordered_json;

inline constexpr std::size_t k_json_size_max = std::size_t{8} << 20;  // bytes
inline constexpr int k_json_depth_max = 32;

// Errc::corrupt when it is no JSON (line and column are named), nested too deeply or too large. A
// name that comes twice in one object is refused: nobody knows which of the two was meant. NaN and
// Infinity, as Python writes them, are numbers that are not finite: none to number_of(), and
// written as null. no_numbers_in() tells of them.
Result<Json> parse_json(std::string_view text);

// With two blanks, a line feed at the end, and broken UTF-8 made whole.
std::string print_json(const Json& value);

// A member, or null of any object that has none; of what is no object likewise.
const Json& member(const Json& object, std::string_view name);
// Of a member that is a text: that; a number as its digits; of anything else nothing.
std::string text_of(const Json& object, std::string_view name);
// A whole number, also as "7" or 7.0; none for anything else and beyond 10^12.
std::optional<std::int64_t> whole_of(const Json& value);
// A finite number, also in quotes.
std::optional<double> number_of(const Json& value);
// true and false, also as 0, 1, "true", "False", "yes", "no".
std::optional<bool> flag_of(const Json& value);
// Whether a member is a secret, by its name or by what it looks like.
bool is_secret_json(std::string_view name, const Json& value);
// The same without any member that is a secret, at any depth.
Json without_secrets(const Json& value);
// In one line, cut short, for people, without_secrets().
std::string shown(const Json& value);
// A number as people write it: "0.7", not "0.69999999999999996".
std::string plain(double value);

}  // namespace bullpen::moving
