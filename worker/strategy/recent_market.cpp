#include "worker/strategy/recent_market.hpp"

#include <algorithm>
#include <cstdlib>
#include <limits>

namespace bullpen::strategy {

namespace {

constexpr std::array<std::string_view, k_regimes> k_regime_codes = {
    "normal",          "normal_trending",  "normal_choppy",  "high_vol_trending",
    "high_vol_choppy", "low_vol_trending", "low_vol_ranging"};
constexpr std::array<std::string_view, 4> k_trend_codes = {"unknown", "up", "down", "neutral"};

std::int64_t size_of(const auto& ring) {
    return static_cast<std::int64_t>(ring.size());
}

std::size_t index(std::int64_t at) {
    return static_cast<std::size_t>(at);
}

}  // namespace

std::string_view code(Regime regime) {
    return k_regime_codes.at(static_cast<std::size_t>(regime));
}

std::string_view code(Trend trend) {
    return k_trend_codes.at(static_cast<std::size_t>(trend));
}

RecentMarket::RecentMarket(const Rules& rules)
    : settings_(&rules.settings),
      tick_(rules.tick),
      ranges_(index(rules.settings.volatility_baseline)),
      candles_(index(std::max(rules.settings.regime_length, rules.settings.momentum_closes + 1))),
      volumes_(index(rules.settings.volume_length)),
      short_length_(rules.settings.volatility_length),
      range_length_(size_of(ranges_)),
      candle_length_(size_of(candles_)) {}

void RecentMarket::add_quarter(const model::Bar& quarter) {
    QuarterVolume& slot = volumes_[index(quarters_ % size_of(volumes_))];
    volume_sum_ += quarter.volume - slot.volume;
    minutes_sum_ += quarter.minutes - slot.minutes;
    slot = {quarter.volume, quarter.minutes};
    ++quarters_;
    quarter_close_ = quarter.close;
}

std::optional<double> RecentMarket::volume_ratio(std::int64_t volume, int quarters) const {
    if (quarters_ < quarters || volume_sum_ <= 0)
        return std::nullopt;
    return static_cast<double>(volume) * static_cast<double>(minutes_sum_) /
           static_cast<double>(volume_sum_);
}

Trend RecentMarket::trend(const indicators::IndicatorValues& values) const {
    if (!quarter_close_ || !values.ema_fast_15m)
        return Trend::unknown;
    const double distance =
        static_cast<double>(quarter_close_->ticks) * tick_ - *values.ema_fast_15m;
    if (distance > tick_ / 2)
        return Trend::up;
    return distance < -tick_ / 2 ? Trend::down : Trend::neutral;
}

std::optional<double> RecentMarket::volatility() const {
    if (bars_ < range_length_)
        return std::nullopt;
    const auto floor = static_cast<double>(settings_->volatility_floor_ticks);
    const double now = static_cast<double>(short_sum_) / static_cast<double>(short_length_);
    const double baseline = static_cast<double>(long_sum_) / static_cast<double>(range_length_);
    const double floored = std::max(baseline, floor);
    if (floored <= 0)
        return std::nullopt;
    return std::max(now, floor) / floored;
}

const RecentMarket::Extremes& RecentMarket::extremes() const {
    Extremes& known = extremes_;
    if (known.bars == bars_)
        return known;
    const std::int64_t oldest = bars_ - settings_->regime_length;
    if (known.bars + 1 == bars_ && known.high_bar >= oldest && known.low_bar >= oldest) {
        known.take(candle(0), bars_ - 1);
    } else {
        known.high = std::numeric_limits<std::int64_t>::min();
        known.low = std::numeric_limits<std::int64_t>::max();
        for (std::int64_t bar = oldest; bar < bars_; ++bar)
            known.take(candle(bars_ - 1 - bar), bar);
    }
    known.bars = bars_;
    return known;
}

Regime RecentMarket::regime() const {
    const std::int64_t length = settings_->regime_length;
    if (bars_ < length)
        return Regime::normal;
    const Extremes& seen = extremes();
    const std::int64_t net = std::abs(candle(0).close - candle(length - 1).close);
    const bool trending = net * 100 > (seen.high - seen.low) * settings_->regime_trend_percent;
    const double ratio = volatility().value_or(1);
    if (ratio > settings_->volatility_high)
        return trending ? Regime::high_vol_trending : Regime::high_vol_choppy;
    if (ratio < settings_->volatility_low)
        return trending ? Regime::low_vol_trending : Regime::low_vol_ranging;
    return trending ? Regime::normal_trending : Regime::normal_choppy;
}

bool RecentMarket::closes_against(std::int64_t direction, int closes) const {
    if (bars_ <= closes)
        return false;
    for (std::int64_t back = 0; back < closes; ++back) {
        if (direction * (candle(back).close - candle(back + 1).close) >= 0)
            return false;
    }
    return true;
}

bool RecentMarket::valid() const {
    return bars_ >= 0 && quarters_ >= 0 && range_at_ >= 0 && range_at_ < range_length_ &&
           candle_at_ >= 0 && candle_at_ < candle_length_;
}

}  // namespace bullpen::strategy
