#include "ctl/daemon_process.hpp"

#include <poll.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>

#include "ipc/identity.hpp"

namespace bullpen::ctl {

std::optional<DaemonProcess> DaemonProcess::of(const DaemonView& daemon) {
    if (daemon.pid <= 0)
        return std::nullopt;
    Descriptor descriptor(static_cast<int>(::syscall(SYS_pidfd_open, daemon.pid, 0)));
    // The pid may have been used again before the descriptor was open.
    const bool same =
        daemon.board == nullptr ||
        ipc::process_alive(daemon.pid, daemon.board->start_time, daemon.board->boot_id.str());
    if (!descriptor.valid() || !same)
        return std::nullopt;
    return DaemonProcess(std::move(descriptor));
}

bool DaemonProcess::wait(Nanos wait) const {
    constexpr Nanos most = std::chrono::hours(24);
    const auto millis = std::chrono::ceil<Millis>(std::clamp(wait, Nanos(0), most));
    pollfd watched{descriptor_.get(), POLLIN, 0};
    return ::poll(&watched, 1, static_cast<int>(millis.count())) > 0;
}

}  // namespace bullpen::ctl
