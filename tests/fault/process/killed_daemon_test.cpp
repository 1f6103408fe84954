#include <doctest/doctest.h>
#include <poll.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <map>
#include <new>

#include "common/base/random.hpp"
#include "common/process/proc_scan.hpp"
#include "common/process/process_facts.hpp"
#include "ipc/account_lock.hpp"
#include "supervisor/process/adoption.hpp"
#include "supervisor/process/sweep.hpp"
#include "tests/integration/process/rig.hpp"
#include "tests/support/seed.hpp"

namespace bullpen::process {
namespace {

using test::Rig;
using test::value;

constexpr int k_accounts = 12;

AccountId account(int number) {
    return test::account_id("a" + std::to_string(number));
}

// Launches account after account as the daemon does, until it is killed.
[[noreturn]] void daemon(Rig& rig, std::uint64_t first_launch, std::atomic<int>& looked_at) {
    auto launcher = value(Launcher::make());
    auto record = value(LaunchRecord::open(rig.home().launch_record()));
    for (int i = 0; i < k_accounts; ++i, ++looked_at) {
        const LaunchNumber number{first_launch + static_cast<std::uint64_t>(i)};
        auto lock =
            ipc::AccountLock::acquire(rig.paths(account(i)).lock, rig.facts(account(i), number));
        if (!lock)
            continue;
        test::done(record.launching(account(i), rig.recorded(number)));
        LaunchSpec spec = rig.spec(account(i), {"sleep"}, number);
        spec.lock_fd = lock->fd();
        spec.mark_lock = ipc::write_pid_async_signal_safe;
        const auto launched = value(launcher.launch(spec));
        test::done(record.launched(account(i), number, launched.pid, launched.start_time));
    }
    for (;;)
        ::pause();
}

std::map<std::string, std::vector<pid_t>> running(const Rig& rig) {
    std::map<std::string, std::vector<pid_t>> pids;
    for_each_process([&](pid_t pid) {
        if (started_with(pid, "BULLPEN_HOME") == rig.home().root())
            pids[*started_with(pid, "BULLPEN_ACCOUNT")].push_back(pid);
    });
    return pids;
}

// Adopts and sweeps as the next daemon does, then compares with what really runs.
std::size_t check_what_is_left(const Rig& rig) {
    const auto record = value(LaunchRecord::open(rig.home().launch_record()));
    const Adoption found = find_live_workers(rig.home(), record, {});
    CHECK(found.foreign.empty());
    const Sweeper sweeper([&](pid_t pid) {
        return std::any_of(found.live.begin(), found.live.end(),
                           [&](const LiveWorker& worker) { return worker.pid == pid; });
    });
    for (const Leftover& left : found.leftovers) {
        const SweepTarget target{left.account,
                                 left.launch,
                                 left.leader,
                                 left.start_time,
                                 rig.paths(left.account).lock,
                                 rig.home().root(),
                                 true};
        CHECK(test::eventually([&] { return value(sweeper.step(target)).clear; }));
    }
    std::map<std::string, std::vector<pid_t>> expected;
    for (const LiveWorker& worker : found.live) {
        CHECK(worker.nonce == rig.token(worker.launch).nonce);
        expected[worker.account.str()] = {worker.pid};
    }
    // A process that was being executed shows its environment a moment later.
    CHECK(test::eventually([&] { return running(rig) == expected; }, std::chrono::seconds(5)));
    return found.live.size();
}

void kill_daemons(int rounds) {
    SeededRandom random(test::seed("killed daemon"));
    Rig rig;
    for (int i = 0; i < k_accounts; ++i)
        (void)rig.spec(account(i), {});
    // How many accounts the daemon has been through, told through shared memory.
    void* memory = ::mmap(nullptr, sizeof(std::atomic<int>), PROT_READ | PROT_WRITE,
                          MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    REQUIRE(memory != MAP_FAILED);
    auto& looked_at = *new (memory) std::atomic<int>(0);
    std::size_t found = 0;
    for (int round = 0; round < rounds; ++round) {
        const auto first = static_cast<std::uint64_t>(round * k_accounts + 1);
        looked_at = 0;
        const pid_t pid = ::fork();
        REQUIRE(pid >= 0);
        if (pid == 0)
            daemon(rig, first, looked_at);
        // Anywhere in its launches, and a little later: in the middle of one.
        const auto last = static_cast<int>(random.between(0, k_accounts));
        REQUIRE(test::eventually([&] { return looked_at >= last; }));
        const timespec little{0, random.between(0, 1'000'000)};
        ::ppoll(nullptr, 0, &little, nullptr);
        ::kill(pid, SIGKILL);
        ::waitpid(pid, nullptr, 0);
        found += check_what_is_left(rig);
        // Some die, so that the next daemon has something to launch.
        for (const auto& [name, pids] : running(rig)) {
            if (random.chance(0.7)) {
                ::kill(pids.front(), SIGKILL);
                test::wait_for_exit(pids.front());
            }
        }
    }
    MESSAGE(found << " workers adopted after " << rounds << " killed daemons");
    CHECK(found > static_cast<std::size_t>(rounds));
    ::munmap(memory, sizeof(std::atomic<int>));
}

TEST_SUITE("critical") {
    TEST_CASE("whenever the daemon is killed, the next one finds every worker and nothing else") {
        kill_daemons(60);
    }
}
TEST_SUITE("slow") {
    TEST_CASE("the same a thousand times") {
        kill_daemons(1000);
    }
}

}  // namespace
}  // namespace bullpen::process
