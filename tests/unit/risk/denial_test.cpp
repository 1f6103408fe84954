// Every denial by name: a situation in which it is the answer, beside the one change that makes it.
#include "worker/risk/denial.hpp"

#include <doctest/doctest.h>

#include <functional>
#include <set>
#include <string>
#include <vector>

#include "tests/support/programs.hpp"
#include "tests/support/temporary.hpp"
#include "tests/unit/risk/gate_bench.hpp"

namespace bullpen::risk {
namespace {

using model::OrderType;
using model::Purpose;
using model::Side;
using model::TradingMode;
using test_gate::at;
using test_gate::bar;
using test_gate::Bench;
using test_gate::dollars;
using test_gate::k_market;

struct Row {
    DenialCode code;
    std::function<void(Bench&)> before;  // settings, before the gate is made
    std::function<void(Bench&)> after;   // what happens then
};

const std::function<void(Bench&)> k_nothing = [](Bench&) {};

void pack(Bench& b, const char* name) {
    b.pack = *model::RulePacks::built_in().find(name);
    b.settings.hosting_acknowledged = model::k_hosting_acknowledgement;
}

std::vector<Row> order_rows() {
    return {
        {DenialCode::wrong_instrument, k_nothing,
         [](Bench& b) { b.terms.symbol = model::Symbol::cut("ES"); }},
        {DenialCode::quantity_invalid, k_nothing, [](Bench& b) { b.terms.quantity = 0; }},
        {DenialCode::price_invalid, k_nothing, [](Bench& b) { b.terms.type = OrderType::limit; }},
        {DenialCode::order_untagged, [](Bench& b) { pack(b, "topstep_50k"); },
         [](Bench& b) { b.terms.id = model::ClientOrderId::parse("manual1").value(); }},
        {DenialCode::mode_fenced, k_nothing,
         [](Bench& b) {
             b.fill(Side::buy, 1, k_market);
             b.as_exit(Side::sell, 1, Purpose::flatten);
             b.situation.mode = TradingMode::fenced;
         }},
        {DenialCode::target_while_halted, k_nothing,
         [](Bench& b) {
             b.fill(Side::buy, 1, k_market);
             b.as_exit(Side::sell, 1, Purpose::target);
             b.situation.mode = TradingMode::halted;
         }},
        {DenialCode::nothing_to_close, k_nothing, [](Bench& b) { b.as_exit(Side::sell, 1); }},
        {DenialCode::wrong_side, k_nothing,
         [](Bench& b) {
             b.fill(Side::buy, 1, k_market);
             b.as_exit(Side::buy, 1);
         }},
        {DenialCode::more_than_held, k_nothing,
         [](Bench& b) {
             b.fill(Side::buy, 2, k_market);
             b.as_exit(Side::sell, 2);
             b.situation.exposure.exits = 1;
         }},
        {DenialCode::stop_wrong_side, k_nothing,
         [](Bench& b) {
             b.fill(Side::buy, 1, k_market);
             b.as_exit(Side::sell, 1, Purpose::protective_stop);
             b.terms.type = OrderType::stop;
             b.terms.stop = {k_market};
         }},
    };
}

void tell(Bench& bench, std::int64_t balance) {
    bench.gate->on_balance(dollars(balance), bench.now);
}

std::vector<Row> account_rows() {
    return {
        {DenialCode::mode_halted, k_nothing,
         [](Bench& b) { b.situation.mode = TradingMode::halted; }},
        {DenialCode::mode_reducing, k_nothing,
         [](Bench& b) { b.situation.mode = TradingMode::reducing; }},
        {DenialCode::mode_idle, k_nothing, [](Bench& b) { b.situation.mode = TradingMode::idle; }},
        {DenialCode::hosting_unacknowledged,
         [](Bench& b) {
             pack(b, "topstep_50k");
             b.settings.hosting_acknowledged = "yes";
         },
         k_nothing},
        {DenialCode::broker_locked, k_nothing,
         [](Bench& b) { b.gate->on_balance(dollars(50'000), b.now, false); }},
        {DenialCode::loss_floor_frame, [](Bench& b) { pack(b, "topstep_50k"); },
         [](Bench& b) { tell(b, 600); }},
        {DenialCode::loss_floor_reached, [](Bench& b) { pack(b, "topstep_50k"); },
         [](Bench& b) {
             b.realise(-2'000);
             b.now += std::chrono::hours(24);
             b.show_session();
         }},
        {DenialCode::daily_loss_reached, k_nothing, [](Bench& b) { b.realise(-1'000); }},
        {DenialCode::near_daily_loss, k_nothing, [](Bench& b) { b.realise(-800); }},
        {DenialCode::market_closed, k_nothing,
         [](Bench& b) {
             b.now = at("2025-04-08T21:30:00Z");
             b.show_session();
         }},
        {DenialCode::event_blackout, k_nothing,
         [](Bench& b) {
             auto facts = b.session();
             facts.state = time::TradingState::event_block;
             facts.entries = false;
             b.gate->on_session(facts);
         }},
        {DenialCode::flatten_time, k_nothing,
         [](Bench& b) {
             b.now = at("2025-04-08T20:46:00Z");
             b.show_session();
         }},
        {DenialCode::last_entry_passed,
         [](Bench& b) { b.session_rules.friday_last_entry = std::chrono::hours(12); },
         [](Bench& b) {
             b.now = at("2025-04-11T16:00:00Z");
             b.show_session();
         }},
        {DenialCode::calendar_unknown, k_nothing,
         [](Bench& b) {
             b.now = at("2031-04-08T14:00:00Z");
             b.show_session();
         }},
        {DenialCode::position_unknown, k_nothing,
         [](Bench& b) { b.situation.exposure.position_unknown = true; }},
        {DenialCode::position_open, k_nothing,
         [](Bench& b) { b.situation.exposure.entries_sell = 1; }},
        {DenialCode::trades_reached, [](Bench& b) { b.settings.trades_max = 2; },
         [](Bench& b) {
             b.realise(5);
             b.realise(5);
         }},
        {DenialCode::order_rate, [](Bench& b) { b.settings.orders_per_minute = 1; },
         [](Bench& b) { CHECK(b.ask() == "approved"); }},
        {DenialCode::orders_of_day, [](Bench& b) { b.settings.orders_of_day = 1; },
         [](Bench& b) { CHECK(b.ask() == "approved"); }},
        {DenialCode::equity_unknown, [](Bench& b) { b.settings.start_balance = 0; }, k_nothing},
        {DenialCode::equity_spent, k_nothing, [](Bench& b) { tell(b, 0); }},
    };
}

std::vector<Row> entry_rows() {
    return {
        {DenialCode::plan_missing, k_nothing, [](Bench& b) { b.situation.plan.reset(); }},
        {DenialCode::price_unknown, k_nothing,
         [](Bench& b) {
             b.gate = std::make_unique<RiskGate>(*b.instrument, b.settings, *b.pack);
             b.show_session();
         }},
        {DenialCode::price_band, k_nothing,
         [](Bench& b) {
             b.terms.type = OrderType::limit;
             b.terms.limit = {k_market * 97 / 100 - 1};
         }},
        {DenialCode::price_moved, k_nothing,
         [](Bench& b) { b.gate->on_bar(bar(b.now, k_market, k_market + 4, k_market + 4)); }},
        {DenialCode::fast_market, k_nothing,
         [](Bench& b) { b.gate->on_bar(bar(b.now, k_market - 9, k_market + 8, k_market)); }},
        {DenialCode::spread_widening, k_nothing,
         [](Bench& b) {
             for (std::int64_t spread = 0; spread < 4; ++spread)
                 b.gate->on_quote({{k_market - spread}, {k_market}}, b.now);
         }},
        {DenialCode::contracts_max, k_nothing, [](Bench& b) { b.terms.quantity = 4; }},
        {DenialCode::pack_contracts,
         [](Bench& b) {
             pack(b, "topstep_50k");
             static model::RulePack small = *b.pack;
             small.lots_max = 2;
             small.micros_by_ratio = false;
             b.pack = &small;
         },
         [](Bench& b) { b.terms.quantity = 3; }},
        // 1.2 % of 50,000 are 600: 480 ticks of MES, and no more.
        {DenialCode::risk_per_trade, k_nothing,
         [](Bench& b) { b.situation.plan->stop = {k_market - 481}; }},
        // After losing 490 of 500: 11 ticks are 13.75, and 10 are left.
        {DenialCode::daily_loss_headroom,
         [](Bench& b) {
             b.settings.approach = config::ApproachMode::off;
             b.settings.daily_loss_max = 500;
         },
         [](Bench& b) { b.realise(-490); }},
        {DenialCode::loss_floor_headroom,
         [](Bench& b) {
             b.settings.drawdown_max = 500;
             b.settings.daily_loss_max = 0;
         },
         [](Bench& b) { b.realise(-490); }},
        {DenialCode::margin, [](Bench& b) { b.settings.margin_per_lot = 250'001; }, k_nothing},
        {DenialCode::cost_too_high, k_nothing,
         [](Bench& b) { b.situation.plan->target = model::Price{k_market + 20}; }},
    };
}

std::vector<Row> all_rows() {
    std::vector<Row> all = order_rows();
    for (const auto& more : {account_rows(), entry_rows()})
        all.insert(all.end(), more.begin(), more.end());
    return all;
}

TEST_CASE("every denial has a situation whose one change brings it about") {
    std::set<DenialCode> seen;
    for (const Row& row : all_rows()) {
        CAPTURE(code(row.code));
        Bench plain;
        row.before(plain);
        // The same order without the change, where the settings alone are not the cause.
        plain.open();
        const bool by_settings = row.code == DenialCode::hosting_unacknowledged ||
                                 row.code == DenialCode::equity_unknown ||
                                 row.code == DenialCode::margin;
        CHECK(plain.ask() == (by_settings ? code(row.code) : "approved"));
        Bench changed;
        row.before(changed);
        changed.open();
        row.after(changed);
        CHECK(changed.ask() == code(row.code));
        CHECK(seen.insert(row.code).second);
    }
    CHECK(seen.size() == denials().size());
}

TEST_CASE("codes are unique, are found by their names, and say what they mean and what to do") {
    std::set<std::string_view> names;
    for (const DenialFacts& each : denials()) {
        CAPTURE(each.name);
        CHECK(names.insert(each.name).second);
        CHECK(denial_from(each.name) == each.code);
        CHECK(each.sentence.size() > 10);
        CHECK(each.advice.ends_with('.'));
        CHECK((each.unit == DenialUnit::none) == each.what.empty());
        CHECK(text(Denial{each.code, 1, 2}).starts_with(std::string(each.name) + ": "));
    }
    CHECK_FALSE(denial_from("no").has_value());
}

TEST_CASE("a denial in words has its two numbers in their unit") {
    CHECK(text({DenialCode::contracts_max, 4, 3}) ==
          "contracts_max: the position would be larger than the account allows (contracts 4, "
          "limit 3)");
    CHECK(text({DenialCode::daily_loss_reached, 1'000'500'000, 1'000'000'000}) ==
          "daily_loss_reached: the daily loss limit was reached (loss 1000.50, limit 1000.00)");
    CHECK(text({DenialCode::price_moved, 4, 3}).ends_with("(move 4 ticks, limit 3 ticks)"));
    CHECK(text({DenialCode::cost_too_high, 18, 15}).ends_with("(cost 18 %, limit 15 %)"));
    CHECK(text({DenialCode::mode_idle, 0, 0}) == "mode_idle: the account is idle");
}

TEST_CASE("docs/risk.md has each denial with its sentence and its advice, in order") {
    const std::string page =
        bullpen::test::read_text(bullpen::test::source_directory() + "/docs/risk.md");
    std::size_t before = 0;
    for (const DenialFacts& each : denials()) {
        CAPTURE(each.name);
        const std::string row = "| `" + std::string(each.name) + "` | " +
                                std::string(each.sentence) + " | " + std::string(each.advice) +
                                " |\n";
        const std::size_t found = page.find(row);
        REQUIRE(found != std::string::npos);
        CHECK(found > before);
        before = found;
    }
}

}  // namespace
}  // namespace bullpen::risk
