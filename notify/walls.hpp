// What bullpen-notify is kept from: it reads logs, the board and the settings, writes its own
// files, and reaches nothing else of the home; it starts no program, unless the settings name one.
#pragma once

#include <string>

#include "common/base/home.hpp"
#include "common/sandbox/isolation.hpp"

namespace bullpen::notify {

// For the rest of the process: by as much of the kernel's features as `level` says. Returns what
// could not be done, for the log; empty when all was.
std::string confine(const Home& home, const std::string& ca_file, const sandbox::Isolation& level);

// All that this kernel has.
sandbox::Isolation most();

}  // namespace bullpen::notify
