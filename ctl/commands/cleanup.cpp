#include "ctl/act.hpp"
#include "ctl/commands/commands.hpp"

namespace bullpen::ctl {

namespace {

int run_cleanup(Context& context) {
    ipc::Request request;
    request.command = "cleanup";
    request.deadline = deadline_of(context, ipc::k_control_deadline_default);
    return act(context, std::move(request));
}

}  // namespace

const Command k_cleanup = {
    .name = "cleanup",
    .synopsis = "",
    .text =
        "Asks the daemon to look once more after accounts without a process: what is left of a "
        "dead\n"
        "worker's tree is ended. The daemon does so by itself after every death; this is for the\n"
        "operator who wants to be sure. No data is deleted.\n",
    .exit_codes = {},
    .examples = "  bullpenctl cleanup\n",
    .options = {},
    .operands_min = 0,
    .operands_max = 0,
    .run = run_cleanup,
};

}  // namespace bullpen::ctl
