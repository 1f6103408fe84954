// The commands that bullpenctl itself holds: those that only look, and must be quick.
#pragma once

#include <span>

#include "ctl/command.hpp"

namespace bullpen::ctl {

std::span<const Command* const> local_commands();

}  // namespace bullpen::ctl
