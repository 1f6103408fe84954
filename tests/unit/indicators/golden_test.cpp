// Against tests/golden/indicators, which an independent program computed with exact fractions.
#include <doctest/doctest.h>

#include <algorithm>
#include <map>
#include <string>

#include "tests/support/programs.hpp"
#include "tests/unit/indicators/columns.hpp"
#include "worker/indicators/market_indicators.hpp"

namespace bullpen::indicators {
namespace {

constexpr double k_tolerance = 1e-9;

std::optional<double> macd_of(const IndicatorValues& values, bool signal) {
    if (!values.macd_15m)
        return std::nullopt;
    return signal ? values.macd_15m->signal : values.macd_15m->macd;
}

std::optional<double> vwap_of(const IndicatorValues& values, bool deviation) {
    if (!values.vwap)
        return std::nullopt;
    return deviation ? values.vwap->deviation : values.vwap->vwap;
}

TEST_CASE(
    "every indicator equals the golden files over two clock-change sessions and a quiet one") {
    const std::string folder = test::source_directory() + "/tests/golden/indicators";
    const Columns bars(folder + "/bars.csv");
    const Columns expected(folder + "/expected.csv");
    const auto session = time::FuturesSession::load();
    REQUIRE(session.has_value());
    const model::Instrument& mes = instrument("MES");
    MarketIndicators full(mes, *session);
    IndicatorSettings thirty;
    thirty.vwap.bars = 30;
    MarketIndicators windowed(mes, *session, thirty);

    std::size_t row = 0;
    std::map<std::string, double> worst;
    for (std::size_t i = 0; i < bars.rows(); ++i) {
        full.add(bars.bar(i, mes));
        windowed.add(bars.bar(i, mes));
        if (row == expected.rows() || expected.integer(row, "bar") != static_cast<std::int64_t>(i))
            continue;
        const IndicatorValues values = full.values();
        const auto check = [&](const char* column, std::optional<double> ours) {
            double& most = worst[column];
            most = std::max(most, difference(ours, expected.number(row, column)));
        };
        check("vwap", vwap_of(values, false));
        check("deviation", vwap_of(values, true));
        check("vwap_30", vwap_of(windowed.values(), false));
        check("deviation_30", vwap_of(windowed.values(), true));
        check("rsi_1m", values.rsi_1m);
        check("atr_1m", values.atr_1m);
        check("atr_sma_1m", values.atr_sma_1m);
        check("rsi_15m", values.rsi_15m);
        check("atr_15m", values.atr_15m);
        check("atr_sma_15m", values.atr_sma_15m);
        check("ema50_15m", values.ema_slow_15m);
        check("ema21_15m", values.ema_fast_15m);
        check("macd_15m", macd_of(values, false));
        check("signal_15m", macd_of(values, true));
        CHECK(static_cast<std::int64_t>(values.bars_15m) == expected.integer(row, "quarters"));
        ++row;
    }
    CHECK(row == expected.rows());
    CHECK(row > 150);
    for (const auto& [column, most] : worst) {
        CAPTURE(column);
        CHECK(most <= k_tolerance);
    }
}

}  // namespace
}  // namespace bullpen::indicators
