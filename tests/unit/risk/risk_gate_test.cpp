#include "worker/risk/risk_gate.hpp"

#include <doctest/doctest.h>

#include <string>

#include "common/base/errc.hpp"
#include "tests/unit/risk/gate_bench.hpp"

namespace bullpen::risk {
namespace {

using model::OrderType;
using model::Price;
using model::Purpose;
using model::Side;
using model::TradingMode;
using test_gate::at;
using test_gate::bar;
using test_gate::Bench;
using test_gate::dollars;
using test_gate::k_market;
using test_gate::size_at;

void use_pack(Bench& bench, const char* name) {
    bench.pack = *model::RulePacks::built_in().find(name);
    bench.settings.hosting_acknowledged = model::k_hosting_acknowledgement;
}

void next_day(Bench& bench) {
    bench.now += std::chrono::hours(24);
    bench.show_session();
}

TEST_CASE("the daily loss counts what is open, and wants the account flat") {
    Bench bench;
    bench.settings.approach = config::ApproachMode::off;
    bench.open();
    bench.fill(Side::buy, 2, k_market);
    // Two micros lose 2.50 a tick: 400 ticks are 1,000.
    bench.gate->on_bar(bar(bench.now, k_market - 399, k_market, k_market - 399));
    CHECK_FALSE(bench.gate->latch().has_value());
    CHECK(bench.gate->day_profit() == model::Money{-997'500'000, model::k_usd});
    bench.gate->on_bar(bar(bench.now, k_market - 400, k_market, k_market - 10));
    REQUIRE(bench.gate->latch().has_value());
    CHECK(bench.gate->latch()->limit == Limit::daily_loss);
    CHECK(bench.gate->day().worst == dollars(-1'000));
    // The exit passes, and the loss that came back does not undo it.
    bench.as_exit(Side::sell, 2, Purpose::flatten);
    CHECK(bench.ask() == "approved");
    bench.fill(Side::sell, 2, k_market - 10);
    CHECK(bench.gate->day_profit() == dollars(-25));
    bench.as_exit(Side::buy, 1, Purpose::entry);
    CHECK(bench.ask() == "daily_loss_reached");
}

TEST_CASE("a quote marks a long at the bid and a short at the ask") {
    Bench bench;
    bench.open();
    bench.fill(Side::buy, 1, k_market);
    bench.gate->on_quote({{k_market - 8}, {k_market + 8}}, bench.now);
    CHECK(bench.gate->open_profit() == dollars(-10));
    // A crossed quote is no price.
    bench.gate->on_quote({{k_market + 80}, {k_market - 80}}, bench.now);
    CHECK(bench.gate->open_profit() == dollars(-10));
    bench.fill(Side::sell, 2, k_market);
    bench.gate->on_quote({{k_market - 8}, {k_market + 8}}, bench.now);
    CHECK(bench.gate->open_profit() == dollars(-10));
}

TEST_CASE("the process stays through a reached daily loss and resumes with the next trading day") {
    Bench bench;
    bench.open();
    bench.realise(-1'000);
    CHECK(bench.ask() == "daily_loss_reached");
    // Later the same day, in the break, and in the evening that is the next day.
    bench.now = at("2025-04-08T20:30:00Z");
    bench.show_session();
    CHECK(bench.ask() == "daily_loss_reached");
    bench.now = at("2025-04-08T21:30:00Z");
    bench.show_session();
    CHECK(bench.ask() == "daily_loss_reached");
    bench.now = at("2025-04-08T22:00:00Z");
    bench.show_session();
    CHECK_FALSE(bench.gate->latch().has_value());
    CHECK(bench.ask() == "approved");
    CHECK(bench.gate->day().realised == dollars(0));
}

TEST_CASE("the counters of a day begin anew exactly once, and never for a day that is over") {
    Bench bench;
    bench.open();
    bench.realise(-100);
    bench.now = at("2025-04-08T22:00:00Z");
    bench.show_session();
    bench.realise(-50);
    CHECK(bench.gate->day().trades == 1);
    // The clock goes back over the boundary and comes again.
    bench.now = at("2025-04-08T21:59:59Z");
    bench.show_session();
    CHECK(bench.gate->day().realised == dollars(-50));
    bench.now = at("2025-04-08T22:00:01Z");
    bench.show_session();
    CHECK(bench.gate->day().realised == dollars(-50));
    CHECK(bench.gate->day().trades == 1);
    // Over the weekend it is still Friday.
    bench.now = at("2025-04-11T15:00:00Z");
    bench.show_session();
    bench.realise(-25);
    bench.now = at("2025-04-12T15:00:00Z");
    bench.show_session();
    CHECK(bench.gate->day().realised == dollars(-25));
}

TEST_CASE("a position held into the day counts only with what it wins or loses from there") {
    Bench bench;
    bench.open();
    bench.fill(Side::buy, 1, k_market);
    bench.gate->on_bar(bar(bench.now, k_market, k_market + 400, k_market + 400));
    CHECK(bench.gate->day_profit() == dollars(500));
    next_day(bench);
    CHECK(bench.gate->day_profit() == dollars(0));
    bench.gate->on_bar(bar(bench.now, k_market + 320, k_market + 400, k_market + 320));
    CHECK(bench.gate->day_profit() == dollars(-100));
    bench.fill(Side::sell, 1, k_market + 320);
    CHECK(bench.gate->day_profit() == dollars(-100));
    CHECK(bench.gate->day().realised == dollars(400));
    next_day(bench);
    CHECK(bench.gate->day_profit() == dollars(0));
}

TEST_CASE("the daily loss as a share follows the balance of the day's beginning") {
    Bench bench;
    bench.settings.daily_loss_max = 0;
    bench.settings.daily_loss_percent = 2;
    bench.open();
    CHECK(bench.gate->daily_loss_limit() == dollars(1'000));
    bench.realise(-500);
    CHECK(bench.gate->daily_loss_limit() == dollars(1'000));
    next_day(bench);
    CHECK(bench.gate->daily_loss_limit() == dollars(990));
    // Of several the strictest.
    bench.settings.daily_loss_max = 600;
    bench.open();
    CHECK(bench.gate->daily_loss_limit() == dollars(600));
}

TEST_CASE("of a balance that counts from zero a share of the loss is one of the account's size") {
    Bench bench;
    bench.pack = *model::RulePacks::built_in().find("topstep_express_50k");
    bench.settings.daily_loss_max = 0;
    bench.settings.daily_loss_percent = 1;
    bench.open();
    CHECK(bench.gate->daily_loss_limit() == dollars(500));
    bench.gate->on_balance(dollars(-1'000), bench.now, true);
    next_day(bench);
    CHECK(bench.gate->daily_loss_limit() == dollars(490));
}

TEST_CASE("at 80 % approach mode none ends the day, scale goes on, off does not care") {
    using config::ApproachMode;
    for (const auto& [mode, expected] :
         {std::pair{ApproachMode::none, "near_daily_loss"},
          std::pair{ApproachMode::scale, "approved"}, std::pair{ApproachMode::off, "approved"}}) {
        Bench bench;
        bench.settings.approach = mode;
        bench.open();
        bench.realise(-795);
        CHECK(bench.ask() == "approved");
        bench.realise(-5);
        CHECK(bench.ask() == expected);
    }
}

TEST_CASE("in scale mode a losing position is closed at 95 %, and a small entry may follow") {
    Bench bench;
    bench.settings.approach = config::ApproachMode::scale;
    bench.settings.contracts_max = 10;
    bench.open();
    bench.realise(-900);
    bench.fill(Side::buy, 1, k_market);
    bench.gate->on_bar(bar(bench.now, k_market - 39, k_market, k_market - 39));
    CHECK_FALSE(bench.gate->latch().has_value());
    bench.gate->on_bar(bar(bench.now, k_market - 40, k_market, k_market - 40));
    REQUIRE(bench.gate->latch().has_value());
    CHECK(bench.gate->latch()->limit == Limit::near_daily_loss);
    bench.fill(Side::sell, 1, k_market - 40);
    CHECK_FALSE(bench.gate->latch().has_value());
    CHECK(bench.gate->size(Side::buy, {k_market}, {k_market - 11}).contracts == 2);
}

TEST_CASE("a reached loss floor holds over days, and lets exits pass") {
    Bench bench;
    use_pack(bench, "topstep_50k");
    bench.settings.fast_market = false;
    bench.open();
    bench.gate->on_balance(dollars(48'500), bench.now);
    bench.fill(Side::buy, 1, k_market);
    bench.gate->on_bar(bar(bench.now, k_market - 400, k_market, k_market));
    REQUIRE(bench.gate->latch().has_value());
    CHECK(bench.gate->latch()->limit == Limit::loss_floor);
    CHECK(bench.gate->latch()->for_good);
    bench.as_exit(Side::sell, 1, Purpose::flatten);
    CHECK(bench.ask() == "approved");
    bench.fill(Side::sell, 1, k_market);
    next_day(bench);
    bench.as_exit(Side::buy, 1, Purpose::entry);
    CHECK(bench.ask() == "loss_floor_reached");
    bench.gate->restart_floor();
    CHECK(bench.ask() == "approved");
    CHECK(bench.gate->floor().floor() == dollars(46'500));
}

TEST_CASE("Combine 50K: the floor rises at the day's end by what the day won") {
    Bench bench;
    use_pack(bench, "topstep_50k");
    bench.open();
    bench.gate->on_balance(dollars(50'000), bench.now);
    bench.realise(500);
    CHECK(bench.gate->floor().floor() == dollars(48'000));
    next_day(bench);
    CHECK(bench.gate->floor().floor() == dollars(48'500));
    bench.realise(-300);
    next_day(bench);
    CHECK(bench.gate->floor().floor() == dollars(48'500));
    bench.realise(2'300);
    next_day(bench);
    CHECK(bench.gate->floor().floor() == dollars(50'000));
}

TEST_CASE("money that was lost by hand reaches the floor as well as what trades lost") {
    Bench bench;
    use_pack(bench, "topstep_50k");
    bench.open();
    bench.gate->on_balance(dollars(50'000), bench.now);
    CHECK_FALSE(bench.gate->latch());
    bench.gate->on_balance(dollars(47'999), bench.now);
    REQUIRE(bench.gate->latch());
    CHECK(bench.gate->latch()->limit == Limit::loss_floor);
    CHECK(bench.gate->latch()->since == bench.now);
}

TEST_CASE("an account that is not new has its floor where its best day put it") {
    Bench bench;
    use_pack(bench, "topstep_50k");
    bench.settings.high_balance = 51'400;
    bench.open();
    CHECK(bench.gate->floor().floor() == dollars(49'400));
    bench.gate->on_balance(dollars(50'200), bench.now);
    CHECK(bench.gate->floor().floor() == dollars(49'400));
    // Without being told, the balance that it comes with stands in.
    Bench other;
    use_pack(other, "topstep_50k");
    other.open();
    other.gate->on_balance(dollars(50'200), other.now);
    CHECK(other.gate->floor().floor() == dollars(48'200));
}

TEST_CASE("a funded account trades its nominal size, with lots by its profit") {
    Bench bench;
    use_pack(bench, "topstep_express_50k");
    bench.settings.contracts_max = 25;
    bench.settings.margin_percent = 0;
    bench.open();
    bench.gate->on_balance(dollars(0), bench.now);
    // 1.2 % of the nominal 50,000; two lots are twenty micros.
    CHECK(size_at(bench, 24) == 20);
    CHECK(size_at(bench, 30) == 16);
    bench.gate->on_balance(dollars(10), bench.now);
    bench.gate->on_payout(dollars(10));
    CHECK(bench.gate->floor().floor() == dollars(0));
    bench.terms.quantity = 1;
    CHECK(bench.ask() == "loss_floor_headroom");
}

TEST_CASE("a whole prop-firm day: a trade may risk no more than is left of both limits") {
    Bench bench;
    use_pack(bench, "topstep_50k");
    bench.settings.contracts_max = 25;
    bench.settings.approach = config::ApproachMode::off;
    bench.open();
    bench.gate->on_balance(dollars(48'600), bench.now);
    // 600 above the floor; daily 1,000. One contract with a stop of 40 ticks loses 50 at the stop,
    // 5 by slippage (two fills of two ticks) and 1.22 by commission: 56.22. Ten are 562.20.
    CHECK(bench.gate->floor().floor() == dollars(48'000));
    CHECK(size_at(bench, 40) == 10);
    bench.realise(-45);
    // 555 left: nine are 505.98.
    CHECK(size_at(bench, 40) == 9);
}

TEST_CASE("an exit is never larger than what is surely held") {
    Bench bench;
    bench.open();
    bench.fill(Side::buy, 3, k_market);
    for (const Purpose purpose : {Purpose::exit, Purpose::partial_exit, Purpose::flatten,
                                  Purpose::target, Purpose::protective_stop}) {
        CAPTURE(code(purpose));
        bench.situation.exposure.exits = 0;
        bench.as_exit(Side::sell, 3, purpose);
        CHECK(bench.ask() == "approved");
        bench.terms.quantity = 4;
        CHECK(bench.ask() == "more_than_held");
        // One may have been closed by an order that nobody knows of.
        bench.situation.exposure.exits = 1;
        bench.terms.quantity = 3;
        CHECK(bench.ask() == "more_than_held");
        bench.terms.quantity = 2;
        CHECK(bench.ask() == "approved");
        bench.situation.exposure.exits = 5;
        bench.terms.quantity = 1;
        CHECK(bench.ask() == "more_than_held");
    }
}

TEST_CASE("exits pass in every mode but fenced, at every hour, over every limit") {
    for (const TradingMode mode :
         {TradingMode::active, TradingMode::reducing, TradingMode::idle, TradingMode::halted}) {
        CAPTURE(code(mode));
        Bench bench;
        bench.settings.orders_of_day = 1;
        bench.settings.orders_per_minute = 1;
        bench.settings.trades_max = 1;
        bench.open();
        bench.realise(-1'000);
        bench.fill(Side::sell, 2, k_market);
        bench.situation.mode = mode;
        bench.situation.plan.reset();
        bench.situation.exposure.position_unknown = true;
        bench.gate->on_balance(dollars(-5), bench.now, false);
        bench.now = at("2025-04-08T21:30:00Z");
        for (const Purpose purpose :
             {Purpose::exit, Purpose::partial_exit, Purpose::flatten, Purpose::protective_stop}) {
            bench.as_exit(Side::buy, 2, purpose);
            CHECK(bench.ask() == "approved");
        }
        // A target rests in the book, which a halted account must not do.
        bench.as_exit(Side::buy, 2, Purpose::target);
        CHECK(bench.ask() == (mode == TradingMode::halted ? "target_while_halted" : "approved"));
    }
}

TEST_CASE("a stop that the price has passed is denied, so that the position is closed instead") {
    Bench bench;
    bench.open();
    bench.fill(Side::buy, 1, k_market);
    bench.as_exit(Side::sell, 1, Purpose::protective_stop);
    bench.terms.type = OrderType::stop;
    bench.terms.stop = {k_market - 1};
    CHECK(bench.ask() == "approved");
    bench.gate->on_quote({{k_market - 1}, {k_market}}, bench.now);
    CHECK(bench.ask() == "stop_wrong_side");
    // After a gap the fill is the newest price, not the bar before it.
    Bench gap;
    gap.open();
    gap.fill(Side::buy, 1, k_market + 100);
    gap.as_exit(Side::sell, 1, Purpose::protective_stop);
    gap.terms.type = OrderType::stop;
    gap.terms.stop = {k_market + 89};
    CHECK(gap.ask() == "approved");
}

TEST_CASE("zero and below are prices of oil and of nothing else") {
    Bench bench;
    bench.instrument = *model::find_instrument("CL");
    bench.settings.price_band_percent = 0;
    bench.gate = std::make_unique<RiskGate>(*bench.instrument, bench.settings, *bench.pack);
    bench.show_session();
    bench.gate->on_bar(bar(bench.now, -3'800, -3'700, -3'763));
    bench.terms.symbol = model::Symbol::cut("CL");
    bench.terms.type = OrderType::limit;
    bench.terms.limit = {-3'763};
    bench.situation.plan = EntryPlan{{-3'763}, {-3'783}, std::nullopt};
    CHECK(bench.ask() == "approved");
}

TEST_CASE("a fill that slips by what its instrument expects of every fill is no alarm") {
    Bench bench;
    bench.instrument = *model::find_instrument("CL");
    bench.open();
    REQUIRE(model::expected_slippage(*bench.instrument) == model::Ticks{3});
    const auto slipped = [&](int ticks) {
        return bench.fill(Side::buy, 1, k_market + ticks, Price{k_market}).slippage_alarm;
    };
    CHECK_FALSE(slipped(3));
    CHECK(slipped(4));
}

TEST_CASE("slippage is counted to the disadvantage of the side, with an alarm above two ticks") {
    Bench bench;
    bench.open();
    auto verdict = bench.fill(Side::buy, 2, k_market + 2, Price{k_market});
    CHECK(verdict.slippage == model::Ticks{2});
    CHECK_FALSE(verdict.slippage_alarm);
    verdict = bench.fill(Side::sell, 1, k_market - 3, Price{k_market});
    CHECK(verdict.slippage == model::Ticks{3});
    CHECK(verdict.slippage_alarm);
    verdict = bench.fill(Side::sell, 1, k_market + 1, Price{k_market});
    CHECK(verdict.slippage == model::Ticks{-1});
    CHECK_FALSE(bench.fill(Side::buy, 1, k_market).slippage.has_value());
    const SlippageTally& tally = bench.gate->slippage();
    CHECK(tally.fills == 3);
    CHECK(tally.contracts == 4);
    CHECK(tally.tick_contracts == 6);
    CHECK(tally.worst == 3);
    CHECK(tally.alarms == 1);
}

TEST_CASE("fees are part of the day's loss") {
    Bench bench;
    bench.open();
    model::Fill fill;
    fill.symbol = model::Symbol::cut("MES");
    fill.side = Side::buy;
    fill.quantity = 2;
    fill.price = {k_market};
    fill.time = bench.now;
    fill.fee = {1'220'000, model::k_usd};
    const auto verdict = bench.gate->on_fill(fill, std::nullopt);
    CHECK(verdict.realised == model::Money{-1'220'000, model::k_usd});
    CHECK(bench.gate->day_profit() == model::Money{-1'220'000, model::k_usd});
    CHECK(bench.gate->equity() == model::Money{49'998'780'000, model::k_usd});
}

TEST_CASE("a position turned over is two trades") {
    Bench bench;
    bench.open();
    bench.fill(Side::buy, 1, k_market);
    bench.fill(Side::buy, 1, k_market);
    CHECK(bench.gate->day().trades == 1);
    bench.fill(Side::sell, 3, k_market);
    CHECK(bench.gate->day().trades == 2);
    CHECK(bench.gate->position().quantity == -1);
}

TEST_CASE("orders of a minute are counted exactly, exits too, but only entries wait") {
    Bench bench;
    bench.settings.orders_per_minute = 2;
    bench.open();
    CHECK(bench.ask() == "approved");
    bench.now += std::chrono::seconds(10);
    CHECK(bench.ask() == "approved");
    bench.now += std::chrono::seconds(49);
    CHECK(bench.ask() == "order_rate");
    bench.now += std::chrono::seconds(1);
    CHECK(bench.ask() == "approved");
    CHECK(bench.ask() == "order_rate");
}

TEST_CASE("an adopted position changes nothing of what the day has won") {
    Bench bench;
    bench.open();
    bench.realise(-100);
    bench.gate->adopt({2, 2 * (k_market - 40)});
    CHECK(bench.gate->open_profit() == dollars(100));
    CHECK(bench.gate->day_profit() == dollars(-100));
    bench.gate->on_bar(bar(bench.now, k_market - 40, k_market, k_market - 40));
    CHECK(bench.gate->day_profit() == dollars(-200));
    bench.gate->adopt({});
    CHECK(bench.gate->day_profit() == dollars(-200));
}

}  // namespace
}  // namespace bullpen::risk
