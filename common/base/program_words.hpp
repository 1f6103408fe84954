// What every program does alike with its words: it answers help, version and a command that it does
// not know, takes options, and says what is wrong with them. Called by main() alone.
#pragma once

#include <initializer_list>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/exit_code.hpp"
#include "common/base/result.hpp"

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

// Says on standard error, under the program's name, what is wrong. The exit code.
int complain(const ProgramFacts& program, ExitCode code, const std::string& sentence);

// An option and where it goes: one with a value, or one that is there or not.
struct ProgramOption {
    std::string_view name;  // "--home"; its value follows, or stands behind "--home="
    std::string* value = nullptr;
    bool* there = nullptr;
};

// Takes the words after the command. What is no option, and does not begin as one, is returned.
// Errc::invalid, naming the word that is not understood or has no value. Of an option that is there
// more than once the last counts.
Result<std::vector<std::string>> take_options(std::span<const std::string> words,
                                              std::initializer_list<ProgramOption> options);
// The same for a program that takes nothing but options.
Result<void> take_options_only(std::span<const std::string> words,
                               std::initializer_list<ProgramOption> options);

}  // namespace bullpen
