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
    if (begun_ == 0)
        BULLPEN_CHECK(begin());
    while (entries > 0) {
        if (open_.empty()) {
            if (begun_ > others_.size())
                return true;
            --entries;
            BULLPEN_CHECK(begin());
            continue;
        }
        DIR* const directory = open_.back().directory.get();
        const dirent* const entry = ::readdir(directory);
        if (entry == nullptr) {
            open_.pop_back();
        } else if (!is_itself(entry->d_name)) {
            --entries;
            BULLPEN_CHECK(count(open_.back(), *entry));
        }
    }
    return open_.empty() && begun_ > others_.size();
}

// The root, then one of the others after the other.
Result<void> DirectorySize::begin() {
    if (begun_++ == 0)
        return enter(AT_FDCWD, root_.c_str(), O_NOFOLLOW);
    const auto& path = others_[begun_ - 2];
    struct stat facts {};
    if (::stat(path.c_str(), &facts) != 0)
        return {};
    if (S_ISDIR(facts.st_mode))
        return enter(AT_FDCWD, path.c_str(), 0);
    if (counts(facts.st_uid))
        add(facts);
    return {};
}

void DirectorySize::add(const struct stat& facts) {
    ++size_.entries;
    size_.bytes += std::max(static_cast<std::uint64_t>(facts.st_blocks) * k_block, k_entry_min);
}

// One that is not there any more, or no directory, is left out.
Result<void> DirectorySize::enter(int parent, const char* name, int follow) {
    if (open_.size() == k_depth_max) {
        size_.hidden = size_.hidden || open_.back().counts;
        return {};
    }
    Descriptor opened(
        ::openat(parent, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NONBLOCK | follow));
    if (!opened.valid()) {
        if (errno == EMFILE || errno == ENFILE || errno == ENOMEM)
            return fail_errno("cannot look into " + root_);
        if (errno == EACCES || errno == EPERM)
            note_closed(parent, name);
        return {};
    }
    struct stat facts {};
    if (::fstat(opened.get(), &facts) != 0)
        return fail_errno("cannot look into " + root_);
    if (open_.empty())
        device_ = facts.st_dev;
    if (begun_ == 1 && open_.empty())
        owner_ = facts.st_uid;
    // Another disk's, mounted here.
    if (facts.st_dev != device_)
        return {};
    std::unique_ptr<DIR, Close> directory(::fdopendir(opened.get()));
    if (directory == nullptr)
        return fail_errno("cannot look into " + root_);
    static_cast<void>(opened.release());
    open_.push_back({std::move(directory), counts(facts.st_uid)});
    return {};
}

void DirectorySize::note_closed(int parent, const char* name) {
    struct stat facts {};
    const bool known = ::fstatat(parent, name, &facts, 0) == 0;
    size_.hidden = size_.hidden || begun_ == 1 || (known && counts(facts.st_uid));
}

Result<void> DirectorySize::count(const Open& in, const dirent& entry) {
    const int directory = ::dirfd(in.directory.get());
    struct stat facts {};
    if (::fstatat(directory, entry.d_name, &facts, AT_SYMLINK_NOFOLLOW) != 0) {
        size_.hidden = size_.hidden || (errno == EACCES && in.counts);
        return {};
    }
    if (counts(facts.st_uid))
        add(facts);
    if (S_ISDIR(facts.st_mode))
        return enter(directory, entry.d_name, O_NOFOLLOW);
    return {};
}

}  // namespace bullpen::watch
