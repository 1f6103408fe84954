#include "common/process/proc_scan.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <cstdio>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "common/base/descriptor.hpp"
#include "common/process/process_facts.hpp"

namespace bullpen::process {
namespace {

constexpr std::size_t k_children_bytes_max = 1024UL * 1024;
// Of all processes of a session, at one look.
constexpr std::size_t k_descriptors_max = 16'384;
constexpr std::size_t k_statm_bytes_max = 4096;
constexpr std::uint64_t k_block = 512;  // what st_blocks counts

bool to_pid(std::string_view text, pid_t& pid) {
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), pid);
    return error == std::errc() && end == text.data() + text.size() && pid > 0;
}

// Whether it takes memory and no place on a disk, as what memfd_create() makes does.
bool is_in_memory(int directory, const char* name) {
    const Descriptor file(::openat(directory, name, O_PATH | O_CLOEXEC));
    struct statfs system {};
    return file.valid() && ::fstatfs(file.get(), &system) == 0 &&
           (system.f_type == TMPFS_MAGIC || system.f_type == RAMFS_MAGIC ||
            system.f_type == HUGETLBFS_MAGIC);
}

// Of a process's memory, what it has of files: those in memory are among them.
std::uint64_t mapped_bytes(pid_t pid) {
    const auto text = read_file("/proc/" + std::to_string(pid) + "/statm", k_statm_bytes_max);
    unsigned long long size = 0;
    unsigned long long resident = 0;
    unsigned long long of_files = 0;
    if (!text || std::sscanf(text->c_str(), "%llu %llu %llu", &size, &resident, &of_files) != 3)
        return 0;
    return of_files * static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
}

// The files without a name that a session's processes hold, each once.
class RemovedFiles {
  public:
    void add(pid_t pid) {
        holders_.push_back(pid);
        const auto path = "/proc/" + std::to_string(pid) + "/fd";
        const std::unique_ptr<DIR, int (*)(DIR*)> list(::opendir(path.c_str()), ::closedir);
        if (list == nullptr)
            return;
        while (looked_at_ < k_descriptors_max) {
            const dirent* const entry = ::readdir(list.get());
            if (entry == nullptr)
                return;
            ++looked_at_;
            struct stat facts {};
            if (::fstatat(::dirfd(list.get()), entry->d_name, &facts, 0) == 0 &&
                S_ISREG(facts.st_mode) && facts.st_nlink == 0 &&
                known_.emplace(facts.st_dev, facts.st_ino).second) {
                const bool memory = is_in_memory(::dirfd(list.get()), entry->d_name);
                (memory ? in_memory_ : on_disk_) +=
                    static_cast<std::uint64_t>(facts.st_blocks) * k_block;
            }
        }
    }
    [[nodiscard]] std::uint64_t on_disk() const { return on_disk_; }
    // What no process has mapped, which is counted with the process.
    [[nodiscard]] std::uint64_t in_memory_alone() const {
        std::uint64_t alone = in_memory_;
        for (std::size_t i = 0; alone > 0 && i < holders_.size(); ++i)
            alone -= std::min(alone, mapped_bytes(holders_[i]));
        return alone;
    }

  private:
    std::vector<pid_t> holders_;
    std::uint64_t on_disk_ = 0;
    std::uint64_t in_memory_ = 0;
    std::set<std::pair<dev_t, ino_t>> known_;
    std::size_t looked_at_ = 0;
};

}  // namespace

void for_each_process(const std::function<void(pid_t)>& visit) {
    const std::unique_ptr<DIR, int (*)(DIR*)> list(::opendir("/proc"), ::closedir);
    if (list == nullptr)
        return;
    const pid_t self = ::getpid();
    pid_t pid = 0;
    while (const dirent* entry = ::readdir(list.get())) {
        if (to_pid(entry->d_name, pid) && pid != self)
            visit(pid);
    }
}

void scan_sessions(std::map<pid_t, SessionUse>& sessions) {
    for (auto& [leader, use] : sessions)
        use = {};
    std::map<pid_t, RemovedFiles> removed;
    for_each_process([&](pid_t pid) {
        const auto found = sessions.find(::getsid(pid));
        if (found == sessions.end())
            return;
        const auto stat = read_stat(pid);
        found->second.bytes += resident_bytes(pid).value_or(0);
        found->second.tasks += stat ? std::max<std::uint64_t>(stat->threads, 1) : 0;
        removed[found->first].add(pid);
    });
    for (const auto& [leader, files] : removed) {
        sessions.at(leader).removed = files.on_disk();
        sessions.at(leader).bytes += files.in_memory_alone();
    }
}

std::optional<std::vector<pid_t>> children() {
    const auto text = read_file("/proc/self/task/" + std::to_string(::getpid()) + "/children",
                                k_children_bytes_max);
    if (!text)
        return std::nullopt;
    std::vector<pid_t> pids;
    std::string_view rest = *text;
    while (!rest.empty()) {
        const std::string_view word = rest.substr(0, rest.find(' '));
        rest.remove_prefix(std::min(word.size() + 1, rest.size()));
        if (pid_t pid = 0; to_pid(word, pid))
            pids.push_back(pid);
    }
    return pids;
}

}  // namespace bullpen::process
