#include "ipc/dealer.hpp"

#include <sys/socket.h>
#include <sys/un.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include "common/base/descriptor.hpp"
#include "common/base/errc.hpp"
#include "common/base/home.hpp"
#include "ipc/codec.hpp"
#include "ipc/connection_watch.hpp"
#include "ipc/control.hpp"
#include "ipc/cookie.hpp"
#include "ipc/socket_impl.hpp"

namespace bullpen::ipc {

namespace {

// Whether a listener is behind the path; says at once what the messaging library would find out
// only by waiting.
Result<void> check_listener(const std::string& socket_path) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    if (socket_path.size() > Home::k_socket_path_max)
        return fail(Errc::invalid, "the socket path " + socket_path + " is too long");
    std::memcpy(address.sun_path, socket_path.data(), socket_path.size());
    const Descriptor probe(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    if (!probe.valid())
        return fail_errno("cannot make a socket");
    if (::connect(probe.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0 ||
        errno == EAGAIN || errno == EINPROGRESS)
        return {};
    if (errno == ENOENT || errno == ECONNREFUSED)
        return fail(Errc::unavailable, "nothing listens at " + socket_path);
    return fail_errno("cannot connect to " + socket_path);
}

}  // namespace

std::optional<std::string> Dealer::receive() {
    for (;;) {
        Part body;
        if (!body.receive(impl_->handle))
            return std::nullopt;
        if (!body.more())
            return std::string(body.bytes());
        drop_rest(impl_->handle);
    }
}

Result<void> Dealer::send(std::string_view body) {
    auto sent = send_part(impl_->handle, body, false);
    if (!sent && sent.error().code() == std::errc::resource_unavailable_try_again)
        return fail(Errc::unavailable, "no connection to the daemon, or it does not read");
    return sent;
}

bool Dealer::connected() const {
    return (ready_events(impl_->handle) & ZMQ_POLLOUT) != 0;
}

Result<LeaseDealer> LeaseDealer::connect(Context& context, const std::string& endpoint,
                                         const std::string& routing_id) {
    // A lease that came over a network could be anybody's.
    if (!endpoint.starts_with(endpoint_of("")))
        return fail(Errc::invalid, "no Unix socket: '" + endpoint + "'");
    BULLPEN_TRY(void* socket,
                open_socket(context, ZMQ_DEALER, k_lease_queue_max, k_message_size_max));
    auto impl = std::make_unique<Impl>(socket);
    // Without this, messages pile up for a daemon that is not there and reach it stale. It costs
    // what was not read yet when a daemon goes.
    BULLPEN_CHECK(set_option(socket, ZMQ_IMMEDIATE, 1));
    if (zmq_setsockopt(socket, ZMQ_ROUTING_ID, routing_id.data(), routing_id.size()) != 0)
        return fail_zmq("cannot take the routing id '" + routing_id + "'");
    if (zmq_connect(socket, endpoint.c_str()) != 0)
        return fail_zmq("cannot connect to '" + endpoint + "'");
    return LeaseDealer(std::move(impl));
}

ControlDealer::ControlDealer(std::unique_ptr<Impl> impl, std::unique_ptr<ConnectionWatch> watch)
    : Dealer(std::move(impl)), watch_(std::move(watch)) {}
ControlDealer::ControlDealer(ControlDealer&&) noexcept = default;
ControlDealer& ControlDealer::operator=(ControlDealer&& other) noexcept {
    watch_ = std::move(other.watch_);
    cookie_ = std::move(other.cookie_);
    Dealer::operator=(std::move(other));
    return *this;
}
ControlDealer::~ControlDealer() = default;

Result<ControlDealer> ControlDealer::connect(Context& context, const std::string& socket_path,
                                             Millis wait) {
    BULLPEN_CHECK(check_listener(socket_path));
    BULLPEN_TRY(void* socket,
                open_socket(context, ZMQ_DEALER, k_control_queue_max, k_control_size_max));
    auto impl = std::make_unique<Impl>(socket);
    BULLPEN_TRY(auto watch, ConnectionWatch::on(context, socket));
    const auto endpoint = endpoint_of(socket_path);
    if (zmq_connect(socket, endpoint.c_str()) != 0)
        return fail_zmq("cannot connect to '" + endpoint + "'");
    ControlDealer dealer(std::move(impl), std::move(watch));
    if (!dealer.watch_->made_within(wait)) {
        return fail(Errc::unavailable, "the daemon at " + socket_path + " did not answer within " +
                                           std::to_string(wait.count()) + " ms");
    }
    dealer.cookie_ = read_cookie(socket_path);
    return dealer;
}

bool ControlDealer::lost() const {
    return watch_->lost();
}

Result<void> ControlDealer::send(std::string_view body) {
    if (lost())
        return fail(Errc::unavailable, "no connection to the daemon");
    if (!cookie_.empty())
        BULLPEN_CHECK(send_part(impl_->handle, cookie_, true));
    return Dealer::send(body);
}

std::optional<std::string> ControlDealer::receive_within(Millis wait) {
    if (auto message = receive())
        return message;
    if (!wait_for(impl_->handle, ZMQ_POLLIN, wait))
        return std::nullopt;
    return receive();
}

}  // namespace bullpen::ipc
