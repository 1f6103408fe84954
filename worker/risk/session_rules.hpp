// What an account's settings and its rule pack make of the session clock.
#pragma once

#include "common/config/risk_settings.hpp"
#include "common/model/rule_pack.hpp"
#include "common/time/session_clock.hpp"

namespace bullpen::risk {

// The times of the settings have been validated; one that is none is a programmer's error.
time::SessionRules session_rules(const config::SessionSettings& settings,
                                 const model::RulePack& pack);

}  // namespace bullpen::risk
