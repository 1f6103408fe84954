// Waiting for messages on sockets the way a caller does: on fd(), and only when nothing is pending.
#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <string>

#include "ipc/dealer.hpp"
#include "ipc/publisher.hpp"
#include "ipc/router.hpp"
#include "tests/support/wait.hpp"

namespace bullpen::test {

template <class Socket>
auto next(Socket& socket, std::chrono::milliseconds deadline = k_deadline)
    -> decltype(socket.receive()) {
    const auto end = std::chrono::steady_clock::now() + deadline;
    for (;;) {
        if (auto message = socket.receive())
            return message;
        const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(
            end - std::chrono::steady_clock::now());
        if (left.count() <= 0 || !wait_readable(socket.fd(), left))
            return std::nullopt;
    }
}

inline bool wait_connected(const ipc::Dealer& dealer,
                           std::chrono::milliseconds deadline = k_deadline) {
    const auto end = std::chrono::steady_clock::now() + deadline;
    while (!dealer.connected()) {
        const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(
            end - std::chrono::steady_clock::now());
        if (left.count() <= 0)
            return false;
        wait_readable(dealer.fd(), left);
    }
    return true;
}

}  // namespace bullpen::test
