// What a worker should say once, at its start, about the limits that it was given.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "common/config/risk_settings.hpp"
#include "common/model/instrument.hpp"
#include "common/model/rule_pack.hpp"

namespace bullpen::risk {

// Sentences, most important first. `balance`: what the broker says, when it is known.
std::vector<std::string> warnings(const config::RiskSettings& settings, const model::RulePack& pack,
                                  const model::Instrument& instrument,
                                  std::optional<model::Money> balance);

}  // namespace bullpen::risk
