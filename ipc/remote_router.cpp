#include "ipc/remote_router.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <array>
#include <cstring>
#include <utility>

#include "common/base/errc.hpp"
#include "common/base/hex.hpp"
#include "ipc/control.hpp"
#include "ipc/socket_impl.hpp"

namespace bullpen::ipc {

namespace {

constexpr std::size_t k_request_size_max = std::size_t{512} * 1024;
constexpr int k_requests_max = 64;

// Connections that wait to be taken; they cost the kernel's memory, not ours.
constexpr int k_backlog = 64;
constexpr const char* k_door = "inproc://zeromq.zap.01";
constexpr std::string_view k_domain = "bullpen";
constexpr std::size_t k_door_size_max = 4096;
constexpr std::string_view k_version = "1.0";
// A peer whose host is gone is noticed by this, not by what it does not ask.
constexpr int k_alive_interval_ms = 10'000;
constexpr int k_alive_max_ms = 30'000;

struct Address {
    sockaddr_storage bytes{};
    socklen_t size = 0;
};

Result<Address> address_of(const TcpEndpoint& endpoint) {
    Address address;
    auto* four = reinterpret_cast<sockaddr_in*>(&address.bytes);
    auto* six = reinterpret_cast<sockaddr_in6*>(&address.bytes);
    if (::inet_pton(AF_INET, endpoint.host.c_str(), &four->sin_addr) == 1) {
        four->sin_family = AF_INET;
        four->sin_port = htons(endpoint.port);
        address.size = sizeof *four;
        return address;
    }
    if (::inet_pton(AF_INET6, endpoint.host.c_str(), &six->sin6_addr) == 1) {
        six->sin6_family = AF_INET6;
        six->sin6_port = htons(endpoint.port);
        address.size = sizeof *six;
        return address;
    }
    return fail(Errc::invalid, "'" + endpoint.host + "' is no address in numbers");
}

Result<void> set_text(void* socket, int option, std::string_view text) {
    if (zmq_setsockopt(socket, option, text.data(), text.size()) != 0)
        return fail_zmq("cannot set socket option " + std::to_string(option));
    return {};
}

Result<void> set_keys(void* socket, const KeyPair& keys) {
    BULLPEN_CHECK(set_option(socket, ZMQ_CURVE_SERVER, 1));
    auto secret = key_bytes(keys.secret.reveal());
    auto set = set_text(socket, ZMQ_CURVE_SECRETKEY, secret);
    wipe(secret);
    BULLPEN_CHECK(set);
    return set_text(socket, ZMQ_ZAP_DOMAIN, k_domain);
}

}  // namespace

Result<Listening> listen_at(const TcpEndpoint& endpoint) {
    BULLPEN_TRY(auto address, address_of(endpoint));
    const auto where = text_of(endpoint);
    Descriptor socket(
        ::socket(address.bytes.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    if (!socket.valid())
        return fail_errno("cannot make a socket");
    const int on = 1;
    if (::setsockopt(socket.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) != 0)
        return fail_errno("cannot listen at " + where);
    if (address.bytes.ss_family == AF_INET6 &&
        ::setsockopt(socket.get(), IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on) != 0)
        return fail_errno("cannot listen at " + where);
    if (::bind(socket.get(), reinterpret_cast<const sockaddr*>(&address.bytes), address.size) !=
            0 ||
        ::listen(socket.get(), k_backlog) != 0)
        return fail_errno("cannot listen at " + where);
    if (::getsockname(socket.get(), reinterpret_cast<sockaddr*>(&address.bytes), &address.size) !=
        0)
        return fail_errno("cannot tell where it listens");
    // The port is at the same place in both.
    const auto port = ntohs(reinterpret_cast<const sockaddr_in*>(&address.bytes)->sin_port);
    return Listening{std::move(socket), {endpoint.host, port}};
}

Result<Doorkeeper> Doorkeeper::open(Context& context) {
    BULLPEN_TRY(void* socket, open_socket(context, ZMQ_REP, k_requests_max, k_door_size_max));
    auto impl = std::make_unique<Impl>(socket);
    if (zmq_bind(socket, k_door) != 0)
        return fail_zmq("cannot keep the door");
    return Doorkeeper(std::move(impl));
}

// The library's request: version, request, domain, address, routing id, mechanism, and of CURVE the
// key (its rfc 27).
std::optional<Knock> Doorkeeper::next() {
    constexpr std::size_t k_parts = 7;
    std::array<std::string, k_parts> parts;
    std::size_t count = 0;
    for (bool more = true; more; ++count) {
        Part part;
        if (!part.receive(impl_->handle))
            return std::nullopt;
        if (count < k_parts)
            parts.at(count) = part.bytes();
        more = part.more();
    }
    const auto& [version, request, domain, address, routing_id, mechanism, key] = parts;
    Knock knock{request, address, {}};
    if (count == k_parts && version == k_version && domain == k_domain && mechanism == "CURVE")
        knock.key = hex(key);
    return knock;
}

void Doorkeeper::answer(const Knock& knock, bool may_come_in) {
    const std::array<std::string_view, 6> parts = {k_version,
                                                   knock.request,
                                                   may_come_in ? "200" : "400",
                                                   may_come_in ? "" : "not allowed",
                                                   may_come_in ? knock.key : std::string_view(),
                                                   ""};
    for (std::size_t i = 0; i < parts.size(); ++i)
        (void)send_part(impl_->handle, parts.at(i), i + 1 < parts.size());
}

Result<RemoteRouter> RemoteRouter::bind(Context& context, Listening listening,
                                        const KeyPair& keys) {
    BULLPEN_TRY(void* socket,
                open_socket(context, ZMQ_ROUTER, k_control_queue_max, k_request_size_max));
    auto impl = std::make_unique<Impl>(socket);
    BULLPEN_CHECK(set_keys(socket, keys));
    BULLPEN_CHECK(set_option(socket, ZMQ_ROUTER_MANDATORY, 1));
    BULLPEN_CHECK(set_option(socket, ZMQ_RCVHWM, k_requests_max));
    BULLPEN_CHECK(set_option(socket, ZMQ_HANDSHAKE_IVL, static_cast<int>(k_handshake_max.count())));
    BULLPEN_CHECK(set_option(socket, ZMQ_HEARTBEAT_IVL, k_alive_interval_ms));
    BULLPEN_CHECK(set_option(socket, ZMQ_HEARTBEAT_TIMEOUT, k_alive_max_ms));
    BULLPEN_CHECK(set_option(socket, ZMQ_USE_FD, listening.socket.get()));
    const auto where = text_of(listening.endpoint);
    if (zmq_bind(socket, where.c_str()) != 0)
        return fail_zmq("cannot listen at " + where);
    // The library closes it.
    (void)listening.socket.release();
    return RemoteRouter(std::move(impl));
}

std::optional<ReceivedFar> RemoteRouter::receive_far() {
    for (;;) {
        Part id;
        if (!id.receive(impl_->handle))
            return std::nullopt;
        Part body;
        if (!id.more() || !body.receive(impl_->handle))
            continue;
        if (body.more()) {
            drop_rest(impl_->handle);
            continue;
        }
        const char* key = body.property("User-Id");
        return ReceivedFar{std::string(id.bytes()), std::string(body.bytes()),
                           key != nullptr ? key : ""};
    }
}

}  // namespace bullpen::ipc
