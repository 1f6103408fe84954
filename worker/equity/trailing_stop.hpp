// TrailingStop: a stop below the highest price that was seen, by the average true range times a
// multiplier of the share's volatility; it only rises. Pure; prices are whole paise, the range is a
// double, and it becomes a price in one place, rounded down.
//
//   volatility   range of 20 days / last close   multiplier   at the stop   first target   second
//   low          less than 2 %                   1.0          50 %          30 % at +2     20 % at
//   +3 medium       up to 4 %                       1.5          40 %          30 % at +2.5   30 %
//   at +4 high         above                           2.0          30 %          30 % at +3     40
//   % at +5
//
// Targets are ranges above the entry. What is left after the stop has sold its part is not bare: it
// has a stop of its own, the rest's, half as far again below the highest price. That one is at the
// broker all the time, for all that is held, and so is what counts when the worker is not there.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "common/model/bar.hpp"
#include "common/model/price.hpp"

namespace bullpen::equity {

enum class Volatility : std::uint8_t { low, medium, high };
std::string_view code(Volatility volatility);

struct DailyRange {
    double atr = 0;      // the mean of the last 20 true ranges, in paise
    double percent = 0;  // of the last close
    Volatility volatility{};
};
// From the candles of the 45 days before `day`, which itself is left out. None with less than the
// 21 that 20 true ranges need.
std::optional<DailyRange> daily_range(std::span<const model::Bar> candles,
                                      std::chrono::sys_days day);
Volatility volatility_of(double percent);

// The part of a position that is sold at the stop, and at the targets; the parts of one row are the
// whole.
struct Tranches {
    double multiplier = 1;
    std::array<int, 3> percent{};    // stop, first target, second
    std::array<double, 2> ranges{};  // of the targets, above the entry
};
const Tranches& tranches_of(Volatility volatility);

struct TrailingStop {
    model::Price high;  // of all prices so far
    std::optional<model::Price> stop;
    std::optional<model::Price> rest;  // half as far again below
    // Whether anything rose. Without a range (none is known) only `high` does.
    bool raise(model::Price last, const std::optional<DailyRange>& range, model::Ticks tick);
    friend bool operator==(const TrailingStop&, const TrailingStop&) = default;
};

// `times` ranges above the entry, rounded up to the tick. None when that is no price.
std::optional<model::Price> target_of(model::Price entry, const DailyRange& range, double times,
                                      model::Ticks tick);

}  // namespace bullpen::equity
