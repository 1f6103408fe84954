// Sweeper: makes sure that nothing is left of a dead worker's tree before its successor starts, and
// proves the lock free. In the usual case, nothing left, that is a handful of system calls. Owned
// and called by the daemon's main thread; never waits.
//
// Of the tree are: the leader's process group and session; orphans that came to the daemon, and
// under an adopted leader any process, that were started with this launch's environment (account,
// launch and home: another home has accounts of the same name); whoever
// has the lock's file open while the lock is held, unless the facts in it name a live holder that
// is not of this launch.
#pragma once

#include <sys/types.h>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "common/base/clock.hpp"
#include "common/base/ids.hpp"
#include "common/base/result.hpp"

namespace bullpen::process {

struct SweepTarget {
    AccountId account;
    LaunchNumber launch;
    pid_t leader = 0;              // 0: not known
    std::uint64_t start_time = 0;  // of the leader; 0: not known
    std::string lock_path;
    std::string home;  // what this launch's tree has in BULLPEN_HOME
    // The leader is not the daemon's child, so its orphans do not come to the daemon: looked for
    // everywhere. Set for adopted workers and for what adoption found left over.
    bool adopted = false;
};

struct SweepStep {
    bool clear = false;      // nothing is left and the lock is free
    std::size_t killed = 0;  // processes sent SIGKILL in this step
    bool foreign = false;    // the lock is held by a process that is not of this tree
    std::string holder;      // who that is, for people
};

class Sweeper {
  public:
    // When a step is not clear, the next one is due after this, or at the next SIGCHLD.
    static constexpr Millis k_retry{2};

    // `is_worker` says whether a pid is the leader of a live worker, a child or adopted; every
    // other child of the daemon is an orphan that came to it.
    // `reaped` counts all processes the caller has reaped: while it stands still, no orphan has
    // come from a reaped one, and the children need not be listed again.
    explicit Sweeper(std::function<bool(pid_t)> is_worker,
                     std::function<std::uint64_t()> reaped = {});

    // Kills what it finds; called until clear, or until the caller's deadline.
    Result<SweepStep> step(const SweepTarget& target) const;

  private:
    std::function<bool(pid_t)> is_worker_;
    std::function<std::uint64_t()> reaped_;
    // The count at which every child was a worker. Listing takes half a microsecond for each.
    mutable std::optional<std::uint64_t> only_workers_at_;
};

}  // namespace bullpen::process
