// Walks over all processes of the machine. It costs a fraction of a millisecond at least, so it
// belongs where something is known to be wrong, or where it is done once for all.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <vector>

namespace bullpen::process {

// Every process but the calling one, zombies too, in no order.
void for_each_process(const std::function<void(pid_t)>& visit);

// What the processes of one session take together.
struct SessionUse {
    std::uint64_t bytes = 0;  // resident
    std::uint64_t tasks = 0;  // threads of all of them; a dead one that nobody waited for is one
    // What files take up on the disk that are removed and held open, of the processes that let
    // themselves be looked into.
    std::uint64_t removed = 0;
    friend bool operator==(const SessionUse&, const SessionUse&) = default;
};
// Adds it up for each session, by its leader's pid.
void scan_sessions(std::map<pid_t, SessionUse>& sessions);

// The children of the calling process's main thread, which launches all; none where the kernel does
// not list them.
std::optional<std::vector<pid_t>> children();

}  // namespace bullpen::process
