// Schedule: the times at which something is to happen, as a person writes them:
//
//     09:20, 14:00 market days                on days on which the market trades
//     14:00 mon-fri Asia/Kolkata              on the wall clock of a zone, on weekdays
//     18:30 daily America/New_York
//     open + 5 min     close - 10 min         of each trading day, early closes and moved hours too
//     every 15 min in session                 from each opening on, before the close
//     after place_orders_daily                whenever something else was done
//
// Without a zone the times are on the market's wall clock, without days on market days. A day is
// one of the calendar of that wall clock. A time that the clocks skip is the instant of the change,
// one that they show twice the earlier one, so each comes once. Immutable; pure; any thread.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "common/time/market_calendar.hpp"

namespace bullpen::time {

class Schedule {
  public:
    // Errc::invalid with a sentence of what is wrong; not_found for a zone that does not exist.
    static Result<Schedule> parse(std::string_view text);

    // The first time after `now`; none when nothing comes within a year, and for `after`.
    [[nodiscard]] std::optional<UtcTime> next(UtcTime now, const MarketCalendar& market) const;
    // The newest time that is not after `now`; likewise.
    [[nodiscard]] std::optional<UtcTime> last(UtcTime now, const MarketCalendar& market) const;
    // How many times there are in (from, to], counted up to `most`.
    [[nodiscard]] std::uint64_t count(UtcTime from, UtcTime to, const MarketCalendar& market,
                                      std::uint64_t most) const;

    // What must be done before it; empty for a schedule of times.
    [[nodiscard]] std::string_view after() const;
    // The least time between two of its times on one day; none for one a day, and for `after`.
    [[nodiscard]] std::optional<Nanos> step() const;
    // "every 15 min in session".
    [[nodiscard]] bool in_session() const { return std::holds_alternative<InSession>(form_); }
    // The times of one day, rising.
    [[nodiscard]] std::vector<UtcTime> on(TradingDay day, const MarketCalendar& market) const;

  private:
    static constexpr std::size_t k_weekdays = 7;
    struct AtTimes {
        std::vector<Nanos> times;                 // since midnight, rising
        std::optional<Zone> zone;                 // none: the market's
        bool market_days = true;                  // otherwise `weekdays`
        std::array<bool, k_weekdays> weekdays{};  // from Sunday on
    };
    struct AtEdge {
        bool close = false;  // otherwise the opening
        Nanos offset{};      // below zero before it
    };
    struct InSession {
        Nanos step{};
    };
    struct After {
        std::string name;
    };
    using Form = std::variant<AtTimes, AtEdge, InSession, After>;

    explicit Schedule(Form form) : form_(std::move(form)) {}
    static Result<Form> parse_form(std::string_view text);
    static Result<Form> parse_times(const std::vector<std::string_view>& words);

    [[nodiscard]] std::optional<UtcTime> first_after(TradingDay day, UtcTime now,
                                                     const MarketCalendar& market) const;
    [[nodiscard]] std::optional<UtcTime> last_until(TradingDay day, UtcTime now,
                                                    const MarketCalendar& market) const;
    [[nodiscard]] TradingDay day_of(UtcTime at, const MarketCalendar& market) const;

    Form form_;
};

// Whether Schedule::parse() takes it.
bool is_schedule(std::string_view text);

}  // namespace bullpen::time
