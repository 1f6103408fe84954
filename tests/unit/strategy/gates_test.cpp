#include "worker/strategy/gates.hpp"

#include <doctest/doctest.h>

#include <functional>
#include <set>
#include <string>

#include "tests/unit/strategy/candles.hpp"

namespace bullpen::strategy {
namespace {

using namespace std::chrono;

constexpr sys_days k_tuesday = 2025y / 4 / 8;

// A minute in which a long entry passes every gate, and what it takes to shut one.
struct Case {
    config::StrategySettings settings = test::plain();
    Facts facts;
    indicators::IndicatorValues values;
    model::Bar before;
    model::Bar bar;
    model::Bar quarter;
    std::int64_t last_spread = 1;  // after twenty of one tick

    Case() {
        settings.trend_filter = true;
        settings.volume_filter = true;
        settings.macd_filter = true;
        settings.volume_length = 1;
        settings.surge_samples = 1;
        facts.now = UtcTime(k_tuesday + 14h);
        facts.session.state = TradingState::entry_window;
        facts.session.minute_of_day = 600;
        facts.session.trading_day = k_tuesday;
        facts.session.entries_resume = facts.now + 3h;
        values.vwap = indicators::VwapValues{5000, 4, 1000};
        values.rsi_15m = 30;
        values.ema_fast_15m = 5000;
        values.macd_15m = indicators::MacdValues{0, 0, 1};
        values.bars_15m = 50;
        bar.start = facts.now - 1min;
        bar.open = bar.low = bar.high = bar.close = {4'992 * 4};
        bar.volume = 1000;
        before = bar;
        before.start -= 1min;
        before.low = {4'991 * 4};
        quarter.close = {5'000 * 4};
        quarter.volume = 1500;
        quarter.minutes = 15;
    }

    // The gate that said no; none when it entered.
    [[nodiscard]] std::optional<Refusal> refusal() const {
        auto runner = StrategyRunner::create(settings, test::es()).value();
        Facts earlier = facts;
        earlier.now -= 1min;
        earlier.session.trading_day = k_tuesday;
        earlier.position = {};
        for (int i = 0; i < 20; ++i)
            runner.on_quote({{20'000}, {20'001}, {}, {}}, earlier);
        runner.on_quote({{20'000}, {20'000 + last_spread}, {}, {}}, earlier);
        runner.on_bar(before, values, {&quarter, 1}, earlier);
        const Decisions& decisions = runner.on_bar(bar, values, {}, facts);
        CHECK((decisions.get<Enter>() != nullptr) == !decisions.refusal().has_value());
        return decisions.refusal();
    }
};

struct Shut {
    Gate gate;
    std::function<void(Case&)> shut;
};

// In the order in which they are asked. Where two change the same fact, the earlier one's change
// holds.
const std::vector<Shut>& gates() {
    static const std::vector<Shut> all = {
        {Gate::entries_not_allowed, [](Case& c) { c.facts.entries_allowed = false; }},
        {Gate::session_closed, [](Case& c) { c.facts.session.state = TradingState::closed; }},
        {Gate::blackout, [](Case& c) { c.facts.session.state = TradingState::blackout; }},
        {Gate::flatten_time, [](Case& c) { c.facts.session.state = TradingState::flatten; }},
        {Gate::friday_cutoff,
         [](Case& c) {
             c.facts.session.entries = false;
             c.facts.session.trading_day = k_tuesday + days(3);
         }},
        {Gate::position_open, [](Case& c) { c.facts.position.quantity = 1; }},
        {Gate::entry_working, [](Case& c) { c.facts.position.entry_working = true; }},
        {Gate::first_bar, [](Case& c) { c.facts.session.trading_day = k_tuesday + days(1); }},
        {Gate::not_warm, [](Case& c) { c.values.rsi_15m.reset(); }},
        {Gate::bands_not_ready, [](Case& c) { c.values.vwap.reset(); }},
        {Gate::market_stressed, [](Case& c) { c.last_spread = 100; }},
        {Gate::spread_abnormal, [](Case& c) { c.last_spread = 3; }},
        {Gate::no_touch, [](Case& c) { c.before.low = c.before.close; }},
        {Gate::no_bounce, [](Case& c) { c.bar.close = c.bar.low = {4'991 * 4}; }},
        {Gate::side_off, [](Case& c) { c.settings.long_entries = false; }},
        {Gate::wrong_side_of_vwap,
         [](Case& c) { c.bar.open = c.bar.low = c.bar.high = c.bar.close = {5'000 * 4}; }},
        {Gate::rsi, [](Case& c) { c.values.rsi_15m = 35; }},
        {Gate::trend, [](Case& c) { c.values.ema_fast_15m = 5001; }},
        {Gate::volume, [](Case& c) { c.bar.volume = 10; }},
        {Gate::macd,
         [](Case& c) {
             c.values.macd_15m = indicators::MacdValues{0, 0, -1};
         }},
    };
    return all;
}

TEST_CASE("with every gate open it enters") {
    CHECK_FALSE(Case().refusal().has_value());
}

TEST_CASE("each gate alone says no, and of several the first is counted") {
    for (std::size_t i = 0; i < gates().size(); ++i) {
        CAPTURE(code(gates()[i].gate));
        Case alone;
        gates()[i].shut(alone);
        REQUIRE(alone.refusal().has_value());
        CHECK(code(alone.refusal()->gate) == code(gates()[i].gate));

        Case and_all_after;
        for (std::size_t j = gates().size(); j-- > i;)
            gates()[j].shut(and_all_after);
        REQUIRE(and_all_after.refusal().has_value());
        CHECK(code(and_all_after.refusal()->gate) == code(gates()[i].gate));
    }
}

TEST_CASE("every pair of gates: the earlier one is counted") {
    for (std::size_t i = 0; i < gates().size(); ++i) {
        for (std::size_t j = i + 1; j < gates().size(); ++j) {
            CAPTURE(code(gates()[i].gate));
            CAPTURE(code(gates()[j].gate));
            Case both;
            gates()[j].shut(both);
            gates()[i].shut(both);
            REQUIRE(both.refusal().has_value());
            CHECK(code(both.refusal()->gate) == code(gates()[i].gate));
        }
    }
}

TEST_CASE("a refusal says when it may change, where that is known") {
    Case closed;
    closed.facts.session.state = TradingState::closed;
    CHECK(closed.refusal()->may_change == closed.facts.session.entries_resume);
    Case cold;
    cold.values.rsi_15m.reset();
    cold.values.bars_15m = 30;
    // The MACD needs most: 34 quarters of an hour.
    CHECK(cold.refusal()->may_change == cold.facts.now + 4 * 15min);
    Case rsi;
    rsi.values.rsi_15m = 35;
    CHECK(rsi.refusal()->may_change == UtcTime{});
    CHECK(rsi.refusal()->side == model::Side::buy);
    CHECK(rsi.refusal()->at == rsi.facts.now);
}

TEST_CASE("a tick of spread more or less decides") {
    Case wide;
    wide.last_spread = 2;  // the mean of 21 is 22/21
    CHECK_FALSE(wide.refusal().has_value());
    wide.settings.spread_abnormal = 1.5;
    CHECK(wide.refusal()->gate == Gate::spread_abnormal);
    wide.settings.spread_filter = false;
    CHECK_FALSE(wide.refusal().has_value());
}

TEST_CASE("every gate has a word of its own, a sentence, and what changes it") {
    std::set<std::string_view> codes;
    for (std::size_t i = 0; i < k_gates; ++i) {
        const auto gate = static_cast<Gate>(i);
        codes.insert(code(gate));
        CHECK(gate_from(code(gate)) == gate);
        CHECK_FALSE(sentence(gate).empty());
        CHECK(text_of(gate).find("; it may change w") != std::string::npos);
    }
    CHECK(codes.size() == k_gates);
    CHECK_FALSE(gate_from("confidence").has_value());
}

TEST_CASE("counters tell the last refusal worth telling from the lack of a pattern") {
    GateCounters counters;
    const UtcTime start(k_tuesday);
    counters.begin();
    counters.count({Gate::rsi, model::Side::buy, start, {}});
    counters.count({Gate::no_touch, {}, start + 1min, {}});
    counters.count({Gate::no_touch, {}, start + 2min, {}});
    CHECK(counters.count(Gate::no_touch) == 2);
    CHECK(counters.count(Gate::rsi) == 1);
    CHECK(counters.count(Gate::macd) == 0);
    CHECK(counters.last()->gate == Gate::rsi);
    CHECK(counters.current()->gate == Gate::no_touch);
    CHECK(counters.since() == start + 1min);
    counters.passed();
    CHECK_FALSE(counters.current().has_value());
    CHECK(counters.last()->gate == Gate::rsi);
}

}  // namespace
}  // namespace bullpen::strategy
