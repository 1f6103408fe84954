#include "common/loop/loop.hpp"

#include <doctest/doctest.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <atomic>
#include <csignal>
#include <thread>
#include <vector>

#include "common/base/descriptor.hpp"

namespace bullpen::loop {
namespace {

using namespace std::chrono_literals;

constexpr Loop::Timer k_one{0};
constexpr Loop::Timer k_other{1};
// Ends a loop that a fault would keep for ever; no test gets there.
constexpr Loop::Timer k_patience{3};

struct Running {
    SystemClock clock;
    Loop loop{clock};
    bool timed_out = false;

    void run() {
        loop.set_timer(k_patience, clock.mono() + 30s, [this] {
            timed_out = true;
            loop.stop();
        });
        loop.run();
        CHECK_FALSE(timed_out);
    }
};

struct Event {
    Descriptor fd{::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)};
    void raise() const {
        const std::uint64_t one = 1;
        REQUIRE(::write(fd.get(), &one, sizeof one) == sizeof one);
    }
    void take() const {
        std::uint64_t count = 0;
        REQUIRE(::read(fd.get(), &count, sizeof count) == sizeof count);
    }
};

TEST_CASE("a step runs whenever its descriptor is readable, until it is unwatched") {
    Running running;
    const Event event;
    int steps = 0;
    running.loop.watch(event.fd.get(), [&] {
        event.take();
        if (++steps < 3)
            return event.raise();
        running.loop.unwatch(event.fd.get());
        event.raise();
        running.loop.post([&] { running.loop.stop(); });
    });
    event.raise();
    running.run();
    CHECK(steps == 3);
}

TEST_CASE("a descriptor that rests is not served before its pause is over") {
    Running running;
    const Event event;
    std::vector<MonoTime> served;
    running.loop.watch(event.fd.get(), [&] {
        served.push_back(running.clock.mono());
        event.take();
        event.raise();
        running.loop.rest(event.fd.get(), 20ms);
        if (served.size() == 3)
            running.loop.stop();
    });
    event.raise();
    running.run();
    REQUIRE(served.size() == 3);
    CHECK(served[1] - served[0] >= 20ms);
    CHECK(served[2] - served[1] >= 20ms);
}

TEST_CASE(
    "a timer that is set again moves, one that is cancelled is silent, one in the past runs") {
    Running running;
    std::vector<int> order;
    const auto now = running.clock.mono();
    running.loop.set_timer(k_one, now + 10min, [&] { order.push_back(0); });
    running.loop.set_timer(k_one, now + 30ms, [&] {
        order.push_back(1);
        running.loop.stop();
    });
    running.loop.set_timer(k_other, now, [&] { order.push_back(0); });
    running.loop.cancel_timer(k_other);
    running.loop.set_timer(k_other, now - 1h, [&] { order.push_back(2); });
    running.run();
    CHECK(order == std::vector<int>{2, 1});
}

TEST_CASE("another thread may hand in a step") {
    Running running;
    std::thread::id ran;
    std::thread other([&] {
        running.loop.post([&] {
            ran = std::this_thread::get_id();
            running.loop.stop();
        });
    });
    running.run();
    other.join();
    CHECK(ran == std::this_thread::get_id());
}

TEST_CASE("offloaded work runs beside the loop, in order, and what follows it in the loop") {
    Running running;
    std::vector<int> done;
    std::atomic<int> worked{0};
    bool beside = true;
    const auto self = std::this_thread::get_id();
    for (int i = 1; i <= 3; ++i) {
        running.loop.offload(
            [&, i] {
                beside = beside && std::this_thread::get_id() != self;
                CHECK(++worked == i);
            },
            [&, i] {
                done.push_back(i);
                if (i == 3)
                    running.loop.stop();
            });
    }
    running.run();
    running.loop.finish_offloaded();
    CHECK(beside);
    CHECK(done == std::vector<int>{1, 2, 3});
}

TEST_CASE("a signal becomes a step") {
    Running running;
    int heard = 0;
    running.loop.on_signals({SIGUSR1, SIGUSR2}, [&](int number) {
        heard = number;
        running.loop.stop();
    });
    running.loop.post([] { ::raise(SIGUSR2); });
    running.run();
    CHECK(heard == SIGUSR2);
}

TEST_CASE("a step that takes too long is told, with how long, and so is the latency") {
    Running running;
    std::vector<Nanos> slow;
    running.loop.on_slow_step([&](Nanos took, Nanos /*starved*/) { slow.push_back(took); });
    running.loop.post([&] {
        const auto until = running.clock.mono() + Loop::k_step_max + 5ms;
        while (running.clock.mono() < until) {
        }
        running.loop.stop();
    });
    running.run();
    REQUIRE(slow.size() == 1);
    CHECK(slow.front() > Loop::k_step_max);
    CHECK(running.loop.latency().worst() >= slow.front());
}

}  // namespace
}  // namespace bullpen::loop
