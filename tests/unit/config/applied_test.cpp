#include "common/config/applied.hpp"

#include <doctest/doctest.h>

#include <sys/stat.h>
#include <unistd.h>
#include <filesystem>

#include <chrono>
#include <string>
#include <vector>

#include "common/base/errc.hpp"
#include "tests/support/temporary.hpp"

using namespace bullpen;
using namespace bullpen::config;
using namespace std::chrono_literals;

namespace {

const AccountId k_alpha = test::account_id("alpha");

UtcTime later() {
    return SystemClock().utc() + 1h;
}

AppliedRoster some_roster() {
    AppliedRoster roster;
    roster.since = parse_utc("2026-11-20T10:00:00Z").value();
    roster.daemon_text = "name = \"x\"\nend 0\nfile bullpen.toml 3\n";
    roster.accounts.emplace(k_alpha, "priority = 1");
    roster.accounts.emplace(test::account_id("beta"), "");
    return roster;
}

// One more version of alpha's file, applied.
void apply_priority(RosterReader& reader, const test::TemporaryHome& home, int priority) {
    home.account(k_alpha, "priority = " + std::to_string(priority) + "\n");
    const Roster roster = reader.read(later());
    REQUIRE(reader.apply(roster, later()).has_value());
    reader.place_copies();
}

}  // namespace

TEST_CASE("a recorded roster reads back to itself, whatever its files hold") {
    const AppliedRoster roster = some_roster();
    const auto read = parse_applied(to_text(roster));
    REQUIRE(read.has_value());
    CHECK(read->daemon_text == roster.daemon_text);
    CHECK(read->accounts == roster.accounts);
    CHECK(read->since == roster.since);
}

TEST_CASE("an account's directory holds a copy of the settings it runs with") {
    const test::TemporaryHome home;
    RosterReader reader(home.home());
    const std::string copy = home.home().account(k_alpha).settings_copy;
    apply_priority(reader, home, 1);
    CHECK(test::read_text(copy).starts_with("# In force since 2"));
    CHECK(test::read_text(copy).ends_with("\npriority = 1\n"));
    // A file that is not good is not in force.
    home.account(k_alpha, "priority = \n");
    const Roster broken = reader.read(later());
    REQUIRE(reader.apply(broken, later()).has_value());
    reader.place_copies();
    CHECK(test::read_text(copy).ends_with("\npriority = 1\n"));
    apply_priority(reader, home, 2);
    CHECK(test::read_text(copy).ends_with("\npriority = 2\n"));
}

TEST_CASE("copies that were not placed yet are placed later, the newest last") {
    const test::TemporaryHome home;
    RosterReader reader(home.home());
    const std::string copy = home.home().account(k_alpha).settings_copy;
    for (const int priority : {1, 2}) {
        home.account(k_alpha, "priority = " + std::to_string(priority) + "\n");
        const Roster roster = reader.read(later());
        REQUIRE(reader.apply(roster, later()).has_value());
    }
    CHECK_FALSE(std::filesystem::exists(copy));
    reader.place_copies();
    CHECK(test::read_text(copy).ends_with("\npriority = 2\n"));
}

TEST_CASE("a record that was cut or changed anywhere is damaged") {
    const std::string good = to_text(some_roster());
    for (std::size_t i = 0; i < good.size(); ++i) {
        CAPTURE(i);
        CHECK_FALSE(parse_applied(good.substr(0, i)).has_value());
        std::string changed = good;
        changed[i] = static_cast<char>(changed[i] ^ 1);
        CHECK_FALSE(parse_applied(changed).has_value());
    }
    CHECK_FALSE(parse_applied(good + "x").has_value());
}

TEST_CASE("each applied change makes a version, and the older ones are kept up to the limit") {
    const test::TemporaryHome home;
    home.settings("previous_versions_keep = 3\n");
    RosterReader reader(home.home());
    for (int priority = 1; priority <= 7; ++priority)
        apply_priority(reader, home, priority);
    const auto versions = applied_versions(home.home());
    REQUIRE(versions.size() == 4);
    CHECK(versions.front().number == 7);
    CHECK(versions.back().number == 4);
    CHECK(versions.front().since > SystemClock().utc());
    CHECK(test::read_text(versions.back().path).find("priority = 4") != std::string::npos);
    struct stat status {};
    REQUIRE(::stat(versions.front().path.c_str(), &status) == 0);
    CHECK((status.st_mode & 0777) == 0640);
}

TEST_CASE("applying what is in force already writes nothing") {
    const test::TemporaryHome home;
    RosterReader reader(home.home());
    apply_priority(reader, home, 1);
    for (int i = 0; i < 3; ++i)
        REQUIRE(reader.apply(reader.read(later()), later()).has_value());
    RosterReader other(home.home());
    REQUIRE(other.apply(other.read(later()), later()).has_value());
    CHECK(applied_versions(home.home()).size() == 1);
}

TEST_CASE("a file's text with its comments is what is recorded") {
    const test::TemporaryHome home;
    home.account(k_alpha, "# why: Joan asked\npriority = 3\n");
    home.account(test::account_id("beta"), "# beta\n");
    RosterReader reader(home.home());
    REQUIRE(reader.apply(reader.read(later()), later()).has_value());
    home.account(test::account_id("beta"), "# beta\npriority = 4\n");
    REQUIRE(reader.apply(reader.read(later()), later()).has_value());
    const AppliedRoster newest = newest_applied(home.home()).newest;
    CHECK(newest.number == 2);
    CHECK(newest.accounts.at(k_alpha) == "# why: Joan asked\npriority = 3\n");
}

TEST_CASE("a text that was refused when others were recorded is recorded once it is taken") {
    const test::TemporaryHome home;
    const AccountId beta = test::account_id("beta");
    home.account(k_alpha, "broker_account = \"U1\"\n");
    RosterReader reader(home.home());
    REQUIRE(reader.apply(reader.read(later()), later()).has_value());
    // Refused at first: alpha has that broker account.
    home.account(beta, "# twin\nbroker_account = \"U1\"\n");
    home.account(test::account_id("gamma"), "");
    REQUIRE(reader.apply(reader.read(later()), later()).has_value());
    ::unlink(home.home().account(k_alpha).roster_file.c_str());
    REQUIRE(reader.apply(reader.read(later()), later()).has_value());
    CHECK(newest_applied(home.home()).newest.accounts.at(beta) ==
          "# twin\nbroker_account = \"U1\"\n");
}

TEST_CASE("a damaged version is passed over for the one before, and told") {
    const test::TemporaryHome home;
    RosterReader reader(home.home());
    apply_priority(reader, home, 1);
    apply_priority(reader, home, 2);
    const auto versions = applied_versions(home.home());
    const std::string text = test::read_text(versions.front().path);
    test::write_text(versions.front().path, text.substr(0, text.size() / 2));
    home.account(k_alpha, "broken\n");
    const Roster roster = RosterReader(home.home()).read(later());
    CHECK(roster.accounts.at(k_alpha).priority == 1);
    bool told = false;
    for (const Issue& issue : roster.problems)
        told = told || (issue.severity == Severity::note && issue.file == versions.front().path);
    CHECK(told);
}

TEST_CASE("an empty file left by a power cut, a half-written one and strangers are passed over") {
    const test::TemporaryHome home;
    RosterReader reader(home.home());
    apply_priority(reader, home, 1);
    const std::string directory = home.home().applied() + "/";
    test::write_text(directory + "roster.00000002", "");
    test::write_text(directory + ".new", "bullpen-applied 1 ");
    test::write_text(directory + "roster.x", "");
    test::write_text(directory + "roster.00000003.bak", "");
    CHECK(newest_applied(home.home()).newest.number == 1);
    apply_priority(reader, home, 2);
    CHECK(newest_applied(home.home()).newest.number == 3);
}

TEST_CASE("while the disk refuses the record, the version in force is still the last good one") {
    const test::TemporaryHome home;
    // A file where the directory should be: nothing can be recorded.
    test::write_text(home.home().applied(), "");
    RosterReader reader(home.home());
    home.account(k_alpha, "priority = 5\n");
    CHECK_FALSE(reader.apply(reader.read(later()), later()).has_value());
    home.account(k_alpha, "broken\n");
    const Roster kept = reader.read(later());
    CHECK(kept.kept.count(k_alpha) == 1);
    REQUIRE(kept.accounts.count(k_alpha) == 1);
    CHECK(kept.accounts.at(k_alpha).priority == 5);
    ::unlink(home.home().applied().c_str());
    REQUIRE(reader.apply(kept, later()).has_value());
    CHECK(RosterReader(home.home()).read(later()).accounts.at(k_alpha).priority == 5);
}

TEST_CASE("a key of another release does not spoil a version that was applied") {
    const test::TemporaryHome home;
    AppliedRoster roster = some_roster();
    roster.daemon_text = "key_of_tomorrow = 1\n";
    roster.accounts.at(k_alpha) = "priority = 6\nkey_of_tomorrow = 1\n[table_of_tomorrow]\nx = 1\n";
    REQUIRE(store_applied(home.home(), roster, 3).has_value());
    CHECK(applied_account(home.home(), k_alpha).value().priority == 6);
}

TEST_CASE("a record that went missing is written again") {
    const test::TemporaryHome home;
    home.settings("[defaults]\nstop_wait = \"3 s\"\n");
    RosterReader reader(home.home());
    apply_priority(reader, home, 1);
    ::unlink(newest_applied(home.home()).newest.path.c_str());
    const Roster roster = reader.read(later());
    REQUIRE(reader.apply(roster, later()).has_value());
    CHECK(applied_account(home.home(), k_alpha).value() == roster.accounts.at(k_alpha));
}
