// How a worker that is started by hand begins and ends: locks, settings, exit codes.
#include <doctest/doctest.h>
#include <sys/stat.h>

#include "common/storage/state_store.hpp"
#include "tests/integration/worker/worker_process.hpp"

namespace bullpen {

namespace {

constexpr std::string_view k_synthetic = "[feed]\nkind = \"synthetic\"\nspeed = 6000\n";

std::string log_of(const test::TemporaryHome& home, const char* account) {
    return test::read_text(home.home().account(test::account_id(account)).worker_log);
}

bool reaches_trading(const test::TemporaryHome& home, const char* account) {
    return test::eventually(
        [&] { return log_of(home, account).find("\"to\":\"trading\"") != std::string::npos; });
}

test::Outcome run(const test::TemporaryHome& home, std::vector<std::string> words) {
    words.insert(words.begin(), test::program("bullpen-worker"));
    return test::run({.argv = std::move(words),
                      .environment = {{"BULLPEN_HOME", home.path()}},
                      .directory = "",
                      .deadline = std::chrono::seconds(30)});
}

}  // namespace

TEST_SUITE("critical") {
    TEST_CASE("a second starter exits with 77 and names the holder") {
        const test::TemporaryHome home;
        home.account(test::account_id("alpha"), k_synthetic);
        test::WorkerProcess first(test::by_hand(home, "alpha"), {}, home.path() + "/stdio");
        REQUIRE(reaches_trading(home, "alpha"));
        const auto second = run(home, test::by_hand(home, "alpha"));
        CHECK(second.code == 77);
        CHECK(second.err.find("pid " + std::to_string(first.pid())) != std::string::npos);
        CHECK(second.err.find("bullpen-worker") != std::string::npos);
        // The holder was not disturbed, and after kill -9 the next start simply succeeds.
        CHECK(!first.ended());
        first.send(SIGKILL);
        CHECK(first.exit_code() == -SIGKILL);
        test::WorkerProcess third(test::by_hand(home, "alpha"), {}, home.path() + "/stdio");
        CHECK(test::eventually(
            [&] { return log_of(home, "alpha").find("unclean_end_found") != std::string::npos; }));
        third.send(SIGTERM);
        CHECK(third.exit_code() == 0);
    }

    TEST_CASE("of eight starters at once exactly one gets past locking") {
        const test::TemporaryHome home;
        home.account(test::account_id("alpha"), k_synthetic);
        for (int round = 0; round < 5; ++round) {
            std::vector<std::unique_ptr<test::WorkerProcess>> all;
            for (int i = 0; i < 8; ++i) {
                all.push_back(std::make_unique<test::WorkerProcess>(
                    test::by_hand(home, "alpha"), std::map<std::string, std::string>{},
                    home.path() + "/stdio"));
            }
            const auto ended = [&] {
                int count = 0;
                for (const auto& one : all)
                    count += one->ended() ? 1 : 0;
                return count;
            };
            REQUIRE(test::eventually([&] { return ended() == 7; }));
            int held = 0;
            for (const auto& one : all) {
                if (one->ended()) {
                    held += one->exit_code() == 77 ? 1 : 0;
                } else {
                    one->send(SIGTERM);
                    CHECK(one->exit_code() == 0);
                }
            }
            CHECK(held == 7);
        }
    }
}

TEST_CASE("SIGTERM and SIGINT end a worker in order with code 0") {
    const test::TemporaryHome home;
    home.account(test::account_id("alpha"), k_synthetic);
    for (const int signal : {SIGTERM, SIGINT}) {
        test::WorkerProcess worker(test::by_hand(home, "alpha"), {}, home.path() + "/stdio");
        const auto lock = home.home().account(test::account_id("alpha")).lock;
        REQUIRE(test::eventually([&] {
            const auto facts = ipc::AccountLock::read_facts(lock);
            return facts && facts->pid == worker.pid();
        }));
        worker.send(signal);
        CHECK(worker.exit_code() == 0);
        storage::SystemFileSystem files;
        const auto state =
            storage::peek_state(files, home.home().account(test::account_id("alpha")).state_file);
        REQUIRE(state);
        CHECK(state->record.clean_exit);
        CHECK(state->record.last_words->reason == "operator_stop");
        CHECK(ipc::AccountLock::probe(lock).value() == ipc::LockProbe::free);
    }
}

TEST_CASE("exit codes tell wrong usage from wrong settings") {
    const test::TemporaryHome home;
    home.account(test::account_id("alpha"), k_synthetic);
    CHECK(run(home, {"dance"}).code == 64);
    CHECK(run(home, {"run", "--account", "No Such Name"}).code == 64);
    CHECK(run(home, {"run"}).code == 64);
    CHECK(run(home, {"version"}).code == 0);
    const auto missing = run(home, {"run", "--account", "beta"});
    CHECK(missing.code == 78);
    CHECK(missing.err.find("beta") != std::string::npos);
    home.account(test::account_id("gamma"), "[feed]\nkind = \"replay\"\nfile = \"none.csv\"\n");
    const auto no_file = run(home, {"run", "--account", "gamma"});
    CHECK(no_file.code == 78);
    CHECK(no_file.err.find("none.csv") != std::string::npos);
    home.account(test::account_id("delta"), "feed = 7\n");
    CHECK(run(home, {"run", "--account", "delta"}).code == 78);
}

TEST_CASE("a state file that nobody can use ends the worker with 78") {
    const test::TemporaryHome home;
    home.account(test::account_id("alpha"), k_synthetic);
    const auto paths = home.home().account(test::account_id("alpha"));
    REQUIRE(make_directories(paths.directory, 0700));
    test::write_text(paths.state_file, "{\"checksum\":\"crc32c:00000000\",\n\"header\":{}}\n");
    const auto outcome = run(home, {"run", "--account", "alpha"});
    CHECK(outcome.code == 78);
    CHECK(outcome.err.find("state.json") != std::string::npos);
}

TEST_CASE("a broken account file is told, and the applied version used") {
    const test::TemporaryHome home;
    home.account(test::account_id("alpha"), k_synthetic);
    {
        config::RosterReader reader(home.home());
        const SystemClock clock;
        const auto roster = reader.read(clock.utc());
        REQUIRE(reader.apply(roster, clock.utc()));
    }
    home.account(test::account_id("alpha"), "[feed\nkind = 3");
    test::WorkerProcess worker(test::by_hand(home, "alpha"), {}, home.path() + "/stdio");
    CHECK(reaches_trading(home, "alpha"));
    CHECK(log_of(home, "alpha").find("settings_not_used") != std::string::npos);
    worker.send(SIGTERM);
    CHECK(worker.exit_code() == 0);
}

TEST_CASE("everything a worker writes is readable by its user only") {
    const test::TemporaryHome home;
    home.account(test::account_id("alpha"), k_synthetic);
    test::WorkerProcess worker(test::by_hand(home, "alpha"), {}, home.path() + "/stdio");
    REQUIRE(reaches_trading(home, "alpha"));
    worker.send(SIGTERM);
    CHECK(worker.exit_code() == 0);
    const auto paths = home.home().account(test::account_id("alpha"));
    for (const auto& path : {paths.directory, paths.state_file, paths.worker_log, paths.journal,
                             paths.logs, paths.lock}) {
        struct stat status {};
        REQUIRE_MESSAGE(::stat(path.c_str(), &status) == 0, path);
        CHECK_MESSAGE((status.st_mode & 077) == 0, path);
    }
}

}  // namespace bullpen
