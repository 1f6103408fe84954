// Sweeper: makes sure that nothing is left of a dead worker's tree before its successor starts, and
// proves the lock free. In the usual case, nothing left, that is a handful of system calls. Owned
// and called by the daemon's main thread; never waits.
#pragma once

#include <sys/types.h>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>

#include "common/base/clock.hpp"
#include "common/base/ids.hpp"
#include "common/base/result.hpp"

namespace bullpen::process {

struct SweepTarget {
    AccountId account;
    LaunchNumber launch;
    pid_t leader = 0;              // 0: not known
    std::uint64_t start_time = 0;  // of the leader
    std::string lock_path;
};

struct SweepStep {
    bool clear = false;      // nothing is left and the lock is free
    std::size_t killed = 0;  // processes sent SIGKILL in this step, groups counted as one
    bool foreign = false;    // the lock is held by a process that is not of this tree
    std::string holder;      // who that is, for people
};

class Sweeper {
  public:
    // When a step is not clear, the next one is due after this, or at the next SIGCHLD.
    static constexpr Millis k_retry{2};

    // `is_worker` says whether a child of ours is the leader of some live worker; every other child
    // is an orphan that came to us.
    explicit Sweeper(std::function<bool(pid_t)> is_worker);

    // Kills what it finds and looks again; called until clear, or until the caller's deadline.
    SweepStep step(const SweepTarget& target) const;

  private:
    [[nodiscard]] std::size_t kill_group(const SweepTarget& target) const;
    [[nodiscard]] std::size_t kill_orphans(const SweepTarget& target) const;
    [[nodiscard]] std::size_t kill_holders(const SweepTarget& target) const;
    std::function<bool(pid_t)> is_worker_;
};

}  // namespace bullpen::process
