#include "worker/indicators/vwap.hpp"

#include <algorithm>
#include <cmath>

#include "common/base/assert.hpp"

namespace bullpen::indicators {

namespace {

__extension__ using Wide = __int128;
__extension__ using UnsignedWide = unsigned __int128;

Wide load(const WideSum& sum) {
    return static_cast<Wide>(static_cast<UnsignedWide>(sum.high) << 64 | sum.low);
}

WideSum store(Wide value) {
    const auto bits = static_cast<UnsignedWide>(value);
    return {static_cast<std::int64_t>(bits >> 64), static_cast<std::uint64_t>(bits)};
}

// Variance of distances times the square of the volume: volume * second - first^2. In integers as
// long as they fit, which takes sums beyond any market; then in long doubles.
long double scaled_variance(Wide first, Wide second, std::int64_t volume) {
    Wide left = 0;
    Wide right = 0;
    Wide difference = 0;
    if (!__builtin_mul_overflow(second, static_cast<Wide>(volume), &left) &&
        !__builtin_mul_overflow(first, first, &right) &&
        !__builtin_sub_overflow(left, right, &difference))
        return static_cast<long double>(difference);
    const auto mean = static_cast<long double>(first);
    const long double wide = static_cast<long double>(second) * static_cast<long double>(volume);
    return std::max(0.0L, wide - mean * mean);
}

}  // namespace

Vwap::Vwap(VwapWindow window) {
    BULLPEN_ASSERT(window.bars >= 0 && window.bars <= VwapWindow::k_bars_max,
                   "a window has at most a day of bars");
    ring_.resize(static_cast<std::size_t>(window.bars));
}

void Vwap::reset() {
    anchor_ = 0;
    bars_ = 0;
    volume_ = 0;
    first_ = {};
    second_ = {};
    for (Entry& entry : ring_)
        entry = {};
}

void Vwap::count(const Entry& entry, int sign) {
    const Wide weighted = static_cast<Wide>(entry.volume) * entry.distance;
    first_ = store(load(first_) + sign * weighted);
    second_ = store(load(second_) + sign * weighted * entry.distance);
    volume_ += sign * entry.volume;
}

void Vwap::add(const model::Bar& bar) {
    const std::int64_t typical = bar.high.ticks + bar.low.ticks + bar.close.ticks;
    if (bars_ == 0)
        anchor_ = typical;
    const Entry entry{typical - anchor_, bar.volume};
    if (!ring_.empty()) {
        Entry& oldest = ring_[static_cast<std::size_t>(bars_) % ring_.size()];
        count(oldest, -1);
        oldest = entry;
    }
    count(entry, 1);
    ++bars_;
}

std::optional<VwapValues> Vwap::values(model::TickSize tick) const {
    if (volume_ <= 0)
        return std::nullopt;
    const Wide first = load(first_);
    const auto volume = static_cast<long double>(volume_);
    const long double mean =
        static_cast<long double>(anchor_) + static_cast<long double>(first) / volume;
    const long double deviation =
        std::sqrt(scaled_variance(first, load(second_), volume_)) / volume;
    // Thirds of a tick to the price unit.
    const long double unit = static_cast<long double>(tick.billionths) / 3e9L;
    VwapValues values;
    values.vwap = static_cast<double>(mean * unit);
    values.deviation = static_cast<double>(deviation * unit);
    values.volume = volume_;
    return values;
}

}  // namespace bullpen::indicators
