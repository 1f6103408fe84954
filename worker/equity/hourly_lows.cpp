#include "worker/equity/hourly_lows.hpp"

#include <algorithm>

namespace bullpen::equity {

namespace {

// 9:15 on the wall clock of Kolkata, which has known no other offset since 1945.
constexpr Nanos k_first = std::chrono::minutes(3 * 60 + 45);
constexpr Nanos k_hour = std::chrono::hours(1);

UtcTime begin_of(const HourlyLows::Candle& candle) {
    return UtcTime(candle.day) + k_first + candle.index * k_hour;
}

int index_of(UtcTime at, std::chrono::sys_days day) {
    return static_cast<int>(std::chrono::floor<std::chrono::hours>(at - UtcTime(day) - k_first) /
                            std::chrono::hours(1));
}

}  // namespace

void HourlyLows::add(UtcTime at, model::Price last, std::chrono::sys_days day,
                     std::chrono::sys_days day_before) {
    const auto index = index_of(at, day);
    if (forming_ && at < forming_->seen)
        return;
    if (forming_ && forming_->candle.day == day && forming_->candle.index == index) {
        forming_->whole = forming_->whole && !forming_->shut && at - forming_->seen <= k_gap_max;
        forming_->candle.low = std::min(forming_->candle.low, last);
        forming_->seen = at;
        return;
    }
    if (forming_) {
        const auto& old = forming_->candle;
        const bool follows = forming_->shut ? old.day == day_before && index == 0
                                            : old.day == day && old.index + 1 == index;
        finish();
        if (!follows) {
            previous_.reset();
            before_.reset();
        }
    }
    const Candle candle{day, index, last};
    forming_ = Forming{candle, at, at - begin_of(candle) <= k_gap_max, false};
}

void HourlyLows::shut(UtcTime at) {
    if (!forming_ || forming_->shut)
        return;
    forming_->shut = true;
    forming_->whole = forming_->whole && at - forming_->seen <= k_gap_max;
}

void HourlyLows::finish() {
    const auto& old = *forming_;
    const bool to_its_end = old.shut || begin_of(old.candle) + k_hour - old.seen <= k_gap_max;
    before_ = previous_;
    previous_ = old.whole && to_its_end ? std::optional(old.candle) : std::nullopt;
    if (!previous_)
        before_.reset();
    forming_.reset();
}

void HourlyLows::restore(std::optional<Candle> before, std::optional<Candle> previous,
                         std::optional<Forming> forming) {
    before_ = before;
    previous_ = previous;
    forming_ = forming;
}

}  // namespace bullpen::equity
