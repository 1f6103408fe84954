#include <array>

#include "ctl/act.hpp"
#include "ctl/commands/commands.hpp"

namespace bullpen::ctl {

namespace {

constexpr std::array<Option, 1> k_stop_options = {k_no_wait_option};

int run_stop(Context& context) {
    ipc::Request request;
    request.command = "stop";
    request.deadline = deadline_of(context, k_act_deadline);
    request.args.wait = !context.arguments.has("no-wait");
    return act_on_words(context, std::move(request), context.arguments.operands);
}

}  // namespace

const Command k_stop = {
    .name = "stop",
    .synopsis = "NAME|GROUP|GLOB|all...",
    .text =
        "Stops accounts in order and waits until their processes are gone: each is told to drain, "
        "gets\n"
        "stop_wait from its file, and is killed after that. It stays stopped, also across a "
        "restart of the\n"
        "daemon, until `start`. Says what stays open at the broker, and whether a stop of the "
        "account\n"
        "protects it. A worker that somebody started by hand is not the daemon's to end: that "
        "fails\n"
        "with held_by_hand and its pid.\n",
    .exit_codes = {},
    .examples =
        "  bullpenctl stop mes01            one account\n"
        "  bullpenctl stop all              every account; the daemon goes on\n",
    .options = k_stop_options,
    .operands_min = 1,
    .operands_max = k_operands_any,
    .run = run_stop,
    .far = true,
};

}  // namespace bullpen::ctl
