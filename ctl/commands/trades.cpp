#include <array>

#include "ctl/commands/commands.hpp"
#include "ctl/worker_tool.hpp"

namespace bullpen::ctl {

namespace {

constexpr std::array<Option, 4> k_trades_options = {{
    {'\0', "from", "TIME", "only trades that closed from then on: 2025-03-10"},
    {'\0', "to", "TIME", "only trades that closed before"},
    {'n', "lines", "N", "only the last N"},
    {'o', "csv", "OUT", "write them to a CSV file; - is standard output"},
}};

int run_trades(Context& context) {
    return run_worker_tool(context, "trades", k_trades_options, HomeNeed::needed);
}

}  // namespace

const Command k_trades = {
    .name = "trades",
    .synopsis = "ACCOUNT",
    .text =
        "Lists the account's round trips, from flat to flat: direction, what closed it, times,\n"
        "contracts, mean prices, result in multiples of the risk at the entry (R), fees, net and\n"
        "the running sum. Read from the account's journal, whether its worker runs or not.\n"
        "Columns of the CSV file are in docs/backtest.md.\n"
        "A date alone, as 2025-03-10, is a trading day of the account's market, which may begin "
        "on\n"
        "the evening before; with a time, as 2025-03-10T13:30:00Z, it is that time of UTC.\n",
    .exit_codes =
        "  0   done\n  1   the account has no journal, or it cannot be read\n"
        "  64  wrong arguments\n",
    .examples =
        "  bullpenctl trades mes01\n"
        "  bullpenctl trades mes01 --lines 20\n"
        "  bullpenctl trades mes01 --from 2025-03-01 --to 2025-04-01 --csv march.csv\n",
    .options = k_trades_options,
    .operands_min = 1,
    .operands_max = 1,
    .run = run_trades,
};

}  // namespace bullpen::ctl
