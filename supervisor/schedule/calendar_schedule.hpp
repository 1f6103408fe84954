// CalendarSchedule: when the daemon has the economic calendar fetched. Pure: it is asked with both
// clocks and told what came of a run; what it must not forget is a plain value that the daemon
// keeps on disk.
//
// Daily, or on the 1st of the month, at a time of day of a zone; again 30 minutes before and 5
// after each important event; the press releases in between. A time that passed while nobody was
// there is made up for once. No time is served twice, whatever the wall clock does: it is noted
// before the run begins, and runs keep a distance on the clock that nobody sets.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "common/base/clock.hpp"
#include "common/time/recurrence.hpp"

namespace bullpen::schedule {

enum class Run : std::uint8_t {
    refresh,  // all sources
    recheck,  // all sources, because an important event is near or was just due
    watch,    // the press releases only
};
std::string_view code(Run run);

using time::Every;

// What outlives the daemon.
struct CalendarMemory {
    std::optional<UtcTime> served;   // the last regular time that a run was begun for
    std::optional<UtcTime> success;  // when the last refresh or recheck ended well
    friend bool operator==(const CalendarMemory&, const CalendarMemory&) = default;
};

class CalendarSchedule {
  public:
    // A source may be asked once in this time, so runs of all sources keep it, too.
    static constexpr Nanos k_apart = std::chrono::minutes(10);
    static constexpr Nanos k_retry = std::chrono::minutes(30);
    static constexpr Nanos k_before_event = std::chrono::minutes(30);
    static constexpr Nanos k_after_event = std::chrono::minutes(5);
    // So long after its time a recheck still makes sense.
    static constexpr Nanos k_recheck_late = std::chrono::minutes(20);
    // A note from further in the future than this was made by a clock that was wrong.
    static constexpr Nanos k_future_max = std::chrono::hours(25);

    // `watch_every`: the press releases; 0: they are not watched.
    CalendarSchedule(time::Recurrence times, Nanos watch_every, CalendarMemory memory)
        : times_(std::move(times)), watch_every_(watch_every), memory_(memory) {}

    void set_times(time::Recurrence times, Nanos watch_every) {
        times_ = std::move(times);
        watch_every_ = watch_every;
    }
    // When important events are, in order; the daemon reads them from the snapshot.
    void set_events(std::vector<UtcTime> events) { events_ = std::move(events); }

    // What is to be run now; none while a run is under way.
    [[nodiscard]] std::optional<Run> due(Instant now) const;
    // The run begins. What changed in the memory must be on disk before it does.
    void begun(Run run, Instant now);
    void ended(bool well, Instant now);

    [[nodiscard]] bool running() const { return running_.has_value(); }
    [[nodiscard]] const CalendarMemory& memory() const { return memory_; }

  private:
    [[nodiscard]] bool regular_due(UtcTime now) const;
    [[nodiscard]] bool recheck_due(UtcTime now) const;

    time::Recurrence times_;
    Nanos watch_every_;
    CalendarMemory memory_;
    std::vector<UtcTime> events_;
    std::optional<Run> running_;
    std::optional<MonoTime> all_begun_;    // the last run of all sources
    std::optional<MonoTime> watch_begun_;  // the last one of any kind
    std::optional<MonoTime> retry_at_;     // the last one failed
    std::optional<UtcTime> rechecked_;     // the time of the last recheck that was served
};

}  // namespace bullpen::schedule
