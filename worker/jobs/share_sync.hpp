// What sync makes of the account's records when the broker says what it has: pure.
//
// Holdings and the day's positions are one line of a share, so nothing is counted twice. What the
// broker does not have is removed when it has said so for long enough, not at its first word. A
// quantity that is not what the account's own orders come to was traded by hand, and is kept as
// such.
#pragma once

#include <string>
#include <vector>

#include "worker/jobs/share_records.hpp"
#include "worker/jobs/share_world.hpp"

namespace bullpen::jobs {

// What is not as the records say, and no order of the account's own has brought about.
struct NotOurs {
    std::string symbol;
    std::int64_t known = 0;  // by the records; 0: they had none of it
    std::int64_t held = 0;   // by the broker
    friend bool operator==(const NotOurs&, const NotOurs&) = default;
};

struct SyncNews {
    std::vector<std::string> added;
    std::vector<std::string> changed;
    std::vector<std::string> ghosts;  // denied, and not for long enough yet
    std::vector<std::string> removed;
    std::vector<std::string> manual;       // of added and changed: not by own orders
    std::vector<std::string> unprotected;  // held without any stop, by whomever
    std::vector<NotOurs> not_ours;         // each once, when it is found
    friend bool operator==(const SyncNews&, const SyncNews&) = default;
};

SyncNews sync_positions(ShareRecords& records, const ShareWorld& world, Nanos ghost_after);

}  // namespace bullpen::jobs
