#include <poll.h>

#include "common/base/errc.hpp"
#include "ctl/act.hpp"
#include "ctl/commands/commands.hpp"
#include "ctl/fleet_view.hpp"
#include "ctl/json_writer.hpp"
#include "ctl/text.hpp"

namespace bullpen::ctl {

namespace {

constexpr Nanos k_upgrade_deadline = std::chrono::seconds(60);
// Between two tries to reach the new program, which binds its socket when it has adopted.
constexpr Millis k_try_interval{50};

// The version that the new program answers with.
Result<std::string> new_version(const Context& context, MonoTime give_up, std::uint64_t before) {
    while (context.clock.mono() < give_up) {
        const auto view = FleetView::read(context.home, context.clock.now(), nullptr);
        const bool fresh = view && view->daemon().state == DaemonState::up &&
                           view->daemon().board->generation > before;
        if (fresh) {
            auto client = ControlClient::connect(context.home, context.clock);
            ipc::Request request;
            request.command = "version";
            if (client && client->ask(std::move(request)))
                return view->daemon().version;
        }
        ::poll(nullptr, 0, static_cast<int>(k_try_interval.count()));
    }
    return fail(Errc::timed_out, "the new bullpend does not answer; see bullpenctl maintail");
}

int run_upgrade(Context& context) {
    const auto view = FleetView::read(context.home, context.clock.now(), nullptr);
    if (!view)
        return report(context, view.error(), ExitCode::failed);
    if (view->daemon().state == DaemonState::down)
        return report(context, no_daemon(context.home.root()), ExitCode::temporary);
    if (view->daemon().state != DaemonState::up)
        return report(context,
                      Error(Errc::unavailable, "bullpend is not ready; see bullpenctl health"),
                      ExitCode::temporary);
    const auto before = view->daemon().board->generation;
    const auto deadline = deadline_of(context, k_upgrade_deadline);
    const auto give_up = context.clock.mono() + deadline;
    auto client = ControlClient::connect(context.home, context.clock);
    if (!client)
        return report(context, client.error(), exit_code_of(client.error()));
    ipc::Request request;
    request.command = "upgrade";
    request.deadline = deadline;
    const auto reply = client->ask(std::move(request), [&](const ipc::Reply& progress) {
        if (!context.globals.json)
            context.err.line(printable(progress.message), Colour::dim);
        context.err.flush();
    });
    if (!reply)
        return report(context, reply.error(), exit_code_of(reply.error()));
    if (!reply->ok)
        return report(context, reply->message, ExitCode::failed);
    const auto version = new_version(context, give_up, before);
    if (!version)
        return report(context, version.error(), ExitCode::failed);
    if (context.globals.json) {
        JsonWriter json(context.out.buffer());
        json.begin_object().key("ok").boolean(true);
        json.key("from").text_or_null(view->daemon().version);
        json.key("to").text_or_null(*version).end_object();
        context.out += "\n";
    } else {
        context.out.line("bullpend " + printable(*version) + " has taken over; it was " +
                         printable(view->daemon().version) + ". No worker was touched.");
    }
    return 0;
}

}  // namespace

const Command k_upgrade = {
    .name = "upgrade",
    .synopsis = "",
    .text =
        "Has the daemon check with the installed program that it can read this home, then puts "
        "that\n"
        "program in its place: same process id, same children, same lock. Every worker goes on, "
        "on\n"
        "the program it runs; `rolling-restart` moves them to the new one. Waits until the new "
        "daemon\n"
        "answers.\n",
    .exit_codes =
        "  0   the new program has taken over\n"
        "  1   it was refused, or does not answer\n"
        "  64  wrong arguments\n"
        "  75  the daemon does not run or does not answer\n",
    .examples = "  bullpenctl upgrade && bullpenctl rolling-restart all\n",
    .options = {},
    .operands_min = 0,
    .operands_max = 0,
    .run = run_upgrade,
};

}  // namespace bullpen::ctl
