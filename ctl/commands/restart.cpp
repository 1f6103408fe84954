#include <array>

#include "ctl/act.hpp"
#include "ctl/commands/commands.hpp"

namespace bullpen::ctl {

namespace {

constexpr std::array<Option, 1> k_restart_options = {k_no_wait_option};

int run_restart(Context& context) {
    ipc::Request request;
    request.command = "restart";
    request.deadline = deadline_of(context, k_act_deadline);
    request.args.wait = !context.arguments.has("no-wait");
    return act_on_words(context, std::move(request), context.arguments.operands,
                        Disabled::passed_over);
}

}  // namespace

const Command k_restart = {
    .name = "restart",
    .synopsis = "NAME|GROUP|GLOB|all...",
    .text =
        "Stops accounts that run, starts all that were named, and waits until each is ready. "
        "Groups,\n"
        "globs and all pass over disabled accounts.\n",
    .exit_codes = {},
    .examples =
        "  bullpenctl restart mes01         one account\n"
        "  bullpenctl restart 'mes-*'       those that match\n",
    .options = k_restart_options,
    .operands_min = 1,
    .operands_max = k_operands_any,
    .run = run_restart,
    .far = true,
};

}  // namespace bullpen::ctl
