// The keys of [feed]; inside this library only.
#pragma once

#include <vector>

#include "common/config/schema.hpp"

namespace bullpen::config {

void add_feed_keys(std::vector<Key<AccountSettings>>& all);

}  // namespace bullpen::config
