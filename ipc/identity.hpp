// Who a process is: a pid alone may belong to another process tomorrow, so it is always kept with
// the start time that the kernel gives and the id of the boot it is counted in.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <string>

#include "common/base/result.hpp"

namespace bullpen::ipc {

// The kernel's id of this boot (/proc/sys/kernel/random/boot_id); empty when it cannot be read.
// Read once for each process.
const std::string& boot_id();
// The host's name, read once.
const std::string& host_name();
// Field 22 of /proc/PID/stat: clock ticks from boot to the start of the process. Errc::not_found
// when there is no such process. A zombie is dead: also not_found.
Result<std::uint64_t> start_time_of(pid_t pid);
// Whether that very process lives. A start time of 0 or an empty boot id is not compared.
bool process_alive(pid_t pid, std::uint64_t start_time, const std::string& boot);

}  // namespace bullpen::ipc
