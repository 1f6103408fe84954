// The shares of an account that a person holds and looks after, which jobs leave alone. Pure.
#pragma once

#include <set>
#include <string>
#include <string_view>

namespace bullpen::jobs {

// Of "INFY, TCS".
std::set<std::string> manual_shares(std::string_view list);

}  // namespace bullpen::jobs
