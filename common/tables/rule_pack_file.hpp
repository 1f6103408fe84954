// rule_packs.toml: the rule packs as a data file. docs/risk.md describes it.
#pragma once

#include <string>
#include <string_view>

#include "common/base/home.hpp"
#include "common/model/rule_pack.hpp"
#include "common/tables/table_file.hpp"

namespace bullpen::tables {

// HOME/shared/rule_packs.toml.
std::string rule_packs_path(const Home& home);

// Errc::invalid names file, line and key of everything that is wrong.
Result<model::RulePacks> parse_rule_packs(const std::string& file, std::string_view text);

// The home's packs, or the built-in ones where the home has none; everything that is wrong besides.
Reading<model::RulePacks> read_rule_packs(const Home& home);
// The same for those who cannot go on without them.
Result<model::RulePacks> load_rule_packs(const Home& home);

}  // namespace bullpen::tables
