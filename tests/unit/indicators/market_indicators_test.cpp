#include "worker/indicators/market_indicators.hpp"

#include <doctest/doctest.h>

#include <ostream>
#include <string>

#include "common/base/errc.hpp"
#include "common/feed/feed.hpp"
#include "tests/unit/indicators/columns.hpp"

namespace bullpen::indicators {
namespace {

const time::FuturesSession& session() {
    static const time::FuturesSession session = time::FuturesSession::load().value();
    return session;
}

std::vector<model::Bar> synthetic_bars(std::size_t count) {
    auto feed = feed::open_synthetic({}).value();
    std::vector<model::Bar> bars;
    while (bars.size() < count)
        bars.push_back(std::get<model::Bar>(feed->next({})));
    return bars;
}

TEST_CASE("the VWAP starts anew at 18:00 in New York, the averages do not") {
    MarketIndicators indicators(instrument("MES"), session());
    const auto bars = synthetic_bars(1381);
    for (std::size_t i = 0; i < 1380; ++i)
        indicators.add(bars[i]);
    CHECK(indicators.values().vwap->volume > bars[1379].volume);
    CHECK(indicators.values().bars_15m == 92);
    indicators.add(bars[1380]);
    CHECK(indicators.values().vwap->volume == bars[1380].volume);
    CHECK(indicators.values().vwap->deviation == 0.0);
    CHECK(indicators.values().rsi_1m.has_value());
    CHECK(indicators.values().ema_slow_15m.has_value());
}

TEST_CASE("what is not warmed up is absent, never a number") {
    MarketIndicators indicators(instrument("MES"), session());
    const IndicatorValues values = indicators.values();
    CHECK_FALSE(values.vwap.has_value());
    CHECK_FALSE(values.rsi_1m.has_value());
    CHECK_FALSE(values.atr_15m.has_value());
    CHECK_FALSE(values.macd_15m.has_value());
    CHECK(values.bars_1m == 0);
}

TEST_CASE("a state of other settings, another instrument or another version is refused whole") {
    MarketIndicators indicators(instrument("MES"), session());
    for (const model::Bar& bar : synthetic_bars(100))
        indicators.add(bar);
    const std::string saved = indicators.save();

    MarketIndicators big(instrument("ES"), session());
    CHECK(big.restore(saved).error().code() == Errc::invalid);
    IndicatorSettings settings;
    settings.rsi_length = 14;
    MarketIndicators other(instrument("MES"), session(), settings);
    CHECK(other.restore(saved).error().code() == Errc::invalid);
    CHECK(other.values().bars_1m == 0);
}

TEST_CASE("a damaged state is refused and changes nothing") {
    MarketIndicators indicators(instrument("MES"), session());
    for (const model::Bar& bar : synthetic_bars(100))
        indicators.add(bar);
    const std::string saved = indicators.save();
    RunHash before;
    indicators.add_to(&before);
    for (std::size_t i = 0; i < saved.size(); ++i) {
        std::string damaged = saved;
        damaged[i] = damaged[i] == '3' ? '4' : '3';
        REQUIRE_FALSE(indicators.restore(damaged).has_value());
        REQUIRE_FALSE(indicators.restore(saved.substr(0, i)).has_value());
    }
    RunHash after;
    indicators.add_to(&after);
    CHECK(before.value() == after.value());
    CHECK(indicators.restore(saved).has_value());
    CHECK(indicators.save() == saved);
}

}  // namespace
}  // namespace bullpen::indicators
