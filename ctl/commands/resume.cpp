#include <array>

#include "ctl/act.hpp"
#include "ctl/commands/commands.hpp"

namespace bullpen::ctl {

namespace {

constexpr std::array<Option, 1> k_options = {k_no_wait_option};

int run(Context& context) {
    ipc::Request request;
    request.command = "resume";
    request.deadline = deadline_of(context, k_act_deadline);
    request.args.wait = !context.arguments.has("no-wait");
    return act_on_words(context, std::move(request), context.arguments.operands);
}

}  // namespace

const Command k_resume = {
    .name = "resume",
    .synopsis = "NAME|GROUP|GLOB|all...",
    .text =
        "Lifts what `halt`, `reduce` and `flatten` ordered, or what an account ordered itself when "
        "its\n"
        "orders did not do what they must.\n",
    .exit_codes = {},
    .examples =
        "  bullpenctl resume mes01          one account\n"
        "  bullpenctl resume all            every account\n",
    .options = k_options,
    .operands_min = 1,
    .operands_max = k_operands_any,
    .run = run,
};

}  // namespace bullpen::ctl
