#include "common/config/roster.hpp"
#include "ctl/commands/commands.hpp"
#include "ctl/fleet_view.hpp"
#include "ctl/text.hpp"

namespace bullpen::ctl {

namespace {

int run(Context& context) {
    if (const auto there = look_into(context.home); !there)
        return report(context, there.error(), ExitCode::config);
    const auto issues = config::check_home(context.home);
    const bool broken = config::has_errors(issues);
    if (context.globals.json) {
        context.out += std::string("{\"ok\":") + (broken ? "false" : "true") +
                       ",\"problems\":" + config::json(issues) + "}\n";
        return value(broken ? ExitCode::config : ExitCode::done);
    }
    for (const auto& issue : issues) {
        const bool error = issue.severity == config::Severity::error;
        context.out.line(printable(config::text(issue)), error ? Colour::red : Colour::yellow);
    }
    if (!broken)
        context.out.line("The settings of " + context.home.root() + " are in order.");
    return value(broken ? ExitCode::config : ExitCode::done);
}

}  // namespace

const Command k_check = {
    .name = "check",
    .synopsis = "",
    .text =
        "Reads bullpen.toml and every file in accounts.d and lists all errors, each with file, "
        "line,\n"
        "key and the known key that is nearest. Needs no daemon and changes nothing.\n",
    .exit_codes =
        "  0   the settings are in order; there may be notes\n"
        "  64  wrong arguments\n"
        "  78  there are errors; also a home that is not there or may not be looked into\n",
    .examples = "  bullpenctl check && bullpenctl update\n",
    .options = {},
    .operands_min = 0,
    .operands_max = 0,
    .run = run,
    .looks_into_home = false,
};

}  // namespace bullpen::ctl
