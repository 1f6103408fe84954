// From the roster to what the fleet is told. Pure.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "common/config/roster.hpp"
#include "supervisor/fleet/plan.hpp"

namespace bullpen::daemon {

// Why an account may not leave with its file, where it does not say what it holds: it is known not
// to be flat, or it is a program of its own that has run, is to go on, and never said. Empty: it
// may.
std::string may_hold(const std::optional<bool>& flat, bool foreign, bool runs_on);

// A plan for every account that has a file (one whose file cannot be used has `valid` false), and
// for every service.
std::vector<fleet::AccountPlan> plans(const config::Roster& roster,
                                      const std::vector<config::AccountSettings>& services);
fleet::FleetSettings fleet_settings(const config::DaemonSettings& settings);

}  // namespace bullpen::daemon
