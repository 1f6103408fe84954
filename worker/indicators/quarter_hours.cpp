#include "worker/indicators/quarter_hours.hpp"

#include "common/base/assert.hpp"

namespace bullpen::indicators {

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
    const Nanos length = model::k_quarter_hour;
    Closed closed;
    Nanos into = minute.start - UtcTime(std::chrono::seconds(start_));
    if (!forming() || into < Nanos{0} || into >= length) {
        into = minute.start.time_since_epoch() % length;
        if (into < Nanos{0})
            into += length;  // rounded down for times before 1970 too
        const UtcTime start = minute.start - into;
        if (forming()) {
            BULLPEN_ASSERT(start > UtcTime(std::chrono::seconds(start_)), "minutes come in order");
            closed.left_behind = finish();
        }
        start_ = std::chrono::duration_cast<std::chrono::seconds>(start.time_since_epoch()).count();
        open_ = minute.open.ticks;
        high_ = minute.high.ticks;
        low_ = minute.low.ticks;
        volume_ = 0;
    }
    take(minute);
    if (into + minute.span >= length)
        closed.completed = finish();
    return closed;
}

}  // namespace bullpen::indicators
