// MarketCalendar: when a market is open, as a pure function of time: regular hours with the dates
// from which they count, holidays and early closes from a table, and clock changes from the zone.
// Immutable but for set_holidays(); any thread may use it. A loop asks a SessionCursor, which
// remembers the last answer.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <utility>

#include "common/time/holidays.hpp"
#include "common/time/zone.hpp"

namespace bullpen::time {

// Why a market is shut.
enum class Shut : std::uint8_t {
    open,         // it is not
    maintenance,  // the break between two trading days of one week
    weekend,
    holiday,   // a day of the table, or the rest of one that closed early
    overnight  // outside the hours of a market that does not trade through the night
};
std::string_view code(Shut shut);

// One trading day's hours in UTC. Without a block the market is shut on it.
struct DayHours {
    struct Span {
        UtcTime opens{};
        UtcTime closes{};
    };
    TradingDay day{};
    UtcTime begins{};  // when the day begins for counters: at the opening, or at midnight
    std::array<Span, Holiday::k_blocks_max> blocks{};
    std::uint8_t count = 0;
    const Holiday* holiday = nullptr;  // when the table names the day
    bool covered = false;              // the table speaks for this day, from a source

    // Of a day with a block.
    [[nodiscard]] UtcTime opens() const { return blocks[0].opens; }
    [[nodiscard]] UtcTime closes() const { return blocks[count - 1U].closes; }
    [[nodiscard]] bool early_close() const {
        return holiday != nullptr && holiday->kind == HolidayKind::early_close;
    }
};

// What holds in all of [begin, end).
struct MarketSpan {
    UtcTime begin{};
    UtcTime end{};
    Shut shut = Shut::open;
    // The day that counters belong to: the last one that began. It is the same until the next
    // trading day begins, through breaks, nights, weekends and holidays.
    TradingDay day{};
    UtcTime next_open{};       // when shut: `end`; when open: the first opening after this span
    UtcTime next_close{};      // when open: `end`; when shut: the close after next_open
    bool early_close = false;  // the day closes early
    bool assumed = false;      // by a row of the table that has no source: not covered
    bool covered = false;      // the table speaks for this day, from a source

    [[nodiscard]] bool open() const { return shut == Shut::open; }
    [[nodiscard]] bool holds(UtcTime at) const { return begin <= at && at < end; }
};

class MarketCalendar {
  public:
    // Loads the market's zone. The table is copied.
    static Result<MarketCalendar> load(Market market,
                                       const HolidayTable& table = HolidayTable::built_in());
    MarketCalendar(Market market, Zone zone, MarketHolidays holidays);

    void set_holidays(MarketHolidays holidays) { holidays_ = std::move(holidays); }

    [[nodiscard]] DayHours hours(TradingDay day) const;
    [[nodiscard]] MarketSpan span(UtcTime at) const;

    [[nodiscard]] bool open(UtcTime at) const { return span(at).open(); }
    [[nodiscard]] TradingDay trading_day(UtcTime at) const { return span(at).day; }
    // The first instant not before `at` at which the market is open.
    [[nodiscard]] UtcTime next_open(UtcTime at) const;
    // The first close after `at`.
    [[nodiscard]] UtcTime next_close(UtcTime at) const { return span(at).next_close; }
    // Minutes of trading that begin in [from, to).
    [[nodiscard]] std::int64_t open_minutes(UtcTime from, UtcTime to) const;
    // Whole minutes until the close; 0 when shut.
    [[nodiscard]] std::int64_t minutes_to_close(UtcTime at) const;

    [[nodiscard]] Market market() const { return market_; }
    [[nodiscard]] const Zone& zone() const { return zone_; }
    [[nodiscard]] const MarketHolidays& holidays() const { return holidays_; }

  private:
    [[nodiscard]] UtcTime instant(TradingDay day, std::int32_t minutes) const;
    [[nodiscard]] const Holiday* find(TradingDay day) const;
    // The first day after `day` on which the market trades.
    [[nodiscard]] DayHours next_traded(TradingDay day) const;
    // The last trading day that had begun by `at`.
    [[nodiscard]] DayHours last_begun(UtcTime at) const;
    // Between the last block of `day` and the traded day `next`.
    [[nodiscard]] Shut why_shut(const DayHours& day, TradingDay next) const;

    Market market_;
    Zone zone_;
    MarketHolidays holidays_;
};

}  // namespace bullpen::time
