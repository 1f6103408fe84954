#include <doctest/doctest.h>

#include <string>

#include "common/base/errc.hpp"
#include "tests/unit/risk/gate_bench.hpp"
#include "worker/risk/risk_gate.hpp"

namespace bullpen::risk {
namespace {

using model::Side;
using test_gate::at;
using test_gate::Bench;
using test_gate::dollars;
using test_gate::k_market;

// The gate that a restarted worker has: new, with the saved state.
void restart(Bench& bench) {
    const std::string saved = bench.gate->save();
    bench.gate = std::make_unique<RiskGate>(*bench.instrument, bench.settings, *bench.pack);
    const auto restored = bench.gate->restore(saved);
    REQUIRE_MESSAGE(restored.has_value(), restored.error().message());
    CHECK(bench.gate->save() == saved);
}

std::string broken(const std::string& saved, const std::string& what, const std::string& by) {
    std::string text = saved;
    const auto at = text.find(what);
    REQUIRE_MESSAGE(at != std::string::npos, what);
    text.replace(at, what.size(), by);
    return text;
}

TEST_CASE("a restart on the day of a reached daily loss resets nothing") {
    Bench bench;
    bench.open();
    bench.realise(-600);
    bench.realise(-400);
    restart(bench);
    bench.show_session();
    CHECK(bench.ask() == "daily_loss_reached");
    CHECK(bench.gate->day().realised == dollars(-1'000));
    CHECK(bench.gate->day().trades == 2);
    // Ten minutes and ten restarts later it is still the same day.
    for (int i = 0; i < 10; ++i) {
        bench.now += std::chrono::minutes(1);
        restart(bench);
        bench.show_session();
        CHECK(bench.ask() == "daily_loss_reached");
    }
    // A worker that slept through the boundary begins the new day, once.
    bench.now = at("2025-04-09T15:00:00Z");
    restart(bench);
    bench.show_session();
    CHECK(bench.ask() == "approved");
}

TEST_CASE("a restart keeps position, open profit, trades, orders and what was seen of the market") {
    Bench bench;
    bench.settings.orders_per_minute = 2;
    bench.open();
    bench.realise(-10);
    CHECK(bench.ask() == "approved");
    CHECK(bench.ask() == "approved");
    bench.fill(Side::buy, 2, k_market, model::Price{k_market - 3});
    bench.gate->on_quote({{k_market - 8}, {k_market - 6}}, bench.now);
    restart(bench);
    bench.show_session();
    CHECK(bench.gate->position().quantity == 2);
    CHECK(bench.gate->open_profit() == dollars(-20));
    CHECK(bench.gate->day_profit() == dollars(-30));
    CHECK(bench.gate->day().trades == 2);
    CHECK(bench.gate->slippage().worst == 3);
    bench.fill(Side::sell, 2, k_market - 8);
    CHECK(bench.ask() == "order_rate");
}

TEST_CASE("a reached loss floor outlives any number of restarts and days") {
    Bench bench;
    bench.pack = *model::RulePacks::built_in().find("topstep_50k");
    bench.settings.hosting_acknowledged = model::k_hosting_acknowledgement;
    bench.open();
    bench.gate->on_balance(dollars(50'400), bench.now);
    bench.now += std::chrono::hours(24);
    bench.show_session();
    CHECK(bench.gate->floor().floor() == dollars(48'400));
    bench.realise(-2'000);
    for (int i = 0; i < 5; ++i) {
        restart(bench);
        bench.now += std::chrono::hours(24);
        bench.show_session();
        // What the broker says at each connect does not lift it.
        bench.gate->on_balance(dollars(49'000 + i * 1'000), bench.now);
        CHECK(bench.gate->latch().value().limit == Limit::loss_floor);
    }
    CHECK(bench.gate->floor().floor() == dollars(50'000));
}

TEST_CASE("other rules than before begin their floor at the balance that is known") {
    Bench bench;
    bench.settings.hosting_acknowledged = model::k_hosting_acknowledgement;
    bench.open();
    bench.gate->on_balance(dollars(51'000), bench.now);
    const std::string saved = bench.gate->save();
    bench.pack = *model::RulePacks::built_in().find("topstep_50k");
    bench.gate = std::make_unique<RiskGate>(*bench.instrument, bench.settings, *bench.pack);
    REQUIRE(bench.gate->restore(saved).has_value());
    CHECK(bench.gate->floor().floor() == dollars(49'000));
    // One whose frame is another is refused before it trades.
    bench.pack = *model::RulePacks::built_in().find("topstep_express_50k");
    bench.gate = std::make_unique<RiskGate>(*bench.instrument, bench.settings, *bench.pack);
    REQUIRE(bench.gate->restore(saved).has_value());
    bench.show_session();
    CHECK(bench.ask() == "loss_floor_frame");
}

TEST_CASE("a gate that knows no rule pack keeps the loss floor for the one that knows it") {
    Bench bench;
    const auto* known = *model::RulePacks::built_in().find("topstep_50k");
    bench.pack = known;
    bench.settings.hosting_acknowledged = model::k_hosting_acknowledgement;
    bench.open();
    bench.gate->on_balance(dollars(50'400), bench.now);
    bench.now += std::chrono::hours(24);
    bench.show_session();
    REQUIRE(bench.gate->floor().floor() == dollars(48'400));
    const model::RulePack unknown;
    bench.pack = &unknown;
    restart(bench);
    bench.show_session();
    bench.realise(-100);
    // Once more without it, before the pack is there again.
    restart(bench);
    bench.pack = known;
    restart(bench);
    bench.show_session();
    CHECK(bench.gate->floor().floor() == dollars(48'400));
    CHECK(bench.gate->day_profit() == dollars(-100));
}

TEST_CASE("another instrument takes the account's day over, but not a position in the old one") {
    Bench bench;
    bench.open();
    bench.realise(-100);
    const std::string flat = bench.gate->save();
    bench.fill(Side::buy, 1, k_market);
    const std::string holding = bench.gate->save();
    const auto& mnq = **model::find_instrument("MNQ");
    RiskGate other(mnq, bench.settings, *bench.pack);
    const auto refused = other.restore(holding);
    REQUIRE_FALSE(refused.has_value());
    CHECK(refused.error().code() == Errc::wrong_account);
    REQUIRE(other.restore(flat).has_value());
    CHECK(other.day().realised == dollars(-100));
    CHECK(other.trading_day() == bench.gate->trading_day());
}

TEST_CASE("a damaged or newer state is refused and changes nothing") {
    Bench bench;
    bench.open();
    bench.realise(-1'000);
    const std::string saved = bench.gate->save();
    RiskGate fresh(*bench.instrument, bench.settings, *bench.pack);
    const std::string before = fresh.save();
    for (const auto& [what, by] :
         {std::pair{"\"v\":1", "\"v\":0"}, std::pair{"\"trades\":1", "\"trades\":-1"},
          std::pair{"\"trades\":1", "\"trades\":\"1\""},
          std::pair{"\"2025-04-08\"", "\"2025-04-31\""},
          std::pair{"\"realised\":\"-1000.00\"", "\"realised\":\"-1e3\""},
          std::pair{"\"limit\":\"daily_loss\"", "\"limit\":\"none\""},
          std::pair{"\"floor\":{", "\"flor\":{"}, std::pair{"\"ranges\":[", "\"ranges\":[1,"},
          std::pair{"\"at\":0", "\"at\":5"}, std::pair{"\"cash\":", "\"cash\":7,\"c\":"},
          std::pair{"{", "["}}) {
        const auto change = std::string(what) + " by " + by;
        CAPTURE(change);
        const auto refused = fresh.restore(broken(saved, what, by));
        REQUIRE_FALSE(refused.has_value());
        CHECK(refused.error().code() == Errc::corrupt);
        CHECK(fresh.save() == before);
    }
    CHECK(fresh.restore("").error().code() == Errc::corrupt);
    CHECK(fresh.restore("null").error().code() == Errc::corrupt);
    CHECK(fresh.restore(broken(saved, "\"v\":1", "\"v\":2")).error().code() == Errc::newer_version);
    CHECK(fresh.restore(broken(saved, "\"currency\":\"USD\"", "\"currency\":\"INR\""))
              .error()
              .code() == Errc::wrong_account);
    CHECK(fresh.save() == before);
}

}  // namespace
}  // namespace bullpen::risk
