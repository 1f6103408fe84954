// HourlyLows: the lows of the hourly candles of one share, made from the prices that are seen.
// Pure: prices and times in.
//
// The candles of the NSE begin at 9:15 and every hour after it; the last one, at 15:15, is a short
// one. A candle counts only when it was seen whole: from its beginning to its end, without a gap.
// The low of half a candle is no low, and a rule that has none says nothing. The last candles of a
// day are those before the first one of the next trading day.
#pragma once

#include <chrono>
#include <optional>

#include "common/base/clock.hpp"
#include "common/model/price.hpp"

namespace bullpen::equity {

class HourlyLows {
  public:
    // A candle was seen whole when no two prices of it, nor its first and its beginning, nor its
    // last and its end, are further apart.
    static constexpr Nanos k_gap_max = std::chrono::minutes(2);

    struct Candle {
        std::chrono::sys_days day{};
        int index = 0;  // of the day, from 9:15
        model::Price low;
        friend bool operator==(const Candle&, const Candle&) = default;
    };
    struct Forming {
        Candle candle;
        UtcTime seen{};      // its newest price
        bool whole = false;  // so far
        bool shut = false;   // the market shut in it
        friend bool operator==(const Forming&, const Forming&) = default;
    };

    // `at` is the market's time on its day `day`; `day_before` the trading day before that. Times
    // that go back are passed over.
    void add(UtcTime at, model::Price last, std::chrono::sys_days day,
             std::chrono::sys_days day_before);
    // The market shuts: what is under way is the day's last candle.
    void shut(UtcTime at);

    // Of the candle before the one under way, and of the one before that; none: not known.
    [[nodiscard]] const std::optional<Candle>& previous() const { return previous_; }
    [[nodiscard]] const std::optional<Candle>& before_previous() const { return before_; }
    [[nodiscard]] const std::optional<Forming>& forming() const { return forming_; }

    void restore(std::optional<Candle> before, std::optional<Candle> previous,
                 std::optional<Forming> forming);
    friend bool operator==(const HourlyLows&, const HourlyLows&) = default;

  private:
    void finish();

    std::optional<Candle> before_;
    std::optional<Candle> previous_;
    std::optional<Forming> forming_;
};

}  // namespace bullpen::equity
