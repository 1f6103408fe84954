#include "ipc/accept_gate.hpp"

#include <fcntl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstddef>
#include <cstring>
#include <mutex>
#include <set>
#include <thread>

#include "common/base/descriptor.hpp"

namespace bullpen::ipc {

namespace {

// After so many refusals their thread rests for a moment: a flood costs a part of a processor, and
// those who are connected are served between the moments.
constexpr int k_refused_in_a_row = 64;
constexpr std::chrono::milliseconds k_rest{1};

// What the library takes for "nobody came after all".
constexpr int k_nobody = ECONNABORTED;

// What it does not know how to go on from, and ends the process for. The connection waits on.
bool is_shortage(int number) {
    return number == EMFILE || number == ENFILE || number == ENOBUFS || number == ENOMEM ||
           number == EPERM;
}

bool is_open(const Connection& connection) {
    struct stat now {};
    return ::fstat(connection.fd, &now) == 0 && S_ISSOCK(now.st_mode) &&
           now.st_ino == connection.socket;
}

// 0 when that process has ended.
pid_t session_of(int connection) {
    ucred peer{};
    socklen_t size = sizeof peer;
    if (::getsockopt(connection, SOL_SOCKET, SO_PEERCRED, &peer, &size) != 0 || peer.pid <= 0)
        return 0;
    return std::max(::getsid(peer.pid), 0);
}

std::string path_of(int listener) {
    sockaddr_un address{};
    socklen_t size = sizeof address;
    if (::getsockname(listener, reinterpret_cast<sockaddr*>(&address), &size) != 0 ||
        address.sun_family != AF_UNIX || size <= offsetof(sockaddr_un, sun_path))
        return {};
    const auto most =
        std::min<std::size_t>(size - offsetof(sockaddr_un, sun_path), sizeof address.sun_path);
    return {address.sun_path, ::strnlen(address.sun_path, most)};
}

int accept_as_is(int listener, sockaddr* address, socklen_t* size, int flags) {
    return static_cast<int>(::syscall(SYS_accept4, listener, address, size, flags));
}

Descriptor spare() {
    return Descriptor(::open("/dev/null", O_RDONLY | O_CLOEXEC));
}

class Gate {
  public:
    void guard(const std::string& socket_path) {
        const std::lock_guard lock(mutex_);
        guarded_.insert(socket_path);
        if (!spare_.valid())
            spare_ = spare();
        is_used_ = true;
    }
    [[nodiscard]] bool guards(const std::string& socket_path) {
        const std::lock_guard lock(mutex_);
        return guarded_.contains(socket_path);
    }
    [[nodiscard]] bool is_used() const { return is_used_; }

    // Whether this connection may stay open.
    bool admit(const std::string& socket_path, int connection) {
        struct stat facts {};
        rlimit limit{};
        if (::fstat(connection, &facts) != 0 || ::getrlimit(RLIMIT_NOFILE, &limit) != 0)
            return false;
        const auto session = session_of(connection);
        const auto kept = std::min<std::uint64_t>(k_descriptors_kept, limit.rlim_cur / 4);
        const std::lock_guard lock(mutex_);
        // The kernel gives the lowest number that is free.
        if (static_cast<std::uint64_t>(connection) >= limit.rlim_cur - kept) {
            table_.refused(0);
            return false;
        }
        return table_.admit(socket_path, session, {connection, facts.st_ino}, clock_.mono(),
                            is_open);
    }
    // Without a descriptor to take a connection with, it would wait, and wake its listener, for
    // ever.
    void turn_away(int listener) {
        const std::lock_guard lock(mutex_);
        spare_.reset();
        const Descriptor connection(accept_as_is(listener, nullptr, nullptr, SOCK_CLOEXEC));
        if (connection.valid())
            table_.refused(0);
    }
    void have_spare() {
        const std::lock_guard lock(mutex_);
        if (!spare_.valid())
            spare_ = spare();
    }
    std::vector<Crowd> take(MonoTime now) {
        const std::lock_guard lock(mutex_);
        return table_.take(now);
    }
    void rest_now_and_then() {
        if (++refused_ % k_refused_in_a_row == 0)
            std::this_thread::sleep_for(k_rest);
    }

  private:
    SystemClock clock_;
    std::mutex mutex_;
    std::set<std::string> guarded_;
    ConnectionTable table_;
    Descriptor spare_;
    std::atomic<unsigned> refused_ = 0;
    std::atomic<bool> is_used_ = false;
};

// The library's thread may be in it until the process ends.
Gate& gate() {
    static auto* const only = new Gate;
    return *only;
}

// Of one call one connection is taken: the listener blocks when there is none, and the library
// calls once for each time that somebody waits there.
int accept_guarded(int listener, const std::string& path, int flags) {
    const int connection = accept_as_is(listener, nullptr, nullptr, flags);
    if (connection >= 0) {
        if (gate().admit(path, connection))
            return connection;
        ::close(connection);
    } else if (!is_shortage(errno)) {
        return -1;
    } else if (errno == EMFILE) {
        gate().turn_away(listener);
        gate().have_spare();
    } else {
        // The whole machine's, so that there is nothing to give up for it.
        std::this_thread::sleep_for(k_rest);
    }
    gate().rest_now_and_then();
    errno = k_nobody;
    return -1;
}

}  // namespace

void guard_socket(const std::string& socket_path) {
    gate().guard(socket_path);
}

std::vector<Crowd> take_crowds(MonoTime now) {
    return gate().take(now);
}

}  // namespace bullpen::ipc

// In the place of the C library's, also for the libraries of this process.
extern "C" int accept4(int listener, sockaddr* address, socklen_t* size, int flags) {
    using namespace bullpen::ipc;
    if (gate().is_used()) {
        const auto path = path_of(listener);
        if (gate().guards(path))
            return accept_guarded(listener, path, flags);
    }
    return accept_as_is(listener, address, size, flags);
}
