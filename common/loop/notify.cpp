#include "common/loop/notify.hpp"

#include <poll.h>
#include <systemd/sd-daemon.h>
#include <unistd.h>

#include <climits>

namespace bullpen::loop::notify {

void ready(const std::string& status) {
    ::sd_notify(0, ("READY=1\nSTATUS=" + status).c_str());
}

void reloading() {
    ::sd_notify(0, "RELOADING=1");
}

void stopping(const std::string& status) {
    ::sd_notify(0, ("STOPPING=1\nSTATUS=" + status).c_str());
}

void status(const std::string& text) {
    ::sd_notify(0, ("STATUS=" + text).c_str());
}

void complain(const std::string& sentence) {
    // A pipe that is writable takes this much without waiting.
    const std::string line = sentence.substr(0, PIPE_BUF - 1) + "\n";
    pollfd standard_error{STDERR_FILENO, POLLOUT, 0};
    if (::poll(&standard_error, 1, 0) == 1 && (standard_error.revents & POLLOUT) != 0) {
        if (::write(STDERR_FILENO, line.data(), line.size()) < 0)
            return;
    }
}

void watchdog() {
    ::sd_notify(0, "WATCHDOG=1");
}

std::optional<Nanos> watchdog_interval() {
    std::uint64_t micros = 0;
    if (::sd_watchdog_enabled(0, &micros) <= 0)
        return std::nullopt;
    return std::chrono::microseconds(micros);
}

}  // namespace bullpen::loop::notify
