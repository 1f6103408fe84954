// The keys of [events] and [calendar]; inside this library only.
#pragma once

#include <vector>

#include "common/config/schema.hpp"

namespace bullpen::config {

void add_event_keys(std::vector<Key<AccountSettings>>& all);
void add_calendar_keys(std::vector<Key<DaemonSettings>>& all);

}  // namespace bullpen::config
