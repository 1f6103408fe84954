// ControlDealer's connection to a home on another host (dealer.hpp).
#include <cerrno>

#include "common/base/errc.hpp"
#include "ipc/connection_watch.hpp"
#include "ipc/control.hpp"
#include "ipc/dealer.hpp"
#include "ipc/key_pair.hpp"
#include "ipc/socket_impl.hpp"

namespace bullpen::ipc {

namespace {

Result<void> set_key(void* socket, int option, std::string_view digits) {
    auto bytes = key_bytes(digits);
    const int failed = zmq_setsockopt(socket, option, bytes.data(), bytes.size());
    wipe(bytes);
    return failed == 0 ? Result<void>{} : fail_zmq("cannot take a key");
}

}  // namespace

Result<ControlDealer> ControlDealer::connect_far(Context& context, const std::string& endpoint,
                                                 const KeyPair& own, const std::string& server_key,
                                                 Millis wait) {
    BULLPEN_TRY(void* socket,
                open_socket(context, ZMQ_DEALER, k_control_queue_max, k_control_size_max));
    auto impl = std::make_unique<Impl>(socket);
    BULLPEN_CHECK(set_key(socket, ZMQ_CURVE_SERVERKEY, server_key));
    BULLPEN_CHECK(set_key(socket, ZMQ_CURVE_PUBLICKEY, own.public_key));
    BULLPEN_CHECK(set_key(socket, ZMQ_CURVE_SECRETKEY, own.secret.reveal()));
    BULLPEN_CHECK(set_option(socket, ZMQ_IPV6, 1));
    // One try: who is not let in is told so, and does not knock eight times a second.
    BULLPEN_CHECK(set_option(socket, ZMQ_RECONNECT_IVL, -1));
    BULLPEN_CHECK(set_option(socket, ZMQ_HANDSHAKE_IVL, static_cast<int>(wait.count())));
    BULLPEN_CHECK(set_option(socket, ZMQ_CONNECT_TIMEOUT, static_cast<int>(wait.count())));
    BULLPEN_TRY(auto watch, ConnectionWatch::on(context, socket));
    if (zmq_connect(socket, endpoint.c_str()) != 0)
        return fail_zmq("cannot connect to '" + endpoint + "'");
    ControlDealer dealer(std::move(impl), std::move(watch));
    if (dealer.watch_->made_at_once(wait))
        return dealer;
    if (dealer.watch_->refused()) {
        return fail(Errc::refused, endpoint +
                                       " lets no client in with this key; there, bullpenctl remote "
                                       "allow does");
    }
    if (dealer.watch_->ended()) {
        return fail(Errc::unavailable, "no connection to " + endpoint +
                                           ": nothing listens there, or its key is not the one "
                                           "given by --server-key");
    }
    return fail(Errc::unavailable,
                endpoint + " did not answer within " + std::to_string(wait.count()) + " ms");
}

}  // namespace bullpen::ipc
