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
    // The same of a socket that tries once: false too as soon as that try has come to nothing.
    bool made_at_once(Millis wait);
    // Why made_at_once() was false: the other side knows the key and does not let it in; or the try
    // has ended in any way. Neither: the time passed.
    [[nodiscard]] bool refused() const { return refused_; }
    [[nodiscard]] bool ended() const { return ended_; }
    // Whether the first connection has gone, even if there is another one by now. What came over it
    // can be received from then on, if it was not before.
    bool lost();

  private:
    ConnectionWatch(void* socket, void* events) : socket_(socket), events_(events) {}
    bool wait_until_made(Millis wait, bool one_try);
    void look();

    void* socket_;
    void* events_;
    bool made_ = false;
    bool lost_ = false;
    bool refused_ = false;
    bool ended_ = false;
};

}  // namespace bullpen::ipc
