#include <array>

#include "ctl/commands/commands.hpp"
#include "ctl/worker_tool.hpp"

namespace bullpen::ctl {

namespace {

constexpr std::array<Option, 7> k_compare_options = {{
    {'d', "data", "FILE", "take the bars from files, not from the account's journal"},
    {'\0', "from", "TIME", "only trades that closed from then on: 2025-03-10"},
    {'\0', "to", "TIME", "only trades that closed before"},
    {'\0', "zone", "ZONE", "time zone of a file whose times say none: America/New_York"},
    {'\0', "labels", "WHEN", "whether a time is a bar's start (the default) or its end"},
    {'\0', "date-order", "WORD", "of dates like 04/07/2025: month_first or day_first"},
    {'\0', "contract", "TEXT", "only rows with this text in the contract or symbol column"},
}};

int run_compare(Context& context) {
    return run_worker_tool(context, "compare", k_compare_options, HomeNeed::needed);
}

}  // namespace

const Command k_compare = {
    .name = "compare",
    .synopsis = "ACCOUNT",
    .text =
        "Runs a backtest with the account's settings over the bars that its worker had, and\n"
        "explains trade by trade how the account's own trades differ: trades that only one of\n"
        "them has, and differences in time, size, entry, exit, fees and reason, with what each\n"
        "costs. The amounts add up to the difference of the two results. An account on paper\n"
        "whose venue adds no delay trades as its backtest does.\n"
        "A date alone, as 2025-03-10, is a trading day of the account's market, which may begin "
        "on\n"
        "the evening before; with a time, as 2025-03-10T13:30:00Z, it is that time of UTC.\n",
    .exit_codes =
        "  0   both traded the same\n  1   they differ\n"
        "  64  wrong arguments, or something is missing to compare\n",
    .examples =
        "  bullpenctl compare mes01\n"
        "  bullpenctl compare mes01 --from 2025-03-10 --to 2025-03-11\n"
        "  bullpenctl compare mes01 --data mes_1m.csv.gz --json\n",
    .options = k_compare_options,
    .operands_min = 1,
    .operands_max = 1,
    .run = run_compare,
};

}  // namespace bullpen::ctl
