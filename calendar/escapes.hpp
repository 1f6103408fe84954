// What the confined program must not be able to do, tried for real: the proof of the sandbox.
#pragma once

#include <string>
#include <vector>

#include "calendar/sandbox.hpp"
#include "common/base/home.hpp"

namespace bullpen::calendar {

// Tries each escape against which `state` says there is something in force, closes the network in
// between, and names those that worked. Leaves nothing behind but what it could write where it must
// not.
std::vector<std::string> attempt_escapes(const Home& home, SandboxState& state);

}  // namespace bullpen::calendar
