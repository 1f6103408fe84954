// The commands that bullpenctl-control holds: those that talk to the daemon or read settings.
#pragma once

#include <span>

#include "ctl/command.hpp"

namespace bullpen::ctl {

std::span<const Command* const> control_commands();

}  // namespace bullpen::ctl
