#include "ipc/socket.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include "common/base/assert.hpp"
#include "common/base/errc.hpp"
#include "common/base/home.hpp"
#include "ipc/accept_gate.hpp"
#include "ipc/socket_impl.hpp"

namespace bullpen::ipc {

namespace {

// Its directory says who gets there: this user, or its group too, who may pass and see nothing.
constexpr mode_t k_others = 067;
constexpr mode_t k_socket_mode = 0660;
// Connections the kernel keeps for the listener: all workers come back at one time.
constexpr int k_backlog = 4096;

}  // namespace

struct Context::Impl {
    Impl() : handle(zmq_ctx_new()) {}
    Impl(const Impl&) = delete;
    Impl& operator=(const Impl&) = delete;
    ~Impl() {
        while (zmq_ctx_term(handle) != 0 && zmq_errno() == EINTR) {
        }
    }
    void* handle;
};

Context::Context() : impl_(std::make_unique<Impl>()) {
    BULLPEN_ASSERT(impl_->handle != nullptr, "a messaging context can be made");
}
Context::Context(Context&&) noexcept = default;
Context& Context::operator=(Context&&) noexcept = default;
Context::~Context() = default;

void* Context::handle() const {
    return impl_->handle;
}

Socket::Impl::~Impl() {
    zmq_close(handle);
}

Socket::Socket(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Socket::Socket(Socket&&) noexcept = default;
Socket& Socket::operator=(Socket&&) noexcept = default;
Socket::~Socket() = default;

void Socket::close() {
    impl_.reset();
}

Result<void> Socket::listen_again(const std::string& socket_path) {
    return bind_private(impl_->handle, socket_path);
}

int Socket::fd() const {
    int fd = -1;
    std::size_t size = sizeof fd;
    const int failed = zmq_getsockopt(impl_->handle, ZMQ_FD, &fd, &size);
    BULLPEN_ASSERT(failed == 0, "an open socket has a descriptor");
    return fd;
}

bool Socket::pending() const {
    return (ready_events(impl_->handle) & ZMQ_POLLIN) != 0;
}

std::string endpoint_of(const std::string& socket_path) {
    return "ipc://" + socket_path;
}

bool Part::receive(void* socket) {
    int size = -1;
    do {
        size = zmq_msg_recv(&message_, socket, ZMQ_DONTWAIT);
    } while (size < 0 && zmq_errno() == EINTR);
    return size >= 0;
}

Unexpected fail_zmq(const std::string& doing) {
    const int number = zmq_errno();
    // The library has numbers of its own above the system's.
    if (number >= ZMQ_HAUSNUMERO)
        return fail(Errc::unavailable, doing + ": " + zmq_strerror(number));
    return fail(Error::from_errno(number, doing));
}

Result<void> set_option(void* socket, int option, int value) {
    if (zmq_setsockopt(socket, option, &value, sizeof value) != 0)
        return fail_zmq("cannot set socket option " + std::to_string(option));
    return {};
}

Result<void*> open_socket(Context& context, int type, int queue_max, std::size_t size_max) {
    void* socket = zmq_socket(context.handle(), type);
    if (socket == nullptr)
        return fail_zmq("cannot make a socket");
    const auto limit = static_cast<std::int64_t>(size_max);
    const bool limited =
        zmq_setsockopt(socket, ZMQ_MAXMSGSIZE, &limit, sizeof limit) == 0 &&
        set_option(socket, ZMQ_SNDHWM, queue_max).has_value() &&
        set_option(socket, ZMQ_RCVHWM, queue_max).has_value() &&
        set_option(socket, ZMQ_SNDTIMEO, 0).has_value() &&
        set_option(socket, ZMQ_BACKLOG, k_backlog).has_value() &&
        set_option(socket, ZMQ_LINGER, static_cast<int>(k_linger.count())) &&
        set_option(socket, ZMQ_RECONNECT_IVL, static_cast<int>(k_reconnect_interval.count()));
    BULLPEN_ASSERT(limited, "the messaging library takes its options");
    return socket;
}

Result<void> bind_private(void* socket, const std::string& socket_path) {
    if (socket_path.size() > Home::k_socket_path_max) {
        return fail(Errc::invalid, "the socket path " + socket_path + " has " +
                                       std::to_string(socket_path.size()) + " bytes, at most " +
                                       std::to_string(Home::k_socket_path_max) + " fit");
    }
    const auto slash = socket_path.find_last_of('/');
    const std::string directory =
        slash == std::string::npos ? "." : socket_path.substr(0, std::max<std::size_t>(slash, 1));
    struct stat status {};
    if (::stat(directory.c_str(), &status) != 0)
        return fail_errno("cannot use directory " + directory);
    if (!S_ISDIR(status.st_mode) || status.st_uid != ::geteuid() ||
        (status.st_mode & k_others) != 0) {
        return fail(Errc::refused, "directory " + directory +
                                       " must belong to this user and be closed to others (chmod "
                                       "700), because sockets are made in it");
    }
    guard_socket(socket_path);
    if (zmq_bind(socket, endpoint_of(socket_path).c_str()) != 0)
        return fail_zmq("cannot listen at " + socket_path);
    if (::chmod(socket_path.c_str(), k_socket_mode) != 0)
        return fail_errno("cannot close " + socket_path + " to others");
    return {};
}

Result<void> send_part(void* socket, std::string_view bytes, bool more) {
    const int flags = ZMQ_DONTWAIT | (more ? ZMQ_SNDMORE : 0);
    int sent = -1;
    do {
        sent = zmq_send(socket, bytes.data(), bytes.size(), flags);
    } while (sent < 0 && zmq_errno() == EINTR);
    if (sent < 0)
        return fail_zmq("cannot send");
    return {};
}

void drop_rest(void* socket) {
    Part part;
    while (part.receive(socket) && part.more()) {
    }
}

int ready_events(void* socket) {
    int events = 0;
    std::size_t size = sizeof events;
    while (zmq_getsockopt(socket, ZMQ_EVENTS, &events, &size) != 0) {
        if (zmq_errno() != EINTR)
            return 0;
    }
    return events;
}

bool wait_for(void* socket, short events, Millis wait) {
    zmq_pollitem_t item{socket, 0, events, 0};
    return zmq_poll(&item, 1, static_cast<long>(wait.count())) > 0;
}

}  // namespace bullpen::ipc
