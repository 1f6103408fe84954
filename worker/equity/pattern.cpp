#include "worker/equity/pattern.hpp"

#include <algorithm>
#include <cmath>

#include "worker/indicators/moving.hpp"

namespace bullpen::equity {

namespace {

constexpr double k_paise = 100;
constexpr double k_hundred = 100;
constexpr std::size_t k_sma = 20;
constexpr std::size_t k_slope = 8;
constexpr int k_fast = 21;
constexpr int k_slow = 50;
constexpr int k_range = 14;
constexpr double k_band = 2;
constexpr double k_steep = 0.5;
constexpr std::size_t k_judged = 40;
constexpr std::size_t k_looked_back = 60;
constexpr std::size_t k_skipped = 10;
constexpr std::size_t k_window = 5;
constexpr double k_similar = 0.3;
constexpr std::size_t k_after = 20;

double rupees(model::Price price) {
    return static_cast<double>(price.ticks) / k_paise;
}

// Of the regression line through equally spaced values.
double regression_slope(std::span<const double> values) {
    const double mid = static_cast<double>(values.size() - 1) / 2;
    double above = 0;
    double below = 0;
    for (std::size_t i = 0; i < values.size(); ++i) {
        const double x = static_cast<double>(i) - mid;
        above += x * values[i];
        below += x * x;
    }
    return above / below;
}

std::optional<double> in_rupees(const std::optional<double>& paise) {
    return paise ? std::optional(*paise / k_paise) : std::nullopt;
}

Trend trend_of(double slope) {
    if (slope > k_steep)
        return Trend::up;
    return slope < -k_steep ? Trend::down : Trend::sideways;
}

PatternCounts counts_of(std::span<const model::Bar> candles, std::span<const DayValues> values) {
    PatternCounts counts;
    std::optional<bool> was_above;
    for (std::size_t i = candles.size() - k_judged; i < candles.size(); ++i) {
        const double close = rupees(candles[i].close);
        const bool above = close > *values[i].sma20;
        counts.above_sma += above ? 1 : 0;
        counts.above_upper += close > *values[i].upper ? 1 : 0;
        counts.below_lower += close < *values[i].lower ? 1 : 0;
        counts.crossings += was_above && *was_above != above ? 1 : 0;
        was_above = above;
    }
    return counts;
}

std::optional<double> swing_low(std::span<const model::Bar> candles) {
    const std::size_t first =
        std::max(candles.size() - std::min(candles.size(), k_looked_back), k_window);
    for (std::size_t i = candles.size() - k_skipped; i-- > first;) {
        const auto around = candles.subspan(i - k_window, 2 * k_window + 1);
        const bool lowest = std::all_of(around.begin(), around.end(), [&](const model::Bar& bar) {
            return bar.low >= candles[i].low;
        });
        if (lowest)
            return rupees(candles[i].low);
    }
    return std::nullopt;
}

double percent(model::Price from, model::Price to) {
    return (rupees(to) / rupees(from) - 1) * k_hundred;
}

SimilarSlopes similar_slopes(std::span<const model::Bar> candles,
                             std::span<const DayValues> values) {
    SimilarSlopes similar;
    const double slope = *values.back().slope;
    std::vector<double> moves;
    for (std::size_t i = 0; i + k_after < candles.size(); ++i) {
        if (!values[i].slope || std::abs(*values[i].slope - slope) > k_similar * std::abs(slope))
            continue;
        const auto from = candles[i].close;
        moves.push_back(percent(from, candles[i + k_after].close));
        for (std::size_t j = i + 1; j <= i + k_after; ++j) {
            similar.worst_percent = std::min(similar.worst_percent, percent(from, candles[j].low));
            similar.best_percent = std::max(similar.best_percent, percent(from, candles[j].high));
        }
    }
    if (moves.empty())
        return similar;
    std::sort(moves.begin(), moves.end());
    const auto count = static_cast<double>(moves.size());
    double sum = 0;
    int rose = 0;
    for (const double move : moves) {
        sum += move;
        rose += move > 0 ? 1 : 0;
    }
    const auto half = moves.size() / 2;
    similar.days = static_cast<int>(moves.size());
    similar.mean_percent = sum / count;
    similar.median_percent =
        moves.size() % 2 == 1 ? moves[half] : (moves[half - 1] + moves[half]) / 2;
    similar.rose_percent = rose / count * k_hundred;
    return similar;
}

}  // namespace

std::string_view code(Trend trend) {
    constexpr std::array<std::string_view, 3> k_codes = {"up", "sideways", "down"};
    return k_codes.at(static_cast<std::size_t>(trend));
}

std::string_view code(Pattern pattern) {
    constexpr std::array<std::string_view, k_patterns> k_codes = {
        "momentum", "consistent trend", "break and base", "oversold", "mixed"};
    return k_codes.at(static_cast<std::size_t>(pattern));
}

std::vector<DayValues> day_values(std::span<const model::Bar> candles) {
    indicators::Ema fast(k_fast);
    indicators::Ema slow(k_slow);
    indicators::AverageTrueRange range(k_range);
    std::vector<DayValues> all;
    std::vector<double> averages;
    double sum = 0;
    for (std::size_t i = 0; i < candles.size(); ++i) {
        const auto& bar = candles[i];
        const auto close = static_cast<double>(bar.close.ticks);
        fast.add(close);
        slow.add(close);
        range.add(bar);
        // Whole paise: the sum stays exact.
        sum += close;
        if (i >= k_sma)
            sum -= static_cast<double>(candles[i - k_sma].close.ticks);
        DayValues values;
        values.ema21 = in_rupees(fast.value());
        values.ema50 = in_rupees(slow.value());
        values.atr14 = in_rupees(range.wilder());
        if (i + 1 >= k_sma) {
            values.sma20 = sum / k_sma / k_paise;
            averages.push_back(*values.sma20);
        }
        if (values.sma20 && values.atr14) {
            values.upper = *values.sma20 + k_band * *values.atr14;
            values.lower = *values.sma20 - k_band * *values.atr14;
        }
        if (averages.size() >= k_slope) {
            const auto last = std::span(averages).last(k_slope);
            values.slope = regression_slope(last) / last.back() * k_hundred;
        }
        all.push_back(values);
    }
    return all;
}

Pattern pattern_of(const PatternCounts& counts) {
    constexpr int k_momentum = 10;
    constexpr int k_trend = 30;
    constexpr int k_trend_crossings = 4;
    constexpr int k_base = 25;
    constexpr int k_oversold = 8;
    if (counts.above_upper >= k_momentum)
        return Pattern::momentum;
    if (counts.above_sma >= k_trend && counts.crossings <= k_trend_crossings)
        return Pattern::consistent_trend;
    if (counts.above_sma >= k_base && counts.crossings > k_trend_crossings)
        return Pattern::break_and_base;
    return counts.below_lower >= k_oversold ? Pattern::oversold : Pattern::mixed;
}

std::optional<Analysis> analyse(std::span<const model::Bar> candles,
                                std::span<const DayValues> values) {
    if (candles.size() < k_sma + k_judged)
        return std::nullopt;
    Analysis analysis;
    analysis.day = candles.back().start;
    analysis.close = rupees(candles.back().close);
    analysis.values = values.back();
    analysis.trend = trend_of(*values.back().slope);
    analysis.counts = counts_of(candles, values);
    analysis.pattern = pattern_of(analysis.counts);
    analysis.stop =
        analysis.pattern == Pattern::break_and_base ? swing_low(candles) : values.back().upper;
    if (analysis.stop && *analysis.stop >= analysis.close)
        analysis.stop.reset();
    analysis.similar = similar_slopes(candles, values);
    return analysis;
}

}  // namespace bullpen::equity
