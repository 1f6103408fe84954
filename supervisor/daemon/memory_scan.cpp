#include "supervisor/daemon/memory_scan.hpp"

#include <dirent.h>
#include <unistd.h>

#include <charconv>
#include <cstring>
#include <memory>

#include "common/process/process_facts.hpp"

namespace bullpen::daemon {

void MemoryScan::scan() {
    for (auto& [leader, bytes] : sessions)
        bytes = 0;
    const std::unique_ptr<DIR, int (*)(DIR*)> directory(::opendir("/proc"), ::closedir);
    if (!directory)
        return;
    while (const auto* entry = ::readdir(directory.get())) {
        pid_t pid = 0;
        const char* end = entry->d_name + std::strlen(entry->d_name);
        const auto [stop, code] = std::from_chars(entry->d_name, end, pid);
        if (code != std::errc() || stop != end)
            continue;
        const auto found = sessions.find(::getsid(pid));
        if (found == sessions.end())
            continue;
        found->second += process::resident_bytes(pid).value_or(0);
    }
}

}  // namespace bullpen::daemon
