// Loop: the one thread of a program that never waits. Everything that happens in it happens in a
// step of this loop: a descriptor became readable, a timer ran out, a signal came, a helper thread
// handed something over. How long each step took is kept, so that the promise can be checked.
//
// Owned by the program's main part and used by the thread that runs it. Only post() may be called
// from another thread.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "common/base/clock.hpp"
#include "common/base/result.hpp"
#include "common/base/thread_times.hpp"
#include "common/loop/latency.hpp"

namespace bullpen::loop {

class Loop {
  public:
    using Step = std::function<void()>;

    // The longest a step may take before it is reported.
    static constexpr Millis k_step_max{50};

    explicit Loop(const Clock& clock);
    ~Loop();
    Loop(const Loop&) = delete;
    Loop& operator=(const Loop&) = delete;

    // Calls `step` whenever `fd` is readable, until unwatch. The descriptor stays the caller's. The
    // step must take all there is: an edge is told once.
    void watch(int fd, Step step);
    void unwatch(int fd);
    // From a step of `fd`: the next is not before `pause` has passed, with all that came meanwhile.
    void rest(int fd, Nanos pause);

    // One of k_timers, which their owner names; setting it again moves it. A deadline in the past
    // runs at once.
    enum class Timer : std::uint8_t {};
    static constexpr std::size_t k_timers = 4;
    void set_timer(Timer timer, MonoTime deadline, Step step);
    void cancel_timer(Timer timer);

    void on_signals(std::initializer_list<int> signals, std::function<void(int)> step);

    // Runs `step` in a later turn of the loop. May be called from any thread.
    void post(Step step);
    // Runs `work` on the one helper thread, then `done` in the loop; for what may touch a slow
    // disk.
    void offload(Step work, Step done);
    // Likewise what may fail; `done` is told why, and nothing when it did not.
    void attempt(std::function<Result<void>()> work,
                 std::function<void(const std::string& failed)> done);
    // Waits until all offloaded work is done; nothing may be offloaded afterwards. Before the end.
    void finish_offloaded();

    void run();
    void stop();

    [[nodiscard]] const Latency& latency() const { return latency_; }
    Latency& latency() { return latency_; }
    // Told of every step longer than k_step_max, and how much of that it waited for a processor.
    void on_slow_step(std::function<void(Nanos took, Nanos starved)> told);

  private:
    struct Parts;
    void timed(const Step& step);
    void wait_readable(int fd);
    void serve(int fd, std::uint64_t serial);
    void wait_signal();

    const Clock& clock_;
    Latency latency_;
    ThreadTimes thread_times_;  // of the thread that makes the loop, which runs it
    std::function<void(Nanos, Nanos)> slow_;
    std::unique_ptr<Parts> parts_;
};

}  // namespace bullpen::loop
