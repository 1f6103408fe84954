#include "ctl/commands/commands.hpp"
#include "ctl/show_log.hpp"

namespace bullpen::ctl {

namespace {

int run_maintail(Context& context) {
    const bool audit = !context.arguments.operands.empty();
    if (audit && context.arguments.operands.front() != "audit")
        return report(context, "there is the daemon's log, and audit", ExitCode::usage);
    return show_log(context, audit ? context.home.audit_log() : context.home.daemon_log(), true);
}

}  // namespace

const Command k_maintail = {
    .name = "maintail",
    .synopsis = "[audit]",
    .text = "Prints the end of the daemon's own log, or of its audit log.\n",
    .exit_codes = "  0   done\n  1   there is no such log\n  64  wrong arguments\n",
    .examples =
        "  bullpenctl maintail -n 50       the last 50 lines\n"
        "  bullpenctl maintail -f          what the daemon does now\n"
        "  bullpenctl maintail audit       who told it to do what\n",
    .options = k_log_options,
    .operands_min = 0,
    .operands_max = 1,
    .run = run_maintail,
};

}  // namespace bullpen::ctl
