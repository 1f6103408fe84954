// Prices are whole ticks; a decimal or a double becomes ticks in exactly two named functions, each
// told what to do when the number is not on the grid. A price beyond a billion ticks is refused by
// both, so that sums over any number of bars fit the integers they are kept in.
#pragma once

#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

#include "common/base/result.hpp"

namespace bullpen::model {

// A distance between two prices.
struct Ticks {
    std::int64_t value = 0;
    friend auto operator<=>(const Ticks&, const Ticks&) = default;
};

struct Price {
    std::int64_t ticks = 0;
    friend auto operator<=>(const Price&, const Price&) = default;
};
inline constexpr std::int64_t k_price_ticks_max = 1'000'000'000;

constexpr Ticks operator-(Price a, Price b) {
    return {a.ticks - b.ticks};
}
constexpr Price operator+(Price price, Ticks by) {
    return {price.ticks + by.value};
}
constexpr Price operator-(Price price, Ticks by) {
    return {price.ticks - by.value};
}

// The size of one tick in billionths of the price unit: 0.25 is 250'000'000. Every listed tick,
// 1/64 included, is a whole number of billionths.
struct TickSize {
    std::int64_t billionths = 0;
    friend auto operator<=>(const TickSize&, const TickSize&) = default;
};
inline constexpr std::int64_t k_billion = 1'000'000'000;

enum class Rounding : std::uint8_t {
    exact,    // a number off the grid is an error
    down,     // towards minus infinity
    up,       // towards plus infinity
    nearest,  // to the nearest tick, a half away from zero
};

// "4891.25", "-37.63", ".5", "4891.", "6218.0": digits, one point, at most one sign, nothing else;
// no exponent, no thousands separator. Errc::invalid when it is not such a number or, with
// Rounding::exact, not on the grid; Errc::too_large beyond k_price_ticks_max.
Result<Price> price_from_text(std::string_view text, TickSize tick, Rounding rounding);

// A double within a millionth of a tick of the grid counts as on it, since 4891.1 cannot be written
// in binary. Errc::invalid for NaN, infinity, or, with Rounding::exact, a number off the grid.
Result<Price> price_from_double(double value, TickSize tick, Rounding rounding);

// The shortest exact decimal: "4891.25", "110.015625", "-37.63".
std::string text(Price price, TickSize tick);

// For indicators, which are doubles; never for an order or for money.
constexpr double to_double(Price price, TickSize tick) {
    return static_cast<double>(price.ticks) * static_cast<double>(tick.billionths) / 1e9;
}

}  // namespace bullpen::model
