#include <array>

#include "common/base/errc.hpp"
#include "ctl/act.hpp"
#include "ctl/commands/commands.hpp"
#include "ctl/daemon_process.hpp"
#include "ctl/text.hpp"

namespace bullpen::ctl {

namespace {

constexpr std::array<Option, 2> k_shutdown_options = {
    {{'k', "keep-workers", "", "leave the workers running; the next daemon adopts them"},
     k_no_wait_option}};

// Stopping 500 accounts, each with its own stop_wait, takes as long as the slowest.
constexpr Nanos k_shutdown_deadline = std::chrono::minutes(5);

int run_shutdown(Context& context) {
    const auto view = FleetView::read(context.home, context.clock.now(), nullptr);
    if (!view)
        return report(context, view.error(), ExitCode::failed);
    if (view->daemon().state == DaemonState::down)
        return report(context, no_daemon(context.home.root()), ExitCode::temporary);
    // Opened before the question, so that it cannot be another process's end that is seen.
    const auto process = DaemonProcess::of(view->daemon());
    ipc::Request request;
    request.command = "shutdown";
    request.args.keep_workers = context.arguments.has("keep-workers");
    request.deadline = deadline_of(context, k_shutdown_deadline);
    const auto give_up = context.clock.mono() + request.deadline;
    const auto answer = ask_and_show(context, std::move(request));
    const bool went_away = !answer && answer.error().code() == Errc::unavailable && process;
    if (!answer && !went_away)
        return report(context, answer.error(), exit_code_of(answer.error()));
    // It ends all the same, and what somebody started by hand goes on.
    const bool by_hand = answer && answer->last.code == "held_by_hand";
    if (answer && !answer->ok && !by_hand)
        return report(context, answer->last.message, ExitCode::failed);
    const auto code = value(by_hand ? ExitCode::failed : ExitCode::done);
    if (!process || context.arguments.has("no-wait"))
        return code;
    if (!process->wait(give_up - context.clock.mono()))
        return report(context, "bullpend said that it would end, and has not yet",
                      ExitCode::failed);
    if (context.globals.json)
        return code;
    if (answer && !answer->last.message.empty())
        context.out.line(printable(answer->last.message) + ".");
    context.out.line("bullpend has ended.");
    return code;
}

}  // namespace

const Command k_shutdown = {
    .name = "shutdown",
    .synopsis = "",
    .text =
        "Ends the daemon and waits until its process is gone. Every account is stopped first, in\n"
        "order, and starts again with the next daemon, but for what was stopped by an operator "
        "and\n"
        "what only an operator starts (autostart = false); with --keep-workers none is touched, "
        "and the\n"
        "next daemon adopts them. Under systemd use systemctl, or it is started again at once.\n",
    .exit_codes =
        "  0   the daemon has ended\n"
        "  1   it has not; or it has, and a worker that was started by hand goes on\n"
        "  64  wrong arguments\n"
        "  75  the daemon does not run or does not answer\n",
    .examples =
        "  bullpenctl shutdown                  stop everything\n"
        "  bullpenctl shutdown --keep-workers   only the daemon\n",
    .options = k_shutdown_options,
    .operands_min = 0,
    .operands_max = 0,
    .run = run_shutdown,
};

}  // namespace bullpen::ctl
