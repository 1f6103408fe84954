#include "tests/support/wait.hpp"

#include <poll.h>
#include <sys/inotify.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "common/base/assert.hpp"
#include "common/base/descriptor.hpp"
#include "tests/support/temporary.hpp"

namespace bullpen::test {

namespace {

using Steady = std::chrono::steady_clock;

// Milliseconds left until `end`, at least zero, rounded up so that a wait is never cut to a spin.
int left_ms(Steady::time_point end) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(end - Steady::now());
    return static_cast<int>(std::max<std::chrono::milliseconds::rep>(left.count(), 0));
}

}  // namespace

bool wait_readable(int fd, std::chrono::milliseconds deadline) {
    const auto end = Steady::now() + deadline;
    for (;;) {
        pollfd entry{fd, POLLIN, 0};
        const int got = ::poll(&entry, 1, left_ms(end));
        if (got > 0)
            return true;
        if (got == 0 || errno != EINTR)
            return false;
    }
}

bool wait_for_change(const std::string& directory, const std::function<bool()>& condition,
                     std::chrono::milliseconds deadline) {
    const auto end = Steady::now() + deadline;
    const Descriptor events(::inotify_init1(IN_CLOEXEC | IN_NONBLOCK));
    BULLPEN_ASSERT(events.valid(), "inotify can be opened");
    constexpr std::uint32_t k_changes = IN_CREATE | IN_MODIFY | IN_CLOSE_WRITE | IN_MOVED_TO |
                                        IN_MOVED_FROM | IN_DELETE | IN_ATTRIB;
    BULLPEN_ASSERT(::inotify_add_watch(events.get(), directory.c_str(), k_changes) >= 0,
                   "the watched directory exists");
    while (!condition()) {
        if (left_ms(end) == 0)
            return false;
        wait_readable(events.get(), std::chrono::milliseconds(left_ms(end)));
        char buffer[4096];
        while (::read(events.get(), buffer, sizeof buffer) > 0) {
        }
    }
    return true;
}

bool wait_for_text(const std::string& path, const std::string& text,
                   std::chrono::milliseconds deadline) {
    const auto directory = path.substr(0, path.rfind('/'));
    return wait_for_change(
        directory,
        [&] {
            return text.empty() ? ::access(path.c_str(), F_OK) == 0
                                : read_text(path).find(text) != std::string::npos;
        },
        deadline);
}

bool wait_for_exit(pid_t pid, std::chrono::milliseconds deadline) {
    const Descriptor process(static_cast<int>(::syscall(SYS_pidfd_open, pid, 0)));
    if (!process.valid())
        return errno == ESRCH;
    return wait_readable(process.get(), deadline);
}

bool eventually(const std::function<bool()>& condition, std::chrono::milliseconds deadline) {
    constexpr int k_pause_ms_max = 20;
    const auto end = Steady::now() + deadline;
    for (int pause_ms = 1; !condition(); pause_ms = std::min(pause_ms * 2, k_pause_ms_max)) {
        if (left_ms(end) == 0)
            return false;
        ::poll(nullptr, 0, std::min(pause_ms, left_ms(end)));
    }
    return true;
}

}  // namespace bullpen::test
