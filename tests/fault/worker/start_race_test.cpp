// One account, eight starters at the same moment, again and again: exactly one gets past locking.
#include <doctest/doctest.h>

#include <memory>

#include "tests/integration/worker/worker_process.hpp"

namespace bullpen {

namespace {

constexpr int k_starters = 8;

std::size_t count(const std::string& text, const std::string& what) {
    std::size_t found = 0;
    for (auto at = text.find(what); at != std::string::npos; at = text.find(what, at + 1))
        ++found;
    return found;
}

void race(int rounds) {
    const test::TemporaryHome home;
    const auto account = test::account_id("alpha");
    home.account(account, "[feed]\nkind = \"synthetic\"\n");
    for (int round = 0; round < rounds; ++round) {
        const auto stdio = home.path() + "/stdio." + std::to_string(round);
        std::vector<std::unique_ptr<test::WorkerProcess>> all;
        for (int i = 0; i < k_starters; ++i) {
            all.push_back(std::make_unique<test::WorkerProcess>(
                test::by_hand(home, "alpha"), std::map<std::string, std::string>{}, stdio));
        }
        const auto ended = [&] {
            int number = 0;
            for (const auto& one : all)
                number += one->ended() ? 1 : 0;
            return number;
        };
        REQUIRE(test::eventually([&] { return ended() == k_starters - 1; }));
        pid_t holder = 0;
        int refused = 0;
        for (const auto& one : all) {
            if (one->ended()) {
                refused += one->exit_code() == 77 ? 1 : 0;
                continue;
            }
            holder = one->pid();
            // Half of the holders die hard: the lock must be free all the same.
            one->send(round % 2 == 0 ? SIGKILL : SIGTERM);
            (void)one->exit_code();
        }
        CHECK(refused == k_starters - 1);
        CHECK(count(test::read_text(stdio), "is held by pid " + std::to_string(holder)) ==
              k_starters - 1);
        const auto lock = home.home().account(account).lock;
        CHECK(ipc::AccountLock::probe(lock).value() == ipc::LockProbe::free);
    }
}

}  // namespace

TEST_SUITE("critical") {
    TEST_CASE("eight starters at once, twenty times, leave one worker") {
        race(20);
    }
}

TEST_SUITE("slow") {
    TEST_CASE("eight starters at once, a thousand times, leave one worker") {
        race(1000);
    }
}

}  // namespace bullpen
