#include <unistd.h>

#include <array>

#include "common/model/reason.hpp"
#include "ctl/commands/commands.hpp"
#include "ctl/program.hpp"
#include "ctl/screen.hpp"
#include "ctl/status_table.hpp"
#include "ctl/targets.hpp"
#include "ctl/text.hpp"

namespace bullpen::ctl {

namespace {

constexpr std::array<Option, 1> k_top_options = {
    {{'i', "interval", "TIME", "between two looks at the board; default 1s, from 100ms"}}};

constexpr Millis k_interval_default{1000};
constexpr Millis k_interval_min{100};
constexpr Millis k_interval_max{3'600'000};

std::string head_line(const FleetView& view, const Targets& targets, const Home& home) {
    std::size_t running = 0;
    for (const auto& chosen : targets.rows)
        running += shown_state(*chosen.row) == "RUNNING" ? 1 : 0;
    std::string line = home.root() + "  " + std::to_string(targets.rows.size()) + " accounts, " +
                       std::to_string(running) + " running";
    if (view.daemon().state == DaemonState::up) {
        const auto& board = *view.daemon().board;
        line += "  bullpend " + printable(view.daemon().version) + " pid " +
                std::to_string(view.daemon().pid) + ", loop p99 " +
                std::to_string(board.loop_p99_us) + " us";
    }
    return line;
}

std::string page(Context& context, bool colour) {
    const auto now = context.clock.now();
    const auto view = FleetView::read(context.home, now, context.roster);
    if (!view)
        return view.error().message() + "\n";
    const auto targets = choose(*view, context.arguments.operands);
    const auto width = terminal_width(STDOUT_FILENO);
    std::string text = shortened(head_line(*view, targets, context.home), width) + "\n";
    const auto notice = view->notice(context.home);
    const auto second = notice.empty() ? spaced_utc(format_utc(now.utc)) + "  q quits" : notice;
    text += shortened(second, width) + "\n\n";
    for (const auto& unmatched : targets.unmatched)
        text += shortened(sentence(unmatched), width) + "\n";
    return text + status_table(targets.rows).render(width, colour);
}

int run_top(Context& context) {
    auto interval = k_interval_default;
    if (const auto text = context.arguments.value("interval")) {
        const auto wanted = parse_duration(*text);
        if (!wanted)
            return report(context, wanted.error(), ExitCode::usage);
        interval =
            std::clamp(std::chrono::duration_cast<Millis>(*wanted), k_interval_min, k_interval_max);
    }
    const auto view = FleetView::read(context.home, context.clock.now(), context.roster);
    if (!view)
        return report(context, view.error(), ExitCode::failed);
    if (!view->has_board() && context.roster == nullptr)
        static_cast<void>(exec_control(context.argv));
    auto screen = Screen::open(STDIN_FILENO, STDOUT_FILENO);
    if (!screen)
        return report(context, screen.error(), ExitCode::usage);
    while (screen->draw(page(context, context.out.coloured()))) {
        if (screen->wait(interval) == ScreenEvent::quit)
            break;
    }
    return 0;
}

}  // namespace

const Command k_top = {
    .name = "top",
    .synopsis = "[NAME|GROUP|GLOB...]",
    .text =
        "Shows the table of `status` and keeps it up to date; q or Ctrl-C quits. It works at any\n"
        "width, and when the daemon is down.\n",
    .exit_codes =
        "  0   done\n"
        "  1   there is no such home\n"
        "  64  wrong arguments, or no terminal\n",
    .examples =
        "  bullpenctl top                 every account\n"
        "  bullpenctl top -i 5s 'futures:*' one group, every five seconds\n",
    .options = k_top_options,
    .operands_min = 0,
    .operands_max = k_operands_any,
    .run = run_top,
};

}  // namespace bullpen::ctl
