#include <array>

#include "ctl/commands/commands.hpp"
#include "ctl/worker_tool.hpp"

namespace bullpen::ctl {

namespace {

constexpr std::array<Option, 3> k_report_options = {{
    {'\0', "from", "TIME", "only what closed from then on: 2025-03-10"},
    {'\0', "to", "TIME", "only what closed before"},
    {'o', "html", "OUT", "write the tear sheet to a file; - is standard output"},
}};

int run_report(Context& context) {
    return run_worker_tool(context, "report", k_report_options, HomeNeed::needed);
}

}  // namespace

const Command k_report = {
    .name = "report",
    .synopsis = "ACCOUNT",
    .text =
        "Statistics of the account's trading, each with its definition: net, expectancy, profit\n"
        "factor, drawdown, Sharpe, Sortino and Calmar ratios, time in market, by hour and by what\n"
        "closed a trade. With --html also as a tear sheet: one page with plots, which loads\n"
        "nothing and has no script, to be kept, sent or printed. Read from the account's journal,\n"
        "whether its worker runs or not.\n"
        "A date alone, as 2025-03-10, is a trading day of the account's market, which may begin "
        "on\n"
        "the evening before; with a time, as 2025-03-10T13:30:00Z, it is that time of UTC.\n",
    .exit_codes =
        "  0   done\n  1   the account has no journal, or it cannot be read\n"
        "  64  wrong arguments\n",
    .examples =
        "  bullpenctl report mes01\n"
        "  bullpenctl report mes01 --html mes01.html\n"
        "  bullpenctl report mes01 --from 2025-03-01 --to 2025-04-01 --json\n",
    .options = k_report_options,
    .operands_min = 1,
    .operands_max = 1,
    .run = run_report,
};

}  // namespace bullpen::ctl
