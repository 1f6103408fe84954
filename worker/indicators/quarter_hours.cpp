#include "worker/indicators/quarter_hours.hpp"

#include "common/base/assert.hpp"

namespace bullpen::indicators {

namespace {

std::int64_t seconds_of(UtcTime at) {
    return std::chrono::floor<std::chrono::seconds>(at).time_since_epoch().count();
}

}  // namespace

model::Bar QuarterHours::bar() const {
    model::Bar bar;
    bar.start = UtcTime(std::chrono::seconds(start_));
    bar.span = model::k_quarter_hour;
    bar.open = {open_};
    bar.high = {high_};
    bar.low = {low_};
    bar.close = {close_};
    bar.volume = volume_;
    bar.minutes = static_cast<std::int32_t>(minutes_);
    return bar;
}

std::optional<model::Bar> QuarterHours::finish() {
    if (!forming())
        return std::nullopt;
    const model::Bar closed = bar();
    minutes_ = 0;
    return closed;
}

QuarterHours::Closed QuarterHours::add(const model::Bar& minute) {
    const std::int64_t length = model::k_quarter_hour.count();
    const std::int64_t at = seconds_of(minute.start);
    // Rounded down for times before 1970 too.
    const std::int64_t start = at - ((at % length) + length) % length;
    Closed closed;
    if (forming() && start != start_) {
        BULLPEN_ASSERT(start > start_, "minutes come in order");
        closed.left_behind = finish();
    }
    if (!forming()) {
        start_ = start;
        open_ = minute.open.ticks;
        high_ = minute.high.ticks;
        low_ = minute.low.ticks;
        volume_ = 0;
    }
    take(minute);
    if (seconds_of(minute.end()) >= start_ + length)
        closed.completed = finish();
    return closed;
}

}  // namespace bullpen::indicators
