#include "ipc/connection_watch.hpp"

#include <chrono>
#include <cstdint>
#include <cstring>

#include "common/base/clock.hpp"
#include "ipc/socket_impl.hpp"

namespace bullpen::ipc {

namespace {

constexpr const char* k_place = "inproc://connection-watch";
constexpr int k_failures = ZMQ_EVENT_HANDSHAKE_FAILED_AUTH | ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL |
                           ZMQ_EVENT_HANDSHAKE_FAILED_NO_DETAIL | ZMQ_EVENT_CLOSED;
constexpr int k_events = ZMQ_EVENT_HANDSHAKE_SUCCEEDED | ZMQ_EVENT_DISCONNECTED | k_failures;

}  // namespace

Result<std::unique_ptr<ConnectionWatch>> ConnectionWatch::on(Context& context, void* socket) {
    if (zmq_socket_monitor(socket, k_place, k_events) != 0)
        return fail_zmq("cannot watch a connection");
    void* const events = zmq_socket(context.handle(), ZMQ_PAIR);
    if (events == nullptr)
        return fail_zmq("cannot make a socket");
    std::unique_ptr<ConnectionWatch> watch(new ConnectionWatch(socket, events));
    if (zmq_connect(events, k_place) != 0)
        return fail_zmq("cannot watch a connection");
    return watch;
}

// Nothing is told any more before nobody listens.
ConnectionWatch::~ConnectionWatch() {
    zmq_socket_monitor(socket_, nullptr, 0);
    zmq_close(events_);
}

bool ConnectionWatch::made_within(Millis wait) {
    return wait_until_made(wait, false);
}

bool ConnectionWatch::made_at_once(Millis wait) {
    return wait_until_made(wait, true);
}

bool ConnectionWatch::wait_until_made(Millis wait, bool one_try) {
    const SystemClock clock;
    const auto give_up = clock.mono() + wait;
    for (look(); !made_ && !(one_try && ended_); look()) {
        const auto left = std::chrono::ceil<Millis>(give_up - clock.mono());
        if (left <= Millis(0) || !wait_for(events_, ZMQ_POLLIN, left))
            break;
    }
    return made_;
}

bool ConnectionWatch::lost() {
    look();
    return lost_;
}

// An event is its number and a value, and the address in a second part.
void ConnectionWatch::look() {
    for (;;) {
        Part event;
        if (!event.receive(events_))
            return;
        std::uint16_t number = 0;
        if (event.bytes().size() >= sizeof number)
            std::memcpy(&number, event.bytes().data(), sizeof number);
        made_ = made_ || number == ZMQ_EVENT_HANDSHAKE_SUCCEEDED;
        lost_ = lost_ || (made_ && number == ZMQ_EVENT_DISCONNECTED);
        refused_ = refused_ || number == ZMQ_EVENT_HANDSHAKE_FAILED_AUTH;
        ended_ = ended_ || number == ZMQ_EVENT_DISCONNECTED || (number & k_failures) != 0;
        if (event.more())
            drop_rest(events_);
    }
}

}  // namespace bullpen::ipc
