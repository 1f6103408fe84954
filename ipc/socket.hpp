// Socket: what router, dealer, publisher and subscriber share. Never blocks; used from one thread.
//
// How to wait for one, with Asio or poll: fd() becomes readable at a *change*, not while something
// is there. So whenever it was readable, and after any send, call the receiving function until it
// gives nothing (or drain()), and only then wait again. pending() tells whether that is needed; it
// costs no more than a receive that finds nothing.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

#include "common/base/clock.hpp"
#include "common/base/result.hpp"
#include "ipc/context.hpp"

namespace bullpen::ipc {

// How long a closed socket may still hand its last messages to the kernel.
inline constexpr Millis k_linger{100};
// How often a worker without a daemon tries again: each waits between one and two of these, so that
// 500 workers are back within 300 ms of a daemon's return and cost little until then.
inline constexpr Millis k_reconnect_interval{125};
// Messages that may wait for one peer, each way.
inline constexpr int k_lease_queue_max = 64;
inline constexpr int k_control_queue_max = 8192;
inline constexpr int k_event_queue_max = 1024;

// "ipc://<path>".
std::string endpoint_of(const std::string& socket_path);

class Socket {
  public:
    Socket(Socket&&) noexcept;
    Socket& operator=(Socket&&) noexcept;
    Socket(const Socket&) = delete;
    Socket& operator=(const Socket&) = delete;
    virtual ~Socket();

    // Readable at a change; see above. Belongs to the socket: never close it.
    [[nodiscard]] int fd() const;
    // Whether there is something to receive now.
    [[nodiscard]] bool pending() const;
    // For one that listens and whose file at this path was removed: listens there as well, with the
    // checks of bind(). Those who are connected notice nothing.
    Result<void> listen_again(const std::string& socket_path);
    // Closes at once; what was sent may linger for k_linger. The object is dead afterwards.
    void close();

  protected:
    struct Impl;
    explicit Socket(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> impl_;
};

}  // namespace bullpen::ipc
