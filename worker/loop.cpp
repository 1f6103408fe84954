#include "worker/loop.hpp"

#include <poll.h>
#include <signal.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <algorithm>
#include <array>

namespace bullpen::worker {

namespace {

// The wait is cut so that a suspended machine, whose poll does not count, is noticed.
constexpr Nanos k_wait_max = std::chrono::seconds(10);

}  // namespace

Result<SignalQueue> SignalQueue::open() {
    sigset_t set;
    sigemptyset(&set);
    for (const int signal : {SIGTERM, SIGINT, SIGHUP})
        sigaddset(&set, signal);
    if (::pthread_sigmask(SIG_BLOCK, &set, nullptr) != 0)
        return fail_errno("cannot block signals");
    struct sigaction ignore {};
    ignore.sa_handler = SIG_IGN;
    if (::sigaction(SIGPIPE, &ignore, nullptr) != 0)
        return fail_errno("cannot ignore SIGPIPE");
    Descriptor descriptor(::signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK));
    if (!descriptor.valid())
        return fail_errno("cannot open a signal descriptor");
    return SignalQueue(std::move(descriptor));
}

std::optional<int> SignalQueue::take() {
    signalfd_siginfo info{};
    if (::read(descriptor_.get(), &info, sizeof info) != sizeof info)
        return std::nullopt;
    return static_cast<int>(info.ssi_signo);
}

void wait(const std::array<int, 3>& fds, const SignalQueue& signals, MonoTime until,
          const Clock& clock) {
    const auto left = std::clamp(until - clock.mono(), Nanos{0}, k_wait_max);
    timespec timeout{};
    timeout.tv_sec = std::chrono::floor<std::chrono::seconds>(left).count();
    timeout.tv_nsec = (left % std::chrono::seconds(1)).count();
    // poll() ignores an entry whose descriptor is negative.
    std::array<pollfd, 4> watched = {
        {{fds[0], POLLIN, 0}, {fds[1], POLLIN, 0}, {fds[2], POLLIN, 0}, {signals.fd(), POLLIN, 0}}};
    // An interrupted wait is a short wait: the caller looks at everything anyway.
    (void)::ppoll(watched.data(), watched.size(), &timeout, nullptr);
}

}  // namespace bullpen::worker
