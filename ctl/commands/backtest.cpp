#include <array>

#include "ctl/commands/commands.hpp"
#include "ctl/worker_tool.hpp"

namespace bullpen::ctl {

namespace {

constexpr std::array<Option, 18> k_backtest_options = {{
    {'d', "data", "FILE", "bars as CSV, plain or gzip; again for files that follow in time"},
    {'s', "strategy", "NAME", "default vwap_bounce"},
    {'i', "instrument", "SYMBOL", "what the bars are of: ES, MES, NQ, ...; default MES"},
    {'\0', "set", "KEY=VALUE", "a key of an account's file: strategy.stop_ticks=9"},
    {'\0', "from", "TIME", "trade from then on: 2025-03-10 or 2025-03-10T13:30:00Z"},
    {'\0', "to", "TIME", "only bars before"},
    {'\0', "zone", "ZONE", "time zone of a file whose times say none: America/New_York"},
    {'\0', "labels", "WHEN", "whether a time is a bar's start (the default) or its end"},
    {'\0', "date-order", "WORD", "of dates like 04/07/2025: month_first or day_first"},
    {'\0', "contract", "TEXT", "only rows with this text in the contract or symbol column"},
    {'\0', "calendar", "FILE", "stand aside around the events of this snapshot"},
    {'\0', "report", "OUT", "write the tear sheet, one page of HTML with plots"},
    {'\0', "trades", "OUT", "write the trades as CSV; - is standard output"},
    {'\0', "sweep", "KEY=VALUES", "run with every value: 7:15:2 (from, to, step) or a,b,c"},
    {'\0', "walk-forward", "SPEC", "choose on train=60d, trade test=20d after it, move on"},
    {'\0', "measure", "NAME", "what a sweep is sorted by and chosen by; default net"},
    {'\0', "jobs", "N", "threads of a sweep; default one for each core"},
    {'n', "lines", "N", "rows of a sweep to print; default 20, 0 is all"},
}};

int run_backtest(Context& context) {
    return run_worker_tool(context, "backtest", k_backtest_options, HomeNeed::helpful);
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
        "equal in two runs that traded the same. Instruments, holidays, rule packs and\n"
        "calendar are those of the home, where there is one. Needs no daemon, and changes "
        "nothing.\n"
        "\n"
        "With --sweep, given once or more, every combination of the values runs, on all cores; "
        "the\n"
        "table is sorted by --measure: net, expectancy, profit_factor, sharpe, sortino, calmar or\n"
        "drawdown. With --walk-forward the best of them on the first days is traded on the days\n"
        "after, which had no part in the choice, and so on; the table has each window, and below\n"
        "it what was traded out of sample as one result.\n",
    .exit_codes = "  0   done\n  64  wrong arguments, or data or settings that cannot be used\n",
    .examples =
        "  bullpenctl backtest --data es_1m.csv.gz --instrument ES\n"
        "  bullpenctl backtest --data es.csv --instrument ES --set strategy.rsi_filter=false\n"
        "  bullpenctl backtest --data es.csv --from 2025-01-01 --to 2025-02-01 --json\n"
        "  bullpenctl backtest --data es.csv -i ES --report es.html --trades es_trades.csv\n"
        "  bullpenctl backtest --data es.csv -i ES --sweep strategy.stop_ticks=7:15:2 \\\n"
        "      --sweep strategy.rsi_filter=true,false --measure sharpe\n"
        "  bullpenctl backtest --data es.csv -i ES --sweep strategy.band_entry=1.9:2.5:0.2 \\\n"
        "      --walk-forward train=60d,test=20d\n",
    .options = k_backtest_options,
    .operands_min = 0,
    .operands_max = 0,
    .run = run_backtest,
    .looks_into_home = false,
};

}  // namespace bullpen::ctl
