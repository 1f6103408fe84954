#include "ctl/act.hpp"
#include "ctl/commands/commands.hpp"

namespace bullpen::ctl {

namespace {

int run_reread(Context& context) {
    ipc::Request request;
    request.command = "reread";
    request.deadline = deadline_of(context, ipc::k_control_deadline_default);
    return act_on_settings(context, std::move(request));
}

}  // namespace

const Command k_reread = {
    .name = "reread",
    .synopsis = "",
    .text =
        "Has the daemon read bullpen.toml and accounts.d again and shows what differs from what is "
        "in\n"
        "force: accounts added, removed and changed, each changed key with its old and new value, "
        "and\n"
        "which accounts would restart. Says what is wrong in the files, and which account's file "
        "is\n"
        "gone while it is not flat: that one is not removed. Applies nothing.\n",
    .exit_codes =
        "  0   done\n"
        "  1   a file has errors, or is gone while its account is not flat\n"
        "  64  wrong arguments\n"
        "  75  the daemon does not run or does not answer\n",
    .examples = "  bullpenctl reread && bullpenctl update\n",
    .options = {},
    .operands_min = 0,
    .operands_max = 0,
    .run = run_reread,
    .far = true,
};

}  // namespace bullpen::ctl
