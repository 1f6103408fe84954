#include "worker/worker.hpp"

#include <doctest/doctest.h>

#include <algorithm>

#include "common/base/descriptor.hpp"
#include "common/storage/atomic_file.hpp"
#include "ipc/error_text.hpp"
#include "tests/support/simulated_disk.hpp"
#include "tests/support/worker_home.hpp"
#include "tests/support/written_record.hpp"

namespace bullpen::worker {

namespace {

using namespace std::chrono_literals;
using model::Reason;
using model::SessionState;
using model::TradingMode;

struct Fixture {
    test::TemporaryHome home;
    storage::SystemFileSystem files;
    FakeClock clock;

    std::unique_ptr<AccountContext> context(std::uint64_t seed = 1) {
        auto settings = test::synthetic_account("alpha", seed);
        settings.feed.speed = 60;  // a bar a second
        return test::open_context(home.home(), std::move(settings), files, clock);
    }
    [[nodiscard]] std::string log() const {
        return test::read_text(home.home().account(test::account_id("alpha")).worker_log);
    }
    storage::StateRecord state() {
        const auto path = home.home().account(test::account_id("alpha")).state_file;
        return storage::peek_state(files, path).value().record;
    }
    void run(Worker& worker, int seconds) {
        for (int i = 0; i < seconds; ++i) {
            (void)worker.turn();
            clock.advance(1s);
        }
        (void)worker.turn();
    }
};

std::uint64_t bars(const Worker& worker) {
    return worker.engine()->observer().position();
}

}  // namespace

TEST_CASE_FIXTURE(Fixture, "a worker gets from its lock to trading in its first turn") {
    const auto account = context();
    Worker worker(*account, nullptr);
    CHECK(worker.session() == SessionState::locking);
    (void)worker.turn();
    CHECK(worker.session() == SessionState::trading);
    for (const char* state : {"recovering", "connecting", "reconciling", "trading"})
        CHECK(log().find("\"to\":\"" + std::string(state) + "\"") != std::string::npos);
}

TEST_CASE_FIXTURE(Fixture, "a recovery reconciles, takes no bar, says that it is flat, and ends") {
    for (const auto policy : {config::RecoveryPolicy::protect, config::RecoveryPolicy::flatten}) {
        const auto account = context();
        Worker worker(*account, nullptr, {.recover = policy});
        CHECK(worker.beat(clock.now()).reason == "recovery_launch");
        CHECK(worker.beat(clock.now()).mode == TradingMode::reducing);
        run(worker, 3);
        REQUIRE(worker.closed());
        CHECK(worker.ending().code == ExitCode::done);
        CHECK(worker.ending().reason == Reason::recovery_launch);
        CHECK(worker.ending().sentence.find(config::code(policy)) == 0);
        CHECK(bars(worker) == 0);
        CHECK(state().clean_exit);
    }
    CHECK(log().find("\"to\":\"reconciling\"") != std::string::npos);
    CHECK(log().find("\"to\":\"trading\"") == std::string::npos);
}

TEST_CASE_FIXTURE(Fixture,
                  "how long turns took is in the performance log, each interval and at the end") {
    const auto account = context();
    Worker worker(*account, nullptr);
    const auto lines = [&] {
        const auto text = test::read_text(account->paths().performance_log);
        return std::count(text.begin(), text.end(), '\n');
    };
    run(worker, 10);
    CHECK(lines() == 0);
    clock.advance(account->settings().log.status_interval);
    (void)worker.turn();
    CHECK(lines() == 1);
    CHECK(test::read_text(account->paths().performance_log).find("\"turns\":11,") !=
          std::string::npos);
    worker.request_drain(Reason::operator_stop, "SIGTERM");
    (void)worker.turn();
    REQUIRE(worker.closed());
    CHECK(lines() == 2);
}

TEST_CASE_FIXTURE(Fixture, "bars come with time, and a turn says when the next one is due") {
    const auto account = context();
    Worker worker(*account, nullptr);
    run(worker, 10);
    CHECK(bars(worker) == 10);
    const auto next = worker.turn();
    CHECK(next > clock.mono());
    CHECK(next <= clock.mono() + 1s);
}

TEST_CASE_FIXTURE(Fixture, "a worker without a daemon is reducing and says so") {
    const auto account = context();
    Worker worker(*account, nullptr);
    (void)worker.turn();
    CHECK(worker.mode().mode == TradingMode::reducing);
    CHECK(worker.mode().reason == Reason::daemon_absent);
    CHECK(worker.mode().since == clock.utc());
    CHECK(log().find("\"reason\":\"daemon_absent\"") != std::string::npos);
}

TEST_CASE_FIXTURE(Fixture, "a drain writes a clean state with last words and frees the lock") {
    {
        const auto account = context();
        Worker worker(*account, nullptr);
        run(worker, 5);
        CHECK(!state().clean_exit);
        worker.request_drain(Reason::operator_stop, "SIGTERM");
        worker.request_drain(Reason::rolling_restart, "too late");
        (void)worker.turn();
        REQUIRE(worker.closed());
        CHECK(worker.ending().code == ExitCode::done);
        CHECK(worker.turn() == MonoTime::max());
    }
    const auto last = state();
    CHECK(last.clean_exit);
    CHECK(last.last_words == storage::LastWords{0, "operator_stop", "SIGTERM"});
    const auto lock = home.home().account(test::account_id("alpha")).lock;
    CHECK(ipc::AccountLock::read_facts(lock)->ended.has_value());
    // The next run starts from there, and its state is not clean until it ends.
    const auto account = context();
    Worker worker(*account, nullptr);
    (void)worker.turn();
    CHECK(bars(worker) == 5);
    CHECK(!state().clean_exit);
    CHECK(log().find("unclean_end_found") == std::string::npos);
}

TEST_SUITE("critical") {
    TEST_CASE_FIXTURE(Fixture, "a worker that vanished goes on where its records say") {
        std::string hash;
        {
            const auto account = context();
            Worker worker(*account, nullptr);
            run(worker, 100);
            hash = worker.engine()->observer().hash_text();
            CHECK(bars(worker) == 100);
            // No drain: as after kill -9.
        }
        const auto account = context();
        Worker worker(*account, nullptr);
        (void)worker.turn();
        CHECK(bars(worker) == 100);
        CHECK(worker.engine()->observer().hash_text() == hash);
        CHECK(log().find("unclean_end_found") != std::string::npos);
    }

    TEST_CASE_FIXTURE(Fixture, "a halt that its process died before is made good by the next") {
        const auto shadow = [&] {
            auto settings = test::synthetic_account("alpha");
            settings.trading = config::TradingKind::shadow;
            settings.feed.speed = 60;
            return test::open_context(home.home(), std::move(settings), files, clock);
        };
        {
            const auto account = shadow();
            Worker worker(*account, nullptr);
            run(worker, 3);
            CHECK(worker.mode().mode == TradingMode::reducing);
        }
        const auto refused = model::Symbol::cut("MES");
        test::write_record(home.home(), test::account_id("alpha"),
                           execution::Blocked{refused, execution::Block::stop_refused, true, {}});
        for (int life = 0; life < 2; ++life) {
            const auto account = shadow();
            Worker worker(*account, nullptr);
            run(worker, 3);
            CHECK(worker.mode().mode == TradingMode::halted);
            CHECK(worker.mode().reason == Reason::order_trouble);
            CHECK(worker.beat(clock.now()).latched == "halted");
        }
        const auto audit =
            test::read_text(home.home().account(test::account_id("alpha")).audit_log);
        // The second found it in the state file.
        CHECK(audit.find("own_halt") != std::string::npos);
        CHECK(audit.find("own_halt") == audit.rfind("own_halt"));
    }

    TEST_CASE_FIXTURE(Fixture, "the hash does not depend on where runs were cut off") {
        std::string whole;
        {
            const auto account = context();
            WorkerOptions options;
            options.checkpoint_bars = 7;
            Worker worker(*account, nullptr, options);
            run(worker, 200);
            whole = worker.engine()->observer().hash_text();
        }
        Fixture other;
        for (int part = 0; part < 20; ++part) {
            const auto account = other.context();
            WorkerOptions options;
            options.checkpoint_bars = 13;
            Worker worker(*account, nullptr, options);
            other.run(worker, 10);
            CHECK(bars(worker) == static_cast<std::uint64_t>(10 * (part + 1)));
            if (part == 19)
                CHECK(worker.engine()->observer().hash_text() == whole);
        }
    }

    TEST_CASE_FIXTURE(Fixture, "a state of another account ends the worker before it acts") {
        {
            const auto account = context();
            Worker worker(*account, nullptr);
            run(worker, 3);
        }
        const auto path = home.home().account(test::account_id("alpha")).state_file;
        auto parsed = storage::peek_state(files, path).value();
        test::write_text(path, storage::format_state(test::account_id("beta"), parsed.record));
        const auto account = context();
        Worker worker(*account, nullptr);
        (void)worker.turn();
        REQUIRE(worker.closed());
        CHECK(worker.ending().code == ExitCode::config);
        // It is left as it was found.
        CHECK(storage::peek_state(files, path)->account == "beta");
    }
}

TEST_CASE_FIXTURE(Fixture,
                  "a damaged state file is told, and the one before with the journal used") {
    std::string hash;
    {
        const auto account = context();
        WorkerOptions options;
        options.checkpoint_bars = 10;
        Worker worker(*account, nullptr, options);
        run(worker, 35);
        hash = worker.engine()->observer().hash_text();
        CHECK(worker.engine()->checkpoints() >= 3);
    }
    const auto path = home.home().account(test::account_id("alpha")).state_file;
    auto text = test::read_text(path);
    text[text.size() / 2] ^= 1;
    test::write_text(path, text);
    const auto account = context();
    Worker worker(*account, nullptr);
    (void)worker.turn();
    CHECK(bars(worker) == 35);
    CHECK(worker.engine()->observer().hash_text() == hash);
    CHECK(log().find("state_file_not_used") != std::string::npos);
    CHECK(worker.beat(clock.now()).last_error.find("its state file cannot be used") !=
          std::string::npos);
}

TEST_CASE_FIXTURE(Fixture, "a journal without its state file is not guessed about") {
    {
        const auto account = context();
        WorkerOptions options;
        options.checkpoint_bars = 10;
        Worker worker(*account, nullptr, options);
        run(worker, 5);
    }
    const auto paths = home.home().account(test::account_id("alpha"));
    REQUIRE(files.remove(paths.state_file));
    (void)files.remove(storage::previous_of(paths.state_file));
    // From its first record on a journal is enough by itself.
    {
        const auto account = context();
        Worker worker(*account, nullptr);
        (void)worker.turn();
        CHECK(bars(worker) == 5);
    }
    REQUIRE(files.remove(paths.state_file));
    (void)files.remove(storage::previous_of(paths.state_file));
    REQUIRE(files.rename(paths.journal + "/00000000000000000001.journal",
                         paths.journal + "/00000000000000000009.journal"));
    const auto account = context();
    Worker worker(*account, nullptr);
    (void)worker.turn();
    REQUIRE(worker.closed());
    CHECK(worker.ending().code == ExitCode::config);
}

TEST_CASE_FIXTURE(Fixture, "another source starts the indicators anew") {
    {
        const auto account = context(1);
        Worker worker(*account, nullptr);
        run(worker, 20);
    }
    const auto account = context(2);
    Worker worker(*account, nullptr);
    run(worker, 3);
    CHECK(bars(worker) == 3);
    CHECK(worker.engine()->observer().feed_identity().find("seed 2") != std::string::npos);
}

TEST_CASE_FIXTURE(Fixture, "a full disk holds bars back, says so, and loses none") {
    test::SimulatedDisk disk;
    auto settings = test::synthetic_account("alpha");
    settings.feed.speed = 60;
    const auto account = test::open_context(home.home(), std::move(settings), disk, clock);
    Worker worker(*account, nullptr);
    run(worker, 10);
    CHECK(bars(worker) == 10);
    disk.set_capacity(0);
    run(worker, 10);
    CHECK(worker.session() == SessionState::trading);
    CHECK(bars(worker) == 10);
    const auto beat = worker.beat(clock.now());
    // Nothing is owed while the disk is at fault: killing the worker would not help.
    CHECK(beat.obligations[0].done);
    CHECK(beat.log_dropped > 0);
    // The daemon is absent, too, and that is the stricter mode.
    CHECK(worker.mode().reason == Reason::daemon_absent);
    disk.clear_faults();
    run(worker, 3);
    CHECK(bars(worker) >= 20);
    CHECK(account->log().dropped() == worker.beat(clock.now()).log_dropped);
    CHECK(disk.content(account->paths().worker_log).find("log_lines_dropped") != std::string::npos);
}

TEST_CASE_FIXTURE(Fixture, "a failed sync ends the worker, which recovers at its next start") {
    test::SimulatedDisk disk;
    std::uint64_t known = 0;
    {
        auto settings = test::synthetic_account("alpha");
        settings.feed.speed = 60;
        const auto account = test::open_context(home.home(), std::move(settings), disk, clock);
        Worker worker(*account, nullptr);
        run(worker, 10);
        known = bars(worker);
        disk.fail_at(disk.steps(), EIO, 1000, false);
        run(worker, 1);
        REQUIRE(worker.closed());
        CHECK(worker.ending().code == ExitCode::temporary);
    }
    disk.clear_faults();
    auto settings = test::synthetic_account("alpha");
    const auto account = test::open_context(home.home(), std::move(settings), disk, clock);
    Worker worker(*account, nullptr);
    (void)worker.turn();
    CHECK(bars(worker) >= known);
}

TEST_CASE_FIXTURE(Fixture, "a beat tells state, duties, position and what was computed") {
    const auto account = context();
    Worker worker(*account, nullptr);
    run(worker, 20);
    const auto beat = worker.beat(clock.now());
    CHECK(beat.session == SessionState::trading);
    CHECK(beat.mode == TradingMode::reducing);
    CHECK(beat.reason == "daemon_absent");
    CHECK(beat.flat);
    CHECK(beat.quantity == 0);
    CHECK(beat.day_pnl == "0");
    CHECK(beat.bars == 20);
    CHECK(beat.bar_age == Nanos(0));
    CHECK(beat.last_bar.has_value());
    CHECK(beat.rss_bytes > 0);
    CHECK(beat.state_hash == worker.engine()->observer().hash_text());
    REQUIRE(beat.obligations.size() == 3);
    CHECK(beat.obligations[0].name == "bar");
    CHECK(!beat.obligations[0].done);
    CHECK(!beat.obligations[0].overdue);
    CHECK(beat.obligations[0].due_in > 1s);
    CHECK(beat.obligations[1].name == "timer");
    // It has sent nothing that could be answered.
    CHECK(beat.obligations[2] == ipc::Obligation{.name = "answer"});
    // A loop that stood still past the deadline owns up to it.
    clock.advance(1h);
    const auto late = worker.beat(clock.now());
    CHECK(late.obligations[0].overdue);
    CHECK(late.obligations[1].overdue);
    CHECK(worker.beat(clock.now()).seq == late.seq + 1);
}

TEST_CASE_FIXTURE(Fixture, "the log is quiet: an hour of bars is its status and why it is idle") {
    const auto account = context();
    Worker worker(*account, nullptr);
    run(worker, 60);
    const auto before = log().size();
    const auto count = [&](std::string_view word) {
        std::size_t lines = 0;
        const auto text = log().substr(before);
        for (auto at = text.find(word); at != std::string::npos; at = text.find(word, at + 1))
            ++lines;
        return lines;
    };
    for (int i = 0; i < 3600; i += 10) {
        clock.advance(10s);
        (void)worker.turn();
    }
    CHECK(bars(worker) > 3000);
    // Nobody leases to it: it may not enter, and says so every five minutes.
    CHECK(count("\"event\":\"mode_lasts\",") == 12);
    CHECK(count("\"reason\":\"daemon_absent\",\"since\"") == 12);
    CHECK(count("\"event\":\"status\"") == 4);
    CHECK(count("\n") <= 17);
}

TEST_CASE_FIXTURE(Fixture, "a loop that stood still says in what and why") {
    const auto account = context();
    TimeSpent spent;
    Worker worker(*account, nullptr, {.probe = [&] { return spent; }});
    // Whatever its first turn takes is reading what the account left.
    (void)worker.turn();
    clock.advance(3s);
    (void)worker.turn();
    CHECK(worker.beat(clock.now()).last_error.empty());
    clock.advance(10s);
    spent.starved += 8s;
    (void)worker.turn();
    const auto beat = worker.beat(clock.now());
    // It was to be back a second after the turn before, at the latest.
    const auto when = clock.utc();
    clock.advance(1h);
    const auto error = worker.beat(clock.now()).last_error;
    CHECK(error == beat.last_error);
    CHECK(ipc::unstamped(error).text ==
          "stood still 9.0 s in wait: it waited 8.0 s for a processor");
    CHECK(ipc::unstamped(error).at == std::chrono::floor<std::chrono::seconds>(when));
    const auto counted = [&](const char* name) {
        const auto found = std::find_if(beat.counters.begin(), beat.counters.end(),
                                        [&](const auto& counter) { return counter.first == name; });
        return found == beat.counters.end() ? -1 : found->second;
    };
    CHECK(counted("stalls") == 1);
    CHECK(counted("stall_worst_ms") == 9000);
    CHECK(log().find("\"event\":\"stall\"") != std::string::npos);
    CHECK(log().find("\"stage\":\"wait\",\"cause\":\"processor\"") != std::string::npos);
}

}  // namespace bullpen::worker
