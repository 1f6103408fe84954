// Waiting: the one place where a worker does. For a descriptor, a signal or a time, whichever comes
// first. Signals are taken through a descriptor, so no handler ever interrupts anything.
#pragma once

#include <array>
#include <optional>

#include "common/base/clock.hpp"
#include "common/base/descriptor.hpp"
#include "common/base/result.hpp"

namespace bullpen::worker {

class SignalQueue {
  public:
    // Blocks SIGTERM, SIGINT and SIGHUP for this thread and those it starts, and ignores SIGPIPE.
    // Made before any other thread.
    static Result<SignalQueue> open();

    [[nodiscard]] int fd() const { return descriptor_.get(); }
    // The next signal that came, or none.
    [[nodiscard]] std::optional<int> take();

  private:
    explicit SignalQueue(Descriptor descriptor) : descriptor_(std::move(descriptor)) {}
    Descriptor descriptor_;
};

// Returns when one of `fds` or the queue is readable, or at `until`; at once when that has passed.
// A descriptor of -1 is none.
void wait(const std::array<int, 3>& fds, const SignalQueue& signals, MonoTime until,
          const Clock& clock);

}  // namespace bullpen::worker
