// From the roster to what the fleet is told. Pure.
#pragma once

#include <vector>

#include "common/config/roster.hpp"
#include "supervisor/fleet/plan.hpp"

namespace bullpen::daemon {

// Of an account that may hold something, where nobody says what.
inline constexpr const char* k_not_flat = "is not known to be flat";

// A plan for every account that has a file (one whose file cannot be used has `valid` false), and
// for every service.
std::vector<fleet::AccountPlan> plans(const config::Roster& roster,
                                      const std::vector<config::AccountSettings>& services);
fleet::FleetSettings fleet_settings(const config::DaemonSettings& settings);

}  // namespace bullpen::daemon
