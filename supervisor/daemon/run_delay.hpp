// RunDelay: how long the calling thread was ready to run and did not, because the processor was
// others'. What took long on the wall but waited here is the machine's doing, not the program's.
// Owned and read by one thread; a read is one system call.
#pragma once

#include "common/base/clock.hpp"
#include "common/base/descriptor.hpp"

namespace bullpen::daemon {

class RunDelay {
  public:
    // Of the calling thread.
    RunDelay();
    // Since the thread began; always zero where the kernel does not count it.
    [[nodiscard]] Nanos total() const;

  private:
    Descriptor file_;  // /proc/thread-self/schedstat
};

}  // namespace bullpen::daemon
