#include <array>

#include "ctl/act.hpp"
#include "ctl/commands/commands.hpp"

namespace bullpen::ctl {

namespace {

constexpr std::array<Option, 1> k_clear_options = {k_no_wait_option};

int run_clear(Context& context) {
    ipc::Request request;
    request.command = "clear";
    request.deadline = deadline_of(context, ipc::k_control_deadline_default);
    request.args.wait = !context.arguments.has("no-wait");
    return act_on_words(context, std::move(request), context.arguments.operands);
}

}  // namespace

const Command k_clear = {
    .name = "clear",
    .synopsis = "NAME|GROUP|GLOB|all...",
    .text =
        "Takes accounts out of FATAL without starting them: they are STOPPED, and what they died "
        "of is\n"
        "forgotten, as by `start`. One that is not FATAL is left as it is, which is no error.\n",
    .exit_codes = {},
    .examples =
        "  bullpenctl clear mes01   its position is closed by hand; it is not to start today\n",
    .options = k_clear_options,
    .operands_min = 1,
    .operands_max = k_operands_any,
    .run = run_clear,
    .far = true,
};

}  // namespace bullpen::ctl
