// The home's side of connections over TCP, and the only part that listens on a network. It speaks
// CURVE with a key of its own and lets nobody in by itself: whoever connects has proven a public
// key, and a Doorkeeper says whether that one may come in. Used from one thread, as any Socket.
#pragma once

#include <optional>
#include <string>

#include "common/base/descriptor.hpp"
#include "common/base/result.hpp"
#include "common/base/tcp_endpoint.hpp"
#include "ipc/key_pair.hpp"
#include "ipc/router.hpp"

namespace bullpen::ipc {

// How long a peer may take to prove its key. Until then it is nobody, and costs a descriptor.
inline constexpr Millis k_handshake_max{5'000};

struct Listening {
    Descriptor socket;
    TcpEndpoint endpoint;  // with the port that the kernel chose where 0 was asked for
};
// A socket of its own, so that a process can be confined between this and the first connection.
Result<Listening> listen_at(const TcpEndpoint& endpoint);

// Who knocks. Answered one after the other; a peer that is not answered waits, and is let go after
// k_handshake_max.
struct Knock {
    std::string request;  // of the library
    std::string address;  // of the peer, as far as TCP tells
    std::string key;      // the public one that it has proven; empty: it proved none
};

class Doorkeeper : public Socket {
  public:
    // Before the router, and for as long: without it the library would let in everybody who has a
    // key at all. What such a one sends has no `key` in ReceivedFar.
    static Result<Doorkeeper> open(Context& context);

    std::optional<Knock> next();
    void answer(const Knock& knock, bool may_come_in);

  private:
    using Socket::Socket;
};

struct ReceivedFar {
    std::string routing_id;
    std::string body;
    std::string key;  // which a Doorkeeper let in; empty: none did
};

class RemoteRouter : public Router {
  public:
    static Result<RemoteRouter> bind(Context& context, Listening listening, const KeyPair& keys);
    std::optional<ReceivedFar> receive_far();

  private:
    using Router::Router;
};

}  // namespace bullpen::ipc
