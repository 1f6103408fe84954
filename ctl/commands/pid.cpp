#include "ctl/commands/commands.hpp"
#include "ctl/json_writer.hpp"
#include "ctl/targets.hpp"

namespace bullpen::ctl {

namespace {

// Nothing for no process: `kill $(bullpenctl pid mes01)` must not become `kill 0`, which is the
// caller's own group.
void print_pid(Context& context, int pid) {
    if (pid > 0)
        context.out.line(std::to_string(pid));
}

int daemon_pid(Context& context, const FleetView& view) {
    const auto& daemon = view.daemon();
    const bool lives = daemon.state != DaemonState::down;
    if (context.globals.json) {
        JsonWriter json(context.out.buffer());
        json.begin_object().key("daemon");
        lives ? json.number(daemon.pid) : json.null();
        json.end_object();
        context.out += "\n";
    } else {
        print_pid(context, lives ? daemon.pid : 0);
    }
    return lives ? 0 : static_cast<int>(StatusCode::not_running);
}

int run_pid(Context& context) {
    auto view = FleetView::read(context.home, context.clock.now(), context.roster);
    if (!view) {
        report(context, view.error(), ExitCode::failed);
        return static_cast<int>(StatusCode::unknown);
    }
    if (context.arguments.operands.empty())
        return daemon_pid(context, *view);
    const auto targets = choose(*view, context.arguments.operands);
    bool all = true;
    JsonWriter json(context.out.buffer());
    if (context.globals.json)
        json.begin_object();
    for (const auto& chosen : targets.rows) {
        const auto& row = *chosen.row;
        all = all && row.pid != 0;
        if (!context.globals.json) {
            print_pid(context, row.pid);
            continue;
        }
        json.key(row.slot->account.view());
        row.pid != 0 ? json.number(row.pid) : json.null();
    }
    if (context.globals.json) {
        json.end_object();
        context.out += "\n";
    }
    report_unmatched(context, targets);
    if (!targets.unmatched.empty())
        return static_cast<int>(StatusCode::unknown);
    return all ? 0 : static_cast<int>(StatusCode::not_running);
}

}  // namespace

const Command k_pid = {
    .name = "pid",
    .synopsis = "[NAME|GROUP|GLOB...]",
    .text =
        "Prints the process id of the daemon, or of the workers of the named accounts, one a "
        "line;\n"
        "nothing where there is no process.\n",
    .exit_codes =
        "  0   every process asked for lives\n"
        "  3   one does not\n"
        "  4   a name matches nothing, or there is no such home\n"
        "  64  wrong arguments\n",
    .examples =
        "  bullpenctl pid                       of the daemon\n"
        "  kill -9 $(bullpenctl pid mes01)      of a worker; it comes back\n",
    .options = {},
    .operands_min = 0,
    .operands_max = k_operands_any,
    .run = run_pid,
    .looks_into_home = false,
};

}  // namespace bullpen::ctl
