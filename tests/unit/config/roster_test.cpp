#include "common/config/roster.hpp"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <string>
#include <vector>

#include "common/base/errc.hpp"
#include "common/config/keys.hpp"
#include "tests/support/temporary.hpp"

using namespace bullpen;
using namespace bullpen::config;
using namespace std::chrono_literals;

namespace {

const AccountId k_alpha = test::account_id("alpha");
const AccountId k_beta = test::account_id("beta");
const AccountId k_gamma = test::account_id("gamma");

// Long after every file was written, so that their times tell of every change.
UtcTime later() {
    return SystemClock().utc() + 1h;
}

std::string messages(const Roster& roster) {
    std::string all;
    for (const Issue& issue : roster.problems)
        all += text(issue) + "\n";
    return all;
}

bool mentions(const Roster& roster, std::string_view part) {
    return messages(roster).find(part) != std::string::npos;
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

std::string source_of(const std::vector<Origin>& origins, std::string_view key) {
    const auto found = std::find_if(origins.begin(), origins.end(),
                                    [key](const Origin& origin) { return origin.key == key; });
    return found == origins.end() ? "" : found->source;
}

}  // namespace

TEST_CASE("the roster is one account a file, with what it inherits") {
    const test::TemporaryHome home;
    home.settings(
        "name = \"test\"\n[defaults]\nstop_wait = \"3 s\"\npriority = 5\n"
        "[defaults.environment]\nA = \"1\"\nB = \"2\"\n");
    home.account(k_alpha, "priority = 7\n[environment]\nB = \"3\"\n");
    home.account(k_beta, "");
    const Roster roster = read_anew(home);
    CHECK(roster.usable);
    CHECK(roster.problems.empty());
    CHECK(roster.daemon.name == "test");
    REQUIRE(roster.accounts.size() == 2);
    const AccountSettings& alpha = roster.accounts.at(k_alpha);
    CHECK(alpha.stop_wait == 3s);
    CHECK(alpha.priority == 7);
    CHECK(alpha.environment == std::map<std::string, std::string>{{"A", "1"}, {"B", "3"}});
    CHECK(alpha.fingerprint == fingerprint(alpha));
    CHECK(roster.accounts.at(k_beta).priority == 5);
    CHECK(roster.start_order() == std::vector{k_beta, k_alpha});
}

TEST_CASE("accounts start by priority, and equals by name") {
    const test::TemporaryHome home;
    home.account(k_alpha, "");
    home.account(k_beta, "priority = 1\n");
    home.account(k_gamma, "");
    CHECK(read_anew(home).start_order() == std::vector{k_beta, k_alpha, k_gamma});
}

TEST_CASE("a foreign program is not expected to beat unless somebody says so") {
    const test::TemporaryHome home;
    home.account(k_alpha, "command = [\"/bin/cat\"]\n");
    home.account(k_beta, "command = [\"/bin/cat\"]\nheartbeat = \"zmq\"\n");
    home.account(k_gamma, "");
    const Roster roster = read_anew(home);
    CHECK(roster.accounts.at(k_alpha).heartbeat == HeartbeatKind::none);
    CHECK(roster.accounts.at(k_beta).heartbeat == HeartbeatKind::zmq);
    CHECK(roster.accounts.at(k_gamma).heartbeat == HeartbeatKind::zmq);
}

TEST_CASE("a change is seen, whatever the file's times say, and unchanged files are kept") {
    const test::TemporaryHome home;
    home.account(k_alpha, "priority = 1\n");
    RosterReader reader(home.home());
    // The file was written just now: its times could not tell of a change within their grain.
    const UtcTime now = SystemClock().utc();
    CHECK(reader.read(now).accounts.at(k_alpha).priority == 1);
    home.account(k_alpha, "priority = 2\n");
    CHECK(reader.read(now).accounts.at(k_alpha).priority == 2);
    CHECK(reader.read(later()).accounts.at(k_alpha).priority == 2);
    home.account(k_alpha, "priority = 33\n");
    CHECK(reader.read(later()).accounts.at(k_alpha).priority == 33);
    ::unlink(home.home().account(k_alpha).roster_file.c_str());
    CHECK(reader.read(later()).accounts.empty());
    home.account(k_alpha, "priority = 4\n");
    CHECK(reader.read(later()).accounts.at(k_alpha).priority == 4);
}

TEST_CASE("new defaults reach accounts whose files did not change") {
    const test::TemporaryHome home;
    home.account(k_alpha, "");
    RosterReader reader(home.home());
    CHECK(reader.read(later()).accounts.at(k_alpha).priority == 100);
    home.settings("[defaults]\npriority = 8\n");
    CHECK(reader.read(later()).accounts.at(k_alpha).priority == 8);
}

TEST_CASE("names that are no account's are told, and what editors leave is passed over") {
    const test::TemporaryHome home;
    const std::string directory = home.home().roster() + "/";
    for (const char* name : {".hidden.toml", ".alpha.toml.swp", "alpha.toml~", "#alpha.toml#",
                             "alpha.toml.bak", "example.toml.off", "README.md"})
        test::write_text(directory + name, "not toml at all");
    CHECK(read_anew(home).problems.empty());
    for (const char* name : {"Alpha.toml", "a b.toml", ".toml", "a\x1b.toml",
                             "0123456789012345678901234567890123.toml"})
        test::write_text(directory + name, "");
    test::write_text(directory + "gamma.tml", "");
    const Roster roster = read_anew(home);
    CHECK(roster.accounts.empty());
    CHECK(roster.invalid.empty());
    CHECK(roster.problems.size() == 5);
    CHECK(mentions(roster, "accounts.d/Alpha.toml: cannot name an account"));
    CHECK(mentions(roster, "did you mean alpha.toml?"));
    CHECK(mentions(roster, "accounts.d/a?.toml: cannot name"));
    CHECK(mentions(roster, "accounts.d/gamma.tml: note: is not read"));
}

TEST_CASE("an account that minds what none of the calendar's sources can state is told of it") {
    const test::TemporaryHome home;
    home.settings("[calendar]\nsources = [\"fomc-html\", \"bea-html\"]\n");
    home.account(k_alpha,
                 "trading = \"shadow\"\n\n"
                 "[events]\nwindows = [\"us.bls.cpi: 5 min before, 5 min after, reduce\", "
                 "\"gdp: 5 min before, 5 min after, reduce\"]\ncurrencies = [\"USD\", \"EUR\"]\n");
    // One that does not decide stands aside for nothing.
    home.account(k_beta, "");
    const Roster roster = read_anew(home);
    CHECK_FALSE(has_errors(roster.problems));
    CHECK(roster.accounts.size() == 2);
    CHECK(roster.problems.size() == 2);
    CHECK(mentions(roster,
                   "accounts.d/alpha.toml:4: note: events.windows: names us.bls.cpi, and "
                   "calendar.sources lacks bls-ics, which could state it: the calendar's answer is "
                   "always unknown"));
    CHECK(mentions(roster, "accounts.d/alpha.toml:5: note: events.currencies: names EUR, and"));
    home.settings("[calendar]\nsources = [\"bls-ics\", \"bea-json\", \"forexfactory-json\"]\n");
    CHECK(read_anew(home).problems.empty());
}

TEST_CASE("whatever stands in the place of an account's file, the others are read") {
    const test::TemporaryHome home;
    home.account(k_beta, "");
    const std::string path = home.home().account(k_alpha).roster_file;
    struct Row {
        const char* what;
        void (*make)(const std::string& path);
        const char* wanted;
    };
    const std::vector<Row> rows = {
        {"directory", [](const std::string& p) { ::mkdir(p.c_str(), 0755); }, "is a directory"},
        {"pipe", [](const std::string& p) { ::mkfifo(p.c_str(), 0644); }, "is not a regular file"},
        {"link", [](const std::string& p) { (void)!::symlink("beta.toml", p.c_str()); },
         "is a symbolic link"},
        {"broken link", [](const std::string& p) { (void)!::symlink("nowhere", p.c_str()); },
         "is a symbolic link"},
        {"zero byte",
         [](const std::string& p) { test::write_text(p, std::string("a = 1\nb\0", 8)); },
         ":2: is not text in UTF-8"},
        {"not UTF-8", [](const std::string& p) { test::write_text(p, "# \xff\n"); },
         ":1: is not text in UTF-8"},
        {"huge",
         [](const std::string& p) { test::write_text(p, std::string((64 << 10) + 1, '#')); },
         "is larger than 65536 bytes"},
        {"writable by all",
         [](const std::string& p) {
             test::write_text(p, "");
             ::chmod(p.c_str(), 0666);
         },
         "may be written by everybody"},
        {"not to be read",
         [](const std::string& p) {
             // Nothing is unreadable for root, but a stranger's file is not to be trusted.
             test::write_text(p, "");
             if (::geteuid() == 0)
                 (void)!::chown(p.c_str(), 12345, 12345);
             else
                 ::chmod(p.c_str(), 0);
         },
         ::geteuid() == 0 ? "belongs to another user" : "cannot be opened"},
    };
    for (const Row& row : rows) {
        CAPTURE(row.what);
        row.make(path);
        const Roster roster = read_anew(home);
        CAPTURE(messages(roster));
        CHECK(mentions(roster, row.wanted));
        CHECK(roster.problems.size() == 1);
        CHECK(roster.accounts.size() == 1);
        CHECK(roster.accounts.count(k_beta) == 1);
        CHECK(roster.invalid == std::set{k_alpha});
        if (::unlink(path.c_str()) != 0)
            ::rmdir(path.c_str());
    }
}

TEST_CASE("a file that its group may write is read") {
    const test::TemporaryHome home;
    home.account(k_alpha, "");
    ::chmod(home.home().account(k_alpha).roster_file.c_str(), 0664);
    CHECK(read_anew(home).accounts.size() == 1);
}

TEST_CASE("a broken account keeps its last good version, also with a new daemon") {
    const test::TemporaryHome home;
    home.settings("[defaults]\nstop_wait = \"3 s\"\n");
    home.account(k_alpha, "priority = 7\n");
    home.account(k_beta, "");
    RosterReader reader(home.home());
    const Roster first = reader.read(later());
    REQUIRE(reader.apply(first, later()).has_value());

    home.account(k_alpha, "priority = 8\nnonsense = 1\n");
    for (const bool same_reader : {true, false}) {
        CAPTURE(same_reader);
        RosterReader fresh(home.home());
        RosterReader& used = same_reader ? reader : fresh;
        const Roster roster = used.read(later());
        CHECK(roster.accounts == first.accounts);
        CHECK(roster.kept == std::set{k_alpha});
        CHECK(roster.invalid.empty());
        CHECK(mentions(roster, "accounts.d/alpha.toml:2:1: nonsense"));
        const auto origins = used.origin(k_alpha);
        REQUIRE(origins.has_value());
        CHECK(source_of(*origins, "priority") ==
              "accounts.d/alpha.toml:1 as applied in run/applied/roster.00000001");
        CHECK(source_of(*origins, "stop_wait") ==
              "bullpen.toml:2 as applied in run/applied/roster.00000001");
    }
    home.account(k_alpha, "priority = 9\n");
    const Roster mended = reader.read(later());
    CHECK(mended.kept.empty());
    CHECK(mended.accounts.at(k_alpha).priority == 9);
}

TEST_CASE("a kept version stays frozen when the defaults change and are applied") {
    const test::TemporaryHome home;
    home.settings("[defaults]\nstop_wait = \"3 s\"\n");
    home.account(k_alpha, "priority = 7\n");
    home.account(k_beta, "");
    apply_now(home);
    home.account(k_alpha, "broken\n");
    home.settings(
        "[defaults]\nstop_wait = \"4 s\"\nlate_after = \"20 s\"\ndead_after = \"30 s\"\n");
    apply_now(home);
    apply_now(home);
    const Roster roster = read_anew(home);
    CHECK(roster.kept == std::set{k_alpha});
    CHECK(roster.accounts.at(k_alpha).stop_wait == 3s);
    CHECK(roster.accounts.at(k_alpha).priority == 7);
    CHECK(roster.accounts.at(k_beta).stop_wait == 4s);
    CHECK(applied_account(home.home(), k_alpha).value() == roster.accounts.at(k_alpha));
}

TEST_CASE("a broken account without a good version is invalid, and the others run") {
    const test::TemporaryHome home;
    home.account(k_alpha, "x = \n");
    home.account(k_beta, "");
    const Roster roster = read_anew(home);
    CHECK(roster.usable);
    CHECK(roster.invalid == std::set{k_alpha});
    CHECK(roster.kept.empty());
    CHECK(roster.accounts.size() == 1);
    CHECK(RosterReader(home.home()).origin(k_alpha).error().code() == Errc::not_found);
}

TEST_CASE("an account that is broken only by new defaults keeps its last good version") {
    const test::TemporaryHome home;
    home.account(k_alpha, "late_after = \"4 s\"\n");
    apply_now(home);
    home.settings("[defaults]\ndead_after = \"3 s\"\n");
    const Roster roster = read_anew(home);
    CHECK(roster.kept == std::set{k_alpha});
    CHECK(roster.accounts.at(k_alpha).dead_after == 5s);
    CHECK(mentions(roster, "accounts.d/alpha.toml:1: dead_after: 3 s is not more than"));
}

TEST_CASE("a broken bullpen.toml keeps its last good version, and without one nothing is usable") {
    const test::TemporaryHome home;
    home.settings("name = \"good\"\n[defaults]\npriority = 3\n");
    home.account(k_alpha, "");
    const Roster before = read_anew(home);
    home.settings("name = \n");
    const Roster unusable = read_anew(home);
    CHECK_FALSE(unusable.usable);
    CHECK(unusable.accounts.empty());
    CHECK(unusable.invalid == std::set{k_alpha});
    {
        RosterReader reader(home.home());
        const Roster roster = reader.read(later());
        CHECK(reader.apply(roster, later()).error().code() == Errc::invalid);
    }
    home.settings("name = \"good\"\n[defaults]\npriority = 3\n");
    apply_now(home);
    home.settings("name = \n");
    RosterReader reader(home.home());
    const Roster kept = reader.read(later());
    CHECK(kept.usable);
    CHECK(kept.daemon_kept);
    CHECK(kept.daemon == before.daemon);
    CHECK(kept.accounts == before.accounts);
    CHECK(mentions(kept, "bullpen.toml:1"));
    CHECK(source_of(reader.daemon_origin(), "name") ==
          "bullpen.toml:1 as applied in run/applied/roster.00000001");
    // Applying what is in force records the good version again, not the broken one.
    REQUIRE(reader.apply(kept, later()).has_value());
    CHECK(read_anew(home).accounts == before.accounts);
    CHECK(applied_versions(home.home()).size() == 1);
}

TEST_CASE("a missing bullpen.toml is told") {
    const test::TemporaryHome home;
    ::unlink(home.home().daemon_settings().c_str());
    const Roster roster = read_anew(home);
    CHECK_FALSE(roster.usable);
    CHECK(mentions(roster, "bullpen.toml: does not exist; bullpenctl init"));
    CHECK(read_daemon(home.home()).error().code() == Errc::not_found);
}

TEST_CASE("that accounts.d cannot be read removes no account") {
    const test::TemporaryHome home;
    home.account(k_alpha, "priority = 3\n");
    RosterReader reader(home.home());
    const Roster before = reader.read(later());
    REQUIRE(reader.apply(before, later()).has_value());
    const std::string aside = home.path() + "/aside";
    REQUIRE(::rename(home.home().roster().c_str(), aside.c_str()) == 0);
    const Roster without = reader.read(later());
    CHECK(without.accounts == before.accounts);
    CHECK(without.kept == std::set{k_alpha});
    CHECK(mentions(without, "accounts.d: cannot be read"));
    REQUIRE(::rename(aside.c_str(), home.home().roster().c_str()) == 0);
    CHECK(reader.read(later()).kept.empty());
    ::chmod(home.home().roster().c_str(), 0777);
    const Roster open = reader.read(later());
    CHECK(open.accounts == before.accounts);
    CHECK(mentions(open, "may be written by everybody"));
}

TEST_CASE("a removed file removes its account, even with a good version of it") {
    const test::TemporaryHome home;
    home.account(k_alpha, "");
    apply_now(home);
    ::unlink(home.home().account(k_alpha).roster_file.c_str());
    const Roster roster = read_anew(home);
    CHECK(roster.accounts.empty());
    CHECK(roster.invalid.empty());
    CHECK(roster.problems.empty());
}

TEST_CASE("of two new accounts for one broker account neither is taken, and both files are named") {
    const test::TemporaryHome home;
    home.account(k_alpha, "login = \"joan\"\nbroker_account = \"U1\"\n");
    home.account(k_beta, "login = \"joan\"\n\nbroker_account = \"U1\"\n");
    home.account(k_gamma, "login = \"jack\"\nbroker_account = \"U1\"\n");
    const Roster roster = read_anew(home);
    CHECK(roster.invalid == std::set{k_alpha, k_beta});
    CHECK(roster.accounts.size() == 1);
    CHECK(mentions(roster,
                   "accounts.d/alpha.toml:2: broker_account: is the same broker account as "
                   "in accounts.d/beta.toml (broker paper, login joan, broker account U1)"));
    CHECK(mentions(roster,
                   "accounts.d/beta.toml:3: broker_account: is the same broker account as "
                   "in accounts.d/alpha.toml"));
    CHECK(check_home(home.home()).size() == 2);
}

TEST_CASE("at the paper exchange no two accounts have one name, whatever their logins") {
    const test::TemporaryHome home;
    const std::string trades = "broker = \"paper\"\ntrading = \"on\"\n";
    home.account(k_alpha, trades);
    home.account(k_beta, trades + "login = \"joan\"\nbroker_account = \"U1\"\n");
    CHECK(read_anew(home).invalid.empty());
    apply_now(home);

    // One with the id of another as its broker account, one with another's account under a login
    // of its own: whoever had the name stays, and nobody trades for two.
    home.account(k_gamma, trades + "broker_account = \"alpha\"\n");
    Roster roster = read_anew(home);
    CHECK(roster.invalid == std::set{k_gamma});
    CHECK(roster.accounts.size() == 2);
    CHECK(mentions(roster, "(broker paper, of any login, broker account alpha)"));
    home.account(k_gamma, trades + "login = \"jack\"\nbroker_account = \"U1\"\n");
    roster = read_anew(home);
    CHECK(roster.invalid == std::set{k_gamma});
    CHECK(roster.accounts.count(k_beta) == 1);
    // One that sends nothing there may be called so.
    home.account(k_gamma, "login = \"jack\"\nbroker_account = \"U1\"\ntrading = \"shadow\"\n");
    CHECK(read_anew(home).invalid.empty());
}

TEST_CASE("no account is called as a group is, and whoever had the name keeps it") {
    const test::TemporaryHome home;
    home.account(k_alpha, "priority = 3\n\ngroup = \"beta\"\n");
    home.account(k_beta, "");
    Roster roster = read_anew(home);
    CHECK(roster.invalid == std::set{k_alpha});
    CHECK(mentions(roster, "accounts.d/alpha.toml:3: group: 'beta' is an account's name"));

    ::unlink(home.home().account(k_beta).roster_file.c_str());
    apply_now(home);
    home.account(k_beta, "");
    roster = read_anew(home);
    CHECK(roster.invalid == std::set{k_beta});
    CHECK(roster.kept.empty());
    CHECK(mentions(roster, "accounts.d/beta.toml"));
    CHECK(mentions(roster, "'beta' is the name of a group"));
    CHECK(mentions(read_anew(home), "'beta'"));
    // Every account at once is called so already.
    home.account(k_alpha, "group = \"all\"\n");
    CHECK(mentions(read_anew(home), "group: "));
}

TEST_CASE("the account that had a broker account before keeps it") {
    const test::TemporaryHome home;
    home.account(k_beta, "broker_account = \"U1\"\n");
    apply_now(home);
    home.account(k_alpha, "broker_account = \"U1\"\n");
    home.account(k_beta, "broker_account = \"U1\"\npriority = 3\n");
    const Roster roster = read_anew(home);
    CHECK(roster.invalid == std::set{k_alpha});
    CHECK(roster.kept.empty());
    CHECK(roster.accounts.at(k_beta).priority == 3);
    CHECK(roster.problems.size() == 1);
}

TEST_CASE("an account edited into another's broker account keeps its own, against newcomers too") {
    const test::TemporaryHome home;
    home.account(k_alpha, "broker_account = \"U1\"\n");
    home.account(k_beta, "broker_account = \"U2\"\n");
    apply_now(home);
    home.account(k_alpha, "broker_account = \"U2\"\n");
    home.account(k_gamma, "broker_account = \"U1\"\n");
    const Roster roster = read_anew(home);
    CHECK(roster.kept == std::set{k_alpha});
    CHECK(roster.invalid == std::set{k_gamma});
    CHECK(roster.accounts.at(k_alpha).broker_account == "U1");
    CHECK(roster.accounts.at(k_beta).broker_account == "U2");
}

TEST_CASE("two accounts may swap their broker accounts") {
    const test::TemporaryHome home;
    home.account(k_alpha, "broker_account = \"U1\"\n");
    home.account(k_beta, "broker_account = \"U2\"\n");
    apply_now(home);
    home.account(k_alpha, "broker_account = \"U2\"\n");
    home.account(k_beta, "broker_account = \"U1\"\n");
    const Roster roster = read_anew(home);
    CHECK(roster.problems.empty());
    CHECK(roster.accounts.at(k_alpha).broker_account == "U2");
}

TEST_CASE("accounts beyond the most are refused, newcomers first") {
    const test::TemporaryHome home;
    home.settings("accounts_max = 2\n");
    home.account(k_beta, "");
    home.account(k_gamma, "");
    apply_now(home);
    home.account(k_alpha, "");
    const Roster roster = read_anew(home);
    CHECK(roster.invalid == std::set{k_alpha});
    CHECK(roster.accounts.size() == 2);
    CHECK(mentions(roster, "accounts.d/alpha.toml: is one account more than accounts_max"));
}

TEST_CASE("origins name file and line, or the default") {
    const test::TemporaryHome home;
    home.settings(
        "# head\nname = \"x\"\n[defaults]\nstop_wait = \"3 s\"\n"
        "[defaults.environment]\nA = \"1\"\n");
    home.account(k_alpha,
                 "# head\n\nrestart = \"never\"\n[limits]\nnice = 3\n"
                 "[environment]\nB = \"2\"\n");
    RosterReader reader(home.home());
    (void)reader.read(later());
    const auto origins = reader.origin(k_alpha);
    REQUIRE(origins.has_value());
    CHECK(source_of(*origins, "restart.rule") == "accounts.d/alpha.toml:3");
    CHECK(source_of(*origins, "limits.nice") == "accounts.d/alpha.toml:5");
    CHECK(source_of(*origins, "stop_wait") == "bullpen.toml:4");
    CHECK(source_of(*origins, "start_wait") == "default");
    CHECK(source_of(*origins, "environment.A") == "bullpen.toml:6");
    CHECK(source_of(*origins, "environment.B") == "accounts.d/alpha.toml:7");
    CHECK(source_of(reader.daemon_origin(), "name") == "bullpen.toml:2");
    CHECK(source_of(reader.daemon_origin(), "log.level") == "default");
    CHECK(json(std::vector<Origin>{{"a", "\"b\"", "default"}}) ==
          "[{\"key\":\"a\",\"value\":\"\\\"b\\\"\",\"source\":\"default\"}]");
}

TEST_CASE("a worker reads what was applied, not what is being edited") {
    const test::TemporaryHome home;
    home.settings("[defaults]\nstop_wait = \"3 s\"\n");
    home.account(k_alpha, "priority = 7\n");
    CHECK(applied_account(home.home(), k_alpha).error().code() == Errc::not_found);
    CHECK(read_account(home.home(), k_alpha).value().priority == 7);
    const Roster before = read_anew(home);
    apply_now(home);
    home.account(k_alpha, "priority = 8\n");
    CHECK(applied_account(home.home(), k_alpha).value() == before.accounts.at(k_alpha));
    CHECK(read_account(home.home(), k_alpha).value().priority == 8);
    CHECK(applied_account(home.home(), k_beta).error().code() == Errc::not_found);
    CHECK(read_account(home.home(), k_beta).error().code() == Errc::not_found);
    home.account(k_alpha, "priority = \n");
    CHECK(read_account(home.home(), k_alpha).error().context().find("accounts.d/alpha.toml:1") ==
          0);
}
