// The keys of [alerts], of the home and of an account; inside this library only.
#pragma once

#include <vector>

#include "common/config/schema.hpp"

namespace bullpen::config {

void add_alert_keys(std::vector<Key<AccountSettings>>& all);
void add_home_alert_keys(std::vector<Key<DaemonSettings>>& all);

}  // namespace bullpen::config
