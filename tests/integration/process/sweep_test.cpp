#include "supervisor/process/sweep.hpp"

#include <doctest/doctest.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <set>

#include "common/process/process_facts.hpp"
#include "ipc/account_lock.hpp"
#include "tests/integration/process/rig.hpp"

namespace bullpen::process {
namespace {

using test::Rig;
using test::value;
using test::Worker;

const AccountId k_account = test::account_id("mes01");
const AccountId k_other = test::account_id("mes02");

SweepTarget target_of(const Rig& rig, const Worker& worker, bool adopted = false) {
    return {worker.account,
            worker.launch,
            worker.pid,
            worker.start_time,
            rig.paths(worker.account).lock,
            rig.home().root(),
            adopted};
}

void kill_and_reap(pid_t pid) {
    ::kill(pid, SIGKILL);
    ::waitpid(pid, nullptr, 0);
}

// Sweeps as the daemon does until clear; how many processes were killed.
std::size_t sweep_until_clear(const Sweeper& sweeper, const SweepTarget& target) {
    std::size_t killed = 0;
    bool clear = false;
    test::eventually([&] {
        const auto step = value(sweeper.step(target));
        std::vector<Exited> exited;
        reap(exited);
        killed += step.killed;
        clear = step.clear;
        return clear;
    });
    CHECK(clear);
    return killed;
}

bool gone(pid_t pid) {
    return !alive(pid, 0);
}

// Starts `fork-children` with these words, kills the leader alone, sweeps: nobody is left, and the
// worker beside it was not touched.
void leaves_nobody(std::vector<std::string> words, bool adopted = false) {
    Rig rig;
    test::done(become_subreaper());
    const auto neighbour = rig.start(k_other, {"fork-children", "1"});
    const pid_t neighbour_child = rig.printed_children(k_other, 1).at(0);
    words.insert(words.begin(), {"fork-children", "3"});
    const auto worker = rig.start(k_account, words);
    const auto children = rig.printed_children(k_account, 3);
    REQUIRE(children.size() == 3);
    kill_and_reap(worker.pid);
    for (const pid_t child : children)
        REQUIRE_FALSE(gone(child));
    const Sweeper sweeper([&](pid_t pid) { return pid == neighbour.pid; });
    CHECK_FALSE(value(sweeper.step(target_of(rig, worker, adopted))).clear);
    sweep_until_clear(sweeper, target_of(rig, worker, adopted));
    for (const pid_t child : children)
        CHECK(gone(child));
    CHECK(value(ipc::AccountLock::probe(rig.paths(k_account).lock)) == ipc::LockProbe::free);
    CHECK_FALSE(gone(neighbour.pid));
    CHECK_FALSE(gone(neighbour_child));
}

TEST_SUITE_BEGIN("critical");

TEST_CASE("children in the worker's group are swept") {
    leaves_nobody({});
}
TEST_CASE("children in groups of their own are swept") {
    leaves_nobody({"own-group"});
}
TEST_CASE("children in groups of their own, without the lock, are swept") {
    leaves_nobody({"own-group", "close-lock"});
}
TEST_CASE("children in sessions of their own that hold the lock are swept") {
    leaves_nobody({"own-session"});
}
TEST_CASE("children in sessions of their own, without the lock, are swept") {
    leaves_nobody({"own-session", "close-lock"});
}
TEST_CASE("what an adopted worker leaves is swept, wherever it hides") {
    leaves_nobody({}, true);
    leaves_nobody({"own-group", "close-lock"}, true);
    leaves_nobody({"own-session", "close-lock"}, true);
}

TEST_CASE("a leader that runs but gave up its lock is swept") {
    Rig rig;
    LaunchSpec spec = rig.spec(k_account, {"sleep"});
    const auto launched = value(rig.launcher().launch(spec));
    rig.track(launched.pid);
    const Sweeper sweeper([](pid_t) { return false; });
    const SweepTarget target{
        k_account,         {1}, launched.pid, launched.start_time, rig.paths(k_account).lock,
        rig.home().root(), true};
    sweep_until_clear(sweeper, target);
    CHECK(gone(launched.pid));
}

TEST_CASE("a worker started by hand in between is not swept") {
    Rig rig;
    const auto worker = rig.start(k_account, {"sleep"});
    kill_and_reap(worker.pid);
    LaunchSpec spec = rig.spec(k_account, {"sleep"});
    auto facts = rig.facts(k_account, {1});
    facts.launch.clear();
    const auto lock = value(ipc::AccountLock::acquire(rig.paths(k_account).lock, facts));
    spec.lock_fd = lock.fd();
    spec.mark_lock = ipc::write_pid_async_signal_safe;
    spec.environment = {"BULLPEN_HOME=" + rig.home().root()};
    const auto by_hand = value(rig.launcher().launch(spec));
    rig.track(by_hand.pid);
    const Sweeper sweeper([](pid_t) { return false; });
    for (const bool adopted : {false, true}) {
        const auto step = value(sweeper.step(target_of(rig, worker, adopted)));
        CHECK_FALSE(step.clear);
        CHECK(step.foreign);
        CHECK(step.killed == 0);
        CHECK(step.holder.find(std::to_string(by_hand.pid)) != std::string::npos);
    }
    CHECK_FALSE(gone(by_hand.pid));
}

TEST_CASE("a process that got the dead leader's number is not swept") {
    Rig rig;
    const auto stranger = rig.start(k_other, {"fork-children", "1"});
    const pid_t child = rig.printed_children(k_other, 1).at(0);
    const Sweeper sweeper([&](pid_t) { return false; });
    for (const std::uint64_t start_time : {stranger.start_time - 1, std::uint64_t{0}}) {
        for (const bool adopted : {false, true}) {
            const SweepTarget target{
                k_account,         {1},    stranger.pid, start_time, rig.paths(k_account).lock,
                rig.home().root(), adopted};
            const auto step = value(sweeper.step(target));
            CHECK(step.clear);
            CHECK(step.killed == 0);
        }
    }
    CHECK_FALSE(gone(stranger.pid));
    CHECK_FALSE(gone(child));
}

TEST_CASE("an account of the same name in another home is not swept") {
    Rig rig;
    Rig other_home;
    const auto neighbour = other_home.start(k_account, {"fork-children", "1"});
    const pid_t neighbour_child = other_home.printed_children(k_account, 1).at(0);
    const auto worker = rig.start(k_account, {"fork-children", "1", "own-session", "close-lock"});
    const pid_t child = rig.printed_children(k_account, 1).at(0);
    kill_and_reap(worker.pid);
    const Sweeper sweeper([](pid_t) { return false; });
    sweep_until_clear(sweeper, target_of(rig, worker, true));
    CHECK(test::eventually([&] { return gone(child); }));
    CHECK_FALSE(gone(neighbour.pid));
    CHECK_FALSE(gone(neighbour_child));
}

TEST_CASE("an orphan that came with a later death is swept though none was there before") {
    Rig rig;
    test::done(become_subreaper());
    std::uint64_t reaped = 0;
    std::set<pid_t> workers;
    const Sweeper sweeper([&](pid_t pid) { return workers.contains(pid); }, [&] { return reaped; });
    const auto first = rig.start(k_other, {"exit", "0"});
    const auto second = rig.start(k_account, {"fork-children", "1", "own-session", "close-lock"});
    const pid_t child = rig.printed_children(k_account, 1).at(0);
    workers = {second.pid};
    ::waitpid(first.pid, nullptr, 0);
    ++reaped;
    REQUIRE(value(sweeper.step(target_of(rig, first))).clear);
    kill_and_reap(second.pid);
    ++reaped;
    workers.clear();
    CHECK_FALSE(value(sweeper.step(target_of(rig, second))).clear);
    sweep_until_clear(sweeper, target_of(rig, second));
    CHECK(gone(child));
}

TEST_SUITE_END();

TEST_CASE("a sweep with nothing left costs microseconds") {
    constexpr int k_sweeps = 200;
    Rig rig;
    test::done(become_subreaper());
    std::set<pid_t> workers;
    for (int i = 0; i < 50; ++i)
        workers.insert(rig.start(test::account_id("a" + std::to_string(i)), {"sleep"}).pid);
    const auto worker = rig.start(k_account, {"exit", "1"});
    ::waitpid(worker.pid, nullptr, 0);
    const Sweeper sweeper([&](pid_t pid) { return workers.contains(pid); },
                          [] { return std::uint64_t{1}; });
    const SweepTarget target = target_of(rig, worker);
    double best = 1e9;
    for (int round = 0; round < 5; ++round) {
        const auto start = std::chrono::steady_clock::now();
        for (int i = 0; i < k_sweeps; ++i)
            REQUIRE(value(sweeper.step(target)).clear);
        best = std::min(best, std::chrono::duration<double, std::micro>(
                                  std::chrono::steady_clock::now() - start)
                                      .count() /
                                  k_sweeps);
    }
    MESSAGE("a sweep beside 50 workers: " << best << " us");
    CHECK(best < 500);
}

}  // namespace
}  // namespace bullpen::process
