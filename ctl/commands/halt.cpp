#include <array>

#include "ctl/act.hpp"
#include "ctl/commands/commands.hpp"

namespace bullpen::ctl {

namespace {

constexpr std::array<Option, 1> k_halt_options = {k_no_wait_option};

int run_halt(Context& context) {
    ipc::Request request;
    request.command = "halt";
    request.deadline = deadline_of(context, k_act_deadline);
    request.args.wait = !context.arguments.has("no-wait");
    return act_on_words(context, std::move(request), context.arguments.operands);
}

}  // namespace

const Command k_halt = {
    .name = "halt",
    .synopsis = "NAME|GROUP|GLOB|all...",
    .text =
        "Stops trading: cancels every order, closes what is held, and waits until the broker says "
        "that\n"
        "nothing is left. The account enters nothing until `resume`, also after a restart. A "
        "worker that\n"
        "hangs is replaced, and its successor is told. One that is STOPPED or FATAL and holds "
        "something,\n"
        "or may, is started for that alone, and is then as it was. A program of one's own is "
        "stopped; what\n"
        "it holds nobody here can know.\n",
    .exit_codes = {},
    .examples =
        "  bullpenctl halt mes01            one account\n"
        "  bullpenctl halt all              every account, at once\n",
    .options = k_halt_options,
    .operands_min = 1,
    .operands_max = k_operands_any,
    .run = run_halt,
    .far = true,
};

}  // namespace bullpen::ctl
