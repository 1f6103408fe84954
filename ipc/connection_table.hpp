// ConnectionTable: how many connections each session of processes has at a socket, and who was
// refused one. Pure: whether a connection is still open is asked of the caller, because the
// messaging library closes them without a word. Used under the lock of who owns it (AcceptGate).
#pragma once

#include <sys/types.h>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "common/base/clock.hpp"

namespace bullpen::ipc {

// A worker needs one; a script of bullpenctl one for each command that runs at a time.
inline constexpr std::size_t k_connections_of_one_max = 128;

struct Connection {
    int fd = -1;
    ino_t socket = 0;  // of all that are open it alone has this number

    friend bool operator==(const Connection&, const Connection&) = default;
};

// Whose connections were refused, since this was told last.
struct Crowd {
    pid_t session = 0;          // its leader; 0: of processes that have ended, or of nobody's
    std::uint64_t refused = 0;  // connections
};

// "its processes wanted 130 connections more than the 128 that ...".
std::string text(const Crowd& crowd);

class ConnectionTable {
  public:
    using IsOpen = std::function<bool(const Connection&)>;

    // Who has all it may have is counted anew this often and not at each try, because counting
    // takes longer than refusing.
    static constexpr Nanos k_recount_interval = std::chrono::milliseconds(250);
    // A session that goes on is told again after this long.
    static constexpr Nanos k_tell_interval = std::chrono::minutes(1);
    // Sessions that are told by their number. A host has few; who makes more makes no list longer.
    static constexpr std::size_t k_crowds_max = 64;

    // Whether this connection of that session may stay.
    bool admit(const std::string& socket, pid_t session, const Connection& connection, MonoTime now,
               const IsOpen& is_open);
    // One that was not admitted, for a reason that is nobody's (session 0) or that session's.
    void refused(pid_t session);
    [[nodiscard]] std::vector<Crowd> take(MonoTime now);
    // Sessions that are remembered.
    [[nodiscard]] std::size_t size() const { return sessions_.size(); }

  private:
    struct Session {
        std::vector<Connection> connections;
        std::optional<MonoTime> counted;  // when it had all it may have
    };
    struct Refusals {
        std::uint64_t count = 0;
        std::optional<MonoTime> told;
    };
    static constexpr std::size_t k_sessions_before_a_sweep = 1024;

    static void count(Session& session, const IsOpen& is_open);
    void sweep(const IsOpen& is_open);

    std::map<std::pair<std::string, pid_t>, Session> sessions_;
    std::size_t sweep_at_ = k_sessions_before_a_sweep;
    std::map<pid_t, Refusals> refusals_;
};

}  // namespace bullpen::ipc
