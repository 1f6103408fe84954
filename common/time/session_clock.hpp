// SessionClock: what an account may do at a time: the market's hours, its own flatten times, and
// the blackouts around events, brought to one of four states. Of several flatten times the earliest
// wins. Pure; SessionCursor in front of it remembers the answer for as long as it holds, so that a
// bar costs two comparisons.
//
// Times of day are on the wall clock of the market's zone (market.hpp).
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "common/time/market_calendar.hpp"

namespace bullpen::time {

// By precedence: of what applies, the first one counts.
enum class TradingState : std::uint8_t {
    closed,        // the market is shut: maintenance, weekend, holiday, night
    event_block,   // around an event: no entries
    flatten_mode,  // positions are brought to zero: no entries
    entry_window,
};
std::string_view code(TradingState state);

// Which rule gives the time to be flat by.
enum class FlattenCause : std::uint8_t {
    none,
    market_close,
    early_close,
    account,    // the account's own time
    rule_pack,  // the time of the rules that the account trades under
    friday,
};
std::string_view code(FlattenCause cause);

struct SessionRules {
    std::optional<Nanos> flat_by;       // the account's own time of day
    std::optional<Nanos> pack_flat_by;  // of its rule pack
    bool flat_at_close = true;          // whether the market's close is a time to be flat by
    Nanos early_close_margin = std::chrono::minutes(5);  // flat so long before an early close
    Nanos flatten_lead = std::chrono::minutes(15);  // flatten mode begins so long before flat_by
    Nanos forced_lead = std::chrono::minutes(5);    // only market orders from so long before it
    std::optional<Nanos> friday_last_entry = std::chrono::minutes(16 * 60 + 30);
    std::optional<Nanos> friday_flat_by = std::chrono::minutes(16 * 60 + 45);
    bool entries_uncovered = false;  // whether to enter on days that the holiday table ignores
};

// No entries in [begin, end).
struct Blackout {
    UtcTime begin{};
    UtcTime end{};
    bool flatten = false;  // positions are closed, too
};

// Holds in all of [begin, end).
struct SessionFacts {
    UtcTime begin{};
    UtcTime end{};
    TradingState state = TradingState::closed;
    Shut shut = Shut::overnight;
    TradingDay day{};            // the day that counters belong to
    bool entries = false;        // new positions may be opened
    bool flatten = false;        // positions are to be brought to zero, whatever the state is
    bool forced = false;         // by market orders, now
    bool event_flatten = false;  // because of the event that the account stands aside for
    bool early_close = false;
    bool assumed = false;  // the hours of this day have no source
    bool covered = false;  // the holiday table speaks for this day
    FlattenCause cause = FlattenCause::none;
    // Of the open block, or the next one when the market is shut.
    UtcTime next_open{};
    UtcTime next_close{};
    // Of the open trading day; UtcTime::max() where no rule gives a time, or the market is shut.
    UtcTime entries_end = UtcTime::max();
    UtcTime flatten_begins = UtcTime::max();
    UtcTime forced_begins = UtcTime::max();
    UtcTime flat_by = UtcTime::max();
    UtcTime entries_resume{};       // when entries may be possible again; `begin` when they are
    std::chrono::seconds offset{};  // of the market's wall clock from UTC

    [[nodiscard]] bool holds(UtcTime at) const { return begin <= at && at < end; }
    // Whether both are answers of one clock to times between which nothing changed.
    [[nodiscard]] bool same(const SessionFacts& other) const {
        return begin == other.begin && end == other.end && state == other.state &&
               entries == other.entries && flatten == other.flatten && forced == other.forced &&
               event_flatten == other.event_flatten && flat_by == other.flat_by && day == other.day;
    }
    // Minutes since midnight on the market's wall clock.
    [[nodiscard]] int minute_of_day(UtcTime at) const {
        constexpr std::int64_t k_day = 86'400'000'000'000;
        const std::int64_t local = (at.time_since_epoch() + offset).count() % k_day;
        return static_cast<int>((local < 0 ? local + k_day : local) / 60'000'000'000);
    }
    [[nodiscard]] int hour(UtcTime at) const { return minute_of_day(at) / 60; }
    [[nodiscard]] bool friday() const { return std::chrono::weekday(day) == std::chrono::Friday; }
    // Whole minutes; 0 when the market is shut.
    [[nodiscard]] std::int64_t minutes_to_close(UtcTime at) const {
        return shut == Shut::open ? (next_close - at) / std::chrono::minutes(1) : 0;
    }
};

class SessionClock {
  public:
    SessionClock(MarketCalendar calendar, SessionRules rules);

    [[nodiscard]] SessionFacts facts(UtcTime at) const;
    // Other holidays from now on. A cursor must be reset afterwards.
    void set_holidays(MarketHolidays holidays) { calendar_.set_holidays(std::move(holidays)); }
    // Replaces all blackouts; in any order, they may overlap. A cursor must be reset afterwards.
    void set_blackouts(std::vector<Blackout> blackouts);

    [[nodiscard]] const MarketCalendar& calendar() const { return calendar_; }
    [[nodiscard]] const SessionRules& rules() const { return rules_; }

  private:
    [[nodiscard]] UtcTime on_day(TradingDay day, Nanos time_of_day, const DayHours& hours) const;
    void add_flatten_times(const DayHours& hours, SessionFacts& facts) const;
    // When the blackout around `at` ends; none when there is none.
    std::optional<UtcTime> add_blackouts(UtcTime at, SessionFacts& facts) const;

    MarketCalendar calendar_;
    SessionRules rules_;
    std::vector<Blackout> blackouts_;
};

// The clock with a memory of one answer. One thread uses it; the clock must outlive it.
class SessionCursor {
  public:
    explicit SessionCursor(const SessionClock& clock) : clock_(&clock) {}
    const SessionFacts& at(UtcTime at) {
        if (!facts_.holds(at)) [[unlikely]]
            facts_ = clock_->facts(at);
        return facts_;
    }
    void reset() { facts_ = {}; }

  private:
    const SessionClock* clock_;
    SessionFacts facts_;  // of no time at first
};

// "16:10" as time since midnight. Errc::invalid when it is no time of day.
Result<Nanos> parse_time_of_day(std::string_view text);

}  // namespace bullpen::time
