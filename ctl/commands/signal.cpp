#include <array>

#include "ctl/act.hpp"
#include "ctl/commands/commands.hpp"

namespace bullpen::ctl {

namespace {

int run_signal(Context& context) {
    const auto& words = context.arguments.operands;
    ipc::Request request;
    request.command = "signal";
    request.args.signal = std::string(words[0]);
    for (char& c : request.args.signal)
        c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
    request.deadline = deadline_of(context, ipc::k_control_deadline_default);
    return act_on_words(context, std::move(request), std::span(words).subspan(1));
}

}  // namespace

const Command k_signal = {
    .name = "signal",
    .synopsis = "SIGNAL NAME|GROUP|GLOB|all...",
    .text =
        "Sends a signal to the workers of accounts: TERM, HUP, INT, QUIT, KILL, USR1, USR2, STOP,\n"
        "CONT or ABRT, or its number. A worker that dies of it is restarted like any other.\n",
    .exit_codes = {},
    .examples =
        "  bullpenctl signal USR1 mes01    whatever the program does on USR1\n"
        "  bullpenctl signal KILL all      every worker dies, and comes back\n",
    .options = {},
    .operands_min = 2,
    .operands_max = k_operands_any,
    .run = run_signal,
    .far = true,
};

}  // namespace bullpen::ctl
