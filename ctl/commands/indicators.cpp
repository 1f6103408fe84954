#include <array>

#include "ctl/commands/commands.hpp"
#include "ctl/worker_tool.hpp"

namespace bullpen::ctl {

namespace {

constexpr std::array<Option, 11> k_indicators_options = {{
    {'d', "data", "FILE", "bars as CSV, plain or gzip; again for files that follow in time"},
    {'i', "instrument", "SYMBOL", "what the bars are of: ES, MES, NQ, ...; default MES"},
    {'o', "csv", "OUT", "a row for each minute; - is standard output"},
    {'\0', "quarters", "OUT", "a row for each quarter of an hour"},
    {'\0', "sessions", "OUT", "a row for the last minute of each trading day"},
    {'\0', "from", "TIME", "only rows from then on; bars before count all the same"},
    {'\0', "to", "TIME", "only rows before"},
    {'\0', "zone", "ZONE", "time zone of a file whose times say none: America/New_York"},
    {'\0', "labels", "WHEN", "whether a time is a bar's start (the default) or its end"},
    {'\0', "date-order", "WORD", "of dates like 04/07/2025: month_first or day_first"},
    {'\0', "contract", "TEXT", "only rows with this text in the contract or symbol column"},
}};

int run_indicators(Context& context) {
    return run_worker_tool(context, "indicators", k_indicators_options, HomeNeed::helpful);
}

}  // namespace

const Command k_indicators = {
    .name = "indicators",
    .synopsis = "--data FILE [--data FILE ...] --csv OUT",
    .text =
        "Writes the values of every indicator for every bar of a file, as the engine reckons\n"
        "them: session VWAP with its bands, RSI, ATR and EMA, of minutes and of quarters of an\n"
        "hour. What is not warm yet is empty. Reads as it goes, so files may be of any length.\n"
        "Columns and definitions are in docs/indicators.md. Needs no daemon.\n",
    .exit_codes = "  0   done\n  64  wrong arguments, or data that cannot be used\n",
    .examples =
        "  bullpenctl indicators --data es_1m.csv.gz --instrument ES --csv es_indicators.csv\n"
        "  bullpenctl indicators --data es.csv --instrument ES --csv - --from 2025-04-07 | head\n"
        "  bullpenctl indicators --data es.csv -i ES --csv m.csv --quarters q.csv --sessions "
        "d.csv\n",
    .options = k_indicators_options,
    .operands_min = 0,
    .operands_max = 0,
    .run = run_indicators,
    .looks_into_home = false,
};

}  // namespace bullpen::ctl
