#include "supervisor/daemon/run_delay.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <string_view>

namespace bullpen::daemon {

RunDelay::RunDelay() : file_(::open("/proc/thread-self/schedstat", O_RDONLY | O_CLOEXEC)) {}

// "<nanoseconds run> <nanoseconds waited> <turns>", see Documentation/scheduler/sched-stats.
Nanos RunDelay::total() const {
    std::array<char, 96> buffer;
    const auto length = ::pread(file_.get(), buffer.data(), buffer.size(), 0);
    if (length <= 0)
        return Nanos{0};
    std::string_view text(buffer.data(), static_cast<std::size_t>(length));
    text.remove_prefix(std::min(text.find(' ') + 1, text.size()));
    std::int64_t waited = 0;
    std::from_chars(text.data(), text.data() + text.size(), waited);
    return Nanos{waited};
}

}  // namespace bullpen::daemon
