#include <array>

#include "ctl/act.hpp"
#include "ctl/commands/commands.hpp"

namespace bullpen::ctl {

namespace {

constexpr std::array<Option, 1> k_flatten_options = {k_no_wait_option};

int run_flatten(Context& context) {
    ipc::Request request;
    request.command = "flatten";
    request.deadline = deadline_of(context, k_act_deadline);
    request.args.wait = !context.arguments.has("no-wait");
    return act_on_words(context, std::move(request), context.arguments.operands);
}

}  // namespace

const Command k_flatten = {
    .name = "flatten",
    .synopsis = "NAME|GROUP|GLOB|all...",
    .text =
        "Closes what is held, cancels every order, and waits until the broker says that nothing is "
        "left.\n"
        "Nothing new is entered until `resume`. A worker that hangs is replaced, and its successor "
        "is told.\n"
        "One that is STOPPED or FATAL and holds something, or may, is started for that alone, and "
        "is then\n"
        "as it was. A program of one's own is stopped; what it holds nobody here can know.\n",
    .exit_codes = {},
    .examples =
        "  bullpenctl flatten mes01         one account\n"
        "  bullpenctl flatten all           every account, at once\n",
    .options = k_flatten_options,
    .operands_min = 1,
    .operands_max = k_operands_any,
    .run = run_flatten,
    .far = true,
};

}  // namespace bullpen::ctl
