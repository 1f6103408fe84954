// The week of US futures, on the wall clock of New York: a trading day runs from 18:00 of the day
// before to 17:59 of the day itself, Monday to Friday, with the market shut from 17:00 to 18:00 and
// from Friday 17:00 to Sunday 18:00. Regular hours only: holidays and early closes belong to the
// calendar. Immutable; any thread may use it.
#pragma once

#include <chrono>
#include <cstdint>

#include "common/time/zone.hpp"

namespace bullpen::time {

// The calendar date that names a trading day.
using TradingDay = std::chrono::sys_days;

class FuturesSession {
  public:
    static constexpr std::chrono::hours k_opens{18};   // of the day before
    static constexpr std::chrono::hours k_closes{17};  // of the day itself
    // Trading minutes of a day without early close; clocks change only at weekends.
    static constexpr std::int64_t k_minutes_a_day = 1380;

    // Loads America/New_York.
    static Result<FuturesSession> load();
    explicit FuturesSession(Zone new_york) : zone_(std::move(new_york)) {}

    // The trading day that the instant carries: its wall-clock date six hours later, shut or open.
    [[nodiscard]] TradingDay trading_day(UtcTime at) const;
    // The same for a reading of New York's wall clock.
    [[nodiscard]] static TradingDay trading_day(LocalTime wall);
    // 18:00 on the wall clock of the day before `day`.
    [[nodiscard]] UtcTime opens(TradingDay day) const;
    // 17:00 on the wall clock of `day`.
    [[nodiscard]] UtcTime closes(TradingDay day) const;
    [[nodiscard]] bool open(UtcTime at) const;
    // The first instant not before `at` at which the market is open.
    [[nodiscard]] UtcTime next_open(UtcTime at) const;

    [[nodiscard]] const Zone& zone() const { return zone_; }

  private:
    Zone zone_;
};

// Monday to Friday.
bool is_trading_day(TradingDay day);

}  // namespace bullpen::time
