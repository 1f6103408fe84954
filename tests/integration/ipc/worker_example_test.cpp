// etc/examples/worker.py against a daemon's side of the protocol: what docs/protocol.md promises to
// a program in any language.
#include <doctest/doctest.h>
#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <memory>

#include "common/base/exit_code.hpp"
#include "ipc/account_lock.hpp"
#include "ipc/codec.hpp"
#include "tests/integration/ipc/children.hpp"
#include "tests/integration/ipc/peers.hpp"
#include "tests/support/programs.hpp"
#include "tests/support/temporary.hpp"

using namespace bullpen;
using namespace bullpen::ipc;
using namespace std::chrono_literals;

namespace {

const std::string k_launch = "17.00112233445566778899aabbccddeeff";

std::string script() {
    return test::source_directory() + "/etc/examples/worker.py";
}

// A daemon's side and one worker that was launched as the daemon launches it.
class Stage {
  public:
    Stage() : router_(LeaseRouter::bind(context_, socket_).value()) {
        auto lock = AccountLock::acquire(lock_path_, facts_of_this_process(clock_)).value();
        worker_ = std::make_unique<test::Child>(
            std::vector<std::string>{"/usr/bin/python3", "-B", script()},
            std::map<int, int>{{3, lock.fd()}},
            std::map<std::string, std::string>{{"BULLPEN_ACCOUNT", "py01"},
                                               {"BULLPEN_LAUNCH", k_launch},
                                               {"BULLPEN_ENDPOINT", endpoint_of(socket_)}});
    }

    // The next message of the wanted type; others before it are skipped.
    template <class Wanted>
    std::optional<Wanted> next() {
        for (;;) {
            const auto received = test::next(router_);
            if (!received)
                return std::nullopt;
            CHECK(received->routing_id == "py01/001122334455");
            CHECK(received->peer_pid == worker_->pid());
            const auto message = decode(received->body);
            REQUIRE_MESSAGE(message, message.error().message());
            if (const auto* wanted = std::get_if<Wanted>(&*message))
                return *wanted;
        }
    }
    // The next beat that shows this mode.
    std::optional<Heartbeat> next_beat(model::TradingMode mode) {
        for (;;) {
            auto beat = next<Heartbeat>();
            if (!beat || beat->mode == mode)
                return beat;
        }
    }
    void send(const Message& message) {
        REQUIRE(router_.send("py01/001122334455", encode(message)));
    }
    void welcome() {
        Welcome welcome;
        welcome.fence = Fence{1042};
        welcome.utc = clock_.utc();
        welcome.beat_interval = 20ms;
        welcome.ping_interval = 30s;
        send(welcome);
    }
    void start() {
        REQUIRE(next<Hello>());
        welcome();
        REQUIRE(next<Ready>());
    }
    void restart_daemon() {
        router_.close();
        router_ = LeaseRouter::bind(context_, socket_).value();
    }
    test::Child& worker() { return *worker_; }
    [[nodiscard]] bool lock_held() const {
        return AccountLock::probe(lock_path_).value() == LockProbe::held;
    }
    [[nodiscard]] UtcTime utc() const { return clock_.utc(); }

  private:
    test::TemporaryDirectory directory_;
    SystemClock clock_;
    std::string socket_ = directory_.file("lease");
    std::string lock_path_ = directory_.file("lock");
    Context context_;
    LeaseRouter router_;
    std::unique_ptr<test::Child> worker_;
};

}  // namespace

TEST_CASE("the worker in Python says hello, is welcomed, is ready and beats") {
    Stage stage;
    const auto hello = stage.next<Hello>();
    REQUIRE(hello);
    CHECK(hello->account.str() == "py01");
    CHECK(hello->launch.str() == k_launch);
    CHECK(hello->pid == stage.worker().pid());
    CHECK(agree_protocol(hello->protocol_min, hello->protocol_max));
    CHECK_FALSE(hello->running);
    stage.welcome();
    REQUIRE(stage.next<Ready>());
    const auto first = stage.next<Heartbeat>();
    const auto second = stage.next<Heartbeat>();
    REQUIRE(second);
    CHECK(second->seq == first->seq + 1);
    CHECK(second->mode == model::TradingMode::idle);
    CHECK(second->reason == "observing");
    CHECK(second->flat);
    CHECK(stage.lock_held());
}

TEST_CASE("the worker in Python ends in order when it is drained, and its lock with it") {
    Stage stage;
    stage.start();
    stage.send(Drain{"restart_requested", 10s});
    const auto goodbye = stage.next<Goodbye>();
    REQUIRE(goodbye);
    CHECK(goodbye->exit_code == 0);
    CHECK(goodbye->reason == "restart_requested");
    CHECK(stage.worker().wait() == value(ExitCode::done));
    CHECK_FALSE(stage.lock_held());
}

TEST_CASE("the worker in Python ends in order on SIGTERM") {
    Stage stage;
    stage.start();
    REQUIRE(stage.next<Heartbeat>());
    stage.worker().signal(SIGTERM);
    CHECK(stage.next<Goodbye>()->reason == "operator_stop");
    CHECK(stage.worker().wait() == value(ExitCode::done));
}

TEST_CASE("the worker in Python outlives its daemon and says hello to the next one") {
    Stage stage;
    stage.start();
    REQUIRE(stage.next<Heartbeat>());
    stage.restart_daemon();
    // The new daemon hears beats of a worker it does not know, and asks.
    REQUIRE(stage.next<Heartbeat>());
    stage.send(Ping{.seq = 1, .utc = stage.utc(), .market = {}, .hello = true});
    const auto hello = stage.next<Hello>();
    REQUIRE(hello);
    CHECK(hello->fence == Fence{1042});
    REQUIRE(hello->running);
    CHECK(hello->running->ready);
    CHECK(stage.lock_held());
}

TEST_CASE("the worker in Python obeys reduce, halt and resume, and notices a wrong clock") {
    Stage stage;
    stage.start();
    stage.send(Reduce{"event_blackout", std::nullopt});
    CHECK(stage.next_beat(model::TradingMode::reducing)->reason == "event_blackout");
    stage.send(Halt{"operator_halt"});
    CHECK(stage.next_beat(model::TradingMode::halted)->reason == "operator_halt");
    stage.send(Resume{});
    CHECK(stage.next_beat(model::TradingMode::idle));
    stage.send(Ping{.seq = 1, .utc = stage.utc() + 60s, .market = {}, .hello = false});
    CHECK(stage.next_beat(model::TradingMode::reducing)->reason == "clock_skew");
    stage.send(Ping{.seq = 2, .utc = stage.utc(), .market = {}, .hello = false});
    CHECK(stage.next_beat(model::TradingMode::idle));
}

TEST_CASE("the worker in Python refuses to run without its environment") {
    test::Child worker({"/usr/bin/python3", "-B", script()});
    CHECK(worker.wait() == value(ExitCode::usage));
}

TEST_CASE("the worker in Python is an example: under a hundred lines, none too long") {
    const std::string text = test::read_text(script());
    CHECK(std::count(text.begin(), text.end(), '\n') < 100);
    for (std::size_t begin = 0; begin < text.size();) {
        const auto end = text.find('\n', begin);
        CHECK(end - begin <= 100);
        begin = end + 1;
    }
}
