#include "common/model/price.hpp"

#include <cmath>

#include "common/base/assert.hpp"
#include "common/base/errc.hpp"
#include "common/model/decimal.hpp"

namespace bullpen::model {

namespace {

// How far from the grid, in ticks, a double may be and still count as on it.
constexpr double k_grid_tolerance = 1e-6;

Result<Price> checked(std::int64_t ticks) {
    if (ticks > k_price_ticks_max || ticks < -k_price_ticks_max)
        return fail(Errc::too_large,
                    "a price of " + std::to_string(ticks) + " ticks is beyond a billion ticks");
    return Price{ticks};
}

Unexpected off_the_grid(std::string_view what, TickSize tick) {
    return fail(Errc::invalid, "price " + std::string(what) + " is not a multiple of the tick " +
                                   text(Price{1}, tick));
}

// The whole ticks below or at the number, and whether that leaves nothing, less than a half, or a
// half and more (with `half` exactly one).
struct Division {
    std::int64_t floor;
    bool on_grid;
    int against_half;  // -1 below the half, 0 on it, 1 above
};

Result<Price> round(const Division& number, bool negative, Rounding rounding, std::string_view what,
                    TickSize tick) {
    if (number.on_grid)
        return checked(number.floor);
    switch (rounding) {
        case Rounding::exact: return off_the_grid(what, tick);
        case Rounding::down: return checked(number.floor);
        case Rounding::up: return checked(number.floor + 1);
        case Rounding::nearest:
            if (number.against_half == 0)
                return checked(negative ? number.floor : number.floor + 1);
            return checked(number.against_half < 0 ? number.floor : number.floor + 1);
    }
    return checked(number.floor);
}

}  // namespace

Result<Price> price_from_text(std::string_view what, TickSize tick, Rounding rounding) {
    BULLPEN_ASSERT(tick.billionths > 0, "a tick has a size");
    BULLPEN_TRY(const Decimal decimal, parse_decimal(what));
    std::int64_t value = decimal.whole * k_billion;
    if (decimal.whole > k_price_ticks_max)
        return fail(Errc::too_large, "price " + std::string(what) + " is beyond a billion");
    value += decimal.billionths;
    // Digits beyond the ninth move the number off the grid, away from zero.
    std::int64_t floor = value / tick.billionths;
    const std::int64_t rest = value % tick.billionths;
    const bool on_grid = rest == 0 && !decimal.more;
    const std::int64_t twice = 2 * rest;
    int against_half = twice < tick.billionths ? -1 : (twice > tick.billionths ? 1 : 0);
    if (against_half == 0 && decimal.more)
        against_half = 1;
    if (decimal.negative) {
        floor = on_grid ? -floor : -floor - 1;
        against_half = -against_half;
    }
    return round({floor, on_grid, against_half}, decimal.negative, rounding, what, tick);
}

Result<Price> price_from_double(double value, TickSize tick, Rounding rounding) {
    BULLPEN_ASSERT(tick.billionths > 0, "a tick has a size");
    if (!std::isfinite(value))
        return fail(Errc::invalid, "a price that is not a finite number");
    const double ticks = value * 1e9 / static_cast<double>(tick.billionths);
    if (std::abs(ticks) > static_cast<double>(k_price_ticks_max))
        return fail(Errc::too_large,
                    "price " + std::to_string(value) + " is beyond a billion ticks");
    const double grid = std::nearbyint(ticks);
    if (std::abs(ticks - grid) <= k_grid_tolerance)
        return checked(static_cast<std::int64_t>(grid));
    const double floor = std::floor(ticks);
    const double part = ticks - floor;
    const int against_half = std::abs(part - 0.5) <= k_grid_tolerance ? 0 : (part < 0.5 ? -1 : 1);
    // The number is put into words only when it is refused: signals are priced on every bar.
    if (rounding == Rounding::exact)
        return off_the_grid(std::to_string(value), tick);
    return round({static_cast<std::int64_t>(floor), false, against_half}, value < 0, rounding, {},
                 tick);
}

std::string text(Price price, TickSize tick) {
    const bool negative = price.ticks < 0;
    const auto ticks = static_cast<std::uint64_t>(negative ? -price.ticks : price.ticks);
    const auto size = static_cast<std::uint64_t>(tick.billionths);
    const auto billion = static_cast<std::uint64_t>(k_billion);
    // In parts, since a billion ticks of a tick above 9 would not fit.
    const std::uint64_t parts = ticks * (size % billion);
    return decimal_text(negative, ticks * (size / billion) + parts / billion, parts % billion, 0);
}

}  // namespace bullpen::model
