// What an account's settings and its rule pack make of the session clock.
#pragma once

#include "common/config/risk_settings.hpp"
#include "common/time/session_clock.hpp"
#include "worker/risk/rule_pack.hpp"

namespace bullpen::risk {

// The times of the settings have been validated; one that is none is a programmer's error.
time::SessionRules session_rules(const config::SessionSettings& settings, const RulePack& pack);

}  // namespace bullpen::risk
