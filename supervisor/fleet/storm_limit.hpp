// StormLimit: when many workers of a home die in a short time, the cause is not in any one of them,
// and restarting all of them makes it worse. While it is shut nothing starts. Pure; one for a home.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>

#include "common/base/clock.hpp"

namespace bullpen::fleet {

class StormLimit {
  public:
    // At `deaths_max` deaths within `window` it shuts for another window; 0 turns it off.
    StormLimit(std::uint32_t deaths_max, Nanos window) : deaths_max_(deaths_max), window_(window) {}

    // True when this death shuts it.
    bool on_death(MonoTime now);
    // Until when it is shut; none when it is open.
    [[nodiscard]] std::optional<MonoTime> shut_until(MonoTime now) const;

  private:
    std::uint32_t deaths_max_;
    Nanos window_;
    std::deque<MonoTime> deaths_;  // fewer than deaths_max_, all after the last shutting
    std::optional<MonoTime> until_;
};

}  // namespace bullpen::fleet
