#include "common/base/program_words.hpp"

#include <algorithm>
#include <cstdio>

#include "common/base/exit_code.hpp"

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

}  // namespace bullpen
