#include <array>

#include "ctl/commands/commands.hpp"
#include "ctl/worker_tool.hpp"

namespace bullpen::ctl {

namespace {

constexpr std::array<Option, 3> k_pnl_options = {{
    {'\0', "from", "TIME", "only trading days from then on: 2025-03-10"},
    {'\0', "to", "TIME", "only trading days before"},
    {'o', "csv", "OUT", "write them to a CSV file; - is standard output"},
}};

int run_pnl(Context& context) {
    return run_worker_tool(context, "pnl", k_pnl_options, HomeNeed::needed);
}

}  // namespace

const Command k_pnl = {
    .name = "pnl",
    .synopsis = "ACCOUNT",
    .text =
        "Lists what each trading day brought the account: trades that closed and their net, the\n"
        "equity at the day's last bar with open profit in it, its change, and how far it is below\n"
        "its highest. Trading days are the market's, not the calendar's. Read from the account's\n"
        "journal, whether its worker runs or not.\n"
        "A date alone, as 2025-03-10, is such a day, which may begin on the evening before; with "
        "a\n"
        "time, as 2025-03-10T13:30:00Z, it is the one in which that time of UTC lies.\n",
    .exit_codes =
        "  0   done\n  1   the account has no journal, or it cannot be read\n"
        "  64  wrong arguments\n",
    .examples =
        "  bullpenctl pnl mes01\n"
        "  bullpenctl pnl mes01 --from 2025-03-01 --csv equity.csv\n"
        "  bullpenctl pnl mes01 --json\n",
    .options = k_pnl_options,
    .operands_min = 1,
    .operands_max = 1,
    .run = run_pnl,
};

}  // namespace bullpen::ctl
