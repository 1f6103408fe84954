#include "ctl/help.hpp"

#include "ctl/commands/commands.hpp"
#include "ctl/index.hpp"
#include "ctl/local_commands.hpp"
#include "ctl/program.hpp"
#include "ctl/text.hpp"

namespace bullpen::ctl {

namespace {

int run_help(Context& context) {
    if (context.arguments.operands.empty()) {
        context.out += overview();
        return 0;
    }
    const auto name = context.arguments.operands.front();
    for (const auto* command : local_commands()) {
        if (command->name == name) {
            context.out += command_help(*command);
            return 0;
        }
    }
    const auto* entry = find_in_index(name);
    if (entry == nullptr) {
        return report(context, "there is no command '" + printable(name) + "'", ExitCode::usage);
    }
    // The other program knows it: ask for `NAME --help` there.
    std::string word(name);
    std::string help = "--help";
    std::vector<char*> argv = {context.argv.front(), word.data(), help.data(), nullptr};
    return report(context, exec_control(argv), ExitCode::software);
}

}  // namespace

const Command k_help = {
    .name = "help",
    .synopsis = "[COMMAND]",
    .text =
        "Lists the commands, or says what one does, with its options, exit codes and examples.\n",
    .exit_codes = "  0   done\n  64  there is no such command\n",
    .examples =
        "  bullpenctl help            all commands\n"
        "  bullpenctl help status     one of them\n"
        "  bullpenctl status --help   the same\n",
    .options = {},
    .operands_min = 0,
    .operands_max = 1,
    .run = run_help,
    .looks_into_home = false,
};

}  // namespace bullpen::ctl
