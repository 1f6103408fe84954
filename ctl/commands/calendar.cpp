#include <array>
#include <string>
#include <vector>

#include "ctl/act.hpp"
#include "ctl/calendar_view.hpp"
#include "ctl/commands/commands.hpp"
#include "ctl/program.hpp"

namespace bullpen::ctl {

namespace {

constexpr std::array<Option, 13> k_calendar_options = {{
    {'d', "days", "N", "so many days from today on (list: 7)"},
    {'a', "account", "NAME", "only events that the account stands aside for, and when"},
    {'\0', "ics", "", "as an iCalendar file"},
    {'r', "reason", "TEXT", "what makes you say so; kept with the entry"},
    {'\0', "by", "NAME", "who says so"},
    {'\0', "expires", "TIME", "when the entry ends: 2026-12-05T17:00, or in UTC with a Z"},
    {'\0', "until", "TIME", "how long accounts may trade without the calendar"},
    {'\0', "tz", "ZONE", "the zone of the times given; America/New_York"},
    {'\0', "title", "TEXT", "of an added event"},
    {'\0', "importance", "N", "of an added event: 1 to 3"},
    {'\0', "currency", "CODE", "of an added event"},
    {'\0', "dry-run", "", "of refresh: say what would change, and write nothing"},
    {'\0', "force", "", "take away an important event that is less than a day off"},
}};

struct Word {
    std::string_view word;
    int (*run)(Context&, const CalendarView&);
    std::size_t operands_max;
};
constexpr std::size_t k_operands_max = 5;
constexpr std::array k_words{Word{"list", calendar_list, 1},
                             Word{"today", calendar_list, 1},
                             Word{"next", calendar_next, 1},
                             Word{"show", calendar_show, 2},
                             Word{"sources", calendar_sources, 1},
                             Word{"coverage", calendar_coverage, 1},
                             Word{"export", calendar_export, 1},
                             Word{"add", calendar_edit, 3},
                             Word{"move", calendar_edit, 3},
                             Word{"cancel", calendar_edit, 2},
                             Word{"set-importance", calendar_edit, 3},
                             Word{"undo", calendar_edit, 2},
                             Word{"ack", calendar_edit, 1},
                             Word{"hours", calendar_hours, 3},
                             Word{"market-closed", calendar_edit, 3},
                             Word{"early-close", calendar_edit, 4},
                             Word{"special-session", calendar_edit, k_operands_max}};

// By the program that the daemon starts for it: one at a time runs in a home, whoever began it.
int refresh(Context& context) {
    std::vector<std::string> words = {"bullpen-calendar", "refresh", "--home", context.home.root()};
    if (context.arguments.has("dry-run"))
        words.emplace_back("--dry-run");
    if (context.globals.json)
        words.emplace_back("--json");
    return report(context, exec_calendar(words), ExitCode::software);
}

int run_calendar(Context& context) {
    const auto word = context.arguments.operands[0];
    if (word == "refresh") {
        return context.arguments.operands.size() == 1
                   ? refresh(context)
                   : report(context, "refresh takes no more words", ExitCode::usage);
    }
    for (const Word& known : k_words) {
        if (known.word != word)
            continue;
        if (context.arguments.operands.size() > known.operands_max)
            return report(context, std::string(word) + " takes fewer words", ExitCode::usage);
        const auto view = CalendarView::read(context.home, context.clock.utc());
        if (!view)
            return report(context, view.error(), exit_code_of(view.error()));
        return known.run(context, *view);
    }
    std::string all = "refresh";
    for (const Word& known : k_words)
        all += ", " + std::string(known.word);
    return report(context, "calendar does not know '" + std::string(word) + "', but " + all,
                  ExitCode::usage);
}

}  // namespace

const Command k_calendar = {
    .name = "calendar",
    .synopsis = "WORD [ID|MARKET] [TIME|DATE] [HOURS...]",
    .text =
        "The economic calendar that accounts stand aside for, and the hours of markets. Read from\n"
        "the home's files, with or without a daemon; docs/calendar.md explains it.\n"
        "\n"
        "  list, today     the events of the next days, or of today\n"
        "  next            the next one of high importance, or that the account minds\n"
        "  show ID         everything known of one, and where from\n"
        "  sources         how old each source is, and what is wrong with it\n"
        "  coverage        for which days each series is known\n"
        "  export --ics    an iCalendar file\n"
        "  add ID TIME     an event that no source has: us.fed.fomc.statement:x:2026-12-06\n"
        "  move ID TIME    another time for one\n"
        "  cancel ID       it does not take place\n"
        "  set-importance ID N  how much it matters: 1 to 3\n"
        "  undo ID|MARKET|ack   take the last entry about it back\n"
        "  ack             let accounts trade without a calendar for a while\n"
        "  market-closed MARKET DATE               it is closed on that day\n"
        "  early-close MARKET DATE 13:00           it closes early, on its own clock\n"
        "  special-session MARKET DATE 09:15-10:00 it has just these hours; at most two stretches\n"
        "  hours MARKET [DATE]  the sessions of a market's day; ES is the market of ES,\n"
        "                       NSE and CME their main one\n"
        "  refresh         fetch it now, and say what is different\n"
        "\n"
        "What is written so counts for every worker within half a second, and ends by itself.\n",
    .exit_codes =
        "  0   done\n"
        "  1   there is no such event, the entry is refused, or a file cannot be used\n"
        "  64  wrong arguments\n"
        "  75  refresh: what a source gave is not believed; what was known before counts\n"
        "  77  refresh: another one runs\n",
    .examples =
        "  bullpenctl calendar list --days 30\n"
        "  bullpenctl calendar today --account mes01\n"
        "  bullpenctl calendar move us.bls.cpi:2026-11 2026-12-11T08:30 --reason 'agency notice'\n"
        "  bullpenctl calendar ack --until 2026-12-05T17:00 --reason 'looked it up'\n"
        "  bullpenctl calendar early-close nyse 2026-12-23 13:00 --reason 'exchange notice'\n"
        "  bullpenctl calendar hours ES 2026-11-27\n",
    .options = k_calendar_options,
    .operands_min = 1,
    .operands_max = k_operands_max,
    .run = run_calendar,
    .writes_home = true,
};

}  // namespace bullpen::ctl
