// The lock between processes that die, inherit and race.
#include "ipc/account_lock.hpp"

#include <doctest/doctest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <memory>

#include "common/base/errc.hpp"
#include "common/base/exit_code.hpp"
#include "tests/integration/ipc/children.hpp"
#include "tests/support/programs.hpp"
#include "tests/support/temporary.hpp"
#include "tests/support/wait.hpp"

using namespace bullpen;
using namespace bullpen::ipc;

namespace {

std::string lock_program() {
    return test::program("ipc-lock-program");
}

bool held(const std::string& path) {
    return AccountLock::probe(path).value() == LockProbe::held;
}

LockFacts own_facts() {
    return facts_of_this_process(SystemClock());
}

}  // namespace

TEST_SUITE("critical") {
    TEST_CASE("the lock dies with its process, and the file tells of the unclean end") {
        const test::TemporaryDirectory directory;
        const std::string path = directory.file("lock");
        test::Child child({lock_program(), "take", path});
        REQUIRE(child.line() == "taken");
        CHECK(held(path));
        const auto refused = AccountLock::acquire(path, own_facts());
        REQUIRE_FALSE(refused);
        CHECK(refused.error().context().find("held by pid " + std::to_string(child.pid()) +
                                             " (ipc-lock-program)") != std::string::npos);
        child.signal(SIGKILL);
        CHECK(child.wait() == -SIGKILL);
        CHECK_FALSE(held(path));
        const auto last = AccountLock::read_facts(path);
        REQUIRE(last);
        CHECK(last->pid == child.pid());
        CHECK_FALSE(last->ended);
        CHECK(AccountLock::acquire(path, own_facts()));
    }

    TEST_CASE("a stopped process keeps its lock") {
        const test::TemporaryDirectory directory;
        const std::string path = directory.file("lock");
        test::Child child({lock_program(), "take", path});
        REQUIRE(child.line() == "taken");
        child.signal(SIGSTOP);
        CHECK(held(path));
        CHECK_FALSE(AccountLock::acquire(path, own_facts()));
    }

    TEST_CASE("a child inherits the lock, and the parent closing its copy changes nothing") {
        const test::TemporaryDirectory directory;
        const std::string path = directory.file("lock");
        auto lock = std::make_unique<AccountLock>(AccountLock::acquire(path, own_facts()).value());
        test::Child child({lock_program(), "adopt", "3", path}, {{3, lock->fd()}});
        REQUIRE(child.line() == "adopted");
        lock.reset();
        CHECK(held(path));
        child.signal(SIGKILL);
        CHECK(child.wait() == -SIGKILL);
        CHECK_FALSE(held(path));
    }

    TEST_CASE("a grandchild that inherited the lock keeps it when the worker is killed") {
        const test::TemporaryDirectory directory;
        const std::string path = directory.file("lock");
        auto lock = std::make_unique<AccountLock>(AccountLock::acquire(path, own_facts()).value());
        test::Child child({lock_program(), "pass", "3", path}, {{3, lock->fd()}});
        const auto grandchild = child.line();
        REQUIRE(grandchild);
        LockFacts facts = own_facts();
        facts.pid = child.pid();
        facts.start_time = 0;
        REQUIRE(lock->rewrite(facts));
        lock.reset();
        child.signal(SIGKILL);
        CHECK(child.wait() == -SIGKILL);
        CHECK(held(path));
        const auto refused = AccountLock::acquire(path, own_facts());
        REQUIRE_FALSE(refused);
        CHECK(refused.error().context().find("one that it started still holds the lock") !=
              std::string::npos);
        ::kill(std::stoi(*grandchild), SIGKILL);
        CHECK(test::eventually([&] { return !held(path); }));
    }

    TEST_CASE("of eight processes that want one lock exactly one gets it, the others exit 77") {
        const test::TemporaryDirectory directory;
        for (int round = 0; round < 10; ++round) {
            const std::string path = directory.file("lock");
            std::vector<std::unique_ptr<test::Child>> children;
            for (int i = 0; i < 8; ++i) {
                children.push_back(std::make_unique<test::Child>(
                    std::vector<std::string>{lock_program(), "take", path}));
            }
            pid_t winner = 0;
            std::vector<std::string> refusals;
            for (auto& child : children) {
                const auto line = child->line();
                REQUIRE(line);
                if (*line == "taken") {
                    CHECK(winner == 0);
                    winner = child->pid();
                } else {
                    refusals.push_back(*line);
                    CHECK(child->wait() == value(ExitCode::held_elsewhere));
                }
            }
            REQUIRE(winner != 0);
            CHECK(refusals.size() == 7);
            // Also the file of a killed holder of the round before must not mislead them.
            for (const auto& line : refusals)
                CHECK(line.find(path + " is held by pid " + std::to_string(winner) + " ") == 0);
        }
    }
}

TEST_CASE("a child that was given another descriptor says so and does not start") {
    const test::TemporaryDirectory directory;
    const auto other = AccountLock::acquire(directory.file("other"), own_facts()).value();
    const auto lock = AccountLock::acquire(directory.file("lock"), own_facts()).value();
    test::Child child({lock_program(), "adopt", "3", directory.file("lock")}, {{3, other.fd()}});
    CHECK(child.line() == "descriptor 3 is not open on " + directory.file("lock"));
    CHECK(child.wait() == value(ExitCode::software));
}

TEST_CASE("a child writes its own pid into the facts before it becomes the worker") {
    const test::TemporaryDirectory directory;
    const std::string path = directory.file("lock");
    LockFacts facts = own_facts();
    facts.utc = std::chrono::floor<Millis>(facts.utc);
    facts.pid = 0;
    const auto lock = AccountLock::acquire(path, facts).value();
    const pid_t child = ::vfork();
    if (child == 0)
        ::_exit(write_pid_async_signal_safe(lock.fd(), ::getpid()) ? 0 : 1);
    int status = -1;
    REQUIRE(::waitpid(child, &status, 0) == child);
    CHECK(status == 0);
    facts.pid = child;
    CHECK(AccountLock::read_facts(path).value() == facts);
}

TEST_CASE("facts that are rewritten all the time are never read torn") {
    const test::TemporaryDirectory directory;
    const std::string path = directory.file("lock");
    auto lock = AccountLock::acquire(path, own_facts()).value();
    const pid_t writer = ::fork();
    if (writer == 0) {
        LockFacts facts = own_facts();
        for (std::uint64_t i = 0;; ++i) {
            facts.fence = i;
            facts.account = std::string(1 + i % 32, static_cast<char>('a' + i % 26));
            if (!lock.rewrite(facts))
                ::_exit(1);
        }
    }
    for (int i = 0; i < 2'000; ++i) {
        const auto facts = AccountLock::read_facts(path);
        CHECK_MESSAGE(facts, facts.error().message());
        if (!facts)
            break;
        if (facts->account.empty())
            continue;
        const std::string expected(1 + facts->fence % 32,
                                   static_cast<char>('a' + facts->fence % 26));
        CHECK(facts->account == expected);
    }
    ::kill(writer, SIGKILL);
    ::waitpid(writer, nullptr, 0);
}
