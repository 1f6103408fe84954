// A RunRecord as text: tables for people, CSV, JSON. Pure. The HTML tear sheet is in
// tear_sheet.hpp.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "worker/report/run_record.hpp"

namespace bullpen::report {

// "1,234.50 USD", with a sign only below zero.
std::string money_text(model::Money amount);
// "2025-03-10".
std::string day_text(time::TradingDay day);
// "2025-03-10 14:31:00": UTC, to the second.
std::string time_text(UtcTime time);
// "1.23", or "-" when it cannot be said.
std::string ratio_text(const std::optional<double>& value);
// "12.3 %" of a share of 0.123.
std::string percent_text(double share);

// "1 trade", "2 trades".
std::string count_text(std::uint64_t count, std::string_view one);

// "long 1 contract", "short 2 contracts": what is still open; empty when nothing is.
std::string open_text(const RunRecord& run);

// A name, a value and what it is, for each statistic: one list for text and tear sheet.
struct StatisticLine {
    std::string name;
    std::string value;
    std::string definition;
};
std::vector<StatisticLine> statistic_lines(const Statistics& statistics);

// Tables with a header line; sums in the last line.
std::string trades_text(const RunRecord& run, std::size_t last_max);
std::string days_text(const RunRecord& run);
std::string summary_text(const RunRecord& run);

// With a header line; prices exact, money as decimal text, times in UTC. docs/backtest.md has the
// columns. A text with a comma, a quote or a line break is quoted.
std::string trades_csv(const RunRecord& run, std::size_t last_max = SIZE_MAX);
std::string days_csv(const RunRecord& run);

// One object each; docs/json.md has the keys.
std::string trades_json(const RunRecord& run, std::size_t last_max = SIZE_MAX);
std::string days_json(const RunRecord& run);
std::string summary_json(const RunRecord& run);

}  // namespace bullpen::report
