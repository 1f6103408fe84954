#include "supervisor/process/adoption.hpp"

#include <doctest/doctest.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <functional>

#include "common/process/process_facts.hpp"
#include "ipc/account_lock.hpp"
#include "ipc/lock_facts.hpp"
#include "tests/integration/process/rig.hpp"

namespace bullpen::process {
namespace {

using test::Rig;
using test::value;

const AccountId k_account = test::account_id("mes01");
constexpr LaunchNumber k_launch{17};

LaunchRecord open_record(const Rig& rig) {
    return value(LaunchRecord::open(rig.home().launch_record()));
}
Adoption look(const Rig& rig) {
    return find_live_workers(rig.home(), open_record(rig), {k_account});
}

// Runs `steps` in a daemon of its own, which is then killed with SIGKILL.
void daemon_that_dies(const std::function<void()>& steps) {
    int pipe[2];
    REQUIRE(::pipe(pipe) == 0);
    const pid_t daemon = ::fork();
    REQUIRE(daemon >= 0);
    if (daemon == 0) {
        steps();
        (void)!::write(pipe[1], "x", 1);
        for (;;)
            ::pause();
    }
    ::close(pipe[1]);
    char done = 0;
    CHECK(::read(pipe[0], &done, 1) == 1);
    ::close(pipe[0]);
    ::kill(daemon, SIGKILL);
    ::waitpid(daemon, nullptr, 0);
}

// The daemon's steps of a launch, up to and with `last`.
enum class Upto { recorded, locked, launched, record_launched, lock_closed };
void launch_steps(Rig& rig, Upto last, std::vector<std::string> arguments) {
    auto record = open_record(rig);
    test::done(record.launching(k_account, rig.recorded(k_launch)));
    if (last == Upto::recorded)
        return;
    LaunchSpec spec = rig.spec(k_account, std::move(arguments), k_launch);
    // Never closed: the daemon dies with it open, unless it came further.
    auto* lock = new ipc::AccountLock(value(
        ipc::AccountLock::acquire(rig.paths(k_account).lock, rig.facts(k_account, k_launch))));
    if (last == Upto::locked)
        return;
    spec.lock_fd = lock->fd();
    spec.mark_lock = ipc::write_pid_async_signal_safe;
    auto launcher = value(Launcher::make());
    const auto launched = value(launcher.launch(spec));
    if (last == Upto::launched)
        return;
    test::done(record.launched(k_account, k_launch, launched.pid, launched.start_time));
    if (last == Upto::lock_closed)
        delete lock;
}

pid_t holder(const Rig& rig) {
    return value(ipc::AccountLock::read_facts(rig.paths(k_account).lock)).pid;
}

void check_worker(const Rig& rig, const LiveWorker& worker, FoundBy how) {
    CHECK(worker.account == k_account);
    CHECK(worker.launch == k_launch);
    CHECK(worker.fence == Fence{117});
    CHECK(worker.nonce == rig.token(k_launch).nonce);
    CHECK(worker.pid == holder(rig));
    CHECK(worker.start_time == read_stat(worker.pid)->start_time);
    CHECK(worker.found_by == how);
}

TEST_SUITE_BEGIN("critical");

TEST_CASE("a daemon that died before it launched left nothing but a lost launch") {
    for (const Upto last : {Upto::recorded, Upto::locked}) {
        Rig rig;
        daemon_that_dies([&] { launch_steps(rig, last, {"sleep"}); });
        const Adoption found = look(rig);
        CHECK(found.live.empty());
        CHECK(found.leftovers.empty());
        CHECK(found.foreign.empty());
        REQUIRE(found.lost.size() == 1);
        CHECK(found.lost[0].launch == k_launch);
    }
}

TEST_CASE("a worker is adopted though its daemon died before it knew the pid") {
    Rig rig;
    daemon_that_dies([&] { launch_steps(rig, Upto::launched, {"sleep"}); });
    const Adoption found = look(rig);
    REQUIRE(found.live.size() == 1);
    check_worker(rig, found.live[0], FoundBy::lock_facts);
    CHECK(found.live[0].fingerprint == 4711);
    CHECK(found.lost.empty());
}

TEST_CASE("a worker is adopted from the record, wherever its daemon died after that") {
    for (const Upto last : {Upto::record_launched, Upto::lock_closed}) {
        Rig rig;
        daemon_that_dies([&] { launch_steps(rig, last, {"sleep"}); });
        const Adoption found = look(rig);
        REQUIRE(found.live.size() == 1);
        check_worker(rig, found.live[0], FoundBy::record);
        CHECK(found.live[0].fingerprint == 4711);
        CHECK(found.leftovers.empty());
    }
}

TEST_CASE(
    "a worker is adopted though the record is lost, also of an account that left the roster") {
    Rig rig;
    daemon_that_dies([&] { launch_steps(rig, Upto::lock_closed, {"sleep"}); });
    ::unlink(rig.home().launch_record().c_str());
    const Adoption found = find_live_workers(rig.home(), open_record(rig), {});
    REQUIRE(found.live.size() == 1);
    check_worker(rig, found.live[0], FoundBy::lock_facts);
    CHECK(found.live[0].fingerprint == 0);
}

TEST_CASE("a worker is adopted though neither the record nor the facts know its pid") {
    Rig rig;
    daemon_that_dies([&] { launch_steps(rig, Upto::launched, {"sleep"}); });
    const pid_t pid = holder(rig);
    const auto file = value(open_file(rig.paths(k_account).lock, O_RDWR));
    CHECK(ipc::write_pid_async_signal_safe(file.get(), 0));
    CHECK(test::eventually([&] { return started_with(pid, "BULLPEN_LAUNCH").has_value(); }));
    const Adoption found = look(rig);
    REQUIRE(found.live.size() == 1);
    CHECK(found.live[0].pid == pid);
    CHECK(found.live[0].found_by == FoundBy::descriptor);
    CHECK(found.live[0].nonce == rig.token(k_launch).nonce);
}

TEST_CASE("a worker that died meanwhile is lost, and so is one of an earlier boot") {
    Rig rig;
    daemon_that_dies([&] { launch_steps(rig, Upto::lock_closed, {"exit", "0"}); });
    CHECK(test::eventually([&] { return look(rig).lost.size() == 1; }));
    CHECK(look(rig).live.empty());

    Rig other;
    auto earlier = other.recorded(k_launch);
    earlier.boot_id = "an earlier boot";
    auto record = open_record(other);
    test::done(record.launching(k_account, earlier));
    test::done(record.launched(k_account, k_launch, ::getpid(), read_stat(::getpid())->start_time));
    const Adoption found = find_live_workers(other.home(), record, {});
    CHECK(found.live.empty());
    CHECK(found.lost.size() == 1);
}

TEST_CASE("a zombie is lost") {
    Rig rig;
    const auto worker = rig.start(k_account, {"exit", "0"}, k_launch);
    auto record = open_record(rig);
    test::done(record.launching(k_account, rig.recorded(k_launch)));
    test::done(record.launched(k_account, k_launch, worker.pid, worker.start_time));
    REQUIRE(test::wait_for_exit(worker.pid));
    const Adoption found = find_live_workers(rig.home(), record, {});
    CHECK(found.live.empty());
    CHECK(found.lost.size() == 1);
}

TEST_CASE("a lock kept by a dead worker's child is a leftover, not a worker") {
    // One that made a session of its own looks like a worker: it leads it, has the lock, and was
    // started with the launch's environment.
    const std::pair<bool, const char*> cases[] = {
        {false, "own-group"}, {true, "own-group"}, {false, "own-session"}, {true, "own-session"}};
    for (const auto& [record_lost, apart] : cases) {
        Rig rig;
        const auto worker = rig.start(k_account, {"fork-children", "1", apart}, k_launch);
        rig.printed_children(k_account, 1);
        {
            auto record = open_record(rig);
            test::done(record.launching(k_account, rig.recorded(k_launch)));
            test::done(record.launched(k_account, k_launch, worker.pid, worker.start_time));
        }
        ::kill(worker.pid, SIGKILL);
        ::waitpid(worker.pid, nullptr, 0);
        if (record_lost)
            ::unlink(rig.home().launch_record().c_str());
        const Adoption found = look(rig);
        CHECK(found.live.empty());
        REQUIRE(found.leftovers.size() == 1);
        // Without a record only the lock's own file says who led it, and that is not believed.
        CHECK(found.leftovers[0].leader == (record_lost ? 0 : worker.pid));
        CHECK(found.leftovers[0].launch == k_launch);
        CHECK(found.lost.size() == (record_lost ? 0 : 1));
    }
}

// Root's processes are closed to a daemon of another user: it cannot tell what files they have.
Adoption look_as_nobody(const Rig& rig) {
    constexpr uid_t k_nobody = 65534;
    const std::filesystem::path root = rig.home().root();
    // The home is in a temporary directory of its own.
    for (const auto& path : {root.parent_path(), root})
        REQUIRE(::lchown(path.c_str(), k_nobody, k_nobody) == 0);
    for (const auto& entry : std::filesystem::recursive_directory_iterator(root))
        REQUIRE(::lchown(entry.path().c_str(), k_nobody, k_nobody) == 0);
    REQUIRE(::setegid(k_nobody) == 0);
    REQUIRE(::seteuid(k_nobody) == 0);
    const auto back = [] { return ::seteuid(0) == 0 && ::setegid(0) == 0; };
    try {
        Adoption found = look(rig);
        REQUIRE(back());
        return found;
    } catch (...) {
        (void)back();
        throw;
    }
}

// What a worker that means harm does to its own lock's file before it dies: another's process, and
// a launch that there never was.
void forge(const Rig& rig, const AccountId& account, const test::Worker& victim) {
    auto facts = rig.facts(account, LaunchNumber{7});
    facts.pid = victim.pid;
    facts.start_time = victim.start_time;
    const auto file = value(open_file(rig.paths(account).lock, O_RDWR));
    const auto line = ipc::encode_facts(facts);
    REQUIRE(::pwrite(file.get(), line.data(), line.size(), 0) == static_cast<ssize_t>(line.size()));
}

const AccountId k_victim = test::account_id("bob");

// Whether nothing is done to the victim for what was forged. With its record or without.
void check_forged(Rig& rig, bool recorded, bool victim_seen) {
    const auto victim = rig.start(k_victim, {"sleep"}, LaunchNumber{18});
    const auto worker = rig.start(k_account, {"fork-children", "1", "own-session"}, k_launch);
    rig.printed_children(k_account, 1);
    {
        auto record = open_record(rig);
        test::done(record.launching(k_victim, rig.recorded(victim.launch)));
        test::done(record.launched(k_victim, victim.launch, victim.pid, victim.start_time));
        test::done(record.launching(k_account, rig.recorded(k_launch)));
        test::done(record.launched(k_account, k_launch, worker.pid, worker.start_time));
        if (!recorded)
            test::done(record.ended(k_account, k_launch, "exit 0"));
    }
    forge(rig, k_account, victim);
    ::kill(worker.pid, SIGKILL);
    ::waitpid(worker.pid, nullptr, 0);
    const Adoption found = victim_seen ? look(rig) : look_as_nobody(rig);
    REQUIRE(found.live.size() == 1);
    CHECK(found.live[0].account == k_victim);
    CHECK(found.live[0].found_by == FoundBy::record);
    for (const auto& left : found.leftovers)
        CHECK(left.leader != victim.pid);
    // A launch that is not over is swept by its record; of any other nobody knows whose the lock is
    // when its holder cannot be seen.
    CHECK(found.leftovers.size() == (recorded || victim_seen ? 1U : 0U));
    CHECK(found.foreign.size() == 1 - found.leftovers.size());
}

TEST_CASE("what a worker writes of another's process into its own lock is not done to that one") {
    for (const bool recorded : {true, false}) {
        CAPTURE(recorded);
        Rig rig;
        check_forged(rig, recorded, true);
    }
}

TEST_CASE("a daemon that cannot see into processes does nothing to the one that a lock names") {
    if (::geteuid() != 0)
        return;  // only root has processes that another user cannot see into
    for (const bool recorded : {true, false}) {
        CAPTURE(recorded);
        Rig rig;
        check_forged(rig, recorded, false);
    }
}

// Recorded, and without a lock of its own.
test::Worker start_without_lock(Rig& rig, LaunchRecord& record) {
    const auto launched = value(rig.launcher().launch(rig.spec(k_account, {"sleep"}, k_launch)));
    rig.track(launched.pid);
    test::done(record.launching(k_account, rig.recorded(k_launch)));
    test::done(record.launched(k_account, k_launch, launched.pid, launched.start_time));
    return {k_account, k_launch, launched.pid, launched.start_time};
}

TEST_CASE("a recorded worker whose lock is free is adopted, for it runs") {
    Rig rig;
    auto record = open_record(rig);
    const auto worker = start_without_lock(rig, record);
    const Adoption found = find_live_workers(rig.home(), record, {});
    CHECK(found.leftovers.empty());
    CHECK(found.lost.empty());
    REQUIRE(found.live.size() == 1);
    CHECK(found.live[0].pid == worker.pid);
    CHECK(found.live[0].found_by == FoundBy::record);
}

TEST_CASE("of a recorded worker and another process that took its lock, the worker has to go") {
    Rig rig;
    auto record = open_record(rig);
    const auto worker = start_without_lock(rig, record);
    auto facts = rig.facts(k_account, LaunchNumber{18});
    facts.launch.clear();
    LaunchSpec spec = rig.spec(k_account, {"sleep"});
    const auto lock = value(ipc::AccountLock::acquire(rig.paths(k_account).lock, facts));
    spec.lock_fd = lock.fd();
    spec.mark_lock = ipc::write_pid_async_signal_safe;
    rig.track(value(rig.launcher().launch(spec)).pid);
    const Adoption found = find_live_workers(rig.home(), record, {});
    CHECK(found.live.empty());
    CHECK(found.foreign.size() == 1);
    REQUIRE(found.leftovers.size() == 1);
    CHECK(found.leftovers[0].leader == worker.pid);
}

TEST_CASE("a worker started by hand is foreign") {
    Rig rig;
    auto facts = rig.facts(k_account, k_launch);
    facts.launch.clear();
    LaunchSpec spec = rig.spec(k_account, {"sleep"});
    const auto lock = value(ipc::AccountLock::acquire(rig.paths(k_account).lock, facts));
    spec.lock_fd = lock.fd();
    spec.mark_lock = ipc::write_pid_async_signal_safe;
    const auto launched = value(rig.launcher().launch(spec));
    rig.track(launched.pid);
    const Adoption found = look(rig);
    CHECK(found.live.empty());
    CHECK(found.leftovers.empty());
    REQUIRE(found.foreign.size() == 1);
    CHECK(found.foreign[0].pid == launched.pid);
    CHECK(found.foreign[0].holder.find(std::to_string(launched.pid)) != std::string::npos);
}

TEST_CASE("a launch of another home is foreign") {
    Rig rig;
    auto facts = rig.facts(k_account, k_launch);
    facts.home = "/another/home";
    LaunchSpec spec = rig.spec(k_account, {"sleep"});
    const auto lock = value(ipc::AccountLock::acquire(rig.paths(k_account).lock, facts));
    spec.lock_fd = lock.fd();
    spec.mark_lock = ipc::write_pid_async_signal_safe;
    rig.track(value(rig.launcher().launch(spec)).pid);
    CHECK(look(rig).foreign.size() == 1);
}

TEST_SUITE_END();

TEST_CASE("two hundred workers are found in milliseconds, from the record and without it") {
    constexpr int k_workers = 200;
    Rig rig;
    {
        auto record = open_record(rig);
        for (int i = 1; i <= k_workers; ++i) {
            const AccountId account = test::account_id("a" + std::to_string(i));
            const LaunchNumber number{static_cast<std::uint64_t>(i)};
            const auto worker = rig.start(account, {"sleep"}, number);
            test::done(record.launching(account, rig.recorded(number)));
            test::done(record.launched(account, number, worker.pid, worker.start_time));
        }
    }
    for (const bool record_lost : {false, true}) {
        if (record_lost)
            ::unlink(rig.home().launch_record().c_str());
        const auto start = std::chrono::steady_clock::now();
        const Adoption found = look(rig);
        const double took =
            std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start)
                .count();
        MESSAGE(k_workers << " workers found in " << took << " ms"
                          << std::string(record_lost ? ", record lost" : ""));
        CHECK(found.live.size() == k_workers);
        CHECK(took < 400);
    }
}

}  // namespace
}  // namespace bullpen::process
