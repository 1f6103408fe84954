// Which key of Bullpen's each setting of the old futures bot is: one table, and the few that need
// more than a table. Units: shares are shares (70 becomes 0.7), percentages are percent, money is
// whole units of the account's currency. Inside this library only. Pure.
#pragma once

#include <string_view>

#include "moving/drafting.hpp"

namespace bullpen::moving {

// Takes every member of the old config.json that is a setting. Those that say who somebody is, or
// prove it, are the plan's own and passed over here. `text`: the file's, already known to be good.
void take_futures_settings(Drafting& draft, PlannedAccount& account, std::string_view text,
                           std::string_view file);

// Whether the member says who somebody is, or where: accounts, user names, the broker.
bool is_identity(std::string_view name);

}  // namespace bullpen::moving
