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
#include "worker/tools/bar_files.hpp"
#include "worker/tools/market_tables.hpp"

namespace bullpen::tools {

using Overrides = std::map<std::string, std::string>;

struct BacktestOptions {
    BarFiles bars;
    std::string strategy = "vwap_bounce";
    // Keys of an account's file, "strategy.stop_ticks", and their values.
    Overrides settings;
    std::string home;  // whose tables are used; empty: the built-in ones
    bool json = false;
};

// Errc::invalid, naming the word.
Result<BacktestOptions> parse_backtest(std::span<const std::string_view> words);

// What runs with these settings are made of. The tables outlive it.
Result<backtest::BacktestSettings> backtest_settings(const BacktestOptions& options,
                                                     const Overrides& overrides,
                                                     const MarketTables& tables);

ExitCode run_backtest(const BacktestOptions& options, const Clock& clock);

}  // namespace bullpen::tools
