// The timers of the daemon's loop, by name.
#pragma once

#include "common/loop/loop.hpp"

namespace bullpen::daemon {

inline constexpr loop::Loop::Timer k_fleet_timer{0};   // the next deadline, of fleet or duty
inline constexpr loop::Loop::Timer k_second_timer{1};  // what comes round
inline constexpr loop::Loop::Timer k_sweep_timer{2};   // trees that are not gone yet

}  // namespace bullpen::daemon
