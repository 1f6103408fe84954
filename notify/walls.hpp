// What bullpen-notify is kept from: it reads logs, the board and the settings, writes its own
// files, and reaches nothing else of the home; it starts no program, unless the settings name one.
// Of accounts it reads the logs alone, of those that there are when it starts: for others the
// daemon starts it anew.
#pragma once

#include <string>

#include "common/base/home.hpp"
#include "common/sandbox/isolation.hpp"
#include "notify/service.hpp"

namespace bullpen::notify {

// For the rest of the process: by as much of the kernel's features as `level` says. Returns what
// could not be done, for the log; empty when all was.
std::string confine(const Home& home, const InForce& in_force, const sandbox::Isolation& level);

// All that this kernel has.
sandbox::Isolation most();

}  // namespace bullpen::notify
