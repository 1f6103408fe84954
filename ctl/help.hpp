// The texts of --help and `bullpenctl help`. Pure.
#pragma once

#include <string>

#include "ctl/command.hpp"

namespace bullpen::ctl {

// All commands by section, and how to go on.
std::string overview();
// Usage, text, options, exit codes and examples of one command.
std::string command_help(const Command& command);
// "Usage: bullpenctl ...", for a wrong call.
std::string usage_line(const Command& command);
std::string version_line();

}  // namespace bullpen::ctl
