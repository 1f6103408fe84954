#include "common/process/process_facts.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <climits>
#include <csignal>
#include <cstdio>
#include <memory>

#include "common/base/descriptor.hpp"
#include "common/process/launcher.hpp"
#include "common/sandbox/calls.hpp"

namespace bullpen::process {
namespace {

constexpr std::size_t k_stat_bytes_max = 4096;
constexpr std::size_t k_environment_bytes_max = 1024UL * 1024;

// Fields of /proc/PID/stat counted from the state, which follows the name.
constexpr std::size_t k_parent_field = 1;
constexpr std::size_t k_group_field = 2;
constexpr std::size_t k_session_field = 3;
constexpr std::size_t k_flags_field = 6;
constexpr std::size_t k_threads_field = 17;
constexpr std::size_t k_start_time_field = 19;

struct ProcPath {
    std::array<char, 64> text{};
    ProcPath(pid_t pid, const char* name) {
        std::snprintf(text.data(), text.size(), "/proc/%d/%s", static_cast<int>(pid), name);
    }
    [[nodiscard]] const char* c_str() const { return text.data(); }
};

template <class Number>
bool to_number(std::string_view text, Number& number) {
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    return error == std::errc() && end == text.data() + text.size();
}

// One read of a small file under /proc, which is whole or gone; the length, or -1.
template <std::size_t size>
ssize_t read_small(const ProcPath& path, std::array<char, size>& buffer) {
    const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    if (!file.valid())
        return -1;
    return ::read(file.get(), buffer.data(), buffer.size());
}

bool is_file(const struct stat& status, dev_t device, ino_t inode) {
    return status.st_dev == device && status.st_ino == inode;
}

}  // namespace

std::optional<ProcessStat> parse_stat(std::string_view text) {
    ProcessStat stat;
    // "PID (NAME) S ...": the name ends at the last bracket, whatever it holds itself.
    const std::size_t open = text.find(" (");
    const std::size_t close = text.rfind(')');
    if (open == std::string_view::npos || close == std::string_view::npos || close < open ||
        !to_number(text.substr(0, open), stat.pid) || stat.pid <= 0)
        return std::nullopt;
    text.remove_prefix(close + 1);
    for (std::size_t field = 0; field <= k_start_time_field; ++field) {
        const std::size_t start = text.find_first_not_of(" \n");
        if (start == std::string_view::npos)
            return std::nullopt;
        text.remove_prefix(start);
        const std::string_view word = text.substr(0, text.find_first_of(" \n"));
        text.remove_prefix(word.size());
        bool good = true;
        switch (field) {
            case 0:
                stat.state = word[0];
                good = word.size() == 1;
                break;
            case k_parent_field: good = to_number(word, stat.parent); break;
            case k_group_field: good = to_number(word, stat.group); break;
            case k_session_field: good = to_number(word, stat.session); break;
            case k_flags_field: good = to_number(word, stat.flags); break;
            case k_threads_field: good = to_number(word, stat.threads); break;
            case k_start_time_field: good = to_number(word, stat.start_time); break;
            default: break;
        }
        if (!good)
            return std::nullopt;
    }
    return stat;
}

std::optional<ProcessStat> read_stat(pid_t pid) {
    std::array<char, k_stat_bytes_max> buffer;
    const ssize_t length = read_small(ProcPath(pid, "stat"), buffer);
    if (length <= 0)
        return std::nullopt;
    return parse_stat({buffer.data(), static_cast<std::size_t>(length)});
}

bool alive(pid_t pid, std::uint64_t start_time) {
    if (pid <= 0)
        return false;
    if (const auto stat = read_stat(pid))
        return !stat->dead() && (start_time == 0 || start_time == stat->start_time);
    // /proc may be mounted so that the processes of others do not show in it.
    return ::kill(pid, 0) == 0 || errno == EPERM;
}

std::optional<std::uint64_t> resident_bytes(pid_t pid) {
    std::array<char, 128> buffer;
    const ssize_t length = read_small(ProcPath(pid, "statm"), buffer);
    if (length <= 0)
        return std::nullopt;
    std::string_view text(buffer.data(), static_cast<std::size_t>(length));
    text.remove_prefix(std::min(text.find(' ') + 1, text.size()));
    std::uint64_t pages = 0;
    if (!to_number(text.substr(0, text.find(' ')), pages))
        return std::nullopt;
    static const auto page_size = static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
    return pages * page_size;
}

Holding holds_file(pid_t pid, dev_t device, ino_t inode) {
    const ProcPath path(pid, "fd");
    const Descriptor directory(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!directory.valid())
        return errno == EACCES || errno == EPERM ? Holding::unknown : Holding::no;
    struct stat status {};
    // Where a lock is likely to be.
    for (const int likely : {k_lock_descriptor, sandbox::k_kept_descriptors.front()}) {
        errno = 0;
        if (::fstatat(directory.get(), std::to_string(likely).c_str(), &status, 0) == 0 &&
            is_file(status, device, inode))
            return Holding::yes;
        if (errno == EACCES || errno == EPERM)
            return Holding::unknown;
    }
    const int copy = ::fcntl(directory.get(), F_DUPFD_CLOEXEC, 0);
    const std::unique_ptr<DIR, int (*)(DIR*)> list(::fdopendir(copy), ::closedir);
    if (list == nullptr)
        return Holding::unknown;
    while (const dirent* entry = ::readdir(list.get())) {
        if (::fstatat(directory.get(), entry->d_name, &status, 0) == 0 &&
            is_file(status, device, inode))
            return Holding::yes;
    }
    return Holding::no;
}

std::optional<std::string> started_with(pid_t pid, std::string_view variable) {
    const auto text = read_file(ProcPath(pid, "environ").c_str(), k_environment_bytes_max);
    if (!text)
        return std::nullopt;
    std::string_view rest = *text;
    while (!rest.empty()) {
        const std::string_view entry = rest.substr(0, rest.find('\0'));
        rest.remove_prefix(std::min(entry.size() + 1, rest.size()));
        if (entry.size() > variable.size() && entry.starts_with(variable) &&
            entry[variable.size()] == '=')
            return std::string(entry.substr(variable.size() + 1));
    }
    return std::nullopt;
}

std::string own_program() {
    char path[PATH_MAX];
    const auto length = ::readlink("/proc/self/exe", path, sizeof path - 1);
    std::string program = length > 0 ? std::string(path, static_cast<std::size_t>(length)) : "";
    constexpr std::string_view k_deleted = " (deleted)";
    if (program.ends_with(k_deleted))
        program.resize(program.size() - k_deleted.size());
    return program;
}

}  // namespace bullpen::process
