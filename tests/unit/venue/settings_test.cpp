#include "venue/settings.hpp"

#include <doctest/doctest.h>

#include <algorithm>

#include "tests/support/temporary.hpp"

using namespace bullpen;
using namespace bullpen::venue;

TEST_CASE("every key of the settings") {
    const auto settings = parse_settings(R"(
fsync = "always"
fsync_interval_ms = 50
cash = "150000"
order_days = 3
log_steps = true
log_mib = 3
lockstep_wait_ms = 100
lockstep_accounts = ["anna"]

[market.one]
source = "replay"
pace = "lockstep"
instrument = "ES"
file = "bars.csv"
time_zone = "UTC"
labels = "end"
speed = 60

[market."two three"]
seed = 9
speed = 0.5

[costs.ES]
slippage = 3
limit_through = 2
commission = "1.26"

[costs.NQ]
slippage = 0

[account.ben]
markets = ["one"]
cash = "1.50"
)");
    REQUIRE_MESSAGE(settings, settings.error().message());
    CHECK(settings->sync == Sync::always);
    CHECK(settings->sync_interval == Millis(50));
    CHECK(settings->cash.millionths == 150'000'000'000);
    CHECK(settings->order_days == 3);
    CHECK(settings->log_steps);
    CHECK(settings->log_size_max == 3U * 1024 * 1024);
    CHECK(settings->lockstep_wait == Millis(100));
    CHECK(settings->lockstep_accounts == std::vector<std::string>{"anna"});
    REQUIRE(settings->markets.size() == 2);
    const auto& one = settings->markets[0];
    CHECK(one.name == "one");
    CHECK(one.source == Source::replay);
    CHECK(one.pace == Pace::lockstep);
    CHECK(one.instrument == "ES");
    CHECK(one.labels_end);
    CHECK(one.speed == 60);
    CHECK(settings->markets[1].name == "two three");
    CHECK(settings->markets[1].seed == 9);
    const auto costs_of = [&](const char* symbol) {
        return venue::costs_of(*settings, *model::find_instrument(symbol).value());
    };
    CHECK(costs_of("ES").slippage.value == 3);
    CHECK(costs_of("ES").limit_through.value == 2);
    CHECK(costs_of("ES").commission.millionths == 1'260'000);
    // What is not said is what the instrument's data expect.
    const auto& nq = *model::find_instrument("NQ").value();
    CHECK(costs_of("NQ").slippage.value == 0);
    CHECK(costs_of("NQ").commission == nq.commission);
    CHECK(costs_of("CL") == matching::expected_costs(*model::find_instrument("CL").value()));
}

TEST_CASE("in a market of ticks the spread is paid by itself, and taken off the slippage") {
    const auto settings = parse_settings(R"(
[market.two]
speed = 60
[market.three]
ticks = true
spread = 2
[costs.ES]
slippage = 3
)");
    REQUIRE(settings);
    REQUIRE(settings->markets.size() == 2);
    const auto& bars = settings->markets[0];
    const auto& ticks = settings->markets[1];
    CHECK_FALSE(bars.ticks);
    CHECK(ticks.ticks);
    CHECK(ticks.spread == 2);
    const auto slippage = [&](const char* symbol, const MarketSettings& market) {
        return venue::costs_of(*settings, **model::find_instrument(symbol), market).slippage.value;
    };
    // What the instrument's data expect is both, and what is stated is the rest.
    const auto usual = slippage("CL", bars);
    CHECK(slippage("CL", ticks) == std::max<std::int64_t>(0, usual - 2));
    CHECK(slippage("ES", ticks) == 3);
    CHECK_FALSE(parse_settings("[market.mes]\nticks = 1\n"));
    CHECK_FALSE(parse_settings("[market.mes]\nspread = 0\n"));
}

TEST_CASE("an error of the settings names its line") {
    for (const auto& [text, where] : std::initializer_list<std::pair<const char*, const char*>>{
             {"\nfsync = \"sometimes\"\n", "line 2"},
             {"cash = 5\n", "line 1"},
             {"cash = \"many\"\n", "line 1"},
             {"order_days = 0\n", "line 1"},
             {"nonsense = 1\n", "line 1"},
             {"[nonsense]\na = 1\n", "line 2"},
             {"[market.a]\nspeed = 0\n", "line 2"},
             {"[market.a]\nspeed = 1e9\n", "line 2"},
             {"[market.a]\ninstrument = \"ZZZ\"\n", "line 2"},
             {"[costs.ES]\nslippage = -1\n", "line 2"},
             {"[account.a]\nmarkets = [\"b\"]\n", "line 2"},
             {"[[market]]\n", "line 1"}}) {
        const std::string toml = text;
        CAPTURE(toml);
        const auto settings = parse_settings(toml);
        REQUIRE(!settings);
        CHECK(settings.error().context().starts_with(where));
    }
}

TEST_CASE(
    "an account of the roster begins with its own balance, unless the venue's file says one") {
    const test::TemporaryHome home;
    home.account(test::account_id("anna"), "trading = \"on\"\n[risk]\nstart_balance = 100000\n");
    home.account(test::account_id("ben"), "trading = \"on\"\n");
    const auto path = home.path() + "/venue.toml";
    const auto cash = [&](const char* id) {
        const auto settings = read_settings(home.home(), path, SystemClock().utc());
        REQUIRE(settings);
        return settings->accounts.at(id).cash.value_or(settings->cash).millionths / 1'000'000;
    };
    CHECK(cash("anna") == 100'000);
    CHECK(cash("ben") == 50'000);
    test::write_text(path, "[account.anna]\ncash = \"7000\"\n");
    CHECK(cash("anna") == 7'000);
    const std::string market = "[market.es]\ninstrument = \"ES\"\n";
    test::write_text(path, market);
    CHECK(cash("anna") == 100'000);
    test::write_text(path, market + "[account.anna]\nmarkets = [\"es\"]\n");
    CHECK(cash("anna") == 100'000);
    test::write_text(path, "cash = \"9000\"\n");
    CHECK(cash("anna") == 9'000);
}

TEST_CASE("accounts with the same feed share a market, others have their own") {
    const test::TemporaryHome home;
    const auto feed = [&](const char* id, const char* toml) {
        home.account(test::account_id(id), "trading = \"on\"\n" + std::string(toml));
    };
    feed("anna", "[feed]\nseed = 1\nspeed = 60\n");
    feed("ben", "broker_account = \"B-77\"\n[feed]\nseed = 1\nspeed = 30\n");
    feed("carla", "[feed]\nseed = 2\n");
    feed("dora", "broker = \"elsewhere\"\n");
    feed("emil", "enabled = false\n");
    home.account(test::account_id("frida"), "[feed]\nseed = 3\n");
    // Orders fill elsewhere where they meet trades.
    feed("gina", "[feed]\nseed = 1\nspeed = 60\nticks = true\n");
    const auto settings =
        read_settings(home.home(), home.path() + "/venue.toml", SystemClock().utc());
    REQUIRE(settings);
    CHECK(settings->markets_from_roster);
    CHECK(settings->markets.size() == 3);
    CHECK(settings->accounts.size() == 4);
    CHECK(settings->accounts.at("anna").markets != settings->accounts.at("gina").markets);
    CHECK(settings->accounts.at("anna").markets == settings->accounts.at("B-77").markets);
    CHECK(settings->accounts.at("anna").markets != settings->accounts.at("carla").markets);
}

TEST_CASE("the clock of a known market is the one that its first account says by now") {
    const test::TemporaryHome home;
    const auto feed = [&](const char* id, double speed) {
        home.account(test::account_id(id),
                     "trading = \"on\"\n[feed]\nseed = 1\nspeed = " + std::to_string(speed) + "\n");
    };
    feed("anna", 60);
    feed("ben", 30);
    const auto now = SystemClock().utc();
    auto settings = read_settings(home.home(), home.path() + "/venue.toml", now);
    REQUIRE(settings);
    REQUIRE(settings->markets.size() == 1);
    CHECK(settings->markets[0].speed == 60);
    feed("anna", 600);
    feed("ben", 10);
    add_roster(&*settings, roster_in_force(home.home(), now));
    REQUIRE(settings->markets.size() == 1);
    CHECK(settings->markets[0].speed == 600);
}
