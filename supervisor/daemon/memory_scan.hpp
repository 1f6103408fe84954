// MemoryScan: the resident memory of whole process trees, by session. Reads /proc once for all of
// them; meant for a helper thread.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <map>

namespace bullpen::daemon {

struct MemoryScan {
    // The sessions asked for, by the pid of their leader, and the bytes found.
    std::map<pid_t, std::uint64_t> sessions;

    void scan();
};

}  // namespace bullpen::daemon
