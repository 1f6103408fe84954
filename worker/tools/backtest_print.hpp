// What a backtest prints: one JSON object, or the report for people.
#pragma once

#include <string>
#include <string_view>

#include "worker/tools/backtest.hpp"

namespace bullpen::tools {

struct BacktestReport {
    const BacktestOptions& options;
    const MarketTables& tables;
    const Bars& data;
    const backtest::BacktestResult& result;
    report::Statistics statistics;
    double total_seconds = 0;
};

// What the files held and what was wrong with them, and which tables were used: every report begins
// with it.
std::string data_text(const Bars& data, const MarketTables& tables, std::string_view instrument);
// The same of each file, as an array of JSON.
std::string data_json(const Bars& data);

std::string backtest_json(const BacktestReport& report);
std::string backtest_text(const BacktestReport& report);

}  // namespace bullpen::tools
