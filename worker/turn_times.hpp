// How long the turns of a worker's loop took, since the last report. One thread.
#pragma once

#include <algorithm>
#include <cstdint>

#include "common/base/clock.hpp"

namespace bullpen::worker {

class TurnTimes {
  public:
    void add(Nanos took) {
        ++count_;
        sum_ += took;
        worst_ = std::max(worst_, took);
    }
    [[nodiscard]] std::uint64_t count() const { return count_; }
    [[nodiscard]] Nanos mean() const {
        return count_ == 0 ? Nanos{0} : sum_ / static_cast<std::int64_t>(count_);
    }
    [[nodiscard]] Nanos worst() const { return worst_; }

  private:
    std::uint64_t count_ = 0;
    Nanos sum_{};
    Nanos worst_{};
};

}  // namespace bullpen::worker
