// What the settings say of alerts, as the parts take it: which are wanted, whom they go to. Pure,
// but for reading a time zone.
#pragma once

#include <map>
#include <vector>

#include "common/base/ids.hpp"
#include "common/config/settings.hpp"
#include "notify/board_watch.hpp"
#include "notify/gate.hpp"
#include "notify/outbox.hpp"

namespace bullpen::notify {

using Accounts = std::map<AccountId, config::AccountSettings>;

GateRules gate_rules(const config::HomeAlertSettings& home, const Accounts& accounts);
// A zone that cannot be read leaves the recap out; the settings' rules have seen it.
BoardRules board_rules(const config::HomeAlertSettings& home, const Accounts& accounts);
OutboxLimits outbox_limits(const config::HomeAlertSettings& home);

// One for each target, and of mail one for each who gets it, each once: who is refused, or is gone,
// holds up nobody else.
std::vector<Delivery> deliveries(const Alert& alert, const config::HomeAlertSettings& home,
                                 const Accounts& accounts);
bool is_target(const config::HomeAlertSettings& home, Target target);

}  // namespace bullpen::notify
