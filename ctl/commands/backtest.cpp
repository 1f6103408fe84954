#include <array>

#include "ctl/commands/commands.hpp"
#include "ctl/worker_tool.hpp"

namespace bullpen::ctl {

namespace {

constexpr std::array<Option, 8> k_options = {{
    {'d', "data", "FILE", "bars as CSV, plain or gzip; again for files that follow in time"},
    {'s', "strategy", "NAME", "default vwap_bounce"},
    {'i', "instrument", "SYMBOL", "what the bars are of: ES, MES, NQ, ...; default MES"},
    {'\0', "set", "KEY=VALUE", "a key of an account's file: strategy.stop_ticks=9"},
    {'\0', "from", "TIME", "only bars from then on: 2025-03-10 or 2025-03-10T13:30:00Z"},
    {'\0', "to", "TIME", "only bars before"},
    {'\0', "zone", "ZONE", "time zone of a file whose times say none: America/New_York"},
    {'\0', "labels", "WHEN", "whether a time is a bar's start (the default) or its end"},
}};

int run(Context& context) {
    return run_worker_tool(context, "backtest", k_options, HomeNeed::helpful);
}

}  // namespace

const Command k_backtest = {
    .name = "backtest",
    .synopsis = "--data FILE [--data FILE ...]",
    .text =
        "Runs a strategy over bars of the past with the engine that live accounts have: the same\n"
        "indicators, rules, risk gate and order manager, and the paper exchange in one process.\n"
        "Market orders fill at the next open, stops and limits within a bar at the worst order of\n"
        "its extremes, with the instrument's slippage and commission. The hash of the trades is\n"
        "equal in two runs that traded the same. Instruments, holidays and rule packs are those "
        "of\n"
        "the home, where there is one. Needs no daemon, and changes nothing.\n",
    .exit_codes = "  0   done\n  64  wrong arguments, or data or settings that cannot be used\n",
    .examples =
        "  bullpenctl backtest --data es_1m.csv.gz --instrument ES\n"
        "  bullpenctl backtest --data es.csv --instrument ES --set strategy.rsi_filter=false\n"
        "  bullpenctl backtest --data es.csv --from 2025-01-01 --to 2025-02-01 --json\n",
    .options = k_options,
    .operands_min = 0,
    .operands_max = 0,
    .run = run,
    .looks_into_home = false,
};

}  // namespace bullpen::ctl
