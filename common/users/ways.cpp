#include "common/users/ways.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <memory>
#include <string>

#include "common/base/descriptor.hpp"

namespace bullpen::users {

namespace {

constexpr mode_t k_modes = 07777;
constexpr mode_t k_pass = S_IXGRP;
constexpr mode_t k_read = S_IRGRP;
constexpr std::size_t k_files_max = 10'000;

struct CloseList {
    void operator()(DIR* directory) const { ::closedir(directory); }
};

// Adds the rights of the group, which becomes this process's.
Result<void> open_to_group(int fd, const std::string& path, mode_t rights) {
    struct stat facts {};
    if (::fstat(fd, &facts) != 0)
        return fail_errno("cannot look at " + path);
    if (facts.st_uid != ::geteuid())
        return {};
    if (facts.st_gid != ::getegid() && ::fchown(fd, static_cast<uid_t>(-1), ::getegid()) != 0)
        return fail_errno("cannot give " + path + " to the group of this process");
    if ((facts.st_mode & rights) != rights && ::fchmod(fd, (facts.st_mode & k_modes) | rights) != 0)
        return fail_errno("cannot open " + path + " to workers");
    return {};
}

Result<Descriptor> open_directory_here(const std::string& path) {
    return open_file(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
}

Result<void> open_directory_to_group(const std::string& path, mode_t rights) {
    BULLPEN_TRY(const auto directory, open_directory_here(path));
    return open_to_group(directory.get(), path, rights);
}

// Whose group somebody may have chosen.
Result<void> let_pass(const std::string& path) {
    BULLPEN_TRY(const auto directory, open_directory_here(path));
    struct stat facts {};
    if (::fstat(directory.get(), &facts) != 0)
        return fail_errno("cannot look at " + path);
    const mode_t right = facts.st_gid == ::getegid() ? S_IXGRP : S_IXOTH;
    if ((facts.st_mode & right) == 0 &&
        ::fchmod(directory.get(), (facts.st_mode & k_modes) | right) != 0)
        return fail_errno("cannot let workers pass " + path);
    return {};
}

// The directory and the plain files in it, where it is there.
Result<void> open_files_in(const std::string& path) {
    auto opened = open_directory_here(path);
    if (!opened)
        return {};
    BULLPEN_CHECK(open_to_group(opened->get(), path, k_pass | k_read));
    const std::unique_ptr<DIR, CloseList> directory(::fdopendir(opened->get()));
    if (directory == nullptr)
        return fail_errno("cannot list " + path);
    const int fd = opened->release();
    for (std::size_t i = 0; i < k_files_max; ++i) {
        const dirent* const entry = ::readdir(directory.get());
        if (entry == nullptr)
            break;
        const Descriptor file(
            entry->d_type != DT_REG
                ? -1
                : ::openat(fd, entry->d_name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
        if (file.valid())
            BULLPEN_CHECK(open_to_group(file.get(), path + "/" + entry->d_name, k_read));
    }
    return {};
}

}  // namespace

Result<void> open_ways(const Home& home) {
    BULLPEN_CHECK(let_pass(home.root()));
    for (const auto& path : {home.accounts(), home.locks(), home.run()})
        BULLPEN_CHECK(open_directory_to_group(path, k_pass));
    for (const auto& path :
         {home.shared(), home.shared() + "/signals", home.shared() + "/candles", home.applied()})
        BULLPEN_CHECK(open_files_in(path));
    return {};
}

}  // namespace bullpen::users
