#include "ipc/router.hpp"

#include <cerrno>
#include <charconv>
#include <utility>

#include "common/base/errc.hpp"
#include "ipc/codec.hpp"
#include "ipc/control.hpp"
#include "ipc/socket_impl.hpp"

namespace bullpen::ipc {

namespace {

// "localhost:<uid>:<gid>:<pid>", as the library writes what the kernel said of the peer.
void read_peer(const char* property, Received* received) {
    if (property == nullptr)
        return;
    std::string_view text(property);
    const auto next = [&text](auto* number) {
        const auto colon = text.find(':');
        if (colon == std::string_view::npos)
            return false;
        text.remove_prefix(colon + 1);
        const auto parsed = std::from_chars(text.data(), text.data() + text.size(), *number);
        return parsed.ec == std::errc();
    };
    uid_t uid = 0;
    gid_t gid = 0;
    pid_t pid = 0;
    if (next(&uid) && next(&gid) && next(&pid)) {
        received->peer_uid = uid;
        received->peer_pid = pid;
    }
}

}  // namespace

Result<std::unique_ptr<Socket::Impl>> Router::bind_router(Context& context,
                                                          const std::string& socket_path,
                                                          int queue_max, std::size_t size_max) {
    BULLPEN_TRY(void* socket, open_socket(context, ZMQ_ROUTER, queue_max, size_max));
    auto impl = std::make_unique<Impl>(socket);
    // A peer that is gone is an error to the sender, not a message lost in silence.
    BULLPEN_CHECK(set_option(socket, ZMQ_ROUTER_MANDATORY, 1));
    BULLPEN_CHECK(bind_private(socket, socket_path));
    return impl;
}

std::optional<Received> Router::receive() {
    for (;;) {
        Part id;
        if (!id.receive(impl_->handle))
            return std::nullopt;
        Part body;
        // The parts of a message arrive together.
        if (!id.more() || !body.receive(impl_->handle)) {
            ++malformed_;
            continue;
        }
        if (body.more()) {
            drop_rest(impl_->handle);
            ++malformed_;
            continue;
        }
        Received received;
        received.routing_id = id.bytes();
        received.body = body.bytes();
        read_peer(body.property("Peer-Address"), &received);
        return received;
    }
}

Result<void> Router::send(std::string_view routing_id, std::string_view body) {
    auto sent = send_part(impl_->handle, routing_id, true);
    if (sent)
        sent = send_part(impl_->handle, body, false);
    if (sent)
        return {};
    const auto code = sent.error().code();
    if (code == std::errc::host_unreachable)
        return fail(Errc::unavailable, "the peer is not connected");
    if (code == std::errc::resource_unavailable_try_again)
        return fail(Errc::unavailable, "the peer does not read, its queue is full");
    return sent;
}

Result<LeaseRouter> LeaseRouter::bind(Context& context, const std::string& socket_path) {
    BULLPEN_TRY(auto impl,
                bind_router(context, socket_path, k_lease_queue_max, k_message_size_max));
    return LeaseRouter(std::move(impl));
}

Result<ControlRouter> ControlRouter::bind(Context& context, const std::string& socket_path) {
    BULLPEN_TRY(auto impl,
                bind_router(context, socket_path, k_control_queue_max, k_control_size_max));
    return ControlRouter(std::move(impl));
}

}  // namespace bullpen::ipc
