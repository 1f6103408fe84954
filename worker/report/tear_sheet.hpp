// The tear sheet: one HTML page with the statistics of a run, each with its definition, and plots
// of equity, drawdown, trades, hours and exits. Self-contained: style and pictures are in the page,
// it has no script, and it loads nothing. Light, and made to be printed. Pure.
#pragma once

#include <string>

#include "worker/report/run_record.hpp"

namespace bullpen::report {

// Trades beyond this many are left out of the page's table, the oldest first; plots and statistics
// have all of them.
inline constexpr std::size_t k_sheet_trades_max = 500;

// `made`: when, for the foot of the page.
std::string tear_sheet(const RunRecord& run, UtcTime made);

}  // namespace bullpen::report
