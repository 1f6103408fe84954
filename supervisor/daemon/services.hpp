// Services: the home's own processes that accounts need, as the settings by which they are
// supervised. A service is launched, watched, restarted, adopted and stopped by the same machinery
// as a worker; what it is, and when it is wanted, is an entry of the table in services.cpp. Pure.
#pragma once

#include <string>
#include <vector>

#include "common/base/home.hpp"
#include "common/config/roster.hpp"

namespace bullpen::daemon {

// Below every account's: services start before the accounts and stop after them.
inline constexpr int k_service_priority = -1;

// Those that the home or an enabled account of the roster needs, each once, by name. `directory`:
// of the programs, with its last slash.
std::vector<config::AccountSettings> services(const config::Roster& roster, const Home& home,
                                              const std::string& directory);

}  // namespace bullpen::daemon
