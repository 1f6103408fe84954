#include <array>

#include "ctl/act.hpp"
#include "ctl/commands/commands.hpp"

namespace bullpen::ctl {

namespace {

constexpr std::array<Option, 1> k_rolling_restart_options = {k_no_wait_option};

int run_rolling_restart(Context& context) {
    ipc::Request request;
    request.command = "rolling_restart";
    request.deadline = deadline_of(context, ipc::k_control_deadline_max);
    request.args.wait = !context.arguments.has("no-wait");
    return act_on_words(context, std::move(request), context.arguments.operands,
                        Disabled::passed_over);
}

}  // namespace

const Command k_rolling_restart = {
    .name = "rolling-restart",
    .synopsis = "NAME|GROUP|GLOB|all...",
    .text =
        "Restarts accounts one at a time, each only when it has no open position, and goes on when "
        "the\n"
        "one before is back and has stayed up for five seconds. It gives up at the first that does "
        "not\n"
        "come back. Use it to put workers on a newly installed program. Without --timeout it is "
        "waited for a day.\n"
        "\n"
        "An account that does not say whether it is flat (heartbeat = \"none\") is left out, and "
        "the\n"
        "exit code is 1: restart it by itself.\n"
        "\n"
        "An account of shares may hold them behind their stops at the broker; it is waited for "
        "while\n"
        "a share has no stop, an order works, or a job is at more than waiting.\n",
    .exit_codes = {},
    .examples =
        "  bullpenctl rolling-restart all   after an upgrade\n"
        "  bullpenctl rolling-restart --no-wait 'futures:*'\n",
    .options = k_rolling_restart_options,
    .operands_min = 1,
    .operands_max = k_operands_any,
    .run = run_rolling_restart,
    .far = true,
};

}  // namespace bullpen::ctl
