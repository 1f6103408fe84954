// [owners.NAME] of bullpen.toml: the rule of an owner reaches each of its accounts, whichever way
// their settings are read.
#include <doctest/doctest.h>

#include <chrono>
#include <string>

#include "common/config/diff.hpp"
#include "common/config/keys.hpp"
#include "common/config/roster.hpp"
#include "tests/support/temporary.hpp"

using namespace bullpen;
using namespace bullpen::config;
using namespace std::chrono_literals;

namespace {

const AccountId k_janes = test::account_id("alpha");
const AccountId k_bobs = test::account_id("beta");

// Long after every file was written, so that their times tell of every change.
UtcTime much_later() {
    return SystemClock().utc() + 1h;
}

Roster roster_of(const test::TemporaryHome& home) {
    return RosterReader(home.home()).read(much_later());
}

std::string problems_of(const Roster& roster) {
    std::string all;
    for (const Issue& issue : roster.problems)
        all += text(issue) + "\n";
    return all;
}

void make_accounts(const test::TemporaryHome& home) {
    home.account(k_janes, "owner = \"Jane Doe\"\ntrading = \"on\"\n");
    home.account(k_bobs, "owner = \"bob\"\ntrading = \"on\"\n");
}

}  // namespace

TEST_CASE("an owner's rule reaches the accounts of that owner and no other") {
    const test::TemporaryHome home;
    home.settings("[owners.\"Jane Doe\"]\nopposite = \"refuse\"\n[owners.eve]\n");
    make_accounts(home);
    RosterReader reader(home.home());
    const auto roster = reader.read(much_later());
    CHECK(problems_of(roster).empty());
    CHECK(roster.accounts.at(k_janes).opposite == Opposite::refuse);
    CHECK(asks_before_entry(roster.accounts.at(k_janes)));
    CHECK(roster.accounts.at(k_bobs).opposite == Opposite::allow);
    CHECK_FALSE(asks_before_entry(roster.accounts.at(k_bobs)));
    // A worker reads its own settings, launched or by hand.
    REQUIRE(reader.apply(roster, much_later()));
    CHECK(applied_account(home.home(), k_janes)->opposite == Opposite::refuse);
    CHECK(applied_accounts(home.home()).at(k_janes).opposite == Opposite::refuse);
    CHECK(read_account(home.home(), k_janes)->opposite == Opposite::refuse);
}

TEST_CASE("only what sends orders of its own asks before it enters") {
    AccountSettings settings(k_janes);
    settings.opposite = Opposite::flag;
    CHECK_FALSE(asks_before_entry(settings));
    settings.trading = TradingKind::shadow;
    CHECK_FALSE(asks_before_entry(settings));
    settings.trading = TradingKind::on;
    CHECK(asks_before_entry(settings));
    settings.command = {"/usr/bin/bot"};
    CHECK_FALSE(asks_before_entry(settings));
}

TEST_CASE("an account whose rule pack forbids opposite positions is refused them unless told") {
    const std::string topstep = "trading = \"on\"\n[risk]\nrule_pack = \"topstep_50k\"\n";
    const test::TemporaryHome home;
    home.account(k_janes, "owner = \"jane\"\n" + topstep);
    home.account(k_bobs, topstep);
    auto roster = roster_of(home);
    CHECK(roster.accounts.at(k_janes).opposite == Opposite::refuse);
    CHECK(roster.accounts.at(k_bobs).opposite == Opposite::allow);  // it is nobody's
    home.settings("[owners.jane]\nopposite = \"flag\"\n");
    roster = roster_of(home);
    CHECK(roster.accounts.at(k_janes).opposite == Opposite::flag);
}

TEST_CASE("a rule that comes or goes restarts the owner's workers, another word does not") {
    const test::TemporaryHome home;
    make_accounts(home);
    const auto none = roster_of(home);
    home.settings("[owners.bob]\nopposite = \"flag\"\n");
    const auto flag = roster_of(home);
    home.settings("[owners.bob]\nopposite = \"refuse\"\n");
    const auto refuse = roster_of(home);

    const auto came = diff(none, flag);
    REQUIRE(came.changed.size() == 1);
    CHECK(came.changed[0].account == k_bobs);
    CHECK(came.changed[0].restart_needed);
    CHECK(text(came).find("owners.bob.opposite: \"allow\" -> \"flag\"") != std::string::npos);
    CHECK(none.accounts.at(k_bobs).fingerprint != flag.accounts.at(k_bobs).fingerprint);

    const auto sharper = diff(flag, refuse);
    REQUIRE(sharper.changed.size() == 1);
    CHECK_FALSE(sharper.changed[0].restart_needed);
    CHECK(flag.accounts.at(k_bobs).fingerprint == refuse.accounts.at(k_bobs).fingerprint);
}

TEST_CASE("what [owners] does not know is refused, with file, line and the nearest word") {
    const test::TemporaryHome home;
    make_accounts(home);
    for (const auto* wrong :
         {"[owners.bob]\nopposite = \"refsue\"\n", "[owners.bob]\nopposit = \"refuse\"\n",
          "[owners]\nbob = \"refuse\"\n", "owners = 3\n", "[owners.bob]\nopposite = true\n",
          "[owners.bob.deep]\nopposites = \"allow\"\n"}) {
        CAPTURE(wrong);
        home.settings(wrong);
        const auto roster = roster_of(home);
        CHECK_FALSE(roster.usable);
        CHECK(problems_of(roster).find("bullpen.toml:") != std::string::npos);
    }
    home.settings("[owners.bob]\nopposite = \"refsue\"\n");
    CHECK(problems_of(roster_of(home)).find("refuse") != std::string::npos);
}
