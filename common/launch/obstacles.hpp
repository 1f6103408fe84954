// What keeps an account from starting or trading and shows in no settings file: a table of the home
// that is broken, an instrument, a rule pack or a strategy that there is not, a market file or a
// program that is not there. For those who check a home; the launch finds out by itself.
#pragma once

#include <vector>

#include "common/base/home.hpp"
#include "common/config/issue.hpp"

namespace bullpen::launch {

// Reads the home's settings, and each of its tables once, and looks for the files they name. An
// error each, at the line that names it. A note of an account that is not enabled, and of a rule
// pack or a strategy that there is not where nothing trades by it. What a broken table has is not
// known: nothing is said to be missing in it.
std::vector<config::Issue> start_obstacles(const Home& home);

// All that is wrong in a home's settings, and the above.
std::vector<config::Issue> check_home(const Home& home);

}  // namespace bullpen::launch
