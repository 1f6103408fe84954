// The keys of [risk], [session] and [orders]; inside this library only.
#pragma once

#include <vector>

#include "common/config/schema.hpp"

namespace bullpen::config {

void add_risk_keys(std::vector<Key<AccountSettings>>& all);

}  // namespace bullpen::config
