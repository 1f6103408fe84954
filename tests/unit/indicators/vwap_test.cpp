#include "worker/indicators/vwap.hpp"

#include <doctest/doctest.h>

#include <cmath>

namespace bullpen::indicators {
namespace {

constexpr model::TickSize k_quarter{250'000'000};

model::Bar bar(std::int64_t high, std::int64_t low, std::int64_t close, std::int64_t volume) {
    model::Bar bar;
    bar.open = {close};
    bar.high = {high};
    bar.low = {low};
    bar.close = {close};
    bar.volume = volume;
    return bar;
}

TEST_CASE("the mean is weighted by volume and the deviation is of the population") {
    Vwap vwap;
    // Typical prices 100 and 103 ticks, weights 1 and 3.
    vwap.add(bar(101, 99, 100, 1));
    CHECK(vwap.values(k_quarter)->vwap == 25.0);
    CHECK(vwap.values(k_quarter)->deviation == 0.0);
    vwap.add(bar(104, 102, 103, 3));
    const auto values = vwap.values(k_quarter);
    REQUIRE(values.has_value());
    CHECK(values->vwap == doctest::Approx(102.25 / 4).epsilon(1e-15));
    CHECK(values->deviation == doctest::Approx(std::sqrt(1.6875) / 4).epsilon(1e-15));
    CHECK(values->volume == 4);
    CHECK(values->band(2) == values->vwap + 2 * values->deviation);
    CHECK(values->band(-2) == values->vwap - 2 * values->deviation);
}

TEST_CASE("there is no value before anything was traded, nor after a reset") {
    Vwap vwap;
    CHECK_FALSE(vwap.values(k_quarter).has_value());
    vwap.add(bar(101, 99, 100, 0));
    CHECK_FALSE(vwap.values(k_quarter).has_value());
    vwap.add(bar(101, 99, 100, 5));
    CHECK(vwap.values(k_quarter).has_value());
    vwap.reset();
    CHECK_FALSE(vwap.values(k_quarter).has_value());
}

TEST_CASE("a bar that leaves the window leaves nothing behind") {
    Vwap window(VwapWindow{2});
    window.add(bar(900'000'000, 1, 500'000'000, 1'000'000'000'000));
    window.add(bar(101, 99, 100, 1));
    window.add(bar(104, 102, 103, 3));
    Vwap fresh;
    fresh.add(bar(101, 99, 100, 1));
    fresh.add(bar(104, 102, 103, 3));
    CHECK(window.values(k_quarter)->vwap ==
          doctest::Approx(fresh.values(k_quarter)->vwap).epsilon(1e-15));
    CHECK(window.values(k_quarter)->volume == 4);
    CHECK(window.values(k_quarter)->deviation ==
          doctest::Approx(fresh.values(k_quarter)->deviation).epsilon(1e-12));
}

TEST_CASE("a small deviation far from the session's first price keeps its digits") {
    Vwap vwap;
    vwap.add(bar(40'000, 40'000, 40'000, 1));
    for (int i = 0; i < 500; ++i) {
        vwap.add(bar(20'000, 20'000, 20'000, 1'000'000'000));
        vwap.add(bar(20'001, 20'001, 20'001, 1'000'000'000));
    }
    // Exactly: half a tick, and what the first bar adds to the variance.
    const double rest = 1e12;
    const double volume = rest + 1;
    const double within = 0.25 * rest / volume;
    const double between = 19'999.5 * 19'999.5 * rest / volume / volume;
    CHECK(vwap.values(k_quarter)->deviation ==
          doctest::Approx(std::sqrt(within + between) / 4).epsilon(1e-14));
}

TEST_CASE("the greatest prices and volumes that a feed admits do not overflow") {
    Vwap vwap;
    for (int i = 0; i < 2000; ++i) {
        const std::int64_t price =
            i % 2 == 0 ? model::k_price_ticks_max : -model::k_price_ticks_max;
        vwap.add(bar(price, price, price, model::k_volume_max));
    }
    CHECK(vwap.values(k_quarter)->vwap == doctest::Approx(0.0).epsilon(1e-6));
    CHECK(vwap.values(k_quarter)->deviation ==
          doctest::Approx(static_cast<double>(model::k_price_ticks_max) / 4).epsilon(1e-12));
}

}  // namespace
}  // namespace bullpen::indicators
