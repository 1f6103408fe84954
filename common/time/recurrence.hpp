// Recurrence: a time of day that comes every day, or on the 1st of every month, on the wall clock
// of a zone. Reckoned from the zone, never from "24 hours later". A reading that the clocks skip is
// the instant of the change, one that they show twice the earlier one. Immutable; pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "common/time/zone.hpp"

namespace bullpen::time {

enum class Every : std::uint8_t { never, month, day };

class Recurrence {
  public:
    // `at`: since midnight, below 24 hours.
    Recurrence(Every every, Nanos at, Zone zone) : every_(every), at_(at), zone_(std::move(zone)) {}

    [[nodiscard]] Every every() const { return every_; }
    // The last time that is not after `now`; none for never.
    [[nodiscard]] std::optional<UtcTime> last(UtcTime now) const;
    // The first time after `now`; none for never.
    [[nodiscard]] std::optional<UtcTime> next(UtcTime now) const;

  private:
    [[nodiscard]] UtcTime on(std::chrono::sys_days day) const;

    Every every_;
    Nanos at_;
    Zone zone_;
};

// `at` moved by up to ten minutes either way, always the same for one `seed`, so that many homes do
// not ask a source in one second. It stays within its day.
Nanos jittered(Nanos at, std::string_view seed);
// From zero to `width`, in milliseconds, always the same for one seed.
Nanos share_of(Nanos width, std::string_view seed);
inline constexpr Nanos k_jitter_max = std::chrono::minutes(10);

}  // namespace bullpen::time
