#include "common/process/launcher.hpp"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <filesystem>

#include "common/base/errc.hpp"
#include "common/process/limits.hpp"
#include "common/process/process_facts.hpp"
#include "ipc/account_lock.hpp"
#include "tests/integration/process/rig.hpp"

namespace bullpen::process {
namespace {

using test::Lines;
using test::Rig;
using test::value;

const AccountId k_account = test::account_id("mes01");

std::vector<std::string> all(const Lines& lines, const std::string& key) {
    std::vector<std::string> values;
    for (auto [at, end] = lines.equal_range(key); at != end; ++at)
        values.push_back(at->second);
    return values;
}
std::string one(const Lines& lines, const std::string& key) {
    const auto values = all(lines, key);
    REQUIRE(values.size() == 1);
    return values.front();
}

std::size_t open_descriptors() {
    std::size_t count = 0;
    for ([[maybe_unused]] const auto& entry : std::filesystem::directory_iterator("/proc/self/fd"))
        ++count;
    return count;
}

bool has_children() {
    return ::waitpid(-1, nullptr, WNOHANG) >= 0 || errno != ECHILD;
}

// Launches `puppet env` and returns what it found itself started with.
Lines describe(Rig& rig, LaunchSpec spec) {
    const std::string file = rig.paths(k_account).tmp + "/described";
    spec.arguments = {"puppet", "env", file};
    const auto launched = value(rig.launcher().launch(spec));
    rig.track(launched.pid);
    Lines lines = Rig::described(file);
    CHECK(one(lines, "pid") == std::to_string(launched.pid));
    CHECK(launched.start_time == read_stat(launched.pid)->start_time);
    return lines;
}

TEST_CASE("a worker gets exactly the given environment and arguments") {
    Rig rig;
    LaunchSpec spec = rig.spec(k_account, {});
    spec.environment = {"ONE=1", "TWO=with = signs and spaces", "EMPTY="};
    const Lines lines = describe(rig, spec);
    CHECK(all(lines, "env") == spec.environment);
    CHECK(all(lines, "argv") ==
          std::vector<std::string>{"0 puppet", "1 env",
                                   "2 " + rig.paths(k_account).tmp + "/described"});
}

TEST_CASE("a worker gets descriptors 0 to 5 and no other") {
    Rig rig;
    // Descriptors of the daemon that are not even close-on-exec.
    std::vector<Descriptor> others;
    for (int i = 0; i < 300; ++i)
        others.emplace_back(::open("/dev/null", O_RDONLY));
    const auto lock =
        value(ipc::AccountLock::acquire(rig.paths(k_account).lock, rig.facts(k_account, {1})));
    const std::string broker = rig.home().locks() + "/broker";
    const auto broker_lock = value(ipc::AccountLock::acquire(broker, rig.facts(k_account, {1})));
    LaunchSpec spec = rig.spec(k_account, {});
    spec.lock_fd = lock.fd();
    spec.mark_lock = ipc::write_pid_async_signal_safe;
    spec.broker_lock_fd = broker_lock.fd();
    std::array<int, 2> ends{};
    REQUIRE(::pipe2(ends.data(), O_CLOEXEC) == 0);
    const Descriptor credentials(ends[0]);
    const Descriptor writer(ends[1]);
    spec.credentials_fd = credentials.get();
    const Lines lines = describe(rig, spec);
    auto descriptors = all(lines, "fd");
    std::sort(descriptors.begin(), descriptors.end());
    REQUIRE(descriptors.size() == 6);
    CHECK(descriptors[0].starts_with("0 /dev/null "));
    const std::string stdio = rig.paths(k_account).stdio_log + " flags ";
    CHECK(descriptors[1].starts_with("1 " + stdio));
    CHECK(descriptors[2].starts_with("2 " + stdio));
    const int flags = std::stoi(descriptors[1].substr(descriptors[1].rfind(' ')), nullptr, 8);
    CHECK((flags & O_APPEND) != 0);
    CHECK((flags & O_ACCMODE) == O_WRONLY);
    CHECK(descriptors[3].starts_with("3 " + rig.paths(k_account).lock + " "));
    CHECK(descriptors[4].starts_with("4 " + broker + " "));
    CHECK(descriptors[5].starts_with("5 pipe:"));
}

TEST_CASE(
    "a program of another's make has its locks beyond what it uses, below any limit of its own") {
    Rig rig;
    const auto lock =
        value(ipc::AccountLock::acquire(rig.paths(k_account).lock, rig.facts(k_account, {1})));
    const std::string broker = rig.home().locks() + "/broker";
    const auto broker_lock = value(ipc::AccountLock::acquire(broker, rig.facts(k_account, {1})));
    // Without the lock of an account at the broker its number is taken all the same.
    for (const bool with_broker : {true, false}) {
        for (const std::uint64_t limit : {16, 256}) {
            LaunchSpec spec = rig.spec(k_account, {});
            spec.lock_fd = lock.fd();
            spec.broker_lock_fd = with_broker ? broker_lock.fd() : -1;
            spec.keeps_locks = true;
            spec.limits.open_files = limit;
            ::unlink((rig.paths(k_account).tmp + "/described").c_str());
            auto descriptors = all(describe(rig, spec), "fd");
            std::sort(descriptors.begin(), descriptors.end());
            REQUIRE(descriptors.size() == 5);
            CHECK(descriptors[3].starts_with("62 " + rig.paths(k_account).lock + " "));
            CHECK(descriptors[4].starts_with(
                "63 " + (with_broker ? broker : rig.paths(k_account).lock) + " "));
        }
    }
}

TEST_CASE(
    "a launcher whose own descriptors are where such locks go passes each of them all the same") {
    std::vector<Descriptor> others;
    int next = 0;
    while (next < 59) {
        others.emplace_back(::open("/dev/null", O_RDONLY | O_CLOEXEC));
        next = others.back().get() + 1;
    }
    Rig rig;
    const auto lock =
        value(ipc::AccountLock::acquire(rig.paths(k_account).lock, rig.facts(k_account, {1})));
    LaunchSpec spec = rig.spec(k_account, {});
    spec.lock_fd = lock.fd();
    spec.keeps_locks = true;
    std::array<int, 2> ends{};
    REQUIRE(::pipe2(ends.data(), O_CLOEXEC) == 0);
    const Descriptor credentials(ends[0]);
    const Descriptor writer(ends[1]);
    spec.credentials_fd = credentials.get();
    auto descriptors = all(describe(rig, spec), "fd");
    std::sort(descriptors.begin(), descriptors.end());
    REQUIRE(descriptors.size() == 6);
    CHECK(descriptors[0].starts_with("0 /dev/null "));
    CHECK(descriptors[3].starts_with("5 pipe:"));
    for (const std::size_t at : {4U, 5U})
        CHECK(descriptors[at].find(rig.paths(k_account).lock) != std::string::npos);
}

TEST_CASE("without locks a worker gets descriptors 0 to 2, whatever the daemon has at 3 to 5") {
    Rig rig;
    const Lines lines = describe(rig, rig.spec(k_account, {}));
    CHECK(all(lines, "fd").size() == 3);
}

TEST_CASE("a worker leads a session and a group of its own, in its own directory") {
    Rig rig;
    const Lines lines = describe(rig, rig.spec(k_account, {}));
    CHECK(one(lines, "session") == one(lines, "pid"));
    CHECK(one(lines, "group") == one(lines, "pid"));
    CHECK(one(lines, "parent") == std::to_string(::getpid()));
    CHECK(one(lines, "cwd") == rig.paths(k_account).directory);
    CHECK(one(lines, "umask") == "077");
}

TEST_CASE("a worker starts with default signals and an empty mask, whatever the daemon's are") {
    Rig rig;
    sigset_t mask;
    sigset_t before;
    sigfillset(&mask);
    ::pthread_sigmask(SIG_SETMASK, &mask, &before);
    const auto old_pipe = ::signal(SIGPIPE, SIG_IGN);
    const auto old_hangup = ::signal(SIGHUP, SIG_IGN);
    const auto old_user = ::signal(SIGUSR1, [](int) {});
    const Lines lines = describe(rig, rig.spec(k_account, {}));
    sigset_t after;
    ::pthread_sigmask(SIG_SETMASK, nullptr, &after);
    CHECK(sigismember(&after, SIGTERM) == 1);
    ::signal(SIGPIPE, old_pipe);
    ::signal(SIGHUP, old_hangup);
    ::signal(SIGUSR1, old_user);
    ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
    CHECK(all(lines, "blocked").empty());
    CHECK(all(lines, "ignored").empty());
}

TEST_CASE("limits are the given ones; descriptors default to what the daemon was started with") {
    Rig rig;
    const auto original = value(raise_descriptor_limit());
    CHECK(original.now >= original.original);
    const Lines lines = describe(rig, rig.spec(k_account, {}));
    auto limits = all(lines, "limit");
    std::sort(limits.begin(), limits.end());
    REQUIRE(limits.size() == 3);
    CHECK(limits[0] == "core 0 0");
    CHECK(limits[2] ==
          "nofile " + std::to_string(original.original) + " " + std::to_string(original.now));

    LaunchSpec spec = rig.spec(k_account, {});
    spec.limits.open_files = 99;
    spec.limits.file_size = 1'000'000;
    spec.umask = 027;
    spec.nice = 3;
    ::unlink((rig.paths(k_account).tmp + "/described").c_str());
    const Lines limited = describe(rig, spec);
    limits = all(limited, "limit");
    std::sort(limits.begin(), limits.end());
    CHECK(limits[1] == "fsize 1000000 1000000");
    CHECK(limits[2] == "nofile 99 99");
    CHECK(one(limited, "umask") == "027");
    CHECK(one(limited, "nice") == std::to_string(::getpriority(PRIO_PROCESS, 0) + 3));
}

TEST_CASE("the pid is in the lock file when the program runs") {
    Rig rig;
    const auto worker = rig.start(k_account, {"sleep"});
    const auto facts = value(ipc::AccountLock::read_facts(rig.paths(k_account).lock));
    CHECK(facts.pid == worker.pid);
    CHECK(facts.launch == rig.token({1}).str());
    CHECK(value(ipc::AccountLock::probe(rig.paths(k_account).lock)) == ipc::LockProbe::held);
}

TEST_CASE("the lock is free when the worker is dead: the daemon kept no copy") {
    Rig rig;
    const auto worker = rig.start(k_account, {"sleep"});
    ::kill(worker.pid, SIGKILL);
    REQUIRE(test::wait_for_exit(worker.pid));
    CHECK(value(ipc::AccountLock::probe(rig.paths(k_account).lock)) == ipc::LockProbe::free);
}

TEST_CASE("a failed launch says why, leaves no process and keeps no descriptor") {
    Rig rig;
    const std::string text = rig.paths(k_account).tmp + "/not_a_program";
    LaunchSpec spec = rig.spec(k_account, {"sleep"});
    test::write_text(text, "no program");
    const auto no_lock = value(open_file("/dev/full", O_WRONLY));
    const std::size_t before = open_descriptors();
    const auto fails = [&](LaunchFailure kind, const std::string& named) {
        const auto launched = rig.launcher().launch(spec);
        REQUIRE_FALSE(launched);
        INFO(launched.error().message());
        CHECK(launch_failure(launched.error()) == kind);
        CHECK(launched.error().message().find(named) != std::string::npos);
        CHECK_FALSE(has_children());
        CHECK(open_descriptors() == before);
    };
    spec.program = "/nowhere/at/all";
    fails(LaunchFailure::program_missing, "/nowhere/at/all");
    spec.program = text;
    fails(LaunchFailure::program_missing, "Permission denied");
    ::chmod(text.c_str(), 0700);
    fails(LaunchFailure::program_missing, "Exec format error");
    spec.program = rig.home().root();
    fails(LaunchFailure::program_missing, rig.home().root());
    spec = rig.spec(k_account, {"sleep"});
    spec.working_directory += "/gone";
    fails(LaunchFailure::transient, "/gone");
    spec = rig.spec(k_account, {"sleep"});
    spec.stdio_log = rig.home().root() + "/gone/stdio.log";
    fails(LaunchFailure::transient, "stdio.log");
    // Only what the program may change itself is looked at for links.
    std::filesystem::create_directory_symlink(rig.paths(k_account).logs,
                                              rig.home().root() + "/linked");
    spec = rig.spec(k_account, {"sleep"});
    spec.stdio_log = rig.home().root() + "/linked/stdio.log";
    spec.stdio_shared = true;
    fails(LaunchFailure::transient, "/linked is a link");
    spec = rig.spec(k_account, {"sleep"});
    spec.lock_fd = no_lock.get();
    spec.mark_lock = ipc::write_pid_async_signal_safe;
    fails(LaunchFailure::transient, "lock file");
}

TEST_CASE("a lock file that is a full disk is no reason to call the program missing") {
    CHECK(launch_failure(Error::from_errno(ENOSPC, "x")) == LaunchFailure::disk_full);
    CHECK(launch_failure(Error::from_errno(EDQUOT, "x")) == LaunchFailure::disk_full);
    CHECK(launch_failure(Error::from_errno(EAGAIN, "x")) == LaunchFailure::transient);
    CHECK(launch_failure(Error(Errc::not_found)) == LaunchFailure::program_missing);
}

TEST_CASE("a thousand launches, every other one failed, leave nothing behind") {
    Rig rig;
    LaunchSpec good = rig.spec(k_account, {"exit", "3"});
    LaunchSpec bad = good;
    bad.program = "/nowhere/at/all";
    const auto lock =
        value(ipc::AccountLock::acquire(rig.paths(k_account).lock, rig.facts(k_account, {1})));
    good.lock_fd = bad.lock_fd = lock.fd();
    good.mark_lock = bad.mark_lock = ipc::write_pid_async_signal_safe;
    const std::size_t before = open_descriptors();
    for (int i = 0; i < 500; ++i) {
        REQUIRE_FALSE(rig.launcher().launch(bad));
        const auto launched = value(rig.launcher().launch(good));
        // Dead or not, it is there until it is waited for.
        REQUIRE(launched.start_time == read_stat(launched.pid)->start_time);
        int status = 0;
        REQUIRE(::waitpid(launched.pid, &status, 0) == launched.pid);
        REQUIRE(WEXITSTATUS(status) == 3);
    }
    CHECK(open_descriptors() == before);
    CHECK_FALSE(has_children());
}

TEST_CASE("a worker outlives the daemon that launched it") {
    Rig rig;
    test::done(become_subreaper());
    const pid_t daemon = ::fork();
    REQUIRE(daemon >= 0);
    if (daemon == 0) {
        auto launcher = Launcher::make();
        const auto launched = launcher->launch(rig.spec(k_account, {"fork-children", "1"}));
        ::_exit(launched ? 0 : 1);
    }
    ::waitpid(daemon, nullptr, 0);
    const auto pids = rig.printed_children(k_account, 1);
    REQUIRE(pids.size() == 1);
    CHECK(alive(pids[0], 0));
}

}  // namespace
}  // namespace bullpen::process
