// The only sources of time. What decides takes a time as an argument; what must ask, asks a Clock
// that was handed to it, so that tests and simulations own time.
//
// UTC for what is stored, shown and compared with a calendar; MonoTime for every deadline, because
// the wall clock may be set. MonoTime is CLOCK_BOOTTIME: it counts through a suspend, so a lease
// cannot look fresh after a laptop slept, and it is the same for all processes of one boot.
#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "common/base/result.hpp"

namespace bullpen {

using Nanos = std::chrono::nanoseconds;
using Millis = std::chrono::milliseconds;

using UtcTime = std::chrono::time_point<std::chrono::system_clock, Nanos>;

struct MonoEpoch {
    using duration = Nanos;
    using rep = duration::rep;
    using period = duration::period;
    using time_point = std::chrono::time_point<MonoEpoch>;
    static constexpr bool is_steady = true;
};
using MonoTime = std::chrono::time_point<MonoEpoch, Nanos>;

// One reading of both clocks: what pure code is given.
struct Instant {
    UtcTime utc{};
    MonoTime mono{};
};

class Clock {
  public:
    Clock() = default;
    Clock(const Clock&) = delete;
    Clock& operator=(const Clock&) = delete;
    virtual ~Clock() = default;

    [[nodiscard]] virtual UtcTime utc() const = 0;
    [[nodiscard]] virtual MonoTime mono() const = 0;
    [[nodiscard]] Instant now() const { return {utc(), mono()}; }
};

class SystemClock final : public Clock {
  public:
    [[nodiscard]] UtcTime utc() const override;
    [[nodiscard]] MonoTime mono() const override;
};

// Stands still until told otherwise. Both clocks move together unless only one is set.
class FakeClock final : public Clock {
  public:
    FakeClock();
    [[nodiscard]] UtcTime utc() const override { return utc_; }
    [[nodiscard]] MonoTime mono() const override { return mono_; }
    void advance(Nanos by) {
        utc_ += by;
        mono_ += by;
    }
    void set_utc(UtcTime utc) { utc_ = utc; }

  private:
    UtcTime utc_;
    MonoTime mono_;
};

// "2026-11-20T23:14:05.123Z"; always UTC, always milliseconds.
std::string format_utc(UtcTime time);
// "2026-11-20T23:14:05.123456789Z": for records that must keep the order of events.
std::string format_utc_nanos(UtcTime time);
// Accepts what format_utc and format_utc_nanos write, with 0 to 9 digits of fraction and a 'Z'.
Result<UtcTime> parse_utc(std::string_view text);

inline std::int64_t unix_nanos(UtcTime time) {
    return time.time_since_epoch().count();
}
inline UtcTime utc_from_nanos(std::int64_t nanos) {
    return UtcTime(Nanos(nanos));
}

}  // namespace bullpen
