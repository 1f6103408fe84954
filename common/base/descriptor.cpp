#include "common/base/descriptor.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "common/base/errc.hpp"
#include "common/base/no_links.hpp"

namespace bullpen {

Descriptor& Descriptor::operator=(Descriptor&& other) noexcept {
    if (this != &other) {
        reset();
        fd_ = std::exchange(other.fd_, -1);
    }
    return *this;
}

void Descriptor::reset() {
    if (fd_ >= 0)
        ::close(fd_);
    fd_ = -1;
}

Result<Descriptor> open_file(const std::string& path, int flags, mode_t mode) {
    return open_file_at(AT_FDCWD, path, flags, mode, path);
}

Result<Descriptor> open_directory(const std::string& path) {
    return open_file(path, O_RDONLY | O_DIRECTORY);
}

Result<void> write_all(int fd, std::string_view data) {
    while (!data.empty()) {
        const auto written = ::write(fd, data.data(), data.size());
        if (written < 0) {
            if (errno == EINTR)
                continue;
            return fail_errno("cannot write");
        }
        data.remove_prefix(static_cast<std::size_t>(written));
    }
    return {};
}

Result<std::string> read_file(const std::string& path, std::size_t size_max) {
    BULLPEN_TRY(const Descriptor file, open_file(path, O_RDONLY));
    struct stat status {};
    if (::fstat(file.get(), &status) != 0)
        return fail_errno("cannot stat " + path);
    if (S_ISDIR(status.st_mode)) {
        return fail(Error::from_errno(EISDIR, "cannot read " + path));
    }
    std::string content;
    if (status.st_size > 0 && static_cast<std::size_t>(status.st_size) <= size_max) {
        content.reserve(static_cast<std::size_t>(status.st_size) + 1);
    }
    char buffer[16384];
    for (;;) {
        const auto got = ::read(file.get(), buffer, sizeof buffer);
        if (got < 0) {
            if (errno == EINTR)
                continue;
            return fail_errno("cannot read " + path);
        }
        if (got == 0)
            return content;
        if (content.size() + static_cast<std::size_t>(got) > size_max) {
            return fail(Errc::too_large,
                        path + " has more than " + std::to_string(size_max) + " bytes");
        }
        content.append(buffer, static_cast<std::size_t>(got));
    }
}

Result<void> make_directories(const std::string& path, mode_t mode) {
    if (::mkdir(path.c_str(), mode) == 0 || errno == EEXIST)
        return {};
    if (errno != ENOENT)
        return fail_errno("cannot make directory " + path);
    const auto slash = path.find_last_of('/');
    if (slash == std::string::npos || slash == 0)
        return fail_errno("cannot make directory " + path);
    BULLPEN_CHECK(make_directories(path.substr(0, slash), mode));
    if (::mkdir(path.c_str(), mode) != 0 && errno != EEXIST) {
        return fail_errno("cannot make directory " + path);
    }
    return {};
}

}  // namespace bullpen
