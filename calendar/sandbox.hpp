// The sandbox of bullpen-calendar: it reads what strangers wrote, so it gives up, before the first
// byte comes, whatever it does not need. Limits on memory, time and files; Landlock, so that only
// HOME/shared can be written and only what names and certificates need can be read; seccomp, so
// that only listed system calls go through and no program can be started. When the network is not
// needed any more, that goes, too. What the kernel does not have is left out and said.
//
// Called from the one thread there is, before any other is started.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace bullpen::calendar {

struct SandboxPlan {
    std::string writable;              // a directory: HOME/shared
    std::vector<std::uint16_t> ports;  // of TCP that may be connected to
};

struct SandboxState {
    int landlock_abi = 0;         // 0: the kernel has none
    bool files_confined = false;  // by Landlock
    bool ports_confined = false;  // by Landlock, from its fourth version on
    bool calls_filtered = false;  // by seccomp
    bool limited = false;         // by rlimits
    bool network_closed = false;
    std::vector<std::string> missing;  // for people: what is not in force, and why
    // Whether all that this program was built with is in force.
    [[nodiscard]] bool whole() const { return missing.empty(); }
};

SandboxState enter_sandbox(const SandboxPlan& plan);
// No new connections, and no threads, from here on.
void close_network(SandboxState& state);

}  // namespace bullpen::calendar
