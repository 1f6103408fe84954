// The ways in a home for workers that are not its user's: they stay in the group of the home's
// user, to which is opened what they need to pass, read and connect to, and no more.
#pragma once

#include "common/base/home.hpp"
#include "common/base/result.hpp"

namespace bullpen::users {

// For the daemon's start, when its directories are there: to the group, the way to the accounts'
// directories, to locks and to sockets, and to read what is shared and the settings in force. Files
// that an earlier release closed are opened once. Never more than that to others of the host.
Result<void> open_ways(const Home& home);

}  // namespace bullpen::users
