// A wall clock that is wrong: preloaded, it adds the milliseconds in the file that
// SHIFTED_CLOCK_FILE names to CLOCK_REALTIME. The file is read at every call, so that a test can
// put the clock right while the program runs.
#include <fcntl.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include <cstdlib>

namespace {

constexpr long k_ms_in_second = 1000;
constexpr long k_ns_in_ms = 1'000'000;
constexpr long k_ns_in_second = k_ms_in_second * k_ns_in_ms;

long shift_ms() {
    const char* path = std::getenv("SHIFTED_CLOCK_FILE");
    const int fd = path != nullptr ? ::open(path, O_RDONLY | O_CLOEXEC) : -1;
    if (fd < 0)
        return 0;
    char text[32] = "";
    const auto length = ::read(fd, text, sizeof text - 1);
    ::close(fd);
    return length > 0 ? std::strtol(text, nullptr, 10) : 0;
}

}  // namespace

extern "C" int clock_gettime(clockid_t clock, timespec* time) noexcept {
    const auto result = static_cast<int>(::syscall(SYS_clock_gettime, clock, time));
    if (result != 0 || clock != CLOCK_REALTIME)
        return result;
    const long shift = shift_ms();
    time->tv_sec += shift / k_ms_in_second;
    time->tv_nsec += shift % k_ms_in_second * k_ns_in_ms;
    if (time->tv_nsec >= k_ns_in_second) {
        time->tv_sec += 1;
        time->tv_nsec -= k_ns_in_second;
    }
    return 0;
}
