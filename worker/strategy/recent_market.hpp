// RecentMarket: what the last bars say beside the indicators: how much volume a minute has, how
// wide its range is, whether the market trends. Kept as whole ticks in rings of fixed length;
// add() allocates nothing.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "common/model/bar.hpp"
#include "worker/indicators/market_indicators.hpp"
#include "worker/strategy/rules.hpp"
#include "worker/strategy/saving.hpp"

namespace bullpen::strategy {

enum class Trend : std::uint8_t { unknown, up, down, neutral };

enum class Regime : std::uint8_t {
    normal,  // not enough bars to tell
    normal_trending,
    normal_choppy,
    high_vol_trending,
    high_vol_choppy,
    low_vol_trending,
    low_vol_ranging,
};
inline constexpr std::size_t k_regimes = 7;
std::string_view code(Regime regime);
std::string_view code(Trend trend);

constexpr bool is_trending(Regime regime) {
    return regime == Regime::normal_trending || regime == Regime::high_vol_trending ||
           regime == Regime::low_vol_trending;
}
constexpr bool is_choppy(Regime regime) {
    return regime == Regime::normal_choppy || regime == Regime::high_vol_choppy;
}
constexpr bool is_high_volatility(Regime regime) {
    return regime == Regime::high_vol_trending || regime == Regime::high_vol_choppy;
}

class RecentMarket {
  public:
    explicit RecentMarket(const Rules& rules);

    void add(const model::Bar& minute, std::span<const model::Bar> closed_quarters) {
        for (const model::Bar& quarter : closed_quarters)
            add_quarter(quarter);
        // Both places are within their rings: valid() sees to it.
        const std::int64_t range = (minute.high - minute.low).value;
        std::int64_t* const ranges = ranges_.data();
        if (bars_ >= short_length_) {
            const std::int64_t leaves = range_at_ - short_length_;
            short_sum_ -= ranges[leaves < 0 ? leaves + range_length_ : leaves];
        }
        short_sum_ += range;
        long_sum_ += range - ranges[range_at_];
        ranges[range_at_] = range;
        range_at_ = range_at_ + 1 == range_length_ ? 0 : range_at_ + 1;
        candles_.data()[candle_at_] = {minute.high.ticks, minute.low.ticks, minute.close.ticks};
        candle_at_ = candle_at_ + 1 == candle_length_ ? 0 : candle_at_ + 1;
        ++bars_;
    }

    // The volume of a minute against the mean volume of a traded minute of the last quarters: like
    // with like. None before `quarters` of them were seen, or without volume.
    [[nodiscard]] std::optional<double> volume_ratio(std::int64_t volume, int quarters) const;
    // Of the last closed quarter of an hour against its EMA, half a tick aside.
    [[nodiscard]] Trend trend(const indicators::IndicatorValues& values) const;
    // Mean range of the last minutes against that of the baseline; none before there are enough.
    [[nodiscard]] std::optional<double> volatility() const;
    [[nodiscard]] Regime regime() const;
    // Whether the last `closes` closes were each worse than the one before, for that direction.
    [[nodiscard]] bool closes_against(std::int64_t direction, int closes) const;

    template <class Self, class Visitor>
    static void visit(Self& self, Visitor& visitor) {
        visitor(self.bars_);
        visitor(self.short_sum_);
        visitor(self.long_sum_);
        visitor(self.quarters_);
        visitor(self.volume_sum_);
        visitor(self.minutes_sum_);
        visit_optional(self.quarter_close_, visitor);
        for (auto& range : self.ranges_)
            visitor(range);
        for (auto& candle : self.candles_) {
            visitor(candle.high);
            visitor(candle.low);
            visitor(candle.close);
        }
        for (auto& quarter : self.volumes_) {
            visitor(quarter.volume);
            visitor(quarter.minutes);
        }
        visitor(self.range_at_);
        visitor(self.candle_at_);
    }
    // Whether what was restored can be.
    [[nodiscard]] bool valid() const;

  private:
    struct Candle {
        std::int64_t high = 0;
        std::int64_t low = 0;
        std::int64_t close = 0;
    };
    struct QuarterVolume {
        std::int64_t volume = 0;
        std::int64_t minutes = 0;
    };
    // The extremes of the last regime_length bars, as of `bars` bars: what was found out last, and
    // not state. A position asks with every bar, and most bars change them little.
    struct Extremes {
        std::int64_t bars = -1;
        std::int64_t high = 0;
        std::int64_t low = 0;
        std::int64_t high_bar = 0;  // counted as bars_ is
        std::int64_t low_bar = 0;
        void take(const Candle& candle, std::int64_t bar) {
            if (candle.high >= high) {
                high = candle.high;
                high_bar = bar;
            }
            if (candle.low <= low) {
                low = candle.low;
                low_bar = bar;
            }
        }
    };
    // The candle `back` bars ago; 0 is the last.
    [[nodiscard]] const Candle& candle(std::int64_t back) const {
        const std::int64_t at = candle_at_ - 1 - back;
        return candles_.data()[at < 0 ? at + candle_length_ : at];
    }
    const Extremes& extremes() const;
    void add_quarter(const model::Bar& quarter);

    const config::StrategySettings* settings_;
    double tick_;
    std::int64_t bars_ = 0;
    std::int64_t short_sum_ = 0;  // of the ranges of the last volatility_length bars
    std::int64_t long_sum_ = 0;   // of all in the ring
    std::int64_t quarters_ = 0;
    std::int64_t volume_sum_ = 0;
    std::int64_t minutes_sum_ = 0;
    std::optional<model::Price> quarter_close_;
    std::vector<std::int64_t> ranges_;    // high - low of the baseline's bars
    std::vector<Candle> candles_;         // of the bars that regime and momentum look at
    std::vector<QuarterVolume> volumes_;  // of the last quarters
    std::int64_t range_at_ = 0;           // where the next one goes
    std::int64_t candle_at_ = 0;
    std::int64_t short_length_;
    std::int64_t range_length_;
    std::int64_t candle_length_;
    mutable Extremes extremes_;
};

}  // namespace bullpen::strategy
