// When a share is sold, how much of it, and at which limit: pure.
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string_view>

#include "worker/equity/hourly_lows.hpp"
#include "worker/equity/trailing_stop.hpp"

namespace bullpen::equity {

// Why a part of a position is sold.
enum class Leg : std::uint8_t {
    hourly,         // below the hourly lows: everything
    stop,           // at the trailing stop: its tranche
    first_target,   //
    second_target,  //
    rest,           // a stop at the broker fired and did not fill: all that is left
};
inline constexpr std::size_t k_legs = 5;
std::string_view code(Leg leg);
std::optional<Leg> leg_from(std::string_view code);

enum class HourlyRule : std::uint8_t { previous_low, two_lows };
// The price that the last one is below, when the rule says to sell: the previous low, or the lower
// one of two. Nothing while a low is not known.
std::optional<model::Price> hourly_break(HourlyRule rule, const HourlyLows& lows,
                                         model::Price last);

// What is due by the trailing stop, of what was not done yet. With `tranches` off there is only the
// stop, for everything.
struct DueLeg {
    Leg leg{};
    model::Price level;
    friend bool operator==(const DueLeg&, const DueLeg&) = default;
};
std::optional<DueLeg> due_leg(const TrailingStop& trail, const std::optional<DailyRange>& range,
                              model::Price entry, model::Price last, model::Ticks tick,
                              const std::set<Leg>& done, bool tranches);

// How many of a position that was `base` shares a leg sells: its part, rounded down, one at least;
// all that is left when no other leg would be, and never more than `left`.
std::int64_t leg_quantity(Leg leg, Volatility volatility, std::int64_t base, std::int64_t left,
                          const std::set<Leg>& done, bool tranches);

struct LimitRules {
    int below = 50;  // hundredths of a percent
    // Attempts beyond this many are no further below the last price.
    static constexpr int k_steps_max = 6;
};
// Of a sale at `level`: so far below it, on the tick. Where that is above the last price, after a
// gap, and with each further attempt (from 0), it is so far below the last price, once more. Never
// below `lower`, the day's circuit.
model::Price exit_limit(model::Price level, model::Price last, model::Price lower, int attempt,
                        model::Ticks tick, const LimitRules& rules);

}  // namespace bullpen::equity
