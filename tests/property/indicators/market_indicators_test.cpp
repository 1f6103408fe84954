#include "worker/indicators/market_indicators.hpp"

#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "common/feed/feed.hpp"

namespace bullpen::indicators {
namespace {

const time::FuturesSession& session() {
    static const time::FuturesSession session = time::FuturesSession::load().value();
    return session;
}

const model::Instrument& mes() {
    return *model::find_instrument("MES").value();
}

// Bars of a random market, with minutes left out, that starts shortly before a clock change.
std::vector<model::Bar> any_bars(int count) {
    feed::SyntheticOptions options;
    options.seed = *rc::gen::arbitrary<std::uint64_t>();
    options.first_day =
        *rc::gen::element(std::chrono::year(2025) / 3 / 7, std::chrono::year(2024) / 11 / 1,
                          std::chrono::year(2025) / 6 / 2);
    auto feed = feed::open_synthetic(options).value();
    const auto skipped = *rc::gen::inRange<std::uint64_t>(0, 1380);
    const auto left_out = *rc::gen::inRange<std::uint64_t>(1, 5);
    RC_ASSERT(feed->seek(skipped).has_value());
    std::vector<model::Bar> bars;
    while (bars.size() < static_cast<std::size_t>(count)) {
        const auto bar = std::get<model::Bar>(feed->next({}));
        if ((static_cast<std::uint64_t>(bar.volume) * 2654435761U >> 7) % 5 >= left_out - 1)
            bars.push_back(bar);
    }
    return bars;
}

IndicatorSettings any_settings() {
    IndicatorSettings settings;
    settings.vwap.bars = *rc::gen::element(0, 1, 7, 200);
    settings.rsi_length = *rc::gen::inRange(1, 20);
    settings.atr_length = *rc::gen::inRange(1, 20);
    return settings;
}

std::uint64_t state_hash(const MarketIndicators& indicators) {
    RunHash hash;
    indicators.add_to(&hash);
    return hash.value();
}

TEST_CASE("a save and restore at any point changes nothing, not even the last bit") {
    CHECK(rc::check("run = run to k, save, restore elsewhere, run on", [] {
        const auto bars = any_bars(400);
        const IndicatorSettings settings = any_settings();
        const auto cut = *rc::gen::inRange<std::size_t>(0, bars.size() + 1);
        MarketIndicators straight(mes(), session(), settings);
        auto resumed = std::make_unique<MarketIndicators>(mes(), session(), settings);
        for (std::size_t i = 0; i < bars.size(); ++i) {
            if (i == cut) {
                const std::string saved = resumed->save();
                resumed = std::make_unique<MarketIndicators>(mes(), session(), settings);
                RC_ASSERT(resumed->restore(saved).has_value());
                RC_ASSERT(resumed->save() == saved);
            }
            straight.add(bars[i]);
            resumed->add(bars[i]);
            RC_ASSERT(straight.closed_quarters() == resumed->closed_quarters());
            RC_ASSERT(straight.values() == resumed->values());
        }
        RC_ASSERT(state_hash(straight) == state_hash(*resumed));
    }));
}

// What docs/indicators.md says a quarter of an hour is, by looking at all minutes.
std::vector<model::Bar> brute_force_quarters(const std::vector<model::Bar>& minutes) {
    std::map<std::int64_t, std::vector<model::Bar>> groups;
    for (const model::Bar& bar : minutes)
        groups[unix_nanos(bar.start) / 1'000'000'000 / 900].push_back(bar);
    std::vector<model::Bar> quarters;
    for (const auto& [number, bars] : groups) {
        model::Bar quarter = bars.front();
        quarter.start = UtcTime(std::chrono::seconds(number * 900));
        quarter.span = model::k_quarter_hour;
        quarter.close = bars.back().close;
        quarter.volume = 0;
        quarter.minutes = static_cast<std::int32_t>(bars.size());
        for (const model::Bar& bar : bars) {
            quarter.high = std::max(quarter.high, bar.high);
            quarter.low = std::min(quarter.low, bar.low);
            quarter.volume += bar.volume;
        }
        quarters.push_back(quarter);
    }
    return quarters;
}

TEST_CASE("quarter-hour bars equal those put together by brute force") {
    CHECK(rc::check("aggregated = brute force", [] {
        const auto bars = any_bars(500);
        MarketIndicators indicators(mes(), session());
        std::vector<model::Bar> quarters;
        const auto keep = [&] {
            for (const model::Bar& quarter : indicators.closed_quarters())
                quarters.push_back(quarter);
        };
        for (const model::Bar& bar : bars) {
            indicators.add(bar);
            keep();
        }
        indicators.finish();
        keep();
        RC_ASSERT(quarters == brute_force_quarters(bars));
    }));
}

TEST_CASE("the VWAP equals the one computed from all bars of its window at once") {
    CHECK(rc::check("running = from scratch", [] {
        const auto bars = any_bars(300);
        IndicatorSettings settings;
        settings.vwap.bars = *rc::gen::element(0, 1, 13, 200);
        MarketIndicators indicators(mes(), session(), settings);
        for (const model::Bar& bar : bars)
            indicators.add(bar);
        const auto day = session().trading_day(bars.back().start);
        std::vector<model::Bar> window;
        for (const model::Bar& bar : bars) {
            if (session().trading_day(bar.start) == day)
                window.push_back(bar);
        }
        const auto size = static_cast<std::size_t>(settings.vwap.bars);
        if (size > 0 && window.size() > size)
            window.erase(window.begin(), window.end() - settings.vwap.bars);
        long double volume = 0;
        long double sum = 0;
        const auto typical = [](const model::Bar& bar) {
            return static_cast<long double>(bar.high.ticks + bar.low.ticks + bar.close.ticks) / 3 *
                   0.25L;
        };
        for (const model::Bar& bar : window) {
            volume += static_cast<long double>(bar.volume);
            sum += static_cast<long double>(bar.volume) * typical(bar);
        }
        const long double mean = sum / volume;
        long double squares = 0;
        for (const model::Bar& bar : window)
            squares += static_cast<long double>(bar.volume) * (typical(bar) - mean) *
                       (typical(bar) - mean);
        const auto values = indicators.values().vwap;
        RC_ASSERT(values.has_value());
        RC_ASSERT(std::abs(values->vwap - static_cast<double>(mean)) < 1e-9);
        RC_ASSERT(std::abs(values->deviation - static_cast<double>(std::sqrt(squares / volume))) <
                  1e-9);
    }));
}

}  // namespace
}  // namespace bullpen::indicators
