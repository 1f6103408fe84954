#include "common/process/reaper.hpp"

#include <doctest/doctest.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <algorithm>

#include "common/base/errc.hpp"
#include "common/process/process_facts.hpp"
#include "tests/integration/process/rig.hpp"

namespace bullpen::process {
namespace {

using test::Rig;
using test::value;

const AccountId k_account = test::account_id("mes01");

// Collects what ended until `pid` is among it.
Exited reap_until(pid_t pid, std::vector<Exited>& seen) {
    sigset_t mask;
    sigemptyset(&mask);
    sigaddset(&mask, SIGCHLD);
    ::pthread_sigmask(SIG_BLOCK, &mask, nullptr);
    const Descriptor event(::signalfd(-1, &mask, SFD_CLOEXEC | SFD_NONBLOCK));
    const auto found = [&] {
        reap(seen);
        return std::any_of(seen.begin(), seen.end(),
                           [&](const Exited& one) { return one.pid == pid; });
    };
    while (!found()) {
        signalfd_siginfo info{};
        REQUIRE(test::wait_readable(event.get()));
        while (::read(event.get(), &info, sizeof info) > 0) {
        }
    }
    return *std::find_if(seen.begin(), seen.end(),
                         [&](const Exited& one) { return one.pid == pid; });
}
Exited reap_until(pid_t pid) {
    std::vector<Exited> seen;
    return reap_until(pid, seen);
}

TEST_CASE("an exit code and a signal are told apart") {
    Rig rig;
    // 11 is also the number of SIGSEGV.
    const Exited code = reap_until(rig.start(k_account, {"exit", "11"}).pid);
    CHECK_FALSE(code.signaled);
    CHECK(code.code == 11);
    CHECK(code.text() == "exit 11");
    const Exited crash = reap_until(rig.start(k_account, {"crash"}, {2}).pid);
    CHECK(crash.signaled);
    CHECK(crash.signal == SIGSEGV);
    CHECK_FALSE(crash.core_dumped);
    CHECK(crash.text() == "signal 11 (Segmentation fault)");
    CHECK(crash.rss_max_bytes > 0);
}

TEST_CASE("many deaths between two looks are all seen") {
    Rig rig;
    std::vector<pid_t> pids;
    for (int i = 0; i < 40; ++i)
        pids.push_back(
            rig.start(test::account_id("a" + std::to_string(i)), {"exit", std::to_string(i)}).pid);
    for (const pid_t pid : pids)
        REQUIRE(test::wait_for_exit(pid));
    std::vector<Exited> seen;
    reap(seen);
    REQUIRE(seen.size() == 40);
    for (const Exited& one : seen) {
        const auto at = std::find(pids.begin(), pids.end(), one.pid);
        REQUIRE(at != pids.end());
        CHECK(one.code == at - pids.begin());
    }
    CHECK(::waitpid(-1, nullptr, WNOHANG) < 0);
}

TEST_CASE("an orphan of a dead worker comes to the daemon and is reaped by it") {
    Rig rig;
    test::done(become_subreaper());
    const auto worker = rig.start(k_account, {"fork-children", "2", "own-session"});
    const auto orphans = rig.printed_children(k_account, 2);
    ::kill(worker.pid, SIGKILL);
    reap_until(worker.pid);
    for (const pid_t orphan : orphans) {
        CHECK(read_stat(orphan)->parent == ::getpid());
        ::kill(orphan, SIGKILL);
        CHECK(reap_until(orphan).signal == SIGKILL);
    }
}

TEST_CASE("a zombie is dead") {
    Rig rig;
    const auto worker = rig.start(k_account, {"exit", "0"});
    REQUIRE(test::wait_for_exit(worker.pid));
    REQUIRE(read_stat(worker.pid)->dead());
    CHECK_FALSE(alive(worker.pid, worker.start_time));
    CHECK_FALSE(PidWatch::open(worker.pid, worker.start_time));
}

TEST_CASE("the end of a process that is not our child is seen") {
    Rig rig;
    // The child of a child.
    const auto parent = rig.start(k_account, {"fork-children", "1"});
    const pid_t pid = rig.printed_children(k_account, 1).at(0);
    const auto start_time = read_stat(pid)->start_time;
    const auto watch = value(PidWatch::open(pid, start_time));
    CHECK_FALSE(watch.exited());
    CHECK(PidWatch::open(pid, start_time + 1).error().code() == Errc::not_found);
    CHECK(watch.signal(SIGKILL));
    REQUIRE(test::wait_readable(watch.fd()));
    CHECK(watch.exited());
    ::kill(parent.pid, SIGKILL);
    reap_until(parent.pid);
}

TEST_CASE("a pid that was used again is not mistaken for the process") {
    Rig rig;
    const auto worker = rig.start(k_account, {"sleep"});
    CHECK(alive(worker.pid, worker.start_time));
    CHECK_FALSE(alive(worker.pid, worker.start_time + 1));
    CHECK_FALSE(alive(0, 0));
}

TEST_CASE("the memory of a worker is what it touched") {
    Rig rig;
    const auto worker = rig.start(k_account, {"memory", "30"});
    REQUIRE(test::wait_for_text(rig.paths(k_account).stdio_log, "ready"));
    const auto bytes = resident_bytes(worker.pid);
    REQUIRE(bytes);
    CHECK(*bytes >= 30UL * 1024 * 1024);
    CHECK(*bytes < 34UL * 1024 * 1024);
    CHECK_FALSE(resident_bytes(0x3fffffff));
}

TEST_CASE("what a process was started with is read by whole names") {
    Rig rig;
    const auto worker = rig.start(k_account, {"sleep"});
    // The launch returns a moment before the kernel has put the new environment in its place.
    CHECK(test::eventually([&] { return started_with(worker.pid, "BULLPEN_ACCOUNT") == "mes01"; }));
    CHECK_FALSE(started_with(worker.pid, "BULLPEN"));
    CHECK_FALSE(started_with(worker.pid, "BULLPEN_ACCOUNT_DIR"));
}

}  // namespace
}  // namespace bullpen::process
