// The inside of the sockets: the messaging library's handle and the few calls all of them make.
// Included by the .cpp files of this folder only.
#pragma once

#include <zmq.h>

#include <string>
#include <string_view>

#include "common/base/result.hpp"
#include "ipc/socket.hpp"

namespace bullpen::ipc {

struct Socket::Impl {
    explicit Impl(void* opened) : handle(opened) {}
    Impl(const Impl&) = delete;
    Impl& operator=(const Impl&) = delete;
    ~Impl();

    void* handle;
};

// One part of a message, released when it goes.
class Part {
  public:
    Part() { zmq_msg_init(&message_); }
    Part(const Part&) = delete;
    Part& operator=(const Part&) = delete;
    ~Part() { zmq_msg_close(&message_); }

    // Never waits. False when there is nothing.
    bool receive(void* socket);
    [[nodiscard]] std::string_view bytes() {
        return {static_cast<const char*>(zmq_msg_data(&message_)), zmq_msg_size(&message_)};
    }
    [[nodiscard]] bool more() { return zmq_msg_more(&message_) != 0; }
    // A property of the connection, such as "Peer-Address"; null when there is none.
    [[nodiscard]] const char* property(const char* name) { return zmq_msg_gets(&message_, name); }

  private:
    zmq_msg_t message_;
};

// A socket of `type` (ZMQ_ROUTER ...) with every limit set.
Result<void*> open_socket(Context& context, int type, int queue_max, std::size_t size_max);
// Binds in a private directory; the file is 0600. Closes the socket when it fails.
Result<void> bind_private(void* socket, const std::string& socket_path);
Result<void> set_option(void* socket, int option, int value);
// Never waits. `more`: another part follows.
Result<void> send_part(void* socket, std::string_view bytes, bool more);
// Reads and drops what is left of the current message.
void drop_rest(void* socket);
// The ZMQ_POLLIN and ZMQ_POLLOUT bits that hold now.
int ready_events(void* socket);
// Waits until one of `events` holds; false when the time passed or a signal came.
bool wait_for(void* socket, short events, Millis wait);
Unexpected fail_zmq(const std::string& doing);

}  // namespace bullpen::ipc
