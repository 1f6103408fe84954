#include "worker/indicators/moving.hpp"

#include <doctest/doctest.h>

namespace bullpen::indicators {
namespace {

model::Bar bar(std::int64_t high, std::int64_t low, std::int64_t close) {
    model::Bar bar;
    bar.open = {close};
    bar.high = {high};
    bar.low = {low};
    bar.close = {close};
    bar.volume = 1;
    return bar;
}

TEST_CASE("the EMA starts with the plain mean and then follows by 2 / (n + 1)") {
    Ema ema(3);
    ema.add(1);
    ema.add(2);
    CHECK_FALSE(ema.value().has_value());
    ema.add(6);
    CHECK(*ema.value() == 3.0);
    ema.add(5);
    CHECK(*ema.value() == 4.0);
    ema.add(4);
    CHECK(*ema.value() == 4.0);
}

TEST_CASE("the RSI is there with the change that completes its length") {
    WilderRsi rsi(2);
    rsi.add({100});
    rsi.add({102});
    CHECK_FALSE(rsi.value().has_value());
    rsi.add({101});
    // Gains 2 and 0, losses 0 and 1: averages 1 and 0.5.
    CHECK(*rsi.value() == doctest::Approx(100.0 - 100.0 / 3));
    rsi.add({104});
    // (1 + 3) / 2 and (0.5 + 0) / 2.
    CHECK(*rsi.value() == doctest::Approx(100.0 - 100.0 / (1 + 2 / 0.25)));
}

TEST_CASE("without losses the RSI is 100, without any move 50") {
    WilderRsi rising(3);
    WilderRsi still(3);
    for (std::int64_t i = 0; i < 5; ++i) {
        rising.add({100 + i});
        still.add({100});
    }
    CHECK(*rising.value() == 100.0);
    CHECK(*still.value() == 50.0);
    WilderRsi falling(3);
    for (std::int64_t i = 0; i < 5; ++i)
        falling.add({100 - i});
    CHECK(*falling.value() == 0.0);
}

TEST_CASE("the true range reaches back to the close before") {
    AverageTrueRange atr(2);
    atr.add(bar(110, 100, 105));
    atr.add(bar(108, 104, 106));  // 4
    CHECK_FALSE(atr.wilder().has_value());
    atr.add(bar(120, 118, 119));  // 14 from the close before
    CHECK(*atr.wilder() == 9.0);
    CHECK(*atr.plain() == 9.0);
    atr.add(bar(101, 100, 100));  // 19
    CHECK(*atr.wilder() == 14.0);
    CHECK(*atr.plain() == 16.5);
}

TEST_CASE("the MACD waits for its signal, and its histogram is the difference") {
    Macd macd;
    for (int i = 0; i < Macd::k_slow + Macd::k_signal - 2; ++i) {
        macd.add({1000 + i});
        CHECK_FALSE(macd.values().has_value());
    }
    macd.add({1000 + Macd::k_slow + Macd::k_signal - 2});
    REQUIRE(macd.values().has_value());
    // On a straight line both averages lag by a constant: (26 - 12) / 2 ticks apart.
    CHECK(macd.values()->macd == doctest::Approx(7.0));
    CHECK(macd.values()->signal == doctest::Approx(7.0));
    CHECK(macd.values()->histogram == macd.values()->macd - macd.values()->signal);
}

}  // namespace
}  // namespace bullpen::indicators
