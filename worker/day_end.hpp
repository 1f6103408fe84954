// DayEnd: when a trading day is over for those who are to hear what it came to: at the bar with
// which the market shuts or, where that one never came, at the first bar of another day. Each day
// once, and none of which no bar was taken as it came. Pure.
#pragma once

#include <cstdint>
#include <optional>

#include "common/model/money.hpp"
#include "common/time/futures_session.hpp"

namespace bullpen::worker {

// What a day came to.
struct DayResult {
    time::TradingDay day{};
    model::Money profit;
    std::int64_t trades = 0;    // positions that were opened
    std::int64_t quantity = 0;  // that is held
    friend bool operator==(const DayResult&, const DayResult&) = default;
};

class DayEnd {
  public:
    // After each bar, with what its day came to so far. `shut`: the market is, at its end.
    // `newest`: no later bar is over.
    std::optional<DayResult> on_bar(const DayResult& so_far, bool shut, bool newest);

  private:
    std::optional<DayResult> open_;  // of the day that has not been told
    std::optional<time::TradingDay> told_;
};

}  // namespace bullpen::worker
