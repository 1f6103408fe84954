#include <array>

#include "ctl/act.hpp"
#include "ctl/commands/commands.hpp"

namespace bullpen::ctl {

namespace {

constexpr std::array<Option, 1> k_update_options = {
    {{'d', "dry-run", "", "show what would change, as reread does"}}};

int run_update(Context& context) {
    ipc::Request request;
    request.command = "update";
    request.args.dry_run = context.arguments.has("dry-run");
    request.deadline = deadline_of(context, k_act_deadline);
    return act_on_settings(context, std::move(request));
}

}  // namespace

const Command k_update = {
    .name = "update",
    .synopsis = "",
    .text =
        "Applies what has changed in bullpen.toml and accounts.d, shows it, and waits for the\n"
        "accounts it concerns: new ones start, those whose file is gone stop and leave, changed "
        "ones\n"
        "restart if a changed key needs it. No other account is touched. A file with errors "
        "changes\n"
        "nothing for its account; its last good version stays in force. An account whose file is "
        "gone\n"
        "while it is not flat goes on with its last good settings, with an alarm; once it is flat, "
        "an\n"
        "update removes it.\n",
    .exit_codes =
        "  0   done\n"
        "  1   an account did not get where it should, or a file has errors\n"
        "  64  wrong arguments\n"
        "  75  the daemon does not run or does not answer\n",
    .examples =
        "  bullpenctl update --dry-run     what would happen\n"
        "  bullpenctl update               do it\n",
    .options = k_update_options,
    .operands_min = 0,
    .operands_max = 0,
    .run = run_update,
    .far = true,
};

}  // namespace bullpen::ctl
