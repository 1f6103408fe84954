// `bullpen-worker backtest`: files of bars through a strategy, and what came of it. Needs no home,
// no daemon and no account; reads the files it is told and writes only what it is told to.
#pragma once

#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/clock.hpp"
#include "common/base/exit_code.hpp"
#include "common/base/result.hpp"

namespace bullpen::backtest {

struct CommandOptions {
    std::vector<std::string> files;
    std::string strategy = "vwap_bounce";
    std::string instrument = "MES";
    std::string time_zone;
    bool labels_at_end = false;
    // Keys of an account's file, "strategy.stop_ticks", and their values.
    std::map<std::string, std::string> settings;
    std::optional<UtcTime> from;
    std::optional<UtcTime> to;
    bool json = false;
    bool help = false;
};

// Errc::invalid, naming the word.
Result<CommandOptions> parse_command(std::span<const std::string_view> words);
std::string_view command_usage();

// Prints to stdout, progress and errors to stderr.
ExitCode run_command(const CommandOptions& options, const Clock& clock);

}  // namespace bullpen::backtest
