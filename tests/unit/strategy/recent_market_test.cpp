#include "worker/strategy/recent_market.hpp"

#include <doctest/doctest.h>

#include <set>
#include <vector>

#include "common/base/random.hpp"
#include "tests/unit/strategy/candles.hpp"

namespace bullpen::strategy {
namespace {

model::Bar bar(std::int64_t high, std::int64_t low, std::int64_t close) {
    model::Bar bar;
    bar.open = {close};
    bar.high = {high};
    bar.low = {low};
    bar.close = {close};
    return bar;
}

// Short windows, so that tables stay short: volatility of 2 bars against 4, regime of 3 bars.
config::StrategySettings short_windows() {
    config::StrategySettings settings;
    settings.volatility_length = 2;
    settings.volatility_baseline = 4;
    settings.volatility_floor_ticks = 0;
    settings.regime_length = 3;
    return settings;
}

Rules made_of(const config::StrategySettings& settings) {
    return Rules::make(settings, test::es()).value();
}

TEST_CASE("volatility is the mean range of the last bars against the baseline's own mean") {
    const Rules made = made_of(short_windows());
    RecentMarket market(made);
    for (const int range : {4, 4, 8}) {
        market.add(bar(100 + range, 100, 100), {});
        CHECK_FALSE(market.volatility().has_value());
    }
    market.add(bar(108, 100, 100), {});
    // (8 + 8) / 2 against (4 + 4 + 8 + 8) / 4.
    CHECK(market.volatility() == doctest::Approx(8.0 / 6));
    market.add(bar(102, 100, 100), {});
    CHECK(market.volatility() == doctest::Approx(5.0 / 5.5));
    for (int i = 0; i < 10; ++i)
        market.add(bar(103, 100, 100), {});
    CHECK(market.volatility() == doctest::Approx(1));
}

TEST_CASE("no mean range counts as less than the floor") {
    config::StrategySettings settings = short_windows();
    settings.volatility_floor_ticks = 8;
    const Rules made = made_of(settings);
    RecentMarket market(made);
    for (const int range : {4, 4, 4, 4})
        market.add(bar(100 + range, 100, 100), {});
    CHECK(market.volatility() == 1);
    market.add(bar(116, 100, 100), {});
    // (16 + 4) / 2 = 10 against the floor; the baseline's mean is 7.
    CHECK(market.volatility() == doctest::Approx(10.0 / 8));
}

TEST_CASE("a regime is a trend or not, with high, low or normal volatility") {
    struct Row {
        std::array<model::Bar, 4> bars;
        Regime regime;
    };
    const std::array rows = {
        // Three closes up by 12 in a range of 20 are 60 %: not more, so no trend.
        Row{{bar(110, 100, 105), bar(110, 100, 101), bar(116, 106, 111), bar(120, 110, 113)},
            Regime::normal_choppy},
        Row{{bar(110, 100, 105), bar(110, 100, 101), bar(116, 106, 111), bar(120, 110, 114)},
            Regime::normal_trending},
        // Downwards is a trend, too.
        Row{{bar(110, 100, 105), bar(120, 110, 114), bar(116, 106, 111), bar(110, 100, 101)},
            Regime::normal_trending},
        Row{{bar(102, 100, 101), bar(102, 100, 101), bar(120, 100, 101), bar(120, 100, 101)},
            Regime::high_vol_choppy},
        Row{{bar(102, 100, 101), bar(102, 100, 101), bar(120, 100, 110), bar(140, 120, 139)},
            Regime::high_vol_trending},
        Row{{bar(120, 100, 101), bar(120, 100, 101), bar(102, 100, 101), bar(102, 100, 101)},
            Regime::low_vol_ranging},
        Row{{bar(120, 100, 101), bar(120, 100, 101), bar(122, 120, 121), bar(124, 122, 124)},
            Regime::low_vol_trending},
    };
    const Rules made = made_of(short_windows());
    for (const Row& row : rows) {
        CAPTURE(code(row.regime));
        RecentMarket market(made);
        CHECK(market.regime() == Regime::normal);
        for (const model::Bar& added : row.bars)
            market.add(added, {});
        CHECK(code(market.regime()) == code(row.regime));
    }
}

TEST_CASE("a regime is the same whether it is asked for with every bar or with this one alone") {
    config::StrategySettings settings = short_windows();
    settings.regime_length = 5;
    const Rules made = made_of(settings);
    RecentMarket asked(made);
    RecentMarket seldom(made);  // asked after more bars than a window has, and fewer
    SeededRandom random(7);
    std::vector<model::Bar> bars;
    std::set<Regime> seen;
    std::int64_t close = 100;
    for (int i = 0; i < 2'000; ++i) {
        close += random.between(-6, 6);
        bars.push_back(bar(close + random.between(0, 4), close - random.between(0, 4), close));
        asked.add(bars.back(), {});
        seldom.add(bars.back(), {});
        RecentMarket fresh(made);
        for (std::size_t at = bars.size() < 9 ? 0 : bars.size() - 9; at < bars.size(); ++at)
            fresh.add(bars[at], {});
        REQUIRE(asked.regime() == fresh.regime());
        if (random.chance(0.3))
            REQUIRE(seldom.regime() == fresh.regime());
        seen.insert(asked.regime());
    }
    CHECK(seen.size() == k_regimes);
}

TEST_CASE("before the baseline is full volatility counts as normal") {
    const Rules made = made_of(short_windows());
    RecentMarket market(made);
    market.add(bar(102, 100, 101), {});
    market.add(bar(102, 100, 101), {});
    CHECK(market.regime() == Regime::normal);
    market.add(bar(190, 100, 101), {});
    CHECK(market.regime() == Regime::normal_choppy);
}

TEST_CASE("the trend is the last quarter's close against its EMA, half a tick aside") {
    const Rules made = made_of({});
    RecentMarket market(made);
    indicators::IndicatorValues values;
    values.ema_fast_15m = 5000;
    CHECK(market.trend(values) == Trend::unknown);
    const auto with_close = [&](std::int64_t ticks, double ema) {
        model::Bar quarter = bar(ticks, ticks, ticks);
        market.add(bar(1, 1, 1), {&quarter, 1});
        values.ema_fast_15m = ema;
        return market.trend(values);
    };
    CHECK(with_close(20'000, 5000) == Trend::neutral);
    CHECK(with_close(20'000, 4999.875) == Trend::neutral);
    CHECK(with_close(20'000, 4999.75) == Trend::up);
    CHECK(with_close(20'000, 5000.125) == Trend::neutral);
    CHECK(with_close(20'000, 5000.25) == Trend::down);
    values.ema_fast_15m.reset();
    CHECK(market.trend(values) == Trend::unknown);
}

TEST_CASE("a minute's volume is compared with the mean of the minutes that traded") {
    config::StrategySettings settings;
    settings.volume_length = 2;
    settings.surge_samples = 1;
    const Rules made = made_of(settings);
    RecentMarket market(made);
    CHECK_FALSE(market.volume_ratio(100, 1).has_value());
    model::Bar quarter;
    quarter.volume = 1000;
    quarter.minutes = 10;  // five minutes without a trade have no bar
    market.add(bar(1, 1, 1), {&quarter, 1});
    CHECK(market.volume_ratio(150, 1) == 1.5);
    CHECK_FALSE(market.volume_ratio(150, 2).has_value());
    quarter.volume = 3000;
    quarter.minutes = 10;
    market.add(bar(1, 1, 1), {&quarter, 1});
    CHECK(market.volume_ratio(150, 2) == 0.75);
    // The first one leaves.
    market.add(bar(1, 1, 1), {&quarter, 1});
    CHECK(market.volume_ratio(150, 2) == 0.5);
}

TEST_CASE("closes against a position are counted without a break, and equal ones break it") {
    config::StrategySettings settings;
    settings.momentum_closes = 3;
    settings.regime_length = 2;
    const Rules made = made_of(settings);
    RecentMarket market(made);
    const auto with_close = [&](std::int64_t close) {
        market.add(bar(close, close, close), {});
        return std::pair(market.closes_against(1, 3), market.closes_against(-1, 3));
    };
    with_close(100);
    with_close(99);
    CHECK(with_close(98) == std::pair(false, false));
    CHECK(with_close(97) == std::pair(true, false));
    CHECK(with_close(97) == std::pair(false, false));
    with_close(98);
    with_close(99);
    CHECK(with_close(100) == std::pair(false, true));
}

}  // namespace
}  // namespace bullpen::strategy
