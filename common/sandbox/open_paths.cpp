#include "common/sandbox/open_paths.hpp"

#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <climits>

namespace bullpen::sandbox {

namespace {

// As many as the kernel follows.
constexpr int k_links_max = 40;

std::string target_of(const std::string& link, int at) {
    std::array<char, PATH_MAX> target{};
    const auto size = ::readlinkat(at, link.c_str(), target.data(), target.size());
    return size > 0 ? std::string(target.data(), static_cast<std::size_t>(size)) : std::string();
}

std::string real_path(const Descriptor& at) {
    auto path = target_of("/proc/self/fd/" + std::to_string(at.get()), AT_FDCWD);
    return path.starts_with('/') ? path : std::string();
}

OpenPath opened(int fd) {
    OpenPath opened{Descriptor(fd), false, 0};
    struct stat facts {};
    if (!opened.at.valid() || ::fstat(opened.at.get(), &facts) != 0)
        opened.error = errno;
    else
        opened.is_directory = S_ISDIR(facts.st_mode);
    return opened;
}

OpenPath open_without_links(const std::string& path) {
    open_how how{};
    how.flags = O_PATH | O_CLOEXEC;
    how.resolve = RESOLVE_NO_SYMLINKS;
    return opened(
        static_cast<int>(::syscall(SYS_openat2, AT_FDCWD, path.c_str(), &how, sizeof(how))));
}

// What is before the first slash of `rest`, which is left with what is after it.
std::string next_name(std::string& rest) {
    const auto begin = std::min(rest.find_first_not_of('/'), rest.size());
    const auto end = std::min(rest.find('/', begin), rest.size());
    auto name = rest.substr(begin, end - begin);
    rest.erase(0, end);
    return name;
}

// One name after the other, as the kernel does, to see which links there are.
FoundPath walk(std::string rest, std::span<const FileId> theirs) {
    FoundPath found;
    found.open = open_path("/");
    bool in_theirs = false;
    int links = 0;
    for (auto name = next_name(rest); !name.empty(); name = next_name(rest)) {
        const auto& at = found.open.at;
        auto next = opened(::openat(at.get(), name.c_str(), O_PATH | O_NOFOLLOW | O_CLOEXEC));
        struct stat facts {};
        if (next.error == 0 && ::fstat(next.at.get(), &facts) != 0)
            next.error = errno;
        if (next.error == 0 && S_ISLNK(facts.st_mode)) {
            if (in_theirs && found.link.empty())
                found.link = real_path(next.at);
            const auto target = target_of("", next.at.get());
            if (++links > k_links_max || target.empty()) {
                found.open = {Descriptor(), false, ELOOP};
                return found;
            }
            rest = target + rest;
            if (target.front() != '/')
                continue;
            next = open_path("/");
            in_theirs = false;
        }
        in_theirs = in_theirs || (next.error == 0 && std::find(theirs.begin(), theirs.end(),
                                                               file_id(next)) != theirs.end());
        found.open = std::move(next);
        if (found.open.error != 0)
            return found;
    }
    return found;
}

}  // namespace

OpenPath open_path(const std::string& path) {
    return opened(::open(path.c_str(), O_PATH | O_CLOEXEC));
}

FileId file_id(const OpenPath& opened) {
    struct stat facts {};
    if (::fstat(opened.at.get(), &facts) != 0)
        return {};
    return {facts.st_dev, facts.st_ino};
}

FoundPath find_path(const std::string& path, std::span<const FileId> theirs) {
    FoundPath found{open_without_links(path), {}, {}};
    // A filter of calls, or a link.
    if (const int error = found.open.error; error == ENOSYS || error == EPERM || error == ELOOP)
        found = walk(path, theirs);
    if (found.open.error == 0)
        found.real = real_path(found.open.at);
    return found;
}

const OpenPath& OpenPaths::kept(const std::string& path) {
    auto found = paths_.find(path);
    if (found == paths_.end())
        found = paths_.emplace(path, open_path(path)).first;
    return found->second;
}

}  // namespace bullpen::sandbox
