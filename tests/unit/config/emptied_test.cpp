// Settings files that were cut to nothing.
#include <doctest/doctest.h>

#include <chrono>
#include <set>
#include <string>

#include "common/config/roster.hpp"
#include "tests/support/temporary.hpp"

using namespace bullpen;
using namespace bullpen::config;
using namespace std::chrono_literals;

namespace {

const AccountId k_alpha = test::account_id("alpha");
const AccountId k_beta = test::account_id("beta");

// Long after every file was written, so that their times tell of every change.
UtcTime later() {
    return SystemClock().utc() + 1h;
}

bool mentions(const Roster& roster, std::string_view part) {
    return text(roster.problems).find(part) != std::string::npos;
}

// Reads and applies, as a daemon does at its start.
void apply_now(const test::TemporaryHome& home) {
    RosterReader reader(home.home());
    const Roster roster = reader.read(later());
    REQUIRE(reader.apply(roster, later()).has_value());
}

Roster read_anew(const test::TemporaryHome& home) {
    return RosterReader(home.home()).read(later());
}

}  // namespace

TEST_CASE("an account's file that was cut to nothing is broken, and its last good version counts") {
    const test::TemporaryHome home;
    home.account(k_alpha, "priority = 3\nenabled = false\n");
    home.account(k_beta, "");
    apply_now(home);
    RosterReader reader(home.home());
    CHECK(reader.read(later()).problems.empty());
    SUBCASE("to no character") {
        home.account(k_alpha, "");
    }
    SUBCASE("to blanks and comments") {
        home.account(k_alpha, "# alpha, of the desk\n\n  # priority = 3\n");
    }
    for (Roster roster : {reader.read(later()), read_anew(home)}) {
        CHECK(roster.kept == std::set{k_alpha});
        REQUIRE(roster.accounts.size() == 2);
        CHECK(roster.accounts.at(k_alpha).priority == 3);
        CHECK_FALSE(roster.accounts.at(k_alpha).enabled);
        REQUIRE(roster.problems.size() == 1);
        CHECK(text(roster.problems)
                  .starts_with("accounts.d/alpha.toml: says nothing any more: it is "
                               "empty, or has nothing but comments"));
        CHECK(mentions(roster, "accounts/alpha/settings.toml has a copy"));
        CHECK(has_errors(roster.problems));
        // What is recorded meanwhile has the last good text still.
        REQUIRE(reader.apply(reader.read(later()), later()).has_value());
    }
    CHECK(has_errors(check_home(home.home())));
    const auto by_hand = read_account(home.home(), k_alpha);
    REQUIRE_FALSE(by_hand.has_value());
    CHECK(by_hand.error().message().find("says nothing any more") != std::string::npos);
    // The defaults may be meant: then a line says so.
    home.account(k_alpha, "account = \"alpha\"\n");
    const Roster meant = reader.read(later());
    CHECK(meant.problems.empty());
    CHECK(meant.accounts.at(k_alpha).priority == 100);
    CHECK(read_account(home.home(), k_alpha).has_value());
}

TEST_CASE("an account whose file never said anything runs with the defaults") {
    const test::TemporaryHome home;
    home.account(k_alpha, "");
    CHECK(read_anew(home).problems.empty());
    apply_now(home);
    home.account(k_alpha, "# nothing of its own\n");
    const Roster roster = read_anew(home);
    CHECK(roster.problems.empty());
    CHECK(roster.kept.empty());
    CHECK(read_account(home.home(), k_alpha).has_value());
}

TEST_CASE("a bullpen.toml that was cut to nothing leaves the defaults that were in force") {
    const test::TemporaryHome home;
    home.settings("name = \"desk\"\n[defaults]\nstop_wait = \"3 s\"\n");
    home.account(k_alpha, "priority = 3\n");
    apply_now(home);
    home.settings("# bullpen.toml\n");
    const Roster roster = read_anew(home);
    CHECK(roster.usable);
    CHECK(roster.daemon_kept);
    CHECK(roster.daemon.name == "desk");
    CHECK(roster.accounts.at(k_alpha).stop_wait == 3s);
    CHECK(mentions(roster, "bullpen.toml: says nothing any more"));
    CHECK(has_errors(check_home(home.home())));
    home.settings("[defaults]\n");
    CHECK(read_anew(home).problems.empty());
}
