// The two kinds of text file that the old bots keep their settings in: an .env, and an .ini as
// Python's configparser reads it. Pure; what is given may be anything.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "common/base/result.hpp"

namespace bullpen::moving {

inline constexpr std::size_t k_lines_max = 10'000;

using Pairs = std::vector<std::pair<std::string, std::string>>;

// Lines NAME=value or `export NAME=value`; quotes around a value go, '#' begins a comment. Of a
// name that comes twice the last counts. Lines that are none of these are in `odd`, by number.
struct EnvFile {
    Pairs values;
    std::vector<int> odd;
};
Result<EnvFile> parse_env(std::string_view text);

struct IniSection {
    std::string name;
    // Keys in lower case, values as they are written; those of [DEFAULT] are not repeated here.
    Pairs values;
};
// Errc::invalid with the line of what configparser would not take either: a section or key that
// comes twice, a line before the first section, a line without '=' or ':'.
Result<std::vector<IniSection>> parse_ini(std::string_view text);

// What a value that is written so means to configparser: "%%" is '%'. What refers to another value,
// "%(name)s", stays.
std::string ini_value(std::string_view written);

// "NaN in line 3, column 12: no number, taken as null"; with how many more there are. Empty: none.
// Python's json writes them, and JSON has no such thing.
std::string no_numbers_in(std::string_view json_text);

// Null when it is not there.
const std::string* find(const Pairs& values, std::string_view key);

std::string lower(std::string_view text);

}  // namespace bullpen::moving
