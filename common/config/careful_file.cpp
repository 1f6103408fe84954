#include "common/config/careful_file.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "common/base/errc.hpp"
#include "common/base/utf8.hpp"
#include "common/config/rules.hpp"
#include "common/users/user_namespace.hpp"

namespace bullpen::config {

namespace {

std::int64_t nanos(const timespec& time) {
    return time.tv_sec * std::int64_t{1'000'000'000} + time.tv_nsec;
}

FileStamp stamp_of(const struct stat& status) {
    return {status.st_dev, status.st_ino, status.st_size, nanos(status.st_mtim),
            nanos(status.st_ctim)};
}

// Says what is wrong with the kind of file that was found, or nothing.
std::string_view wrong_kind(mode_t mode) {
    if (S_ISREG(mode))
        return {};
    if (S_ISLNK(mode)) {
        return "is a symbolic link; only regular files are read, so that nobody else's file is "
               "taken by mistake";
    }
    if (S_ISDIR(mode))
        return "is a directory, not a file";
    return "is not a regular file";
}

std::string bytes_text(std::size_t size) {
    return std::to_string(size) + " bytes";
}

// Reads up to `size_max` bytes and one more, so that a file that grew is seen.
bool read_all(int fd, std::size_t size_max, std::string& text) {
    char buffer[8192];
    while (text.size() <= size_max) {
        const auto got = ::read(fd, buffer, std::min(sizeof buffer, size_max + 1 - text.size()));
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return false;
        if (got == 0)
            return true;
        text.append(buffer, static_cast<std::size_t>(got));
    }
    return true;
}

void read_opened(int fd, uid_t home_owner, std::size_t size_max, CarefulFile& file) {
    struct stat status {};
    if (::fstat(fd, &status) != 0) {
        file.problem = std::string("cannot be looked at: ") + std::strerror(errno);
        return;
    }
    file.stamp = stamp_of(status);
    file.problem = wrong_kind(status.st_mode);
    if (file.problem.empty())
        file.problem = distrust(status.st_uid, status.st_mode, home_owner);
    if (!file.problem.empty())
        return;
    file.text.reserve(std::min(static_cast<std::size_t>(status.st_size), size_max) + 1);
    if (!read_all(fd, size_max, file.text))
        file.problem = std::string("cannot be read: ") + std::strerror(errno);
    else if (file.text.size() > size_max)
        file.problem = "is larger than " + bytes_text(size_max);
    else if (file.line = first_bad_line(file.text); file.line > 0)
        file.problem = "is not text in UTF-8: this line has a byte that cannot stand in it";
}

}  // namespace

int first_bad_line(std::string_view text) {
    int line = 1;
    while (!text.empty()) {
        if (text.front() == '\n')
            ++line;
        const std::size_t length = text.front() == '\0' ? 0 : character_length(text);
        if (length == 0)
            return line;
        text.remove_prefix(length);
    }
    return 0;
}

std::string_view distrust(uid_t owner, mode_t mode, uid_t home_owner) {
    if (owner != ::geteuid() && owner != home_owner && !users::may_be_root(owner)) {
        return "belongs to another user; it has to belong to root, to the owner of the home, or to "
               "the user who runs Bullpen";
    }
    if ((mode & S_IWOTH) != 0)
        return "may be written by everybody, who could then run any program; take that right away "
               "with chmod o-w";
    return {};
}

CarefulFile look_at(const Descriptor& directory, const std::string& name) {
    CarefulFile file;
    struct stat status {};
    if (::fstatat(directory.get(), name.c_str(), &status, AT_SYMLINK_NOFOLLOW) == 0) {
        file.exists = true;
        file.stamp = stamp_of(status);
        file.problem = wrong_kind(status.st_mode);
    } else if (errno != ENOENT) {
        file.exists = true;
        file.problem = std::string("cannot be looked at: ") + std::strerror(errno);
    }
    return file;
}

CarefulFile read_carefully(const Descriptor& directory, const std::string& name, uid_t home_owner,
                           std::size_t size_max) {
    CarefulFile file = look_at(directory, name);
    if (!file.exists || !file.problem.empty())
        return file;
    // O_NONBLOCK: should the name have become a pipe meanwhile, opening it must not wait.
    const Descriptor opened(::openat(directory.get(), name.c_str(),
                                     O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC));
    if (opened.valid()) {
        read_opened(opened.get(), home_owner, size_max, file);
        return file;
    }
    file.exists = errno != ENOENT;
    file.problem = std::string("cannot be opened: ") + std::strerror(errno);
    return file;
}

Result<Descriptor> open_trusted_directory(const std::string& path, uid_t home_owner) {
    // A confined worker may read one file in it, and not list it.
    BULLPEN_TRY(Descriptor directory, open_file(path, O_PATH | O_DIRECTORY));
    struct stat status {};
    if (::fstat(directory.get(), &status) != 0)
        return fail_errno("cannot look at " + path);
    if (const auto why = distrust(status.st_uid, status.st_mode, home_owner); !why.empty())
        return fail(Errc::refused, path + " " + std::string(why));
    return directory;
}

uid_t owner_of(const std::string& directory) {
    struct stat status {};
    return ::stat(directory.c_str(), &status) == 0 ? status.st_uid : ::geteuid();
}

}  // namespace bullpen::config
