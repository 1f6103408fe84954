#include "supervisor/daemon/services.hpp"

#include <doctest/doctest.h>

#include "common/base/service.hpp"
#include "supervisor/daemon/plans.hpp"

namespace bullpen::daemon {
namespace {

config::AccountSettings account(const char* name, config::TradingKind trading) {
    config::AccountSettings made(AccountId::parse(name).value());
    made.trading = trading;
    return made;
}

config::Roster roster(const std::vector<config::AccountSettings>& accounts) {
    config::Roster made;
    for (const auto& one : accounts)
        made.accounts.emplace(one.id, one);
    return made;
}

std::vector<config::AccountSettings> services_of(const config::Roster& roster) {
    return services(roster, Home::at("/h").value(), "/usr/bin/");
}

TEST_CASE("the paper exchange is a service of a home in which an account trades on paper") {
    using config::TradingKind;
    const auto none = roster({account("a", TradingKind::off), account("b", TradingKind::shadow)});
    CHECK(services_of(none).empty());
    auto disabled = account("c", TradingKind::on);
    disabled.enabled = false;
    auto elsewhere = account("d", TradingKind::on);
    elsewhere.broker = "other";
    CHECK(services_of(roster({disabled, elsewhere})).empty());

    const auto found =
        services_of(roster({account("a", TradingKind::on), account("b", TradingKind::on)}));
    REQUIRE(found.size() == 1);
    const auto& venue = found.front();
    CHECK(venue.id.str() == "bullpen-venue");
    CHECK(is_service(venue.id));
    CHECK(venue.command ==
          std::vector<std::string>{"/usr/bin/bullpen-venue", "run", "--home", "/h"});
    CHECK(venue.heartbeat == config::HeartbeatKind::zmq);
    CHECK_FALSE(config::broker_identity(venue).has_value());
}

TEST_CASE("control from other hosts is a service of a home whose settings say where to listen") {
    auto one = roster({account("a", config::TradingKind::off)});
    CHECK(services_of(one).empty());
    one.daemon.remote.listen = "tcp://127.0.0.1:7070";
    const auto found = services_of(one);
    REQUIRE(found.size() == 1);
    CHECK(found.front().id.str() == k_remote_service);
    CHECK(found.front().command == std::vector<std::string>{"/usr/bin/bullpen-remote", "run",
                                                            "--home", "/h", "--listen",
                                                            "tcp://127.0.0.1:7070"});
    // It listens elsewhere by being started anew.
    one.daemon.remote.listen = "tcp://127.0.0.1:7071";
    CHECK(services_of(one).front().fingerprint != found.front().fingerprint);
}

TEST_CASE("health for monitors is a service of a home whose settings say where to listen") {
    auto one = roster({account("a", config::TradingKind::off)});
    one.daemon.health.listen = "unix";
    const auto found = services_of(one);
    REQUIRE(found.size() == 1);
    CHECK(found.front().id.str() == k_health_service);
    CHECK(found.front().command == std::vector<std::string>{"/usr/bin/bullpen-health", "run",
                                                            "--home", "/h", "--listen", "unix"});
    one.daemon.remote.listen = "tcp://127.0.0.1:7070";
    CHECK(services_of(one).size() == 2);
}

TEST_CASE("accounts that share signals have one service for each market and set of indicators") {
    const auto sharing = [](const char* name, std::uint64_t seed) {
        auto made = account(name, config::TradingKind::off);
        made.signals = config::SignalsKind::shared;
        made.feed.seed = seed;
        return made;
    };
    auto foreign = sharing("f", 3);
    foreign.command = {"/bin/true"};
    const auto all = roster({sharing("a", 1), sharing("b", 1), sharing("c", 2), foreign});
    const auto found = services_of(all);
    REQUIRE(found.size() == 2);
    for (const auto& service : found) {
        CHECK(service.id.str().starts_with("bullpen-signals-mes-"));
        CHECK(service.command.front() == "/usr/bin/bullpen-signals");
    }
    const auto told = [&](const config::Roster& from, const AccountId& id) {
        for (const auto& service : services_of(from)) {
            if (service.id == id)
                return std::pair(service.command.back(), service.fingerprint);
        }
        return std::pair(std::string(), std::uint64_t{0});
    };
    const auto shared = services_of(roster({sharing("a", 1)})).front().id;
    CHECK(told(all, shared).first == "a");
    // The account that it was made like goes; who is left keeps what runs.
    const auto left = roster({sharing("b", 1), sharing("c", 2)});
    CHECK(told(left, shared).first == "b");
    CHECK(told(left, shared).second == told(all, shared).second);
}

TEST_CASE("alerts are a service of a home that has somebody to tell, whatever its accounts are") {
    config::Roster home;
    CHECK(services_of(home).empty());
    home.daemon.alerts.least = alerts::Severity::critical;
    CHECK(services_of(home).empty());
    home.daemon.alerts.webhook = "https://example.org/";
    const auto posted = services_of(home);
    REQUIRE(posted.size() == 1);
    CHECK(posted.front().id.str() == "bullpen-notify");
    CHECK(posted.front().command ==
          std::vector<std::string>{"/usr/bin/bullpen-notify", "run", "--home", "/h"});
    // What it takes up by itself starts it anew no more than an upgrade does.
    home.daemon.alerts.webhook = "https://example.org/other";
    home.daemon.alerts.hourly_max = 5;
    CHECK(services_of(home).front().fingerprint == posted.front().fingerprint);
    // Who runs programs cannot be confined.
    home.daemon.alerts.command = {"/bin/true"};
    const auto running = services_of(home);
    REQUIRE(running.size() == 1);
    CHECK(running.front().command.back() == "--with-command");
    CHECK(running.front().fingerprint != posted.front().fingerprint);
}

TEST_CASE("alerts are started anew for other accounts, whose logs they are let read, alone") {
    auto home = roster({account("a", config::TradingKind::off)});
    home.daemon.alerts.webhook = "https://example.org/";
    const auto one = services_of(home).front();
    CHECK(one.read_paths == std::vector<std::string>{"/h/accounts/a/logs"});
    auto more =
        roster({account("a", config::TradingKind::off), account("b", config::TradingKind::off)});
    more.daemon.alerts.webhook = "https://example.org/";
    CHECK(services_of(more).front().fingerprint != one.fingerprint);
    // What is said of an account is no matter.
    home.accounts.begin()->second.label = "another";
    CHECK(services_of(home).front().fingerprint == one.fingerprint);
}

TEST_CASE("an upgrade to programs elsewhere restarts no service") {
    const auto one = roster({account("a", config::TradingKind::on)});
    const auto home = Home::at("/h").value();
    CHECK(services(one, home, "/usr/bin/").front().fingerprint ==
          services(one, home, "/opt/new/").front().fingerprint);
    CHECK(services(one, home, "/usr/bin/").front().fingerprint != 0);
}

TEST_CASE("services start before every account and are told to the fleet as what they are") {
    auto first = account("a", config::TradingKind::on);
    first.priority = 0;
    const auto all = roster({first});
    const auto told = plans(all, services_of(all));
    REQUIRE(told.size() == 2);
    CHECK(told[0].account.str() == "bullpen-venue");
    CHECK(told[0].service);
    CHECK(told[0].priority < told[1].priority);
    CHECK(told[0].recovery == fleet::RecoveryPolicy::none);
    CHECK_FALSE(told[1].service);
}

TEST_CASE("what belongs to a service is apart from the accounts") {
    const auto home = Home::at("/h").value();
    const auto venue = AccountId::parse("bullpen-venue").value();
    CHECK(home.account(venue).directory == "/h/services/bullpen-venue");
    CHECK(home.account(venue).stdio_log == "/h/services/bullpen-venue/logs/stdio.log");
    CHECK(service_log(home, venue) == "/h/services/bullpen-venue/logs/venue.log");
    CHECK(home.account(AccountId::parse("bullpen").value()).directory == "/h/accounts/bullpen");
}

}  // namespace
}  // namespace bullpen::daemon
