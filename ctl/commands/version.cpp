#include "ctl/commands/commands.hpp"
#include "ctl/fleet_view.hpp"
#include "ctl/help.hpp"
#include "ctl/json_writer.hpp"
#include "ctl/text.hpp"

namespace bullpen::ctl {

namespace {

int run_version(Context& context) {
    const auto view = FleetView::read(context.home, context.clock.now(), nullptr);
    const bool lives = view && view->daemon().state != DaemonState::down;
    const auto daemon = lives ? view->daemon().version : std::string();
    if (context.globals.json) {
        JsonWriter json(context.out.buffer());
        json.begin_object();
        json.key("bullpenctl").string(BULLPEN_VERSION);
        json.key("daemon").text_or_null(daemon);
        json.end_object();
        context.out += "\n";
        return 0;
    }
    context.out += version_line();
    if (!view)
        context.out.line(printable(view.error().message()));
    else if (!lives)
        context.out.line("bullpend does not run in " + context.home.root());
    else
        context.out.line("bullpend " + printable(daemon.empty() ? "unknown" : daemon) + " (pid " +
                         std::to_string(view->daemon().pid) + ")");
    return 0;
}

}  // namespace

const Command k_version = {
    .name = "version",
    .synopsis = "",
    .text =
        "Prints the version of this tool and of the daemon that runs in the home, if one does.\n",
    .exit_codes = "  0   done\n  64  wrong arguments\n",
    .examples = "  bullpenctl version\n",
    .options = {},
    .operands_min = 0,
    .operands_max = 0,
    .run = run_version,
    .looks_into_home = false,
};

}  // namespace bullpen::ctl
