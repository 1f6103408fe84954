#include "common/watch/directory_size.hpp"

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <string_view>

#include "common/base/descriptor.hpp"

namespace bullpen::watch {

namespace {

constexpr std::uint64_t k_block = 512;  // what st_blocks counts

bool is_itself(std::string_view name) {
    return name == "." || name == "..";
}

}  // namespace

Result<bool> DirectorySize::step(std::size_t& entries) {
    if (!begun_) {
        BULLPEN_CHECK(enter(AT_FDCWD, root_.c_str()));
        begun_ = true;
    }
    while (!open_.empty() && entries > 0) {
        DIR* const directory = open_.back().get();
        const dirent* const entry = ::readdir(directory);
        if (entry == nullptr) {
            open_.pop_back();
        } else if (!is_itself(entry->d_name)) {
            --entries;
            BULLPEN_CHECK(count(::dirfd(directory), *entry));
        }
    }
    return open_.empty();
}

// One that is not there any more, or no directory, is left out.
Result<void> DirectorySize::enter(int parent, const char* name) {
    if (open_.size() == k_depth_max) {
        size_.hidden = true;
        return {};
    }
    Descriptor opened(
        ::openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK));
    if (!opened.valid()) {
        if (errno == EMFILE || errno == ENFILE || errno == ENOMEM)
            return fail_errno("cannot look into " + root_);
        size_.hidden = size_.hidden || errno == EACCES || errno == EPERM;
        return {};
    }
    struct stat facts {};
    if (::fstat(opened.get(), &facts) != 0)
        return fail_errno("cannot look into " + root_);
    if (open_.empty())
        device_ = facts.st_dev;
    // Another disk's, mounted here.
    if (facts.st_dev != device_)
        return {};
    std::unique_ptr<DIR, Close> directory(::fdopendir(opened.get()));
    if (directory == nullptr)
        return fail_errno("cannot look into " + root_);
    static_cast<void>(opened.release());
    open_.push_back(std::move(directory));
    return {};
}

Result<void> DirectorySize::count(int directory, const dirent& entry) {
    struct stat facts {};
    if (::fstatat(directory, entry.d_name, &facts, AT_SYMLINK_NOFOLLOW) != 0) {
        size_.hidden = size_.hidden || errno == EACCES;
        return {};
    }
    ++size_.entries;
    size_.bytes += std::max(static_cast<std::uint64_t>(facts.st_blocks) * k_block, k_entry_min);
    if (S_ISDIR(facts.st_mode))
        return enter(directory, entry.d_name);
    return {};
}

}  // namespace bullpen::watch
