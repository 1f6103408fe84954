// ThreadTimes: what the kernel counts of the calling thread: how long it ran, and how long it was
// ready to run and did not, because the processor was others'. What took long on the wall but
// waited here is the machine's doing, not the program's. Owned and read by one thread; a read is
// one system call.
#pragma once

#include "common/base/clock.hpp"
#include "common/base/descriptor.hpp"

namespace bullpen {

class ThreadTimes {
  public:
    struct Spent {
        Nanos ran{};
        Nanos waited{};  // for a processor; zero where the kernel does not count it
    };
    static constexpr const char* k_counts = "/proc/thread-self/schedstat";

    // Of the calling thread. `counts` is the kernel's file of them; a kernel built without has
    // none.
    explicit ThreadTimes(const char* counts = k_counts);
    // Since the thread began.
    [[nodiscard]] Spent spent() const;
    [[nodiscard]] bool counts_waiting() const { return file_.valid(); }

  private:
    Descriptor file_;
};

// How long the machine was suspended since it booted.
Nanos machine_asleep();

}  // namespace bullpen
