#include "worker/indicators/moving.hpp"

#include <algorithm>
#include <cstdlib>

#include "common/base/assert.hpp"

namespace bullpen::indicators {

namespace {

constexpr int k_length_max = 500;

std::int64_t checked(int length) {
    BULLPEN_ASSERT(length > 0 && length <= k_length_max, "an average is over 1 to 500 values");
    return length;
}

// One step of Wilder's smoothing.
double smoothed(double average, double value, std::int64_t length) {
    const auto n = static_cast<double>(length);
    return ((n - 1) * average + value) / n;
}

}  // namespace

Ema::Ema(int length) : length_(checked(length)) {}

void Ema::add(double value) {
    ++seen_;
    if (seen_ < length_) {
        average_ += value;
    } else if (seen_ == length_) {
        average_ = (average_ + value) / static_cast<double>(length_);
    } else {
        average_ += 2.0 / static_cast<double>(length_ + 1) * (value - average_);
    }
}

WilderRsi::WilderRsi(int length) : length_(checked(length)) {}

void WilderRsi::add(model::Price close) {
    const std::int64_t change = close.ticks - last_close_;
    last_close_ = close.ticks;
    if (closes_++ == 0)
        return;
    const auto gain = static_cast<double>(std::max<std::int64_t>(change, 0));
    const auto loss = static_cast<double>(std::max<std::int64_t>(-change, 0));
    const std::int64_t changes = closes_ - 1;
    if (changes > length_) {
        gain_ = smoothed(gain_, gain, length_);
        loss_ = smoothed(loss_, loss, length_);
        return;
    }
    gain_ += gain;
    loss_ += loss;
    if (changes == length_) {
        gain_ /= static_cast<double>(length_);
        loss_ /= static_cast<double>(length_);
    }
}

std::optional<double> WilderRsi::value() const {
    if (closes_ - 1 < length_)
        return std::nullopt;
    if (loss_ == 0)
        return gain_ > 0 ? 100.0 : 50.0;
    return 100.0 - 100.0 / (1.0 + gain_ / loss_);
}

AverageTrueRange::AverageTrueRange(int length)
    : length_(checked(length)), ring_(static_cast<std::size_t>(length_)) {}

void AverageTrueRange::add(const model::Bar& bar) {
    const std::int64_t before = last_close_;
    last_close_ = bar.close.ticks;
    if (bars_++ == 0)
        return;
    const std::int64_t range =
        std::max({bar.high.ticks - bar.low.ticks, std::abs(bar.high.ticks - before),
                  std::abs(bar.low.ticks - before)});
    const std::int64_t ranges = bars_ - 1;
    std::int64_t& oldest = ring_[static_cast<std::size_t>(ranges - 1) % ring_.size()];
    sum_ += range - oldest;
    oldest = range;
    if (ranges == length_)
        wilder_ = static_cast<double>(sum_) / static_cast<double>(length_);
    else if (ranges > length_)
        wilder_ = smoothed(wilder_, static_cast<double>(range), length_);
}

std::optional<double> AverageTrueRange::wilder() const {
    if (bars_ - 1 < length_)
        return std::nullopt;
    return wilder_;
}

std::optional<double> AverageTrueRange::plain() const {
    if (bars_ - 1 < length_)
        return std::nullopt;
    return static_cast<double>(sum_) / static_cast<double>(length_);
}

Macd::Macd() : fast_(k_fast), slow_(k_slow), signal_(k_signal) {}

void Macd::add(model::Price close) {
    const auto value = static_cast<double>(close.ticks);
    fast_.add(value);
    slow_.add(value);
    if (const auto slow = slow_.value())
        signal_.add(*fast_.value() - *slow);
}

std::optional<MacdValues> Macd::values() const {
    const auto signal = signal_.value();
    if (!signal)
        return std::nullopt;
    const double macd = *fast_.value() - *slow_.value();
    return MacdValues{macd, *signal, macd - *signal};
}

}  // namespace bullpen::indicators
