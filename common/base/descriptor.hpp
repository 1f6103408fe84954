// Descriptor: sole owner of one file descriptor, closed when it goes. Everything Bullpen opens is
// close-on-exec; what a child is to inherit is passed by number at the launch and nowhere else.
#pragma once

#include <fcntl.h>

#include <string>
#include <string_view>
#include <utility>

#include "common/base/result.hpp"

namespace bullpen {

class Descriptor {
  public:
    Descriptor() = default;
    explicit Descriptor(int fd) : fd_(fd) {}
    Descriptor(Descriptor&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
    Descriptor& operator=(Descriptor&& other) noexcept;
    Descriptor(const Descriptor&) = delete;
    Descriptor& operator=(const Descriptor&) = delete;
    ~Descriptor() { reset(); }

    [[nodiscard]] int get() const { return fd_; }
    [[nodiscard]] bool valid() const { return fd_ >= 0; }
    [[nodiscard]] int release() { return std::exchange(fd_, -1); }
    void reset();

  private:
    int fd_ = -1;
};

// open(2), close-on-exec, waiting for no lease on a file and no pipe; the error names the path.
Result<Descriptor> open_file(const std::string& path, int flags, mode_t mode = 0);
// A directory handle for fsync and *at calls.
Result<Descriptor> open_directory(const std::string& path);
// Writes all of it, through short writes and EINTR.
Result<void> write_all(int fd, std::string_view data);
// Reads a file up to `size_max` bytes; Errc::too_large when there is more.
Result<std::string> read_file(const std::string& path, std::size_t size_max);
// Makes the directory and its missing parents with `mode`; an existing directory is fine.
Result<void> make_directories(const std::string& path, mode_t mode);

}  // namespace bullpen
