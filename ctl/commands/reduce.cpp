#include <array>

#include "ctl/act.hpp"
#include "ctl/commands/commands.hpp"

namespace bullpen::ctl {

namespace {

constexpr std::array<Option, 1> k_reduce_options = {k_no_wait_option};

int run_reduce(Context& context) {
    ipc::Request request;
    request.command = "reduce";
    request.deadline = deadline_of(context, k_act_deadline);
    request.args.wait = !context.arguments.has("no-wait");
    return act_on_words(context, std::move(request), context.arguments.operands);
}

}  // namespace

const Command k_reduce = {
    .name = "reduce",
    .synopsis = "NAME|GROUP|GLOB|all...",
    .text =
        "No new entries until `resume`, also after a restart; resting entries are cancelled. What "
        "is held\n"
        "is managed and closed as always.\n",
    .exit_codes = {},
    .examples =
        "  bullpenctl reduce mes01          one account\n"
        "  bullpenctl reduce 'mes-*'        those that match\n",
    .options = k_reduce_options,
    .operands_min = 1,
    .operands_max = k_operands_any,
    .run = run_reduce,
    .far = true,
};

}  // namespace bullpen::ctl
