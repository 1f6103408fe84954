#include "ipc/used_numbers.hpp"

#include <doctest/doctest.h>

#include <filesystem>
#include <string>

#include "common/storage/state_store.hpp"
#include "ipc/account_lock.hpp"
#include "tests/support/temporary.hpp"

namespace bullpen::ipc {
namespace {

struct Used {
    test::TemporaryDirectory directory;
    Home home = Home::at(directory.path()).value();

    [[nodiscard]] AccountPaths account(const std::string& name) const {
        auto paths = home.account(AccountId::parse(name).value());
        std::filesystem::create_directories(paths.logs);
        return paths;
    }
    static void state(const std::string& path, const std::string& name, const std::string& launch,
                      std::uint64_t fence) {
        storage::StateRecord record;
        record.launch = launch;
        record.fence = {fence};
        test::write_text(path, storage::format_state(AccountId::parse(name).value(), record));
    }
    void check(std::uint64_t launch, std::uint64_t fence) const {
        const auto used = find_used_numbers(home);
        CHECK(used.launch == LaunchNumber{launch});
        CHECK(used.fence == Fence{fence});
    }
};

TEST_CASE("a new home has used no number") {
    const Used used;
    used.check(0, 0);
    static_cast<void>(used.account("new"));
    used.check(0, 0);
}

TEST_CASE("an account that was ever launched has used one, though nobody says which") {
    const Used used;
    test::write_text(used.account("bot").stdio_log, "");
    used.check(1, 1);
}

TEST_CASE("the greatest numbers of all state files count, of the one before each, too") {
    const Used used;
    Used::state(used.account("a").state_file, "a", "7", 900);
    Used::state(used.account("b").state_file, "b", "12", 40);
    used.check(12, 900);
    Used::state(used.account("b").state_file + ".previous", "b", "11", 1000);
    used.check(12, 1000);
}

TEST_CASE("a state file that cannot be read, or is of an older program, hurts nothing") {
    const Used used;
    test::write_text(used.account("a").state_file, "{");
    Used::state(used.account("b").state_file, "b", "", 0);
    Used::state(used.account("c").state_file, "c", "3", 5);
    test::write_text(used.directory.file("accounts/no account"), "");
    used.check(3, 5);
}

TEST_CASE("the facts in a lock file count") {
    const Used used;
    std::filesystem::create_directories(used.home.locks());
    ipc::LockFacts facts;
    facts.launch = LaunchToken{LaunchNumber{31}, Nonce{}}.str();
    facts.fence = 77;
    CHECK(ipc::AccountLock::acquire(used.account("a").lock, facts));
    used.check(31, 77);
}

}  // namespace
}  // namespace bullpen::ipc
