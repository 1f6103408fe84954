// The command line of bullpen-worker.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "common/base/result.hpp"
#include "common/config/settings.hpp"

namespace bullpen::worker {

enum class Command { run, version, help };

struct Arguments {
    Command command = Command::help;
    std::string home;     // empty: as the environment says
    std::string account;  // empty: launched by the daemon
    bool until_end = false;
    bool unpaced = false;
    // Make an open position safe, and end; `none`: an ordinary run.
    config::RecoveryPolicy recover = config::RecoveryPolicy::none;
};

// `words` without the program's name. Errc::invalid names the word that is wrong.
Result<Arguments> parse_arguments(std::span<const std::string_view> words);
std::string_view usage();

}  // namespace bullpen::worker
