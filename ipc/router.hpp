// The daemon's side of the lease and control protocols: one socket, many peers, each named by its
// routing id. The kernel says which process a message came from.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "common/base/result.hpp"
#include "ipc/socket.hpp"

namespace bullpen::ipc {

struct Received {
    std::string routing_id;
    std::string body;
    pid_t peer_pid = 0;  // of the process that connected, from the kernel; 0: not known
    uid_t peer_uid = static_cast<uid_t>(-1);
};

class Router : public Socket {
  public:
    // The next message, or nothing. Frames that are not [routing id][body] are counted and dropped.
    virtual std::optional<Received> receive();
    // Calls `handle(Received&&)` for each waiting message, at most `count_max`, so that one flood
    // cannot keep a loop from its other work. True when more may be waiting: call it again before
    // waiting on fd().
    template <class Handler>
    bool drain(std::size_t count_max, Handler&& handle) {
        for (std::size_t i = 0; i < count_max; ++i) {
            auto message = receive();
            if (!message)
                return false;
            handle(std::move(*message));
        }
        return pending();
    }
    // Errc::unavailable when there is no such peer (any more) or its queue is full.
    Result<void> send(std::string_view routing_id, std::string_view body);

    [[nodiscard]] std::uint64_t malformed() const { return malformed_; }

  protected:
    using Socket::Socket;
    // [routing id][body], or [routing id][cookie][body] where `cookie` is wanted.
    std::optional<Received> receive_parts(std::string* cookie);
    static Result<std::unique_ptr<Impl>> bind_router(Context& context,
                                                     const std::string& socket_path, int queue_max,
                                                     int receive_max, std::size_t size_max);

  private:
    std::uint64_t malformed_ = 0;
};

// bind(): the caller holds the daemon's own lock of this home, because a second bind would take the
// path away from the first without a word. The directory must be of this user with mode 0700; the
// socket file is made 0600. A file left by a killed daemon is replaced.
class LeaseRouter : public Router {
  public:
    static Result<LeaseRouter> bind(Context& context, const std::string& socket_path);

  private:
    using Router::Router;
};

// A confined worker can connect here, too. So a message is [routing id][cookie][body]; whoever does
// not show the home's cookie (cookie.hpp) is told so, and not read.
class ControlRouter : public Router {
  public:
    static Result<ControlRouter> bind(Context& context, const std::string& socket_path);
    std::optional<Received> receive() override;
    // For a home whose cookie was removed: the same one again.
    [[nodiscard]] Result<void> show_cookie(const std::string& socket_path) const;

  private:
    using Router::Router;
    std::string cookie_;
};

}  // namespace bullpen::ipc
