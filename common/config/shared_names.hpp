// What accounts with the same settings share, by name: the market that their feed is, and the
// signals that are reckoned over it. Equal names are the same thing.
#pragma once

#include <string>

#include "common/config/settings.hpp"

namespace bullpen::config {

// Of the market: its source, whatever its speed.
std::string market_name(const FeedSettings& feed);

// Of the service that observes the account's market with the indicators of its strategy:
// "bullpen-signals-mes-1a2b3c4d".
std::string signals_service(const AccountSettings& account);

}  // namespace bullpen::config
