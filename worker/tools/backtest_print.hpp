// What a backtest prints: one JSON object, or the report for people.
#pragma once

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

std::string backtest_json(const BacktestReport& report);
std::string backtest_text(const BacktestReport& report);

}  // namespace bullpen::tools
