// `bullpen-worker backtest`: files of bars through a strategy, and what came of it. Needs no daemon
// and no account; reads the files it is told and writes only what it is told to.
#pragma once

#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/exit_code.hpp"
#include "common/config/settings.hpp"
#include "worker/backtest/backtest.hpp"
#include "worker/backtest/walk_forward.hpp"
#include "worker/report/run_record.hpp"
#include "worker/tools/bar_files.hpp"
#include "worker/tools/market_tables.hpp"

namespace bullpen::tools {

using Overrides = std::map<std::string, std::string>;

struct BacktestOptions {
    BarFiles bars;
    std::string strategy = "vwap_bounce";
    // Keys of an account's file, "strategy.stop_ticks", and their values.
    Overrides settings;
    std::string home;      // whose tables are used; empty: the built-in ones
    std::string calendar;  // a snapshot; empty: the home's, where it has one
    std::string report;    // where the tear sheet goes; empty: nowhere
    std::string trades;    // where a CSV file of the trades goes; empty: nowhere
    std::vector<backtest::Axis> sweep;
    std::optional<backtest::WalkPlan> walk;
    backtest::Measure measure = backtest::Measure::net;
    unsigned jobs = 0;           // threads; 0: one for each core
    std::size_t lines_max = 20;  // rows of a sweep that are printed for people
    bool json = false;
};

// Errc::invalid, naming the word.
Result<BacktestOptions> parse_backtest(std::span<const std::string_view> words);

// What runs with these settings are made of. The tables outlive it.
Result<backtest::BacktestSettings> backtest_settings(const BacktestOptions& options,
                                                     const Overrides& overrides,
                                                     const MarketTables& tables);

ExitCode run_backtest(const BacktestOptions& options, const Clock& clock);

// What both kinds of run have in common for a tear sheet. The tables and the calendar outlive it.
report::RunRecord run_record(const BacktestOptions& options, const MarketTables& tables,
                             const time::MarketCalendar& calendar);
// Writes what --report and --trades ask for.
Result<void> write_records(const BacktestOptions& options, const report::RunRecord& run,
                           UtcTime now);

// The runs of --sweep, and those of --walk-forward: a table, or one JSON object.
Result<std::string> run_sweep(const BacktestOptions& options, const MarketTables& tables,
                              const Clock& clock);
Result<std::string> run_walk(const BacktestOptions& options, const MarketTables& tables,
                             const Clock& clock);

}  // namespace bullpen::tools
