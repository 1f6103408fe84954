#include "worker/risk/order_rate.hpp"

#include <algorithm>

namespace bullpen::risk {

void OrderRate::add(UtcTime now) {
    if (times_.empty())
        return;
    const std::size_t last = at_ == 0 ? times_.size() - 1 : at_ - 1;
    times_[at_] = std::max(now, times_[last]);
    at_ = at_ + 1 == times_.size() ? 0 : at_ + 1;
}

std::int64_t OrderRate::count(UtcTime now) const {
    return std::count_if(times_.begin(), times_.end(), [now](UtcTime time) {
        return time != UtcTime::min() && now - time < k_window;
    });
}

std::vector<UtcTime> OrderRate::times() const {
    std::vector<UtcTime> oldest_first;
    for (std::size_t i = 0; i < times_.size(); ++i) {
        const UtcTime time = times_[(at_ + i) % times_.size()];
        if (time != UtcTime::min())
            oldest_first.push_back(time);
    }
    return oldest_first;
}

void OrderRate::restore(const std::vector<UtcTime>& times) {
    std::fill(times_.begin(), times_.end(), UtcTime::min());
    at_ = 0;
    // More than fit, when the limit was lowered: the newest count.
    const std::size_t skip = times.size() > times_.size() ? times.size() - times_.size() : 0;
    for (std::size_t i = skip; i < times.size(); ++i)
        add(times[i]);
}

}  // namespace bullpen::risk
