// The exit codes every Bullpen program uses, after sysexits.h; the daemon reads a worker's from
// them.
#pragma once

namespace bullpen {

enum class ExitCode : int {
    done = 0,
    failed = 1,           // a command's verdict was no
    usage = 64,           // wrong arguments: do not try again
    software = 70,        // something inside failed: try again
    temporary = 75,       // something outside is not there: try again later
    held_elsewhere = 77,  // another process holds the lock or the lease: wait
    config = 78,          // the configuration is wrong: do not try again
};

constexpr int value(ExitCode code) {
    return static_cast<int>(code);
}

}  // namespace bullpen
