// What the kernel says about a process, read from /proc. A pid alone proves nothing, because it is
// used again: pid and start time name one process of this boot. Any thread.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "common/base/result.hpp"

namespace bullpen::process {

struct ProcessStat {
    pid_t pid = 0;
    char state = '?';  // as ps shows it; 'Z' and 'X' are dead
    pid_t parent = 0;
    pid_t group = 0;
    pid_t session = 0;
    std::uint64_t flags = 0;       // PF_ of linux/sched.h
    std::uint64_t threads = 0;     // of a process that is dead: 0 or 1
    std::uint64_t start_time = 0;  // clock ticks since boot

    // On its way out: it runs no more of its program, and its environment cannot be read.
    [[nodiscard]] bool exiting() const { return (flags & 0x4U) != 0; }
    [[nodiscard]] bool dead() const { return state == 'Z' || state == 'X' || state == 'x'; }
};

// The text of /proc/PID/stat; the program's name in it may hold spaces, brackets and newlines.
std::optional<ProcessStat> parse_stat(std::string_view text);
// None when there is no such process.
std::optional<ProcessStat> read_stat(pid_t pid);

// Whether that very process runs now; a start time of 0 is not compared. A zombie does not run; a
// process that we may not look at does.
bool alive(pid_t pid, std::uint64_t start_time);

// Memory in RAM, from statm; none when the process is gone. A few microseconds.
std::optional<std::uint64_t> resident_bytes(pid_t pid);

enum class Holding : std::uint8_t { yes, no, unknown };
// Whether the process has this file open; looked for first where a lock is. Unknown when we may not
// look.
Holding holds_file(pid_t pid, dev_t device, ino_t inode);

// The value of a variable in the environment the process was started with.
std::optional<std::string> started_with(pid_t pid, std::string_view variable);

// The path of this program as it was started; after an upgrade on disk the same path names the new
// one. Empty when the kernel does not say.
std::string own_program();

}  // namespace bullpen::process
