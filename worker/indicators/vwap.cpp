#include "worker/indicators/vwap.hpp"

#include <algorithm>

#include "common/base/assert.hpp"

namespace bullpen::indicators {

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

void Vwap::put_in_wide(const Entry& entry) {
    const Wide weighted = static_cast<Wide>(entry.volume) * entry.distance;
    first_.add(weighted);
    second_.add(weighted * entry.distance);
    volume_ += entry.volume;
}

void Vwap::roll(const Entry& entry) {
    Entry& oldest = ring_[static_cast<std::size_t>(bars_) % ring_.size()];
    const Wide weighted = static_cast<Wide>(oldest.volume) * oldest.distance;
    first_.add(-weighted);
    second_.add(-weighted * oldest.distance);
    volume_ -= oldest.volume;
    oldest = entry;
}

double Vwap::scaled_variance_wide() const {
    const Wide first = first_.value();
    const Wide second = second_.value();
    Wide left = 0;
    Wide right = 0;
    Wide difference = 0;
    if (!__builtin_mul_overflow(second, static_cast<Wide>(volume_), &left) &&
        !__builtin_mul_overflow(first, first, &right) &&
        !__builtin_sub_overflow(left, right, &difference))
        return WideSum::of(difference).number();
    const double mean = first_.number();
    return std::max(0.0, second_.number() * static_cast<double>(volume_) - mean * mean);
}

std::optional<VwapValues> Vwap::values(model::TickSize tick) const {
    std::optional<VwapValues> values;
    reckon(unit_of(tick), &values);
    return values;
}

}  // namespace bullpen::indicators
