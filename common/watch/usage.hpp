// Usage: one look at what the accounts of a home take of the machine: memory and processes of those
// that are measured, the growth of their output, the size of their directories; and which of their
// limits that exceeds. The daemon says who is looked at, from copies, on its loop; the look itself
// waits for the kernel and the disk, and is made on its helper thread.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "common/base/clock.hpp"
#include "common/base/home.hpp"
#include "common/base/ids.hpp"
#include "common/config/settings.hpp"
#include "common/model/reason.hpp"
#include "common/process/proc_scan.hpp"
#include "common/process/stdio_log.hpp"
#include "common/watch/disk_watch.hpp"

namespace bullpen::watch {

// A limit that is exceeded: by which reason it is told, and a sentence with the numbers.
struct Excess {
    model::Reason reason = model::Reason::none;
    std::string sentence;
};

// Pure: what a tree of processes takes, against its account's limits.
Excess excess_of(const process::SessionUse& use, const config::LimitSettings& limits);

// What was found of one account.
struct Finding {
    AccountId account;
    pid_t leader = 0;                 // of the tree that was measured; 0: none was
    std::uint64_t memory = 0;         // bytes, of that tree
    Excess excess;                    // of that tree
    std::uint64_t stdio_dropped = 0;  // bytes of output that were thrown away
    std::optional<Seen> disk;
};

class Usage {
  public:
    static constexpr std::size_t k_entries = 4000;  // of directories, at one look
    static constexpr Nanos k_disk_time_max = std::chrono::milliseconds(50);

    explicit Usage(const Clock& clock) : clock_(clock) {}

    // The daemon's loop. `leader` is 0 for an account without a process; `stdio_lag` is how much
    // more than its limit a log is copied at a time (see StdioKeeper).
    void add(const Home& home, const config::AccountSettings& settings, pid_t leader,
             std::uint64_t stdio_lag);
    // The helper thread; those that were added are looked at, and forgotten.
    void look();
    // The loop again. Those of whom there is something to tell.
    [[nodiscard]] std::vector<Finding> take();

  private:
    struct Output {
        AccountId account;
        process::StdioKeeper keeper;
    };
    struct Tree {
        AccountId account;
        config::LimitSettings limits;
    };
    Finding& finding(const AccountId& account);

    const Clock& clock_;
    std::map<pid_t, process::SessionUse> sessions_;
    std::map<pid_t, Tree> trees_;
    std::vector<Output> outputs_;
    std::vector<Place> places_;
    DiskWatch disk_;
    std::map<AccountId, Finding> findings_;
};

}  // namespace bullpen::watch
