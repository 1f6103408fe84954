#include "common/base/thread_times.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <ctime>
#include <string_view>

namespace bullpen {

namespace {

Nanos read_clock(clockid_t which) {
    timespec time{};
    ::clock_gettime(which, &time);
    return std::chrono::seconds(time.tv_sec) + Nanos(time.tv_nsec);
}

}  // namespace

ThreadTimes::ThreadTimes(const char* counts) : file_(::open(counts, O_RDONLY | O_CLOEXEC)) {}

// "<nanoseconds run> <nanoseconds waited> <turns>", see Documentation/scheduler/sched-stats.
ThreadTimes::Spent ThreadTimes::spent() const {
    std::array<char, 96> buffer;
    const auto length = ::pread(file_.get(), buffer.data(), buffer.size(), 0);
    if (length <= 0)
        return {read_clock(CLOCK_THREAD_CPUTIME_ID), Nanos{0}};
    const char* const end = buffer.data() + length;
    std::int64_t ran = 0;
    std::int64_t waited = 0;
    const auto first = std::from_chars(buffer.data(), end, ran);
    std::from_chars(std::min(first.ptr + 1, end), end, waited);
    return {Nanos{ran}, Nanos{waited}};
}

// CLOCK_BOOTTIME goes on while the machine sleeps, CLOCK_MONOTONIC does not.
Nanos machine_asleep() {
    const auto monotonic = read_clock(CLOCK_MONOTONIC);
    return std::max(read_clock(CLOCK_BOOTTIME) - monotonic, Nanos{0});
}

}  // namespace bullpen
