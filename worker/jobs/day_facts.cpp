#include "worker/jobs/day_facts.hpp"

namespace bullpen::jobs {

namespace {

constexpr std::chrono::days k_week{7};

// "2026-11-20".
std::string text_of_day(time::TradingDay day) {
    return format_utc(UtcTime(day)).substr(0, 10);
}

}  // namespace

void set_day(AccountFacts& facts, const time::MarketCalendar& calendar, UtcTime at, bool shares) {
    const auto day = calendar.trading_day(at);
    const auto hours = calendar.hours(day);
    facts.trading_day = text_of_day(day);
    facts.candles_from = text_of_day(day - k_week);
    if (hours.count == 0)
        return;
    const auto before = calendar.trading_day(hours.begins - Nanos(1));
    const auto hours_before = calendar.hours(before);
    facts.trading_day_before = text_of_day(before);
    facts.day_opens = hours.opens();
    facts.day_closes = hours.closes();
    if (hours_before.count > 0)
        facts.day_before_closed = hours_before.closes();
    if (shares)
        facts.candles_from = facts.trading_day_before;
}

}  // namespace bullpen::jobs
