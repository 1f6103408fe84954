#include "ctl/commands/commands.hpp"
#include "ctl/health_view.hpp"
#include "ctl/json_writer.hpp"
#include "ctl/targets.hpp"

namespace bullpen::ctl {

namespace {

int print(Context& context, const Health& health, const FleetView* view, Instant now) {
    if (context.globals.json) {
        JsonWriter json(context.out.buffer());
        append_health_json(json, health, view, now);
        context.out += "\n";
    } else {
        const auto colour = health.code == HealthCode::ok        ? Colour::green
                            : health.code == HealthCode::warning ? Colour::yellow
                                                                 : Colour::red;
        context.out.line("BULLPEN " + std::string(word(health.code)) + ": " + health.text, colour);
    }
    return static_cast<int>(health.code);
}

int run_health(Context& context) {
    auto now = context.clock.now();
    auto view = look(context, &now);
    if (!view)
        return print(context, {HealthCode::unknown, view.error().context()}, nullptr, now);
    return print(context, judge(*view, context.arguments.operands), &*view, now);
}

}  // namespace

const Command k_health = {
    .name = "health",
    .synopsis = "[NAME|GROUP|GLOB...]",
    .text =
        "Prints one line and exits with the code that Nagios, Icinga and their kin expect. It "
        "reads\n"
        "the status board only: it cannot hang on a daemon that hangs.\n"
        "\n"
        "CRITICAL: the daemon is down or has not moved for 5 seconds, an account is FATAL or was "
        "lost\n"
        "while no daemon ran. UNKNOWN: an account's state is. WARNING: the daemon is starting or\n"
        "shutting down, the disk is full, a settings file has errors, an account is late, "
        "WAITING,\n"
        "BACKOFF or had to be killed, or was started by hand, or runs and may not trade: no fresh\n"
        "bars, no broker, trouble with an order or a position, no calendar, a wrong clock, no "
        "lease.\n"
        "Accounts that are stopped, or hindered, on purpose are in order. The worst are named "
        "first.\n",
    .exit_codes =
        "  0   OK\n"
        "  1   WARNING\n"
        "  2   CRITICAL\n"
        "  3   UNKNOWN; also a name that matches nothing, and a home that is not there\n"
        "  64  wrong arguments\n"
        "The worst of all counts, in the order 2, 3, 1, 0.\n",
    .examples =
        "  bullpenctl health                  the whole home\n"
        "  bullpenctl health 'futures:*'        one group\n"
        "  bullpenctl health || mail -s \"$(bullpenctl health)\" me@example.com < /dev/null\n",
    .options = {},
    .operands_min = 0,
    .operands_max = k_operands_any,
    .run = run_health,
    .looks_into_home = false,
    .far = true,
};

}  // namespace bullpen::ctl
