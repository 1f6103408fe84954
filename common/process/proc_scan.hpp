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

// Adds up the resident memory of all processes of each session, by its leader's pid; bytes.
void scan_memory(std::map<pid_t, std::uint64_t>& sessions);

// The children of the calling process's main thread, which launches all; none where the kernel does
// not list them.
std::optional<std::vector<pid_t>> children();

}  // namespace bullpen::process
