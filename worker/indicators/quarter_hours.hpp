// QuarterHours: one-minute bars to fifteen-minute bars, on the quarters of the hour in UTC. A
// quarter is closed with its last minute, or, when that minute has no bar, by the first bar of a
// later quarter, before that bar counts anywhere. A quarter without a bar does not exist.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <optional>

#include "common/model/bar.hpp"

namespace bullpen::indicators {

class QuarterHours {
  public:
    struct Closed {
        std::optional<model::Bar> left_behind;  // closed before the added bar
        std::optional<model::Bar> completed;    // closed by the added bar, and contains it
    };

    // Minutes come in order of their start.
    Closed add(const model::Bar& minute);
    // Of fifteen minutes fourteen neither begin nor end a quarter: takes such a one and returns
    // true, or does nothing, and add() is to be called.
    bool add_within(const model::Bar& minute) {
        const Nanos into = minute.start - UtcTime(std::chrono::seconds(start_));
        if (!forming() || into < Nanos{0} || into + minute.span >= model::k_quarter_hour)
            return false;
        take(minute);
        return true;
    }
    // Closes what is open, at the end of a file.
    std::optional<model::Bar> finish();
    [[nodiscard]] bool forming() const { return minutes_ > 0; }

    template <class Self, class Visitor>
    static void visit(Self& self, Visitor& visitor) {
        visitor(self.start_);
        visitor(self.open_);
        visitor(self.high_);
        visitor(self.low_);
        visitor(self.close_);
        visitor(self.volume_);
        visitor(self.minutes_);
    }

  private:
    [[nodiscard]] model::Bar bar() const;
    void take(const model::Bar& minute) {
        high_ = std::max(high_, minute.high.ticks);
        low_ = std::min(low_, minute.low.ticks);
        close_ = minute.close.ticks;
        volume_ += minute.volume;
        ++minutes_;
    }

    std::int64_t start_ = 0;  // seconds since 1970
    std::int64_t open_ = 0;   // ticks
    std::int64_t high_ = 0;
    std::int64_t low_ = 0;
    std::int64_t close_ = 0;
    std::int64_t volume_ = 0;
    std::int64_t minutes_ = 0;  // bars in it; 0 is none open
};

}  // namespace bullpen::indicators
