#include "ipc/router.hpp"

#include <cerrno>
#include <charconv>
#include <utility>

#include "common/base/errc.hpp"
#include "ipc/codec.hpp"
#include "ipc/control.hpp"
#include "ipc/cookie.hpp"
#include "ipc/socket_impl.hpp"

namespace bullpen::ipc {

namespace {

// A request names every account at most. They are few, and whoever sends many waits.
constexpr std::size_t k_request_size_max = std::size_t{512} * 1024;
constexpr int k_requests_max = 64;

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
                                                          int queue_max, int receive_max,
                                                          std::size_t size_max) {
    BULLPEN_TRY(void* socket, open_socket(context, ZMQ_ROUTER, queue_max, size_max));
    auto impl = std::make_unique<Impl>(socket);
    // A peer that is gone is an error to the sender, not a message lost in silence.
    BULLPEN_CHECK(set_option(socket, ZMQ_ROUTER_MANDATORY, 1));
    BULLPEN_CHECK(set_option(socket, ZMQ_RCVHWM, receive_max));
    BULLPEN_CHECK(bind_private(socket, socket_path));
    return impl;
}

std::optional<Received> Router::receive() {
    return receive_parts(nullptr);
}

std::optional<Received> Router::receive_parts(std::string* cookie) {
    for (;;) {
        Part id;
        if (!id.receive(impl_->handle))
            return std::nullopt;
        Part first;
        Part second;
        // The parts of a message arrive together.
        if (!id.more() || !first.receive(impl_->handle)) {
            ++malformed_;
            continue;
        }
        if (cookie != nullptr)
            *cookie = first.more() ? first.bytes().substr(0, k_cookie_size + 1) : "";
        const bool behind_cookie = cookie != nullptr && first.more();
        if (behind_cookie)
            second.receive(impl_->handle);
        Part& body = behind_cookie ? second : first;
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
    BULLPEN_TRY(auto impl, bind_router(context, socket_path, k_lease_queue_max, k_lease_queue_max,
                                       k_message_size_max));
    return LeaseRouter(std::move(impl));
}

Result<ControlRouter> ControlRouter::bind(Context& context, const std::string& socket_path) {
    BULLPEN_TRY(auto impl, bind_router(context, socket_path, k_control_queue_max, k_requests_max,
                                       k_request_size_max));
    ControlRouter router(std::move(impl));
    BULLPEN_TRY(router.cookie_, keep_cookie(socket_path));
    return router;
}

Result<void> ControlRouter::show_cookie(const std::string& socket_path) const {
    return write_cookie(socket_path, cookie_);
}

std::optional<Received> ControlRouter::receive() {
    std::string shown;
    for (int refused = 0;; ++refused) {
        auto received = receive_parts(&shown);
        if (!received || same_cookie(shown, cookie_))
            return received;
        // Many in a row must not keep the loop here: this one is a request without a word.
        received->body.clear();
        if (refused == k_requests_max)
            return received;
        const Reply refusal{.id = "?",
                            .kind = ReplyKind::error,
                            .ok = false,
                            .code = "not_allowed",
                            .message =
                                "the home's cookie was not shown; a bullpenctl of this "
                                "version, run as the home's user, does"};
        (void)send(received->routing_id, encode(refusal));
    }
}

}  // namespace bullpen::ipc
