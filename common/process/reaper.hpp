// How the daemon learns that processes ended: its children, and the orphans of their trees, by
// wait; workers it adopted from an earlier daemon by a descriptor that becomes readable. Called by
// the daemon's main thread.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <string>
#include <vector>

#include "common/base/clock.hpp"
#include "common/base/descriptor.hpp"
#include "common/base/result.hpp"

namespace bullpen::process {

// One process that is gone.
struct Exited {
    pid_t pid = 0;
    bool signaled = false;
    int code = 0;    // the exit code, when not signaled
    int signal = 0;  // what ended it, when signaled
    bool core_dumped = false;
    Nanos user_time{};
    Nanos system_time{};
    std::uint64_t rss_max_bytes = 0;

    // "exit 3", "signal 9 (Killed)".
    [[nodiscard]] std::string text() const;
};

// Orphaned descendants of the calling process come to it, not to init.
Result<void> become_subreaper();

// Appends everything that has ended to `exited`, known or not; never blocks. Called on SIGCHLD and,
// because signals merge, whenever else it suits.
void reap(std::vector<Exited>& exited);

// Watches a process that is not our child. The descriptor is readable once the process has ended,
// as a zombie too; the exit code is not to be had this way.
class PidWatch {
  public:
    // Errc::not_found when no such process runs, or another one has the pid by now.
    static Result<PidWatch> open(pid_t pid, std::uint64_t start_time);

    [[nodiscard]] int fd() const { return descriptor_.get(); }
    [[nodiscard]] pid_t pid() const { return pid_; }
    [[nodiscard]] bool exited() const;
    // Reaches this process and no later one of the same pid. Errc::not_found when it has ended.
    [[nodiscard]] Result<void> signal(int number) const;

  private:
    PidWatch(pid_t pid, Descriptor descriptor) : pid_(pid), descriptor_(std::move(descriptor)) {}
    pid_t pid_;
    Descriptor descriptor_;
};

// SIGKILL, by a descriptor of the process, so that no later owner of the number is hit. False for
// one that is dead, or out of reach, or the calling process itself.
bool kill_surely(pid_t pid);

}  // namespace bullpen::process
