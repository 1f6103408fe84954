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
        "Forgets the deaths of accounts, so that one that is FATAL may be started again. It "
        "starts\n"
        "nothing by itself.\n",
    .exit_codes = {},
    .examples = "  bullpenctl clear mes01 && bullpenctl start mes01\n",
    .options = k_clear_options,
    .operands_min = 1,
    .operands_max = k_operands_any,
    .run = run_clear,
};

}  // namespace bullpen::ctl
