// What an account may reach, by its settings alone.
#include "common/launch/plan.hpp"

#include <doctest/doctest.h>

#include <algorithm>

#include "common/launch/environment.hpp"

namespace bullpen::launch {

namespace {

using sandbox::Access;

Home home() {
    return Home::at("/srv/bullpen").value();
}

config::AccountSettings account(std::vector<std::string> command = {}) {
    config::AccountSettings settings(AccountId::parse("anna").value());
    settings.command = std::move(command);
    return settings;
}

Plan plan(const config::AccountSettings& settings, Phase phase = Phase::launch) {
    return plan_for(home(), settings, "/opt/bin/program", phase);
}

std::vector<sandbox::Reach> every(const Plan& plan) {
    auto all = plan.reach;
    for (const auto& named : plan.named)
        all.push_back(named.reach);
    return all;
}

std::optional<Access> access_to(const Plan& plan, const std::string& path) {
    const auto all = every(plan);
    const auto found =
        std::find_if(all.begin(), all.end(), [&](const auto& reach) { return reach.path == path; });
    return found == all.end() ? std::nullopt : std::optional(found->access);
}

bool is_below(const std::string& path, const std::string& directory) {
    return path == directory || path.starts_with(directory + "/");
}

}  // namespace

TEST_CASE("of the home an account reaches its own directory, shared/ and its lock") {
    for (const auto& settings : {account(), account({"/opt/bot", "--fast"})}) {
        const auto made = plan(settings, Phase::work);
        for (const auto& reach : every(made)) {
            CAPTURE(reach.path);
            const bool own = is_below(reach.path, "/srv/bullpen/accounts/anna");
            const bool shared = reach.path == "/srv/bullpen/shared" && reach.access == Access::read;
            const bool lock = reach.path == "/srv/bullpen/locks/account_anna.lock" &&
                              reach.access == Access::read;
            const bool applied = settings.command.empty() && reach.access == Access::read &&
                                 reach.path == "/srv/bullpen/run/applied";
            CHECK((own || shared || lock || applied || !is_below(reach.path, "/srv/bullpen")));
            CHECK_FALSE(is_below("/srv/bullpen/secrets", reach.path));
        }
    }
}

TEST_CASE("only its own directory, and devices that keep nothing, can be changed") {
    for (const auto& settings : {account(), account({"/opt/bot"})}) {
        for (const auto& reach : every(plan(settings))) {
            CAPTURE(reach.path);
            if (reach.access == Access::change || reach.access == Access::own ||
                reach.access == Access::all)
                CHECK(reach.path == "/srv/bullpen/accounts/anna");
            if (reach.access == Access::use)
                CHECK(reach.path.starts_with("/dev/"));
        }
    }
}

TEST_CASE("the built-in worker reads its settings at its start and executes nothing afterwards") {
    auto settings = account();
    settings.read_paths = {"/opt/data"};
    const auto start = plan(settings);
    for (const char* const path : {"/srv/bullpen/run/applied", "/srv/bullpen/bullpen.toml",
                                   "/srv/bullpen/accounts.d/anna.toml"})
        CHECK(access_to(start, path) == Access::read);
    CHECK(access_to(start, "/opt/bin/program") == Access::file);
    const auto work = plan(settings, Phase::work);
    for (const auto& reach : every(work)) {
        CAPTURE(reach.path);
        CHECK((reach.access != Access::run && reach.access != Access::file &&
               reach.access != Access::own));
        CHECK_FALSE(is_below(reach.path, "/srv/bullpen/accounts.d"));
        CHECK(reach.path != "/srv/bullpen/bullpen.toml");
    }
    CHECK(access_to(work, "/opt/data") == Access::read);
}

TEST_CASE("a program of its own reaches the files that its command names, and no settings") {
    const auto made =
        plan(account({"python3", "/opt/bot/main.py", "--fast", "/srv/bullpen/secrets/x", "/srv",
                      "/srv/bullpen/accounts/berta/state.json"}));
    CHECK(access_to(made, "/opt/bot/main.py") == Access::file);
    CHECK(access_to(made, "/srv/bullpen/bullpen.toml") == std::nullopt);
    CHECK(access_to(made, "/srv/bullpen/secrets/x") == std::nullopt);
    CHECK(access_to(made, "/srv/bullpen/accounts/berta/state.json") == std::nullopt);
    CHECK(access_to(made, "/srv") == std::nullopt);
    CHECK(access_to(made, "--fast") == std::nullopt);
}

TEST_CASE(
    "read_paths and write_paths are reached as they are called, and permit says what is let") {
    auto settings = account({"/opt/bot"});
    settings.read_paths = {"/opt/venv", "names:/opt/old"};
    settings.write_paths = {"/opt/bot/data"};
    CHECK_FALSE(plan(settings).calls.chmod);
    CHECK_FALSE(plan(settings).calls.signals);
    CHECK_FALSE(plan(settings).calls.watches);
    settings.permit = {"chmod", "kill", "inotify"};
    const auto made = plan(settings);
    CHECK(access_to(made, "/opt/venv") == Access::run);
    CHECK(access_to(made, "/opt/old") == Access::names);
    CHECK(access_to(made, "/opt/bot/data") == Access::all);
    CHECK(made.calls.chmod);
    CHECK(made.calls.signals);
    CHECK(made.calls.watches);
}

TEST_CASE("a service changes nothing of an account, of the vault or of the settings, at any time") {
    for (const char* const name : {"bullpen-venue", "bullpen-signals-mes-0123abcd"}) {
        const auto service = AccountId::parse(name).value();
        const bool venue = service.str() == "bullpen-venue";
        const std::string own = std::string("/srv/bullpen/services/") + name;
        const std::string work = venue ? "/srv/bullpen/venue" : "/srv/bullpen/shared/signals";
        CHECK(service_directories(home(), service) == std::vector{own, work});
        for (const auto phase : {Phase::launch, Phase::work}) {
            for (const auto& reach : plan_for_service(home(), service, phase, {}).reach) {
                CAPTURE(reach.path);
                CHECK((reach.access == Access::read || reach.access == Access::run ||
                       reach.access == Access::use || reach.path == own || reach.path == work ||
                       (phase == Phase::launch && reach.path == "/srv/bullpen/run")));
            }
        }
    }
}

TEST_CASE("what a service reads when it works is its own, and it executes nothing then") {
    const std::vector<std::string> files{"/data/es.csv"};
    for (const char* const name : {"bullpen-venue", "bullpen-signals-mes-0123abcd"}) {
        const auto service = AccountId::parse(name).value();
        const bool venue = service.str() == "bullpen-venue";
        const auto made = plan_for_service(home(), service, Phase::work, files);
        CHECK(access_to(made, "/data/es.csv") == Access::read);
        for (const char* const path : {"/srv/bullpen/run", "/srv/bullpen/locks"})
            CHECK(access_to(made, path) == (venue ? std::optional(Access::read) : std::nullopt));
        for (const auto& reach : made.reach) {
            CAPTURE(reach.path);
            CHECK((reach.access != Access::run && reach.access != Access::file));
            for (const char* const closed :
                 {"/srv/bullpen/secrets", "/srv/bullpen/accounts", "/srv/bullpen/accounts.d",
                  "/srv/bullpen/bullpen.toml", "/srv/bullpen/logs"})
                CHECK_FALSE(is_below(closed, reach.path));
        }
        CHECK_FALSE(made.calls.signals);
        CHECK_FALSE(made.calls.chmod);
        CHECK_FALSE(made.calls.network);
    }
}

TEST_CASE(
    "control from other hosts reads the board, the cookie and its keys, and keeps its socket") {
    const auto service = AccountId::parse("bullpen-remote").value();
    const std::string own = "/srv/bullpen/services/bullpen-remote";
    CHECK(service_directories(home(), service) == std::vector{own});
    const auto launched = plan_for_service(home(), service, Phase::launch, {});
    CHECK(launched.calls.network);
    CHECK(access_to(launched, "/srv/bullpen/run") == Access::read);
    const auto made = plan_for_service(home(), service, Phase::work, {});
    CHECK_FALSE(made.calls.network);
    for (const char* const path : {"/srv/bullpen/run", "/srv/bullpen/remote"})
        CHECK(access_to(made, path) == Access::read);
    for (const auto& reach : made.reach) {
        CAPTURE(reach.path);
        CHECK((reach.access == Access::read || reach.access == Access::use || reach.path == own));
        for (const char* const closed :
             {"/srv/bullpen/secrets", "/srv/bullpen/accounts", "/srv/bullpen/accounts.d",
              "/srv/bullpen/bullpen.toml", "/srv/bullpen/logs", "/srv/bullpen/locks"})
            CHECK_FALSE(is_below(closed, reach.path));
    }
}

TEST_CASE("who answers monitors reads the board and the locks, and no cookie") {
    const auto service = AccountId::parse("bullpen-health").value();
    const std::string own = "/srv/bullpen/services/bullpen-health";
    CHECK(service_directories(home(), service) == std::vector{own});
    CHECK(plan_for_service(home(), service, Phase::launch, {}).calls.network);
    const auto made = plan_for_service(home(), service, Phase::work, {});
    CHECK_FALSE(made.calls.network);
    for (const char* const path :
         {"/srv/bullpen/run/shown", "/srv/bullpen/run/bullpend.lock", "/srv/bullpen/locks"})
        CHECK(access_to(made, path) == Access::read);
    CHECK(access_to(made, "/srv/bullpen/accounts.d") == Access::names);
    for (const auto& reach : made.reach) {
        CAPTURE(reach.path);
        CHECK((reach.access == Access::read || reach.access == Access::use ||
               reach.access == Access::names || reach.path == own));
        for (const char* const closed :
             {"/srv/bullpen/secrets", "/srv/bullpen/accounts", "/srv/bullpen/bullpen.toml",
              "/srv/bullpen/logs", "/srv/bullpen/remote", "/srv/bullpen/run/cookie",
              "/srv/bullpen/run/control"})
            CHECK_FALSE(is_below(closed, reach.path));
    }
}

TEST_CASE("the network is for programs of one's own alone") {
    for (const auto phase : {Phase::launch, Phase::work})
        CHECK_FALSE(plan(account(), phase).calls.network);
    CHECK(plan(account({"/opt/bot"})).calls.network);
}

TEST_CASE("a replayed file is read wherever it is") {
    auto settings = account();
    settings.feed.file = "bars/es.csv";
    CHECK(access_to(plan(settings, Phase::work), "/srv/bullpen/bars/es.csv") == Access::read);
    settings.feed.file = "/data/es.csv";
    CHECK(access_to(plan(settings, Phase::work), "/data/es.csv") == Access::read);
}

TEST_CASE("who may change or do more than its own is widened") {
    auto settings = account({"/opt/bot"});
    settings.read_paths = {"/opt"};
    CHECK_FALSE(is_widened(settings));
    settings.permit = {"kill"};
    CHECK(is_widened(settings));
    settings.permit.clear();
    settings.write_paths = {"/opt/bot"};
    CHECK(is_widened(settings));
}

TEST_CASE("the version of Landlock in use is the least of what is there, known and wanted") {
    CHECK(version_in_use(0, 7) == 0);
    CHECK(version_in_use(2, 7) == 2);
    CHECK(version_in_use(7, 2) == 2);
    CHECK(version_in_use(7, 0) == 0);
    CHECK(version_in_use(99, 99) == sandbox::k_landlock_newest);
}

TEST_CASE("what a process is told of how it is confined is what it reads") {
    CHECK(isolation_of("7", "1") == sandbox::Isolation{7, true});
    CHECK(isolation_of("2", "0") == sandbox::Isolation{2, false});
    CHECK(isolation_of("0", nullptr) == sandbox::Isolation{});
    CHECK(isolation_of(nullptr, nullptr) == sandbox::Isolation{});
    CHECK(isolation_of("", "") == sandbox::Isolation{});
}

TEST_CASE("a worker is told how it is confined") {
    const auto settings = account();
    const auto environment = worker_environment(home(), settings, home().account(settings.id),
                                                LaunchToken{}, "ipc:///x", {7, true});
    CHECK(std::count(environment.begin(), environment.end(), "BULLPEN_LANDLOCK=7") == 1);
    CHECK(std::count(environment.begin(), environment.end(), "BULLPEN_SECCOMP=1") == 1);
    CHECK(std::is_sorted(environment.begin(), environment.end()));
}

}  // namespace bullpen::launch
