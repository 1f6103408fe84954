// Processes that a bench starts, ends and looks at through /proc.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace bullpen::bench {

// CLOCK_MONOTONIC, as bullpen-puppet stamps it.
std::int64_t mono_ns();

inline double ms(std::int64_t nanos) {
    return static_cast<double>(nanos) / 1e6;
}

// posix_spawn with /dev/null as input and `output` (created, appended to) as standard output and
// error. Ends the program when it fails.
pid_t spawn(const std::vector<std::string>& argv, const std::string& output,
            const std::map<std::string, std::string>& environment = {});

// Waits for a child of this process, and kills it when the deadline passes; its exit code, or 128
// and the signal's number.
int wait_for(pid_t child, std::chrono::milliseconds deadline = std::chrono::seconds(60));

// Proportional set size from /proc/PID/smaps_rollup, in KiB; 0 when it cannot be read.
double pss_kib(pid_t pid);
// User and system time used so far, in milliseconds.
double cpu_ms(pid_t pid);

}  // namespace bullpen::bench
