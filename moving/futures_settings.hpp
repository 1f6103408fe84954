// Which key of Bullpen's each setting of the old futures bot is: one table, and the few that need
// more than a table. Units: shares are shares (70 becomes 0.7), percentages are percent, money is
// whole units of the account's currency. Inside this library only. Pure.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "moving/drafting.hpp"
#include "moving/text_files.hpp"

namespace bullpen::moving {

// A variable of .env that was stronger than the member of config.json which it is named after.
struct StrongerVariable {
    std::string key;  // the member
    std::string variable;
    std::string value;
};
// The member that a variable is named after: BOT_MAX_TRADES is max_trades, and BOT_INSTRUMENTS
// symbols. Empty: none.
std::string setting_of_variable(std::string_view variable);
// Those that are named after a setting that is known, or that the file has.
std::vector<StrongerVariable> stronger_variables(std::string_view config_text, const Pairs& values);

struct FuturesSettings {
    std::string_view text;  // the file's, already known to be good
    std::string_view file;
    std::string_view env_file;
    std::span<const StrongerVariable> stronger;
};
// Takes every member of the old config.json that is a setting. Those that say who somebody is, or
// prove it, are the plan's own and passed over here.
void take_futures_settings(Drafting& draft, PlannedAccount& account,
                           const FuturesSettings& settings);

// Whether the member says who somebody is, or where: accounts, user names, the broker.
bool is_identity(std::string_view name);

}  // namespace bullpen::moving
