#include "common/loop/notify.hpp"

#include <systemd/sd-daemon.h>

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
