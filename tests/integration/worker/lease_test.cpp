// A worker and its daemon, the daemon played by the test.
#include <doctest/doctest.h>

#include "common/storage/state_store.hpp"
#include "tests/integration/worker/worker_process.hpp"
#include "tests/support/written_record.hpp"

namespace bullpen {

namespace {

using namespace std::chrono_literals;
using model::SessionState;
using model::TradingMode;

struct Fixture {
    test::TemporaryHome home;
    std::optional<test::PlayedDaemon> daemon;

    Fixture() {
        home.account(test::account_id("alpha"), "[feed]\nkind = \"synthetic\"\nspeed = 6000\n");
        daemon.emplace(home, "alpha");
    }
    [[nodiscard]] storage::StateRecord state() const {
        storage::SystemFileSystem files;
        const auto path = home.home().account(test::account_id("alpha")).state_file;
        return storage::peek_state(files, path).value().record;
    }
};

}  // namespace

TEST_CASE_FIXTURE(Fixture, "a worker says hello, is welcomed, is ready and beats") {
    const auto worker = daemon->launch();
    const auto hello = daemon->next<ipc::Hello>();
    REQUIRE(hello);
    CHECK(hello->account.str() == "alpha");
    CHECK(hello->launch == daemon->token());
    CHECK(hello->pid == worker->pid());
    CHECK(!hello->running);
    CHECK(daemon->peer() == ipc::routing_id(hello->account, hello->launch));
    REQUIRE(daemon->next<ipc::Ready>());
    const auto first = daemon->next<ipc::Heartbeat>();
    REQUIRE(first);
    CHECK(first->session == SessionState::trading);
    CHECK(first->mode == TradingMode::idle);
    CHECK(first->flat);
    const auto later = daemon->next([&](const ipc::Message& message) {
        const auto* beat = std::get_if<ipc::Heartbeat>(&message);
        return beat != nullptr && beat->bars > first->bars;
    });
    REQUIRE(later);
    const auto& beat = std::get<ipc::Heartbeat>(*later);
    CHECK(beat.state_hash != first->state_hash);
    CHECK(beat.rss_bytes > 100'000);
    CHECK(beat.obligations.at(0).name == "bar");
    CHECK(!beat.obligations.at(0).overdue);
}

TEST_CASE_FIXTURE(Fixture, "a worker says that it is ready before a beat says that it trades") {
    // A minute of the market is ten seconds, so that nothing else wakes it.
    home.account(test::account_id("alpha"), "[feed]\nkind = \"synthetic\"\nspeed = 6\n");
    for (int i = 0; i < 5; ++i) {
        const auto worker = daemon->launch();
        bool ready = false;
        const auto beat = daemon->next([&](const ipc::Message& message) {
            ready = ready || std::holds_alternative<ipc::Ready>(message);
            const auto* const said = std::get_if<ipc::Heartbeat>(&message);
            return said != nullptr && said->session == SessionState::trading;
        });
        REQUIRE(beat);
        CHECK(ready);
        daemon->send(ipc::Drain{"rolling_restart", 10s});
        REQUIRE(daemon->next<ipc::Goodbye>());
        CHECK(worker->exit_code() == 0);
    }
}

TEST_CASE_FIXTURE(Fixture, "a drain is answered with a goodbye, a clean state and exit code 0") {
    const auto worker = daemon->launch();
    REQUIRE(daemon->next<ipc::Heartbeat>());
    daemon->send(ipc::Drain{"rolling_restart", 10s});
    const auto goodbye = daemon->next<ipc::Goodbye>();
    REQUIRE(goodbye);
    CHECK(goodbye->exit_code == 0);
    CHECK(goodbye->reason == "rolling_restart");
    CHECK(worker->exit_code() == 0);
    CHECK(state().clean_exit);
    CHECK(state().launch == "17");
    CHECK(state().last_words->reason == "rolling_restart");
}

TEST_SUITE("critical") {
    TEST_CASE_FIXTURE(Fixture, "a worker outlives its daemon and is taken over by the next") {
        const auto worker = daemon->launch();
        REQUIRE(daemon->next<ipc::Ready>());
        REQUIRE(daemon->next<ipc::Heartbeat>());
        daemon->vanish();
        const auto log = home.home().account(test::account_id("alpha")).worker_log;
        REQUIRE(test::wait_for_text(log, "\"reason\":\"daemon_absent\""));
        daemon->listen();
        const auto hello = daemon->next<ipc::Hello>();
        REQUIRE(hello);
        CHECK(hello->pid == worker->pid());
        CHECK(hello->fence.value == 5);
        REQUIRE(hello->running);
        CHECK(hello->running->ready);
        CHECK(hello->running->start_time > 0);
        // It comes back by itself.
        const auto beat = daemon->beat_with("warm_up");
        REQUIRE(beat);
        CHECK(beat->mode == TradingMode::idle);
    }

    TEST_CASE_FIXTURE(Fixture, "a daemon that stopped talking is absent, also while connected") {
        const auto worker = daemon->launch();
        REQUIRE(daemon->next<ipc::Heartbeat>());
        // No pings: three of them missed is six seconds.
        const auto absent = daemon->next([](const ipc::Message& message) {
            const auto* beat = std::get_if<ipc::Heartbeat>(&message);
            return beat != nullptr && beat->reason == "daemon_absent";
        });
        REQUIRE(absent);
        CHECK(std::get<ipc::Heartbeat>(*absent).mode == TradingMode::reducing);
        daemon->ping();
        CHECK(daemon->beat_with("warm_up"));
    }
}

TEST_CASE_FIXTURE(Fixture, "clock skew makes a worker idle and is lifted by itself") {
    daemon->clock_ahead = 5s;
    const auto worker = daemon->launch();
    const auto skewed = daemon->beat_with("clock_skew");
    REQUIRE(skewed);
    CHECK(skewed->mode == TradingMode::reducing);
    CHECK(skewed->reason_text.find("ms") != std::string::npos);
    daemon->clock_ahead = 0s;
    CHECK(daemon->beat_with("warm_up"));
    daemon->clock_ahead = -5s;
    CHECK(daemon->beat_with("clock_skew"));
}

TEST_CASE_FIXTURE(Fixture, "an operator's halt survives kill -9 and is lifted by resume") {
    {
        const auto worker = daemon->launch();
        REQUIRE(daemon->next<ipc::Heartbeat>());
        daemon->send(ipc::Halt{});
        const auto halted = daemon->beat_with("operator_halt");
        REQUIRE(halted);
        CHECK(halted->mode == TradingMode::halted);
        worker->send(SIGKILL);
        CHECK(worker->exit_code() == -SIGKILL);
    }
    const auto worker = daemon->launch();
    const auto still = daemon->next<ipc::Heartbeat>();
    REQUIRE(still);
    CHECK(still->reason == "operator_halt");
    daemon->send(ipc::Resume{});
    CHECK(daemon->beat_with("warm_up"));
    worker->send(SIGTERM);
    CHECK(worker->exit_code() == 0);
    CHECK(state().data.find("latch") == std::string::npos);
}

TEST_CASE_FIXTURE(Fixture, "what is resumed before it trades is resumed in its books too") {
    const auto id = test::account_id("alpha");
    home.account(id, "trading = \"shadow\"\nfeed.speed = 6\n");
    const auto die = [](test::WorkerProcess& worker) {
        worker.send(SIGKILL);
        CHECK(worker.exit_code() == -SIGKILL);
    };
    {
        const auto worker = daemon->launch();
        REQUIRE(daemon->beat_with("warm_up"));
        die(*worker);
    }
    const auto refused = model::Symbol::cut("MES");
    test::write_record(home.home(), id,
                       execution::Blocked{refused, execution::Block::stop_refused, true, {}});
    {
        const auto worker = daemon->launch();
        REQUIRE(daemon->beat_with("order_trouble"));
        die(*worker);
    }
    daemon->answer_hello = false;
    {
        // As the daemon tells the successor of a process that died with the order.
        const auto worker = daemon->launch();
        REQUIRE(daemon->next<ipc::Hello>());
        daemon->send(ipc::Resume{});
        daemon->send(daemon->welcome());
        REQUIRE(daemon->beat_with("warm_up"));
        die(*worker);
    }
    // Nothing is left of it that would halt the next.
    daemon->answer_hello = true;
    const auto worker = daemon->launch();
    const auto beat = daemon->next([](const ipc::Message& message) {
        const auto* said = std::get_if<ipc::Heartbeat>(&message);
        return said != nullptr && said->session == SessionState::trading;
    });
    REQUIRE(beat);
    CHECK(std::get<ipc::Heartbeat>(*beat).latched.empty());
}

TEST_CASE_FIXTURE(Fixture, "a daemon that does not know the worker is greeted again") {
    const auto worker = daemon->launch();
    REQUIRE(daemon->next<ipc::Heartbeat>());
    ipc::Ping ping;
    ping.utc = SystemClock().utc();
    ping.hello = true;
    daemon->send(ping);
    const auto hello = daemon->next<ipc::Hello>();
    REQUIRE(hello);
    CHECK(hello->running);
}

TEST_CASE_FIXTURE(Fixture, "a hello that is not answered is said again") {
    daemon->answer_hello = false;
    const auto worker = daemon->launch();
    REQUIRE(daemon->next<ipc::Hello>());
    CHECK(daemon->next<ipc::Hello>());
}

TEST_CASE_FIXTURE(Fixture, "a launched worker without its inherited lock does not start") {
    test::WorkerProcess worker({"run"},
                               {{"BULLPEN_ACCOUNT", "alpha"},
                                {"BULLPEN_HOME", home.path()},
                                {"BULLPEN_LAUNCH", daemon->token().str()}},
                               home.path() + "/stdio");
    CHECK(worker.exit_code() == 75);
    CHECK(!test::read_text(home.path() + "/stdio").empty());
}

TEST_CASE_FIXTURE(Fixture, "a message that cannot be read changes nothing") {
    const auto worker = daemon->launch();
    REQUIRE(daemon->next<ipc::Heartbeat>());
    daemon->send(ipc::Goodbye{});
    daemon->send(ipc::Ready{});
    const auto log = home.home().account(test::account_id("alpha")).worker_log;
    CHECK(test::wait_for_text(log, "message_unexpected"));
    CHECK(daemon->next<ipc::Heartbeat>());
}

}  // namespace bullpen
