#include "common/base/no_links.hpp"

#include <fcntl.h>
#include <sys/stat.h>

#include <cerrno>

#include "common/base/errc.hpp"

namespace bullpen {

std::string name_in(const std::string& path) {
    return path.substr(path.rfind('/') + 1);
}

std::string directory_in(const std::string& path) {
    const auto slash = path.rfind('/');
    if (slash == std::string::npos)
        return ".";
    return path.substr(0, slash == 0 ? 1 : slash);
}

// Whoever has a lease on a file would keep whoever opens it for as long as the kernel lets it.
Result<Descriptor> open_file_at(int directory, const std::string& name, int flags, mode_t mode,
                                const std::string& path) {
    Descriptor file(::openat(directory, name.c_str(), flags | O_CLOEXEC | O_NONBLOCK, mode));
    if (!file.valid()) {
        return fail_errno("cannot open " + path +
                          (errno == EWOULDBLOCK ? ", on which another process has a lease" : ""));
    }
    // Only opening it was not to wait.
    if ((flags & (O_NONBLOCK | O_PATH | O_DIRECTORY)) == 0 &&
        ::fcntl(file.get(), F_SETFL, flags) != 0)
        return fail_errno("cannot use " + path);
    return file;
}

Result<void> check_no_link(const std::string& path) {
    struct stat status {};
    if (::lstat(path.c_str(), &status) == 0 && S_ISLNK(status.st_mode))
        return fail(
            Errc::refused,
            path + " is a link, which is not followed: remove it, or put a directory there");
    return {};
}

Result<Descriptor> open_own_directory(const std::string& path) {
    auto directory = open_file(path, O_PATH | O_DIRECTORY | O_NOFOLLOW);
    if (!directory)
        BULLPEN_CHECK(check_no_link(path));
    return directory;
}

Result<Descriptor> open_own_file(const std::string& path, int flags, mode_t mode) {
    BULLPEN_TRY(const auto directory, open_own_directory(directory_in(path)));
    return open_file_at(directory.get(), name_in(path), flags | O_NOFOLLOW, mode, path);
}

}  // namespace bullpen
