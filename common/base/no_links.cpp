#include "common/base/no_links.hpp"

#include <sys/stat.h>

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
    const int fd =
        ::openat(directory.get(), name_in(path).c_str(), flags | O_CLOEXEC | O_NOFOLLOW, mode);
    if (fd < 0)
        return fail_errno("cannot open " + path);
    return Descriptor(fd);
}

}  // namespace bullpen
