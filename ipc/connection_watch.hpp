// ConnectionWatch: what becomes of the one connection of a socket that connects. Included by the
// .cpp files of this folder only; used from the socket's thread.
#pragma once

#include <memory>

#include "common/base/result.hpp"
#include "ipc/context.hpp"
#include "ipc/socket.hpp"

namespace bullpen::ipc {

class ConnectionWatch {
  public:
    // Before the socket connects. Of one socket in a context; goes before the socket does.
    static Result<std::unique_ptr<ConnectionWatch>> on(Context& context, void* socket);
    ConnectionWatch(const ConnectionWatch&) = delete;
    ConnectionWatch& operator=(const ConnectionWatch&) = delete;
    ~ConnectionWatch();

    bool made_within(Millis wait);
    // Whether the first connection has gone, even if there is another one by now. What came over it
    // can be received from then on, if it was not before.
    bool lost();

  private:
    ConnectionWatch(void* socket, void* events) : socket_(socket), events_(events) {}
    void look();

    void* socket_;
    void* events_;
    bool made_ = false;
    bool lost_ = false;
};

}  // namespace bullpen::ipc
