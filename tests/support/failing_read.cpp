// A disk that fails: preloaded, it lets reads of the file that FAILING_FILE names end with EIO once
// half of the file has been read.
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>

namespace {

bool fails(int fd) {
    const char* path = std::getenv("FAILING_FILE");
    struct stat wanted {};
    struct stat opened {};
    if (path == nullptr || ::stat(path, &wanted) != 0 || ::fstat(fd, &opened) != 0 ||
        wanted.st_ino != opened.st_ino || wanted.st_dev != opened.st_dev)
        return false;
    return ::lseek(fd, 0, SEEK_CUR) >= opened.st_size / 2;
}

}  // namespace

extern "C" ssize_t read(int fd, void* buffer, size_t size) {
    if (fails(fd)) {
        errno = EIO;
        return -1;
    }
    return ::syscall(SYS_read, fd, buffer, size);
}
