#include "common/loop/loop.hpp"

#include <array>
#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/thread_pool.hpp>
#include <chrono>
#include <map>
#include <optional>
#include <utility>

namespace bullpen::loop {

namespace asio = boost::asio;

struct Loop::Parts {
    struct Watched {
        asio::posix::stream_descriptor descriptor;
        Step step;
        // A watch on a reused descriptor number is another watch.
        std::uint64_t serial;
        asio::steady_timer rest;
        Nanos pause{};
    };

    asio::io_context context{1};
    std::map<int, Watched> watched;
    std::array<asio::steady_timer, k_timers> timers{
        asio::steady_timer(context), asio::steady_timer(context), asio::steady_timer(context),
        asio::steady_timer(context)};
    std::optional<asio::signal_set> signals;
    std::function<void(int)> signal_step;
    std::optional<asio::thread_pool> helper;
    std::uint64_t next_serial = 0;
};

Loop::Loop(const Clock& clock) : clock_(clock), parts_(std::make_unique<Parts>()) {}

Loop::~Loop() {
    finish_offloaded();
    for (auto& [fd, watched] : parts_->watched)
        watched.descriptor.release();
}

void Loop::timed(const Step& step) {
    const auto waited = thread_times_.spent().waited;
    const auto start = clock_.mono();
    step();
    const auto took = clock_.mono() - start;
    latency_.add(took);
    if (took > k_step_max && slow_)
        slow_(took, thread_times_.spent().waited - waited);
}

void Loop::wait_readable(int fd) {
    auto& watched = parts_->watched.at(fd);
    watched.descriptor.async_wait(
        asio::posix::stream_descriptor::wait_read,
        [this, fd, serial = watched.serial](const boost::system::error_code& code) {
            if (!code)
                serve(fd, serial);
        });
}

void Loop::serve(int fd, std::uint64_t serial) {
    const auto found = parts_->watched.find(fd);
    if (found == parts_->watched.end() || found->second.serial != serial)
        return;
    // A copy: the step may unwatch its own descriptor.
    const Step step = found->second.step;
    timed(step);
    const auto again = parts_->watched.find(fd);
    if (again == parts_->watched.end() || again->second.serial != serial)
        return;
    auto& watched = again->second;
    if (watched.pause <= Nanos{0})
        return wait_readable(fd);
    watched.rest.expires_after(std::exchange(watched.pause, Nanos{0}));
    watched.rest.async_wait([this, fd, serial](const boost::system::error_code& code) {
        if (!code)
            serve(fd, serial);
    });
}

void Loop::watch(int fd, Step step) {
    unwatch(fd);
    parts_->watched.emplace(
        fd, Parts::Watched{asio::posix::stream_descriptor(parts_->context, fd), std::move(step),
                           parts_->next_serial++, asio::steady_timer(parts_->context)});
    wait_readable(fd);
}

void Loop::rest(int fd, Nanos pause) {
    const auto found = parts_->watched.find(fd);
    if (found != parts_->watched.end())
        found->second.pause = pause;
}

void Loop::unwatch(int fd) {
    const auto found = parts_->watched.find(fd);
    if (found == parts_->watched.end())
        return;
    found->second.descriptor.release();
    parts_->watched.erase(found);
}

void Loop::set_timer(Timer timer, MonoTime deadline, Step step) {
    auto& slot = parts_->timers.at(static_cast<std::size_t>(timer));
    const auto from_now = std::max(deadline - clock_.mono(), Nanos{0});
    slot.expires_after(std::chrono::duration_cast<asio::steady_timer::duration>(from_now));
    slot.async_wait([this, step = std::move(step)](const boost::system::error_code& code) {
        if (!code)
            timed(step);
    });
}

void Loop::cancel_timer(Timer timer) {
    parts_->timers.at(static_cast<std::size_t>(timer)).cancel();
}

void Loop::wait_signal() {
    parts_->signals->async_wait([this](const boost::system::error_code& code, int number) {
        if (code)
            return;
        timed([&] { parts_->signal_step(number); });
        wait_signal();
    });
}

void Loop::on_signals(std::initializer_list<int> signals, std::function<void(int)> step) {
    parts_->signals.emplace(parts_->context);
    for (const int number : signals)
        parts_->signals->add(number);
    parts_->signal_step = std::move(step);
    wait_signal();
}

void Loop::post(Step step) {
    asio::post(parts_->context, [this, step = std::move(step)] { timed(step); });
}

void Loop::offload(Step work, Step done) {
    if (!parts_->helper)
        parts_->helper.emplace(1);
    auto guard = asio::make_work_guard(parts_->context);
    asio::post(*parts_->helper, [this, guard = std::move(guard), work = std::move(work),
                                 done = std::move(done)]() mutable {
        work();
        post(std::move(done));
    });
}

void Loop::attempt(std::function<Result<void>()> work,
                   std::function<void(const std::string& failed)> done) {
    auto failed = std::make_shared<std::string>();
    offload(
        [failed, work = std::move(work)] {
            if (auto worked = work(); !worked)
                *failed = worked.error().message();
        },
        [failed, done = std::move(done)] { done(*failed); });
}

void Loop::finish_offloaded() {
    if (parts_->helper)
        parts_->helper->join();
}

void Loop::run() {
    parts_->context.run();
}

void Loop::stop() {
    parts_->context.stop();
}

void Loop::on_slow_step(std::function<void(Nanos, Nanos)> told) {
    slow_ = std::move(told);
}

}  // namespace bullpen::loop
