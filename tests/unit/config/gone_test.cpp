// Accounts whose file is gone while they are not flat.
#include <doctest/doctest.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <map>
#include <set>
#include <string>

#include "common/config/roster.hpp"
#include "tests/support/temporary.hpp"

using namespace bullpen;
using namespace bullpen::config;
using namespace std::chrono_literals;

namespace {

const AccountId k_alpha = test::account_id("alpha");

// Long after every file was written, so that their times tell of every change.
UtcTime later() {
    return SystemClock().utc() + 1h;
}

void apply_now(const test::TemporaryHome& home) {
    RosterReader reader(home.home());
    const Roster roster = reader.read(later());
    REQUIRE(reader.apply(roster, later()).has_value());
}

}  // namespace

TEST_CASE("an account whose file goes while it holds something stays until it is flat") {
    const test::TemporaryHome home;
    home.account(k_alpha, "priority = 3\n");
    const auto paths = home.home().account(k_alpha);
    std::filesystem::create_directories(paths.directory);
    apply_now(home);
    RosterReader reader(home.home());
    const std::map<AccountId, std::string> held{{k_alpha, "holds 451 of 3 shares"}};
    CHECK(reader.read(later(), held).problems.empty());
    ::unlink(paths.roster_file.c_str());

    Roster roster = reader.read(later(), held);
    REQUIRE(roster.accounts.contains(k_alpha));
    CHECK(roster.accounts.at(k_alpha).priority == 3);
    CHECK(roster.kept == std::set{k_alpha});
    CHECK(roster.gone.contains(k_alpha));
    CHECK(
        text(roster.problems)
            .starts_with("accounts.d/alpha.toml: is gone, but alpha holds 451 of 3 shares: nobody "
                         "looks after it once it is removed"));
    CHECK(has_errors(roster.problems));
    // What was applied has it still, for as long as that goes on.
    REQUIRE(reader.apply(roster, later()).has_value());
    CHECK(reader.read(later(), held).accounts.contains(k_alpha));
    roster = reader.read(later());
    CHECK(roster.accounts.empty());
    CHECK(roster.problems.empty());
}

TEST_CASE("an account that bullpenctl took out leaves, whatever it was last known to hold") {
    const test::TemporaryHome home;
    home.account(k_alpha, "");
    const auto paths = home.home().account(k_alpha);
    std::filesystem::create_directories(paths.directory);
    apply_now(home);
    const std::map<AccountId, std::string> held{{k_alpha, "holds 2"}};
    RosterReader reader(home.home());
    const auto put_aside = [&](UtcTime at) {
        const auto aside = home.home().root() + "/removed/" + format_utc(at);
        std::filesystem::create_directories(aside);
        std::filesystem::copy(paths.roster_file, aside + "/alpha.toml");
    };
    // An earlier time it was, and has come back since.
    put_aside(later() - 24h);
    SUBCASE("by remove") {
        put_aside(later() + 1min);
    }
    SUBCASE("by rename") {
        std::filesystem::remove_all(paths.directory);
    }
    SUBCASE("not now") {
        ::unlink(paths.roster_file.c_str());
        CHECK(reader.read(later(), held).kept == std::set{k_alpha});
        return;
    }
    ::unlink(paths.roster_file.c_str());
    const Roster roster = reader.read(later(), held);
    CHECK(roster.accounts.empty());
    CHECK(roster.problems.empty());
}
