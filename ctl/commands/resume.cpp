#include <array>

#include "ctl/act.hpp"
#include "ctl/commands/commands.hpp"

namespace bullpen::ctl {

namespace {

constexpr std::array<Option, 2> k_resume_options = {
    k_no_wait_option,
    Option{'\0', "restart-floor", "",
           "and let a loss floor that was reached begin anew, from the balance of now"}};

int run_resume(Context& context) {
    ipc::Request request;
    request.command = context.arguments.has("restart-floor") ? "restart_floor" : "resume";
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
        "orders did not do what they must. A loss floor that was reached stays so until it is "
        "restarted:\n"
        "it then follows the balance of now, as that of a new account. That is in the audit logs "
        "of "
        "daemon\n"
        "and account.\n"
        "It says what it lifted, and what still keeps the account from entering; or that nothing "
        "was to be\n"
        "resumed.\n",
    .exit_codes = {},
    .examples =
        "  bullpenctl resume mes01          one account\n"
        "  bullpenctl resume all            every account\n"
        "  bullpenctl resume --restart-floor mes01\n",
    .options = k_resume_options,
    .operands_min = 1,
    .operands_max = k_operands_any,
    .run = run_resume,
    .far = true,
};

}  // namespace bullpen::ctl
