#include "common/loop/latency.hpp"

#include <algorithm>
#include <bit>

namespace bullpen::loop {

std::size_t Latency::bucket(Nanos took) {
    const auto nanos = static_cast<std::uint64_t>(std::max<std::int64_t>(took.count(), 1));
    const auto power = static_cast<std::size_t>(std::bit_width(nanos) - 1);
    const bool upper_half = power > 0 && ((nanos >> (power - 1)) & 1U) != 0;
    return std::min(2 * power + (upper_half ? 1 : 0), k_buckets - 1);
}

Nanos Latency::bound(std::size_t bucket) {
    const auto base = std::int64_t{1} << (bucket / 2);
    return Nanos(bucket % 2 == 0 ? base + base / 2 : 2 * base);
}

void Latency::add(Nanos took) {
    ++counts_[bucket(took)];
    ++count_;
    worst_ = std::max(worst_, took);
}

Nanos Latency::quantile(double share) const {
    std::uint64_t total = 0;
    for (std::size_t i = 0; i < k_buckets; ++i)
        total += counts_[i] + previous_[i];
    if (total == 0)
        return Nanos{0};
    const double wanted = share * static_cast<double>(total);
    std::uint64_t seen = 0;
    for (std::size_t i = 0; i < k_buckets; ++i) {
        seen += counts_[i] + previous_[i];
        if (static_cast<double>(seen) >= wanted)
            return std::min(bound(i), worst_);
    }
    return worst_;
}

void Latency::start_window() {
    previous_ = counts_;
    counts_ = {};
}

}  // namespace bullpen::loop
