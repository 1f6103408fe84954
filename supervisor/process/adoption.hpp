// Finds the workers an earlier daemon left running: from the launch record, and where that is lost,
// from the facts in the account's lock file. Nothing is believed on a pid alone; see LiveWorker.
// Called once, by the daemon's main thread at its start.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "common/base/home.hpp"
#include "common/base/ids.hpp"
#include "supervisor/process/launch_record.hpp"

namespace bullpen::process {

enum class FoundBy : std::uint8_t {
    record,      // the launch record names it
    lock_facts,  // the facts in its lock file do
    descriptor,  // neither: it leads its session and has the lock open
};

// Runs now, in this boot, with that start time. Either it has the account's lock open, which is
// held, or it is the one in the launch record, and nobody else has the lock: that may be held for
// it, or be free, its file removed or the descriptor closed. Then it is taken again.
struct LiveWorker {
    AccountId account;
    LaunchNumber launch;
    Fence fence;
    std::optional<Nonce> nonce;  // none when the record is lost
    pid_t pid = 0;
    std::uint64_t start_time = 0;
    std::uint64_t fingerprint = 0;  // 0: not known
    FoundBy found_by = FoundBy::record;
};

// Not a worker, but not nothing: swept (sweep.hpp) before the account is launched again. Either the
// lock is held and its leader is dead, or the leader runs and another process has taken the lock.
struct Leftover {
    AccountId account;
    LaunchNumber launch;
    pid_t leader = 0;  // 0: not known
    std::uint64_t start_time = 0;
};

// Recorded, not ended, and gone now.
struct LostWorker {
    AccountId account;
    LaunchNumber launch;
};

// The lock is held by a worker that no daemon of this home launched: by hand, or from elsewhere.
struct ForeignHolder {
    AccountId account;
    pid_t pid = 0;
    std::string holder;  // for people
};

struct Adoption {
    std::vector<LiveWorker> live;
    std::vector<Leftover> leftovers;
    std::vector<LostWorker> lost;
    std::vector<ForeignHolder> foreign;
};

// Looks at `accounts` (the roster), at every account in the record and at every lock file.
Adoption find_live_workers(const Home& home, const LaunchRecord& record,
                           const std::vector<AccountId>& accounts);

}  // namespace bullpen::process
