// rule_packs.toml: the rule packs as a data file. docs/risk.md describes it.
#pragma once

#include <string>
#include <string_view>

#include "common/base/home.hpp"
#include "worker/risk/rule_pack.hpp"

namespace bullpen::risk {

// HOME/shared/rule_packs.toml.
std::string rule_packs_path(const Home& home);

// Errc::invalid names file, line and key of everything that is wrong.
Result<RulePacks> parse_rule_packs(const std::string& file, std::string_view text);

// The home's packs, or the built-in ones where the home has none.
Result<RulePacks> load_rule_packs(const Home& home);

}  // namespace bullpen::risk
