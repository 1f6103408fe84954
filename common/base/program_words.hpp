// What every program answers alike before it does anything: help, version, a command that it does
// not know. Called by main() alone.
#pragma once

#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>

namespace bullpen {

struct ProgramFacts {
    std::string_view name;     // "bullpen-venue"
    std::string_view version;  // "1.2.0"
    std::string_view usage;    // ends its last line
};

// The exit code of a program whose first word, `command`, asks for the help or the version or is
// none of `commands`; it is answered by then. Nothing when the program is to go on with it.
std::optional<int> answer_plain_words(const ProgramFacts& program, const std::string& command,
                                      std::initializer_list<std::string_view> commands);

}  // namespace bullpen
