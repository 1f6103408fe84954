#include "common/loop/notify.hpp"

#include <poll.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include <charconv>
#include <climits>
#include <cstddef>
#include <cstdlib>
#include <string_view>

#include "common/base/descriptor.hpp"

namespace bullpen::loop::notify {

namespace {

// A manager that does not read does not hold up the loop.
constexpr timeval k_send_wait{0, 20'000};

std::string_view variable(const char* name) {
    const char* const value = std::getenv(name);
    return value != nullptr ? value : "";
}

// One datagram to the socket that the manager names.
void tell(const std::string& state) {
    const auto path = variable("NOTIFY_SOCKET");
    sockaddr_un address{};
    if (path.size() < 2 || path.size() >= sizeof address.sun_path ||
        (path.front() != '/' && path.front() != '@'))
        return;
    address.sun_family = AF_UNIX;
    path.copy(address.sun_path, path.size());
    // One without a file: its name begins with a zero byte, and has no end but its length.
    if (path.front() == '@')
        address.sun_path[0] = '\0';
    const auto size = offsetof(sockaddr_un, sun_path) + path.size() + (path.front() == '/' ? 1 : 0);
    const Descriptor socket(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0));
    if (!socket.valid())
        return;
    (void)::setsockopt(socket.get(), SOL_SOCKET, SO_SNDTIMEO, &k_send_wait, sizeof k_send_wait);
    // Nothing can be done about a manager that is gone.
    if (::sendto(socket.get(), state.data(), state.size(), MSG_NOSIGNAL,
                 reinterpret_cast<const sockaddr*>(&address), static_cast<socklen_t>(size)) < 0)
        return;
}

std::optional<std::int64_t> number(std::string_view text) {
    std::int64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || end != text.data() + text.size())
        return std::nullopt;
    return value;
}

}  // namespace

void ready(const std::string& status) {
    tell("READY=1\nSTATUS=" + status);
}

void reloading() {
    tell("RELOADING=1");
}

void stopping(const std::string& status, Nanos longest) {
    const auto wait = std::chrono::duration_cast<std::chrono::microseconds>(longest).count();
    tell("STOPPING=1\nEXTEND_TIMEOUT_USEC=" + std::to_string(wait) + "\nSTATUS=" + status);
}

void status(const std::string& text) {
    tell("STATUS=" + text);
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
    tell("WATCHDOG=1");
}

std::optional<Nanos> watchdog_interval() {
    const auto micros = number(variable("WATCHDOG_USEC"));
    const auto process = variable("WATCHDOG_PID");
    if (!micros || *micros <= 0 || (!process.empty() && number(process) != ::getpid()))
        return std::nullopt;
    return std::chrono::microseconds(*micros);
}

}  // namespace bullpen::loop::notify
