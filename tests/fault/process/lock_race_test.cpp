#include <doctest/doctest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <csignal>

#include "common/process/launcher.hpp"
#include "common/process/reaper.hpp"
#include "ipc/account_lock.hpp"
#include "tests/support/programs.hpp"
#include "tests/support/temporary.hpp"
#include "tests/support/wait.hpp"

namespace bullpen::process {
namespace {

constexpr int k_racers = 8;
constexpr int k_held_elsewhere = 77;

struct Race {
    test::TemporaryHome home;
    AccountId account = test::account_id("mes01");
    AccountPaths paths = home.home().account(account);
    Launcher launcher = std::move(*Launcher::make());

    Race() { REQUIRE(make_directories(paths.logs, 0700)); }

    [[nodiscard]] std::string log(int racer) const {
        return paths.logs + "/racer" + std::to_string(racer);
    }

    // Starts eight, waits until seven are gone, checks what they said; returns the one that is
    // left.
    pid_t run(const std::string& program, const std::vector<std::string>& arguments) {
        std::array<pid_t, k_racers> pids{};
        for (int i = 0; i < k_racers; ++i) {
            LaunchSpec spec;
            spec.program = program;
            spec.arguments = arguments;
            spec.working_directory = home.path();
            spec.stdio_log = log(i);
            ::unlink(spec.stdio_log.c_str());
            const auto launched = launcher.launch(spec);
            REQUIRE(launched);
            pids[static_cast<std::size_t>(i)] = launched->pid;
        }
        std::vector<Exited> exited;
        test::eventually([&] {
            reap(exited);
            return exited.size() >= k_racers - 1;
        });
        REQUIRE(exited.size() == k_racers - 1);
        pid_t winner = 0;
        for (int i = 0; i < k_racers; ++i) {
            const pid_t pid = pids[static_cast<std::size_t>(i)];
            const auto end = std::find_if(exited.begin(), exited.end(),
                                          [&](const Exited& one) { return one.pid == pid; });
            if (end == exited.end())
                winner = pid;
            else
                REQUIRE(end->code == k_held_elsewhere);
        }
        for (int i = 0; i < k_racers; ++i) {
            if (pids[static_cast<std::size_t>(i)] != winner)
                REQUIRE(test::read_text(log(i)).find("pid " + std::to_string(winner)) !=
                        std::string::npos);
        }
        REQUIRE(ipc::AccountLock::read_facts(paths.lock)->pid == winner);
        return winner;
    }
    static void end(pid_t winner) {
        ::kill(winner, SIGKILL);
        ::waitpid(winner, nullptr, 0);
    }
};

void race_lock_holders(int rounds) {
    constexpr std::chrono::milliseconds k_start_in{12};
    Race race;
    const SystemClock clock;
    for (int round = 0; round < rounds; ++round) {
        const auto start = (clock.mono() + k_start_in).time_since_epoch().count();
        Race::end(race.run(test::program("bullpen-lock-holder"),
                           {"holder", race.paths.lock, std::to_string(start)}));
    }
}

void race_workers(int rounds) {
    const std::string worker = test::program("bullpen-worker");
    if (worker.empty()) {
        test::skip("bullpen-worker has not been built");
        return;
    }
    Race race;
    race.home.account(race.account, "label = \"raced for\"\n");
    for (int round = 0; round < rounds; ++round)
        Race::end(race.run(worker, {"bullpen-worker", "run", "--home", race.home.path(),
                                    "--account", race.account.str()}));
}

TEST_CASE("of eight processes that take an account's lock at once one gets it, and seven name it") {
    race_lock_holders(60);
}

TEST_CASE("of eight workers started by hand at once one runs, and seven exit 77 naming it") {
    race_workers(10);
}

TEST_SUITE("slow") {
    TEST_CASE("a thousand times: of eight processes one gets the lock") {
        race_lock_holders(1000);
    }
    TEST_CASE("a thousand times: of eight workers started by hand one runs") {
        race_workers(1000);
    }
}

}  // namespace
}  // namespace bullpen::process
