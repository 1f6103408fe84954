#include "supervisor/schedule/calendar_schedule.hpp"

#include <algorithm>

namespace bullpen::schedule {

std::string_view code(Run run) {
    return run == Run::refresh ? "refresh" : run == Run::recheck ? "recheck" : "watch";
}

bool CalendarSchedule::regular_due(UtcTime now) const {
    const auto last = times_.last(now);
    if (!last)
        return false;
    const auto believable = [&](const std::optional<UtcTime>& at) {
        return at && *at <= now + k_future_max;
    };
    if (!believable(memory_.served) || *memory_.served < *last)
        return true;
    // The run for it did not end well, or nobody saw how it ended.
    const bool well = believable(memory_.success) && *memory_.success >= *memory_.served;
    return !well && now - *memory_.served >= k_retry;
}

bool CalendarSchedule::recheck_due(UtcTime now) const {
    if (times_.every() == Every::never)
        return false;
    for (const UtcTime event : events_) {
        for (const UtcTime at : {event - k_before_event, event + k_after_event}) {
            const bool open = at <= now && now < at + k_recheck_late;
            if (open && (!rechecked_ || *rechecked_ < at || *rechecked_ > now + k_future_max))
                return true;
        }
    }
    return false;
}

std::optional<Run> CalendarSchedule::due(Instant now) const {
    if (running_)
        return std::nullopt;
    const bool apart = !all_begun_ || now.mono - *all_begun_ >= k_apart;
    const bool may_retry = !retry_at_ || now.mono >= *retry_at_;
    if (apart && may_retry && regular_due(now.utc))
        return Run::refresh;
    if (apart && recheck_due(now.utc))
        return Run::recheck;
    const bool watched = watch_every_ > Nanos{0} && times_.every() != Every::never;
    if (watched && (!watch_begun_ || now.mono - *watch_begun_ >= watch_every_))
        return Run::watch;
    return std::nullopt;
}

void CalendarSchedule::begun(Run run, Instant now) {
    running_ = run;
    watch_begun_ = now.mono;
    if (run == Run::watch)
        return;
    all_begun_ = now.mono;
    // A run of all sources serves every time that has come.
    if (const auto last = times_.last(now.utc))
        memory_.served = *last;
    rechecked_ = now.utc;
}

void CalendarSchedule::ended(bool well, Instant now) {
    const bool all = running_ && *running_ != Run::watch;
    running_.reset();
    if (!all)
        return;
    retry_at_.reset();
    if (well)
        memory_.success = now.utc;
    else
        retry_at_ = now.mono + k_retry;
}

}  // namespace bullpen::schedule
