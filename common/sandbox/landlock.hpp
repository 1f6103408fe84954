// Landlock: which files, ports and processes a process can still reach. A ruleset is made where
// descriptors and memory may be used, and entered, once and for ever, by the process that it is
// for: itself, or a child between clone and exec.
//
// Source: the kernel's Documentation/userspace-api/landlock.rst. Any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "common/base/descriptor.hpp"
#include "common/base/result.hpp"
#include "common/sandbox/open_paths.hpp"

namespace bullpen::sandbox {

// The newest version whose rights are known here. A newer kernel understands it.
inline constexpr int k_landlock_newest = 7;
// Those from which on the kernel itself keeps what earlier ones leave to a filter of calls.
inline constexpr int k_landlock_truncate = 3;
inline constexpr int k_landlock_ports = 4;
inline constexpr int k_landlock_signals = 6;

// What may be done with a file, or with everything below a directory.
enum class Access : std::uint8_t {
    names,  // the names in a directory and below it; a file is left out
    read,
    run,     // read, and execute
    file,    // run, if it is a file; a directory is left out
    use,     // read and write what is there: a device
    change,  // everything but execute, and make what leads elsewhere (links, devices, pipes)
    own,     // change, and execute
    all,     // own, links and pipes too
};

struct Reach {
    std::string path;  // one that is not there is left out
    Access access = Access::read;
    bool everyones = false;  // of the system: the same for every account
    friend bool operator==(const Reach&, const Reach&) = default;
};

// One that was opened, and judged, before.
struct OpenReach {
    Reach reach;
    OpenPath opened;
};

struct Walls {
    std::vector<Reach> reach;
    std::vector<OpenReach> opened;
    std::vector<int> readable;  // descriptors of files that may be opened again to be read
    bool signals = true;        // none to processes outside
    // Of TCP that may be connected to, and none bound; nothing: all.
    std::optional<std::vector<std::uint16_t>> ports;
};

// The kernel's version; 0 without Landlock.
int landlock_version();

// For that version, which is at least 1 and at most the kernel's. What is everyone's is taken from
// `paths`, and left open there.
Result<Descriptor> make_ruleset(int version, const Walls& walls, OpenPaths& paths);
// Of the calling thread and what it starts. It must have given up new privileges.
Result<void> enter_ruleset(const Descriptor& ruleset);

}  // namespace bullpen::sandbox
