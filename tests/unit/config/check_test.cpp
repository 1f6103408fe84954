// What is said about mistakes in settings files: place, key, sentence, and the nearest known key.
#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "common/config/issue.hpp"
#include "common/config/roster.hpp"
#include "tests/support/temporary.hpp"

using namespace bullpen;
using namespace bullpen::config;

namespace {

struct Wanted {
    int line;
    const char* key;
    const char* message;  // a part of it
    const char* nearest;
};

struct Row {
    const char* text;
    std::vector<Wanted> issues;
};

void check_issues(const std::vector<Issue>& issues, const Row& row, const char* file) {
    CAPTURE(row.text);
    std::string all;
    for (const Issue& issue : issues)
        all += text(issue) + "\n";
    CAPTURE(all);
    REQUIRE(issues.size() == row.issues.size());
    for (std::size_t i = 0; i < issues.size(); ++i) {
        CHECK(issues[i].severity == Severity::error);
        CHECK(issues[i].file == file);
        CHECK(issues[i].line == row.issues[i].line);
        CHECK(issues[i].key == row.issues[i].key);
        CHECK(issues[i].nearest == row.issues[i].nearest);
        CHECK(issues[i].message.find(row.issues[i].message) != std::string::npos);
    }
}

}  // namespace

TEST_CASE("every mistake in an account's file is told with its place and the nearest key") {
    const std::vector<Row> rows = {
        {"", {}},
        {"account = \"alpha\"\nrestart = \"never\"\n[limits]\nmemory_max = \"64 MiB\"\n", {}},
        {"[limits]\n[feed]\n[log]\n[restart]\n[environment]\n", {}},
        {"feed = { kind = \"replay\", file = \"x.csv\" }\nlimits.nice = 3\n", {}},
        {"priorty = 1\nenabled = 1\n\n[limits]\nmemory = 3\n",
         {{1, "priorty", "not a key", "priority"},
          {2, "enabled", "must be true or false, not a whole number", ""},
          {5, "limits.memory", "not a key", "limits.memory_max"}}},
        {"memory_max = \"64 MiB\"\n", {{1, "memory_max", "not a key", "limits.memory_max"}}},
        {"[feeds]\nkind = \"replay\"\n", {{2, "feeds.kind", "not a key", "feed.kind"}}},
        {"[nothing_alike]\n", {{1, "nothing_alike", "not a key", ""}}},
        {"[[feed]]\nkind = \"replay\"\n", {{1, "feed", "is a table of keys, not a list", ""}}},
        {"limits = 3\n", {{1, "limits", "is a table of keys, not a whole number", ""}}},
        {"environment = \"x\"\n", {{1, "environment", "is a table of keys, not text", ""}}},
        {"[priority]\nx = 1\n", {{2, "priority.x", "not a key", "priority"}}},
        {"restart = \"nevr\"\n", {{1, "restart", "must be always, unexpected or never", "never"}}},
        {"restart = 3\n", {{1, "restart", "must be text in quotes, not a whole number", ""}}},
        {"account = \"beta\"\n", {{1, "account", "must be \"alpha\", as the file is named", ""}}},
        {"account = 3\n", {{1, "account", "must be \"alpha\"", ""}}},
        {"stop_wait = 10\n", {{1, "stop_wait", "as in \"5 s\"", ""}}},
        {"beat_interval = \"90 s\"\n", {{1, "beat_interval", "1 s to 1 min, not 90 s", ""}}},
        {"storm_window = \"1 s\"\n", {{1, "storm_window", "is a key of bullpen.toml", ""}}},
        {"password = \"hunter2\"\n[broker_login]\napiKey = \"x\"\n",
         {{1, "password", "secrets do not belong in settings", ""},
          {3, "broker_login.apiKey", "secrets do not belong in settings", ""}}},
        {"credentials_environment = [\"A=a\"]\n",
         {{1, "credentials_environment", "is for a command", ""}}},
        {"command = [\"bot\"]\ncredentials_environment = [\"A=a\", \"TMPDIR=b\"]\n",
         {{2, "credentials_environment", "NAME=field", ""}}},
        {"command = [\"bot\", \"--token=abc\"]\n",
         {{1, "command", "carries a secret in its arguments", ""}}},
        {"[environment]\nBOT_TOKEN = \"x\"\nBULLPEN_HOME = \"x\"\n\"A B\" = \"x\"\nN = 3\n",
         {{2, "environment.BOT_TOKEN", "looks like a secret", ""},
          {3, "environment.BULLPEN_HOME", "set by Bullpen itself", ""},
          {4, "environment.\"A B\"", "a variable's name has", ""},
          {5, "environment.N", "must be text in quotes", ""}}},
        {"late_after = \"9 s\"\n", {{1, "dead_after", "5 s is not more than late_after, 9 s", ""}}},
        {"beat_interval = \"3 s\"\n\nlabel = \"x\"\n",
         {{1, "late_after", "2 s is less than beat_interval, 3 s", ""}}},
        {"[restart]\ndelay = \"2 min\"\n", {{2, "restart.delay_max", "1 min is less than", ""}}},
        {"[feed]\nkind = \"replay\"\n", {{2, "feed.file", "is needed", ""}}},
        {"[strategy]\nrsi_low = 70\nrsi_high = 30\n",
         {{3, "strategy.rsi_high", "is not more than strategy.rsi_low", ""}}},
        {"[strategy]\nband_exit = 1.5\n",
         {{2, "strategy.band_exit", "is not more than strategy.band_entry", ""}}},
        {"[strategy]\npartial_1 = \"80 %\"\npartial_2 = \"80 %\"\n",
         {{3, "strategy.partial_1", "are more than the whole position", ""}}},
        {"[strategy]\nbreak_even_ticks = 3\nbreak_even_offset = 3\n",
         {{3, "strategy.break_even_ticks", "is not more than", ""}}},
        {"[strategy]\ndecay_1_after = \"80 %\"\n",
         {{2, "strategy.decay_2_after", "is not more than strategy.decay_1_after", ""}}},
        {"[strategy]\nsurge_samples = 100\nvolume_length = 10\n",
         {{3, "strategy.surge_samples", "is more than strategy.volume_length", ""}}},
        {"a b\nlabel = 3\n", {{1, "", "cannot be read", ""}, {2, "label", "must be text", ""}}},
        {"[jobs.pattern_daily]\ntickers = \"INFY, tcs\"\n",
         {{2, "jobs.pattern_daily.tickers", "capital letters", ""}}},
        {"label = \"x\"\nlabel = \"y\"\n", {{2, "", "cannot redefine", ""}}},
    };
    for (const Row& row : rows) {
        const test::TemporaryHome home;
        home.account(test::account_id("alpha"), row.text);
        check_issues(check_home(home.home()), row, "accounts.d/alpha.toml");
        const auto read = read_account(home.home(), test::account_id("alpha"));
        CHECK(read.has_value() == row.issues.empty());
    }
}

TEST_CASE("a variable carries one credential, and is not set by the environment as well") {
    const std::vector<Row> rows = {
        {"command = [\"bot\"]\ncredentials_environment = [\"A=a\", \"B=b\", \"A=c\"]\n",
         {{2, "credentials_environment", "names the variable A twice", ""}}},
        {"command = [\"bot\"]\ncredentials_environment = [\"A=a\", \"A=a\"]\n",
         {{2, "credentials_environment", "names the variable A twice", ""}}},
        {"command = [\"bot\"]\ncredentials_environment = [\"A=a\", \"AA=a\", \"B=a\"]\n", {}},
        {"command = [\"bot\"]\n\ncredentials_environment = [\"A=a\", \"B=b\"]\n"
         "[environment]\nB = \"x\"\n",
         {{3, "credentials_environment", "B, which [environment] sets, too", ""}}},
    };
    for (const Row& row : rows) {
        const test::TemporaryHome home;
        home.account(test::account_id("alpha"), row.text);
        check_issues(check_home(home.home()), row, "accounts.d/alpha.toml");
    }
}

TEST_CASE("every mistake in bullpen.toml is told, with those of the accounts") {
    const std::vector<Row> rows = {
        {"[log]\n[defaults]\n[defaults.limits]\n", {}},
        {"storm_window = \"10 s\"\n[defaults]\nstop_wait = \"3 s\"\nrestart = \"never\"\n", {}},
        {"[defaults.feed]\nkind = \"replay\"\n", {}},
        {"strom_window = \"10 s\"\n", {{1, "strom_window", "not a key", "storm_window"}}},
        {"stop_wait = \"10 s\"\n", {{1, "stop_wait", "not a key", "defaults.stop_wait"}}},
        {"[defaults]\nstopwait = \"1 s\"\n",
         {{2, "defaults.stopwait", "not a key", "defaults.stop_wait"}}},
        {"[default]\nstop_wait = \"1 s\"\n",
         {{2, "default.stop_wait", "not a key", "defaults.stop_wait"}}},
        {"[defaults]\nlogin = \"x\"\naccount = \"alpha\"\n",
         {{2, "defaults.login", "cannot be inherited", ""},
          {3, "defaults.account", "cannot be inherited", ""}}},
        {"defaults = 3\n", {{1, "defaults", "is a table of keys", ""}}},
        {"log = 3\nname = 4\n",
         {{1, "log", "is a table of keys", ""}, {2, "name", "must be text", ""}}},
        {"[defaults]\ndead_after = \"1 s\"\n",
         {{2, "defaults.dead_after", "1 s is not more than late_after", ""}}},
        {"[defaults.environment]\nMY_SECRET = \"x\"\n",
         {{2, "defaults.environment.MY_SECRET", "looks like a secret", ""}}},
        {"host_lock_dir = \"locks\"\n", {{1, "host_lock_dir", "must be an absolute path", ""}}},
        {"host_lock_dir = \"\"\n", {{1, "host_lock_dir", "must not be empty", ""}}},
    };
    for (const Row& row : rows) {
        const test::TemporaryHome home;
        home.settings(row.text);
        check_issues(check_home(home.home()), row, "bullpen.toml");
        CHECK(read_daemon(home.home()).has_value() == row.issues.empty());
    }
}

TEST_CASE("a key of the built-in worker beside a command is told once, and refuses nothing") {
    const test::TemporaryHome home;
    home.account(test::account_id("alpha"),
                 "command = [\"/bin/true\"]\nlabel = \"x\"\ntrading = \"shadow\"\n"
                 "[risk]\ntrades_max = 2\n");
    home.account(test::account_id("beta"), "trading = \"shadow\"\n");
    home.account(test::account_id("gamma"), "command = [\"/bin/true\"]\nlabel = \"x\"\n");
    const auto issues = check_home(home.home());
    REQUIRE(issues.size() == 1);
    CHECK(
        text(issues.front()).starts_with("accounts.d/alpha.toml:3: note: trading: has no effect"));
    CHECK_FALSE(has_errors(issues));
    CHECK(read_account(home.home(), test::account_id("alpha")));
}

TEST_CASE("an account of shares is told of what it does not read, and of waits beyond a run") {
    const test::TemporaryHome home;
    const std::string shares = "trading = \"shares\"\nbroker = \"paper\"\n";
    home.account(test::account_id("alpha"),
                 shares +
                     "[orders]\ntag = \"AB12\"\nat_stop = \"flatten\"\n[risk]\n"
                     "daily_loss_max = 2\ndaily_loss_percent = \"3 %\"\ntrades_max = 3\n");
    home.account(test::account_id("beta"), shares + "[orders]\nreconcile_every = \"5 s\"\n");
    home.account(test::account_id("gamma"), shares +
                                                "[jobs.place_orders_daily]\nopen_wait = \"6 min\"\n"
                                                "fill_wait = \"301 s\"\n");
    home.account(test::account_id("delta"),
                 shares +
                     "[jobs.place_orders_daily]\nopen_wait = \"5 min\"\n"
                     "fill_wait = \"10 min\"\ndeadline = \"10 min\"\n"
                     "[jobs.pattern_daily]\ntickers = \"INFY, M&M,BAJAJ-AUTO\"\n");
    home.account(test::account_id("ephraim"), "[risk]\ndaily_loss_max = 2\n");
    const auto issues = check_home(home.home());
    CHECK_FALSE(has_errors(issues));
    REQUIRE(issues.size() == 4);
    CHECK(text(issues[0]).starts_with(
        "accounts.d/alpha.toml:9: note: risk.trades_max: has no effect"));
    CHECK(text(issues[1]).starts_with(
        "accounts.d/beta.toml:4: note: orders.reconcile_every: has no effect"));
    CHECK(
        text(issues[2]).starts_with("accounts.d/gamma.toml:4: note: "
                                    "jobs.place_orders_daily.open_wait: 6 min is more than"));
    CHECK(
        text(issues[3]).starts_with("accounts.d/gamma.toml:5: note: "
                                    "jobs.place_orders_daily.fill_wait: 301 s is more than"));
}

TEST_CASE("the loss of a day has no default for an account of shares, whose amounts are rupees") {
    test::TemporaryHome home;
    const std::string shares = "trading = \"shares\"\nbroker = \"paper\"\n";
    home.account(test::account_id("alpha"), shares);
    home.account(test::account_id("beta"), shares + "[risk]\ndaily_loss_max = 2500\n");
    home.account(test::account_id("gamma"), "");
    const auto loss = [&](const char* account) {
        const auto read = read_account(home.home(), test::account_id(account));
        REQUIRE(read.has_value());
        return read->risk->daily_loss_max;
    };
    CHECK(loss("alpha") == 0);
    CHECK(loss("beta") == 2500);
    CHECK(loss("gamma") == 1000);
    home.settings("[defaults.risk]\ndaily_loss_max = 700\n");
    CHECK(loss("alpha") == 700);
}

TEST_CASE("a key that judges the spread is noted of an account that is told no bids and asks") {
    const test::TemporaryHome home;
    home.account(test::account_id("alpha"),
                 "[strategy]\nlong = true\nspread_abnormal = 3.0\nspread_by_hour = true\n");
    home.account(test::account_id("beta"), "[strategy]\nspread_filter = false\n");
    home.account(test::account_id("gamma"), "[risk]\nfast_market = false\n");
    home.account(test::account_id("told"),
                 "trading = \"on\"\nfeed.ticks = true\nstrategy.spread_filter = false\n");
    const auto issues = check_home(home.home());
    CHECK_FALSE(has_errors(issues));
    REQUIRE(issues.size() == 2);
    CHECK(text(issues[0]).starts_with(
        "accounts.d/alpha.toml:3: note: strategy.spread_abnormal: has no effect"));
    CHECK(text(issues[0]).ends_with("feed.ticks = true and trading = \"on\" alone"));
    CHECK(text(issues[1]).starts_with("accounts.d/beta.toml:2: note: strategy.spread_filter: "));
}

TEST_CASE("ticks are noted of an account that the exchange tells none: one in the shadow") {
    const test::TemporaryHome home;
    home.account(test::account_id("alpha"), "trading = \"shadow\"\nfeed.ticks = true\n");
    home.account(test::account_id("beta"), "trading = \"on\"\nfeed.ticks = true\n");
    home.account(test::account_id("gamma"), "feed.ticks = false\n");
    const auto issues = check_home(home.home());
    CHECK_FALSE(has_errors(issues));
    REQUIRE(issues.size() == 1);
    CHECK(text(issues[0]).starts_with("accounts.d/alpha.toml:2: note: feed.ticks: has no effect"));
}

TEST_CASE("the mistakes of all files are told together, those of bullpen.toml first") {
    const test::TemporaryHome home;
    home.settings("nam = \"x\"\n");
    home.account(test::account_id("beta"), "x = 1\ny = 2\n");
    home.account(test::account_id("alpha"), "z = 1\n");
    const auto issues = check_home(home.home());
    REQUIRE(issues.size() == 4);
    CHECK(issues[0].file == "bullpen.toml");
    CHECK(issues[1].file == "accounts.d/alpha.toml");
    CHECK(issues[2].file == "accounts.d/beta.toml");
    CHECK(issues[2].line == 1);
    CHECK(issues[3].line == 2);
    CHECK(issues[3].account == test::account_id("beta"));
    CHECK(has_errors(issues));
}

TEST_CASE(
    "a broken bullpen.toml hides no mistake of the accounts, a doubled broker account included") {
    const test::TemporaryHome home;
    const std::string twin = "broker = \"tradovate\"\nlogin = \"x\"\nbroker_account = \"77\"\n";
    home.account(test::account_id("alpha"), twin);
    home.account(test::account_id("beta"), twin);
    home.account(test::account_id("gamma"), "dead_after = \"3 s\"\n");
    const auto keys = [&] {
        std::vector<std::string> found;
        for (const Issue& issue : check_home(home.home()))
            found.push_back(issue.file + " " + issue.key);
        return found;
    };
    home.settings("nam = \"x\"\n[defaults]\nlate_after = \"4 s\"\n");
    CHECK(keys() == std::vector<std::string>{
                        "bullpen.toml nam", "accounts.d/alpha.toml broker_account",
                        "accounts.d/beta.toml broker_account", "accounts.d/gamma.toml dead_after"});
    // Values that could not be read may be what makes the others fit: nothing is said of those.
    home.settings("[defaults]\nlate_after = 4\n");
    CHECK(keys() == std::vector<std::string>{"bullpen.toml defaults.late_after",
                                             "accounts.d/alpha.toml broker_account",
                                             "accounts.d/beta.toml broker_account"});
}

TEST_CASE("a file with a wrong value is told of what contradicts itself in it at the same time") {
    const test::TemporaryHome home;
    home.account(test::account_id("alpha"),
                 "label = 5\nlate_after = \"2 s\"\nbeat_interval = \"3 s\"\n");
    home.account(test::account_id("beta"), "[feed]\nkind = \"replay\"\nfil = \"x.csv\"\n");
    home.account(test::account_id("gamma"), "a b\nlate_after = \"2 s\"\n");
    std::vector<std::string> told;
    for (const Issue& issue : check_home(home.home()))
        told.push_back(text(issue));
    REQUIRE(told.size() == 4);
    CHECK(told[0].starts_with("accounts.d/alpha.toml:1:"));
    CHECK(told[1].starts_with("accounts.d/alpha.toml:3: late_after: 2 s is less than"));
    CHECK(told[2].starts_with("accounts.d/beta.toml:3:"));
    CHECK(told[3].starts_with("accounts.d/gamma.toml:1:"));
}

TEST_CASE("paths that reach too far are refused at their line, and those that two share are told") {
    const test::TemporaryHome home;
    const test::TemporaryDirectory beside;
    home.settings("[vault]\nkey_file = \"" + beside.file("vault.key") + "\"\n");
    home.account(test::account_id("alpha"),
                 "label = \"x\"\nread_paths = [\"" + beside.path() + "\"]\n");
    home.account(test::account_id("beta"), "write_paths = [\"/srv/b\", \"/etc\"]\n");
    home.account(test::account_id("delta"), "label = \"x\"\nwrite_paths = [\"/srv/d\"]\n");
    home.account(test::account_id("gamma"), "write_paths = [\"/srv/g\", \"/srv/d/g\"]\n");
    home.account(test::account_id("zeta"), "read_paths = [\"/home\", \"/srv/z\"]\n");
    const auto issues = check_home(home.home());
    std::vector<std::string> told;
    for (const Issue& issue : issues)
        told.push_back(text(issue));
    CAPTURE(json(issues));
    REQUIRE(issues.size() == 5);
    CHECK(told[0].starts_with("accounts.d/alpha.toml:2: read_paths: '" + beside.path() +
                              "' holds the key of the vault"));
    CHECK(told[1].starts_with("accounts.d/beta.toml:1: write_paths: '/etc' is the system's"));
    CHECK(
        told[2].starts_with("accounts.d/delta.toml:2: note: write_paths: '/srv/d' is also "
                            "gamma's to change"));
    CHECK(
        told[3].starts_with("accounts.d/gamma.toml:1: note: write_paths: '/srv/d/g' is also "
                            "delta's to change"));
    CHECK(told[4].starts_with("accounts.d/zeta.toml:1: note: read_paths: '/home' lets"));
    CHECK(read_account(home.home(), test::account_id("gamma")));
}

TEST_CASE("no message repeats what stood in the place of a secret") {
    const test::TemporaryHome home;
    home.account(test::account_id("alpha"),
                 "password = \"hunter2\"\ncommand = [\"b\", \"--token=hunter2\"]\n"
                 "[environment]\nX_SECRET = \"hunter2\"\nURL = \"x://u:hunter2@h\"\n");
    const auto issues = check_home(home.home());
    CHECK(issues.size() == 4);
    CHECK(json(issues).find("hunter2") == std::string::npos);
    for (const Issue& issue : issues)
        CHECK(text(issue).find("hunter2") == std::string::npos);
}

TEST_CASE("an issue is one line for people and an object for programs") {
    Issue issue;
    issue.file = "accounts.d/alpha.toml";
    issue.line = 5;
    issue.column = 1;
    issue.key = "priorty";
    issue.message = "is not a key";
    issue.nearest = "priority";
    issue.account = test::account_id("alpha");
    CHECK(text(issue) ==
          "accounts.d/alpha.toml:5:1: priorty: is not a key; did you mean priority?");
    CHECK(json(std::vector<Issue>{issue}) ==
          "[{\"severity\":\"error\",\"file\":\"accounts.d/alpha.toml\",\"line\":5,\"column\":1,"
          "\"key\":\"priorty\",\"message\":\"is not a key\",\"nearest\":\"priority\","
          "\"account\":\"alpha\"}]");
    issue.severity = Severity::note;
    issue.line = 0;
    issue.account.reset();
    issue.key = "a\x1b[2J\n\xff";
    CHECK(text(issue) ==
          "accounts.d/alpha.toml: note: a?[2J??: is not a key; did you mean priority?");
    CHECK(json(std::vector<Issue>{issue}).find("\"account\":null") != std::string::npos);
    CHECK_FALSE(has_errors({issue}));
}
