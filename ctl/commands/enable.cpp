#include "ctl/commands/commands.hpp"
#include "ctl/set_enabled.hpp"

namespace bullpen::ctl {

namespace {

int run_enable(Context& context) {
    return set_enabled(context, true);
}

}  // namespace

const Command k_enable = {
    .name = "enable",
    .synopsis = "NAME|GROUP|GLOB|all...",
    .text =
        "Sets enabled = true in the files of accounts, leaves everything else in them as it is, "
        "and has\n"
        "the daemon apply it if it runs. An account with autostart = true starts.\n",
    .exit_codes =
        "  0   done; also when it could not be applied yet, which it then says\n"
        "  1   a name matches nothing, or an account did not get where it should\n"
        "  64  wrong arguments\n"
        "  75  the daemon runs and does not answer\n"
        "  78  a file has errors and cannot be edited\n",
    .examples = "  bullpenctl enable mes01\n",
    .options = {},
    .operands_min = 1,
    .operands_max = k_operands_any,
    .run = run_enable,
    .writes_home = true,
};

}  // namespace bullpen::ctl
