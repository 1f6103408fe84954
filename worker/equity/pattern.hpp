// What pattern_daily says of a share from its daily candles: averages, bands, slope, the pattern of
// the last forty days, a stop, and what came after slopes like this one. Pure; all is in rupees,
// as doubles, because nothing is ordered by it.
//
//   SMA20      the mean of 20 closes
//   EMA21/50   exponential averages of the closes
//   ATR14      the average true range after Wilder
//   bands      SMA20 plus and minus twice the ATR14 (Keltner)
//   slope      of the regression line through the last 8 values of SMA20, in percent of the last a
//   day
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "common/model/bar.hpp"

namespace bullpen::equity {

inline constexpr std::size_t k_pattern_candles = 500;

enum class Trend : std::uint8_t { up, sideways, down };  // slope above 0.5, between, below -0.5
std::string_view code(Trend trend);

// Of the last 40 days; the first that holds.
enum class Pattern : std::uint8_t {
    momentum,          // 10 closes or more above the upper band
    consistent_trend,  // 30 or more above SMA20, which was crossed 4 times at most
    break_and_base,    // 25 or more above SMA20, which was crossed 5 times or more
    oversold,          // 8 closes or more below the lower band
    mixed,
};
inline constexpr std::size_t k_patterns = 5;
std::string_view code(Pattern pattern);

struct DayValues {
    std::optional<double> sma20;
    std::optional<double> ema21;
    std::optional<double> ema50;
    std::optional<double> atr14;
    std::optional<double> upper;
    std::optional<double> lower;
    std::optional<double> slope;
};
// One for each candle.
std::vector<DayValues> day_values(std::span<const model::Bar> candles);

// What the pattern is judged by.
struct PatternCounts {
    int above_upper = 0;
    int above_sma = 0;
    int below_lower = 0;
    int crossings = 0;  // of SMA20 by the close
    friend bool operator==(const PatternCounts&, const PatternCounts&) = default;
};
Pattern pattern_of(const PatternCounts& counts);

// The 20 days after each day whose slope was within 30 % of today's; days whose 20 are not over yet
// do not count.
struct SimilarSlopes {
    int days = 0;
    double mean_percent = 0;  // from close to close
    double median_percent = 0;
    double rose_percent = 0;   // how many of them
    double worst_percent = 0;  // the deepest low on the way
    double best_percent = 0;   // the highest high on the way
};

struct Analysis {
    UtcTime day{};  // of the last candle
    double close = 0;
    DayValues values;
    Trend trend{};
    Pattern pattern{};
    PatternCounts counts;
    // The last low that is the lowest of the five days on either side, of the 60 days but for the
    // last ten, for break_and_base; the upper band for the others. None where that is not below the
    // close.
    std::optional<double> stop;
    SimilarSlopes similar;
};
// None with fewer candles than the pattern needs.
std::optional<Analysis> analyse(std::span<const model::Bar> candles,
                                std::span<const DayValues> values);

}  // namespace bullpen::equity
