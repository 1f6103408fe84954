// What the jobs of an account of shares have done on a day, as numbers. Pure.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "worker/jobs/share_records.hpp"
#include "worker/jobs/share_world.hpp"

namespace bullpen::jobs {

using ShareCounters = std::vector<std::pair<std::string, std::int64_t>>;

// `world`: the newest look at the broker; null: there was none, and nothing is said of what only
// the broker knows.
ShareCounters share_counters(const ShareRecords& records, const ShareWorld* world,
                             const std::string& day);

}  // namespace bullpen::jobs
