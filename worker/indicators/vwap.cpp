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

// As a double. Almost all sums fit a word, for which the processor has an instruction; the
// library's conversion of two words takes as long as all else that is done for a bar.
double number(Wide value) {
    const auto low = static_cast<std::int64_t>(value);
    return low == value ? static_cast<double>(low) : static_cast<double>(value);
}

// Variance of distances times the square of the volume: volume * second - first^2. In integers as
// long as they fit, which takes sums beyond any market; then in doubles.
double scaled_variance(Wide first, Wide second, std::int64_t volume) {
    Wide left = 0;
    Wide right = 0;
    Wide difference = 0;
    if (!__builtin_mul_overflow(second, static_cast<Wide>(volume), &left) &&
        !__builtin_mul_overflow(first, first, &right) &&
        !__builtin_sub_overflow(left, right, &difference))
        return number(difference);
    const double mean = number(first);
    return std::max(0.0, number(second) * static_cast<double>(volume) - mean * mean);
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

void Vwap::put_in(const Entry& entry) {
    const Wide weighted = static_cast<Wide>(entry.volume) * entry.distance;
    first_ = store(load(first_) + weighted);
    second_ = store(load(second_) + weighted * entry.distance);
    volume_ += entry.volume;
}

void Vwap::take_out(const Entry& entry) {
    const Wide weighted = static_cast<Wide>(entry.volume) * entry.distance;
    first_ = store(load(first_) - weighted);
    second_ = store(load(second_) - weighted * entry.distance);
    volume_ -= entry.volume;
}

void Vwap::add(const model::Bar& bar) {
    const std::int64_t typical = bar.high.ticks + bar.low.ticks + bar.close.ticks;
    if (bars_ == 0)
        anchor_ = typical;
    const Entry entry{typical - anchor_, bar.volume};
    if (!ring_.empty()) {
        Entry& oldest = ring_[static_cast<std::size_t>(bars_) % ring_.size()];
        take_out(oldest);
        oldest = entry;
    }
    put_in(entry);
    ++bars_;
}

std::optional<VwapValues> Vwap::values(model::TickSize tick) const {
    if (volume_ <= 0)
        return std::nullopt;
    const Wide first = load(first_);
    const auto volume = static_cast<double>(volume_);
    // Thirds of a tick to the price unit.
    const double unit = static_cast<double>(tick.billionths) / 3e9;
    VwapValues values;
    values.vwap = (static_cast<double>(anchor_) + number(first) / volume) * unit;
    values.deviation = std::sqrt(scaled_variance(first, load(second_), volume_)) / volume * unit;
    values.volume = volume_;
    return values;
}

}  // namespace bullpen::indicators
