#include "common/config/keys.hpp"

#include <doctest/doctest.h>

#include <chrono>
#include <cstdint>
#include <set>
#include <string>
#include <vector>

#include "common/base/errc.hpp"
#include "tests/support/temporary.hpp"

using namespace bullpen;
using namespace bullpen::config;
using namespace std::chrono_literals;

namespace {

AccountSettings some_account() {
    return AccountSettings(test::account_id("alpha"));
}

}  // namespace

TEST_CASE("every key is declared once, with a meaning, bounds and a default that it would take") {
    for (const Scope scope : {Scope::account, Scope::daemon}) {
        std::set<std::string_view> names;
        for (const KeyFacts& key : key_facts(scope)) {
            CAPTURE(key.name);
            CHECK(names.insert(key.name).second);
            CHECK(key.description.ends_with('.'));
            CHECK_FALSE(key.bounds.empty());
            if (key.type == KeyType::table)
                continue;
            auto account = some_account();
            DaemonSettings daemon;
            const auto taken = scope == Scope::account
                                   ? set_value(account, key.name, key.default_text)
                                   : set_value(daemon, key.name, key.default_text);
            CHECK(taken.has_value());
            CHECK(daemon == DaemonSettings{});
            account.fingerprint = 0;
            CHECK(account == some_account());
        }
    }
}

TEST_CASE("one key says where to listen on a network, and by default it says nowhere") {
    CHECK(DaemonSettings{}.remote.listen.empty());
    DaemonSettings daemon;
    for (const std::string_view good :
         {"\"\"", "\"tcp://127.0.0.1:0\"", "\"tcp://0.0.0.0:7070\"", "\"tcp://[::]:7070\""})
        CHECK_MESSAGE(set_value(daemon, "remote.listen", good).has_value(), good);
    for (const std::string_view bad :
         {"\"tcp://*:7070\"", "\"tcp://localhost:7070\"", "\"ipc:///run/x\"", "\"127.0.0.1:7070\"",
          "\"tcp://127.0.0.1\"", "7070"})
        CHECK_FALSE_MESSAGE(set_value(daemon, "remote.listen", bad).has_value(), bad);
}

TEST_CASE("health is answered at a socket of the home or on this host alone") {
    CHECK(DaemonSettings{}.health.listen.empty());
    DaemonSettings daemon;
    for (const std::string_view good : {"\"\"", "\"unix\"", "\"tcp://127.0.0.1:0\"",
                                        "\"tcp://127.0.0.9:9180\"", "\"tcp://[::1]:9180\""})
        CHECK_MESSAGE(set_value(daemon, "health.listen", good).has_value(), good);
    for (const std::string_view bad :
         {"\"tcp://0.0.0.0:9180\"", "\"tcp://[::]:9180\"", "\"tcp://192.0.2.7:9180\"",
          "\"tcp://localhost:9180\"", "\"tcp://127.0.0.1.example.com:1\"", "\"unix:/tmp/x\"", "1"})
        CHECK_FALSE_MESSAGE(set_value(daemon, "health.listen", bad).has_value(), bad);
}

TEST_CASE("no other key says where to listen: all other sockets are files of the home") {
    for (const Scope scope : {Scope::account, Scope::daemon}) {
        for (const KeyFacts& key : key_facts(scope)) {
            // Where connections to others come from.
            if (key.name == "bind_address" || key.name == "remote.listen" ||
                key.name == "health.listen")
                continue;
            CAPTURE(key.name);
            for (const std::string_view word :
                 {"address", "bind", "endpoint", "listen", "port", "tcp"})
                CHECK(key.name.find(word) == std::string_view::npos);
        }
    }
}

TEST_CASE("what makes an account itself is not inherited") {
    std::vector<std::string_view> own;
    for (const KeyFacts& key : key_facts(Scope::account)) {
        if (!key.inheritable)
            own.push_back(key.name);
    }
    CHECK(own == std::vector<std::string_view>{"label", "login", "broker_account",
                                               "credentials_environment", "write_paths", "permit",
                                               "unix_user", "orders.tag"});
}

TEST_CASE("each key takes its values and refuses what is out of bounds or of another type") {
    struct Row {
        const char* key;
        std::vector<const char*> good;
        std::vector<const char*> bad;
    };
    const std::vector<Row> rows = {
        {"label", {"\"\"", "\"Joan's\""}, {"\" x\"", "\"a\\nb\"", "1", "[]"}},
        {"group", {"\"night.1\"", "\"\""}, {"\"a b\"", "\"é\""}},
        {"enabled", {"true", "false"}, {"\"true\"", "1", "yes"}},
        {"priority", {"0", "1_000_000"}, {"-1", "1000001", "1.0", "\"1\"", "1979-05-27"}},
        {"broker", {"\"paper\""}, {"\"\"", "\"Paper\"", "\"a b\""}},
        {"command",
         {"[]", "[\"/bin/true\"]", "[\"a\", \"\", \"c\\nd\"]"},
         {"\"/bin/true\"", "[1]", "[\"\"]", "[\"a\\u0000\"]", "[\"a\", \"--password=x\"]",
          "[[\"a\"]]"}},
        {"read_paths",
         {"[]", "[\"/opt/bot\", \"/usr/local/lib/python3\"]", "[\"names:/opt/bot\"]"},
         {"\"/opt\"", "[\"names:/\"]", "[\"\"]", "[\"/opt/../etc\"]", "[\"/a\\nb\"]"}},
        {"write_paths", {"[\"/opt/bot/data\"]"}, {"[\"data\"]", "[\"/opt/..\"]", "[1]"}},
        {"bind_address",
         {"\"\"", "\"127.0.0.2\"", "\"2001:db8::7\""},
         {"\"localhost\"", "\"10.0.0.1/24\"", "\"0.0.0.0\"", "\"::\"", "\"ff02::1\"", "1"}},
        {"unix_user",
         {"\"\"", "\"bot7\"", "\"_bot-7\"", "\"2007\"", "\"2007:2000\""},
         {"\"root\"", "\"0\"", "\"2007:\"", "\":7\"", "\"Bot\"", "\"a b\"", "7"}},
        {"permit",
         {"[]", "[\"chmod\", \"kill\", \"setsid\", \"inotify\"]"},
         {"[\"ptrace\"]", "\"chmod\"", "[\"\"]"}},
        {"heartbeat", {"\"zmq\"", "\"none\""}, {"\"ZMQ\"", "true", "\"\""}},
        {"start_wait", {"\"100 ms\"", "\"1 h\""}, {"\"99 ms\"", "\"61 min\"", "30", "0"}},
        {"stop_wait", {"0", "\"0 s\"", "\"10 s\""}, {"10", "\"-1 s\"", "\"ten\""}},
        {"beat_interval", {"\"1 s\"", "\"60 s\""}, {"\"999 ms\"", "\"61 s\""}},
        {"restart.factor", {"1", "1.5", "10.0"}, {"0.9", "11", "nan", "inf", "\"2\""}},
        {"restart.jitter", {"\"0 %\"", "0", "\"100 %\""}, {"\"101 %\"", "10", "\"10\""}},
        {"limits.memory_max", {"0", "\"1 MiB\""}, {"\"512 KiB\"", "67108864", "\"17 PiB\""}},
        {"limits.processes_max", {"0", "1", "1024"}, {"-1", "1000001", "\"many\""}},
        {"limits.cpu_max", {"0", "1", "150"}, {"-1", "100001", "\"50 %\""}},
        {"limits.disk_max", {"0", "\"1 MiB\"", "\"8 GiB\""}, {"\"512 KiB\"", "8"}},
        {"limits.nice", {"0", "19"}, {"-1", "20"}},
        {"feed.instrument", {"\"MES\""}, {"\"mes\"", "\"\""}},
        {"feed.seed", {"0", "9223372036854775807"}, {"-1", "9223372036854775808", "1.5"}},
        {"feed.file", {"\"shared/x.csv\"", "\"/x.csv\""}, {"\"../x.csv\"", "\"a/../b\""}},
        {"feed.speed", {"0.001", "1000000"}, {"0", "-1", "1e7"}},
        {"feed.time_zone", {"\"\"", "\"UTC\""}, {"\"Mars/Base\"", "\"../x\""}},
        {"environment.PATH", {"\"/usr/bin\"", "\"\""}, {"1", "\"a\\u0000\"", "\"x://a:b@c\""}},
        {"environment.BULLPEN_HOME", {}, {"\"x\""}},
        {"environment.API_TOKEN", {}, {"\"x\""}},
        {"environment.a-b", {}, {"\"x\""}},
    };
    for (const Row& row : rows) {
        for (const char* text : row.good) {
            CAPTURE(row.key);
            CAPTURE(text);
            auto settings = some_account();
            const auto set = set_value(settings, row.key, text);
            CHECK_MESSAGE(set.has_value(), (set ? "" : set.error().message()));
            CHECK(settings.fingerprint == fingerprint(settings));
        }
        for (const char* text : row.bad) {
            CAPTURE(row.key);
            CAPTURE(text);
            auto settings = some_account();
            const auto set = set_value(settings, row.key, text);
            REQUIRE_FALSE(set.has_value());
            CHECK_FALSE(set.error().context().empty());
            CHECK(settings == some_account());
        }
    }
}

TEST_CASE("a value cannot bring a second key with it") {
    auto settings = some_account();
    CHECK_FALSE(set_value(settings, "priority", "1\nenabled = false").has_value());
    CHECK_FALSE(set_value(settings, "priority", "").has_value());
    CHECK(settings.enabled);
}

TEST_CASE("a key that does not exist is not found") {
    auto settings = some_account();
    DaemonSettings daemon;
    CHECK(set_value(settings, "priorty", "1").error().code() == Errc::not_found);
    CHECK(set_value(settings, "environment", "1").error().code() == Errc::not_found);
    CHECK(value_text(settings, "x").error().code() == Errc::not_found);
    CHECK(set_value(daemon, "priority", "1").error().code() == Errc::not_found);
    CHECK(value_text(daemon, "x").error().code() == Errc::not_found);
}

TEST_CASE("values are shown as TOML writes them") {
    auto settings = some_account();
    settings.command = {"a", "b \"c\""};
    settings.restart_factor = 2.5;
    settings.environment["X"] = "1\n";
    CHECK(value_text(settings, "command").value() == "[\"a\", \"b \\\"c\\\"\"]");
    CHECK(value_text(settings, "stop_wait").value() == "\"10 s\"");
    CHECK(value_text(settings, "limits.stdio_max").value() == "\"16 MiB\"");
    CHECK(value_text(settings, "restart.jitter").value() == "\"10 %\"");
    CHECK(value_text(settings, "restart.factor").value() == "2.5");
    CHECK(value_text(settings, "restart.rule").value() == "\"always\"");
    CHECK(value_text(settings, "enabled").value() == "true");
    CHECK(value_text(settings, "environment.X").value() == "\"1\\n\"");
    CHECK(value_text(settings, "environment.Y").value().empty());
}

TEST_CASE("an environment name is taken out with an empty text") {
    auto settings = some_account();
    REQUIRE(set_value(settings, "environment.X", "\"1\"").has_value());
    CHECK(settings.environment.size() == 1);
    REQUIRE(set_value(settings, "environment.X", "").has_value());
    CHECK(settings.environment.empty());
}

TEST_CASE("the fingerprint changes with what only a new process takes up, and with nothing else") {
    const std::uint64_t before = fingerprint(some_account());
    struct Row {
        const char* key;
        const char* text;
    };
    for (const Row& row : std::vector<Row>{{"label", "\"x\""},
                                           {"owner", "\"x\""},
                                           {"group", "\"x\""},
                                           {"priority", "1"},
                                           {"autostart", "false"},
                                           {"enabled", "false"},
                                           {"restart.rule", "\"never\""},
                                           {"restart.budget", "3"},
                                           {"stop_wait", "\"3 s\""},
                                           {"limits.memory_max", "\"64 MiB\""},
                                           {"limits.processes_max", "64"},
                                           {"limits.disk_max", "\"64 MiB\""}}) {
        CAPTURE(row.key);
        auto settings = some_account();
        REQUIRE(set_value(settings, row.key, row.text).has_value());
        CHECK(settings.fingerprint == before);
    }
    std::set<std::uint64_t> seen = {before};
    for (const Row& row : std::vector<Row>{{"broker_account", "\"x\""},
                                           {"login", "\"x\""},
                                           {"command", "[\"x\"]"},
                                           {"heartbeat", "\"none\""},
                                           {"limits.open_files_max", "64"},
                                           {"feed.seed", "3"},
                                           {"log.level", "\"debug\""},
                                           {"environment.X", "\"\""}}) {
        CAPTURE(row.key);
        auto settings = some_account();
        REQUIRE(set_value(settings, row.key, row.text).has_value());
        CHECK(seen.insert(settings.fingerprint).second);
    }
}

TEST_CASE("the fingerprint of default settings stays what it was in every release") {
    // It is stored with running workers: were it to change, an upgrade would restart all of them.
    CHECK(fingerprint(some_account()) == 0xCBF29CE484222325ULL);
    auto settings = some_account();
    settings.feed.seed = 7;
    settings.environment["X"] = "1";
    CHECK(fingerprint(settings) == fingerprint(settings));
    CHECK(fingerprint(settings) != fingerprint(some_account()));
}

TEST_CASE("an account without a broker account is only itself") {
    auto settings = some_account();
    settings.login = "joan";
    CHECK_FALSE(broker_identity(settings).has_value());
    settings.broker_account = "U1";
    const auto identity = broker_identity(settings);
    REQUIRE(identity.has_value());
    CHECK(identity->broker == "paper");
    CHECK(identity->login == "joan");
    CHECK(identity->broker_account == "U1");
}

TEST_CASE("every enumerator has its word") {
    CHECK(code(HeartbeatKind::none) == "none");
    CHECK(code(HeartbeatKind::zmq) == "zmq");
    CHECK(code(RestartRule::always) == "always");
    CHECK(code(RestartRule::unexpected) == "unexpected");
    CHECK(code(RestartRule::never) == "never");
    CHECK(code(RecoveryPolicy::none) == "none");
    CHECK(code(RecoveryPolicy::protect) == "protect");
    CHECK(code(RecoveryPolicy::flatten) == "flatten");
    CHECK(code(FeedKind::synthetic) == "synthetic");
    CHECK(code(FeedKind::replay) == "replay");
    CHECK(code(BarLabel::start) == "start");
    CHECK(code(BarLabel::end) == "end");
    CHECK(code(LogLevel::debug) == "debug");
    CHECK(code(LogLevel::info) == "info");
    CHECK(code(LogLevel::warn) == "warn");
    CHECK(code(LogLevel::error) == "error");
    CHECK(code(Effect::at_once) == "at_once");
    CHECK(code(Effect::next_launch) == "next_launch");
    CHECK(code(Effect::worker_restart) == "worker_restart");
    CHECK(code(Effect::daemon_restart) == "daemon_restart");
}
