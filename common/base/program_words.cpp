#include "common/base/program_words.hpp"

#include <algorithm>
#include <cstdio>

#include "common/base/errc.hpp"

namespace bullpen {

std::optional<int> answer_plain_words(const ProgramFacts& program, const std::string& command,
                                      std::initializer_list<std::string_view> commands) {
    const std::string usage(program.usage);
    if (command == "help" || command == "--help" || command == "-h") {
        std::fputs(usage.c_str(), stdout);
        return value(ExitCode::done);
    }
    if (command == "version" || command == "--version") {
        std::printf("%s %s\n", std::string(program.name).c_str(),
                    std::string(program.version).c_str());
        return value(ExitCode::done);
    }
    if (std::find(commands.begin(), commands.end(), command) != commands.end())
        return std::nullopt;
    if (!command.empty())
        std::fprintf(stderr, "%s: there is no command '%s'\n", std::string(program.name).c_str(),
                     command.c_str());
    std::fputs(usage.c_str(), stderr);
    return value(ExitCode::usage);
}

int complain(const ProgramFacts& program, ExitCode code, const std::string& sentence) {
    std::fprintf(stderr, "%s: %s\n", std::string(program.name).c_str(), sentence.c_str());
    return value(code);
}

Result<std::vector<std::string>> take_options(std::span<const std::string> words,
                                              std::initializer_list<ProgramOption> options) {
    std::vector<std::string> rest;
    for (std::size_t i = 1; i < words.size(); ++i) {
        const auto& word = words[i];
        const auto equals = word.find('=');
        const auto* const option =
            std::find_if(options.begin(), options.end(), [&](const auto& one) {
                return one.name == word ||
                       (one.value != nullptr && one.name == word.substr(0, equals));
            });
        if (option == options.end()) {
            if (word.starts_with("-"))
                return fail(Errc::invalid, "not understood: " + word);
            rest.push_back(word);
        } else if (option->there != nullptr) {
            *option->there = true;
        } else if (equals != std::string::npos && equals + 1 < word.size()) {
            *option->value = word.substr(equals + 1);
        } else if (equals != std::string::npos || i + 1 == words.size() || words[i + 1].empty()) {
            return fail(Errc::invalid, std::string(option->name) + " needs a value");
        } else {
            *option->value = words[++i];
        }
    }
    return rest;
}

Result<void> take_options_only(std::span<const std::string> words,
                               std::initializer_list<ProgramOption> options) {
    BULLPEN_TRY(const auto rest, take_options(words, options));
    if (!rest.empty())
        return fail(Errc::invalid, "not understood: " + rest.front());
    return {};
}

}  // namespace bullpen
