// OrderRate: how many orders were sent within the last minute, exactly: a ring of their times. Its
// room is taken once. Times that go backwards count as the latest one seen.
#pragma once

#include <cstdint>
#include <vector>

#include "common/base/clock.hpp"

namespace bullpen::risk {

class OrderRate {
  public:
    static constexpr Nanos k_window = std::chrono::minutes(1);

    // `per_minute_max`: how many are remembered; 0 = there is no limit and nothing is remembered.
    explicit OrderRate(std::size_t per_minute_max) : times_(per_minute_max, UtcTime::min()) {}

    // Whether one more at `now` is within the limit: the one that is as many orders ago as the
    // limit allows is out of the window.
    [[nodiscard]] bool admits(UtcTime now) const {
        return times_.empty() || times_[at_] == UtcTime::min() || now - times_[at_] >= k_window;
    }
    void add(UtcTime now);
    // Within the window before `now`.
    [[nodiscard]] std::int64_t count(UtcTime now) const;

    // Oldest first; for the state file.
    [[nodiscard]] std::vector<UtcTime> times() const;
    void restore(const std::vector<UtcTime>& times);

  private:
    std::vector<UtcTime> times_;  // a ring: at_ is the oldest
    std::size_t at_ = 0;
};

}  // namespace bullpen::risk
