#include <array>

#include "ctl/act.hpp"
#include "ctl/commands/commands.hpp"

namespace bullpen::ctl {

namespace {

constexpr std::array<Option, 1> k_start_options = {k_no_wait_option};

int run_start(Context& context) {
    ipc::Request request;
    request.command = "start";
    request.deadline = deadline_of(context, k_act_deadline);
    request.args.wait = !context.arguments.has("no-wait");
    return act_on_words(context, std::move(request), context.arguments.operands,
                        Disabled::passed_over);
}

}  // namespace

const Command k_start = {
    .name = "start",
    .synopsis = "NAME|GROUP|GLOB|all...",
    .text =
        "Starts accounts and waits until each runs and has said that it is ready, or will not: it "
        "died,\n"
        "waits for a lock, its file says enabled = false. Prints a verdict for each; one that "
        "runs\n"
        "already is left alone and said so. An account stays wanted when this ends early; without "
        "--timeout\n"
        "it is waited for 2 minutes.\n",
    .exit_codes = {},
    .examples =
        "  bullpenctl start mes01           one account\n"
        "  bullpenctl start 'futures:*' nq01  a group and an account\n"
        "  bullpenctl start all -t 5min     everything, with more time\n",
    .options = k_start_options,
    .operands_min = 1,
    .operands_max = k_operands_any,
    .run = run_start,
    .far = true,
};

}  // namespace bullpen::ctl
