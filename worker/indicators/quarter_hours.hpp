// QuarterHours: one-minute bars to fifteen-minute bars, on the quarters of the hour in UTC. A
// quarter is closed with its last minute, or, when that minute has no bar, by the first bar of a
// later quarter, before that bar counts anywhere. A quarter without a bar does not exist.
#pragma once

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

    std::int64_t start_ = 0;  // seconds since 1970
    std::int64_t open_ = 0;   // ticks
    std::int64_t high_ = 0;
    std::int64_t low_ = 0;
    std::int64_t close_ = 0;
    std::int64_t volume_ = 0;
    std::int64_t minutes_ = 0;  // bars in it; 0 is none open
};

}  // namespace bullpen::indicators
