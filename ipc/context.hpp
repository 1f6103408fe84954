// The one messaging context of a process: it owns the I/O thread that all sockets share. Made after
// exec and never before a fork; it must outlive every socket made with it.
#pragma once

#include <memory>

namespace bullpen::ipc {

class Context {
  public:
    Context();
    Context(Context&&) noexcept;
    Context& operator=(Context&&) noexcept;
    Context(const Context&) = delete;
    Context& operator=(const Context&) = delete;
    // Waits for what lingers in closed sockets: at most k_linger (socket.hpp).
    ~Context();

    // The library's own handle, for the .cpp files of this folder.
    [[nodiscard]] void* handle() const;

  private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace bullpen::ipc
