#include "common/vault/private_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "common/base/descriptor.hpp"
#include "common/base/errc.hpp"
#include "common/users/user_namespace.hpp"

namespace bullpen::vault {

namespace {

// root may run the daemon of somebody else's home.
bool owns_directory(uid_t user, const std::string& path) {
    struct stat status {};
    const auto directory = path.substr(0, path.find_last_of('/') + 1);
    return ::geteuid() == 0 && ::stat(directory.c_str(), &status) == 0 && status.st_uid == user;
}

Result<void> check_owner(const std::string& path, const struct stat& status, Keeper keeper) {
    const auto refuse = [&path](const std::string& why) { return fail(Errc::refused, path + why); };
    if (!S_ISREG(status.st_mode))
        return refuse(" is not a regular file; put the file itself there");
    const bool by_root = keeper == Keeper::service_manager && users::may_be_root(status.st_uid);
    if (status.st_uid != ::geteuid() && !by_root && !owns_directory(status.st_uid, path)) {
        return refuse(" belongs to another user (" + std::to_string(status.st_uid) +
                      "), who could have written it; it has to belong to the user of the home");
    }
    const mode_t closed = keeper == Keeper::user ? S_IRWXG | S_IRWXO : S_IWGRP | S_IRWXO;
    if ((status.st_mode & closed) != 0) {
        return refuse(
            " may be read or written by others; chmod 600 it, and if they may have read "
            "it, change what is in it");
    }
    return {};
}

// Fills `room`, and tells how much there was; one byte more than fits is told as such.
Result<std::size_t> read_all(int fd, const std::string& path, std::span<char> room) {
    std::size_t size = 0;
    while (size < room.size()) {
        const auto got = ::read(fd, room.data() + size, room.size() - size);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return fail_errno("cannot read " + path);
        if (got == 0)
            break;
        size += static_cast<std::size_t>(got);
    }
    return size;
}

}  // namespace

Result<Secret> read_private(const std::string& path, std::size_t size_max, Keeper keeper) {
    // O_NONBLOCK: should it be a pipe, opening it must not wait.
    const Descriptor file(
        ::open(path.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC));
    if (!file.valid()) {
        if (errno == ENOENT || errno == ENOTDIR)
            return fail(Errc::not_found, "there is no " + path);
        if (errno == ELOOP)
            return fail(Errc::refused, path + " is a symbolic link; put the file itself there");
        return fail_errno("cannot open " + path);
    }
    struct stat status {};
    if (::fstat(file.get(), &status) != 0)
        return fail_errno("cannot look at " + path);
    BULLPEN_CHECK(check_owner(path, status, keeper));
    Secret content = Secret::of_size(size_max + 1);
    BULLPEN_TRY(const auto size, read_all(file.get(), path, content.writable()));
    if (size > size_max) {
        return fail(Errc::too_large,
                    path + " has more than " + std::to_string(size_max) + " bytes");
    }
    content.cut(size);
    return content;
}

}  // namespace bullpen::vault
