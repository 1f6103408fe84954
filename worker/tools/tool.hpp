// Tool: what `bullpen-worker NAME` runs that is not a worker: needs no daemon and sends nothing,
// and takes no lock but to change an account's records. bullpenctl runs each under the same name.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "common/base/clock.hpp"
#include "common/base/exit_code.hpp"
#include "common/base/result.hpp"

namespace bullpen::tools {

struct Tool {
    std::string_view name;
    std::string_view usage;
    // Prints to stdout, progress and errors to stderr. Words without the tool's name.
    ExitCode (*run)(std::span<const std::string_view> words, const Clock& clock) = nullptr;
};

extern const Tool k_backtest;
extern const Tool k_compare;
extern const Tool k_explain;
extern const Tool k_indicators;
extern const Tool k_pnl;
extern const Tool k_replay;
extern const Tool k_report;
extern const Tool k_state;
extern const Tool k_trades;

std::span<const Tool* const> all_tools();
// Null when there is none of that name.
const Tool* find_tool(std::string_view name);
// The tool with these words: its usage when they ask for it or are wrong.
ExitCode run_tool(const Tool& tool, std::span<const std::string_view> words, const Clock& clock);

// "NAME: what went wrong" on stderr.
ExitCode complain(std::string_view tool, ExitCode code, const Error& error);

}  // namespace bullpen::tools
