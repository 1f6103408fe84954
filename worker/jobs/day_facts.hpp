// Which trading day of its market a run is of, and what is known of that day: pure.
#pragma once

#include "common/time/market_calendar.hpp"
#include "worker/jobs/roles.hpp"

namespace bullpen::jobs {

// Of the trading day that `at` belongs to. Candles of shares are expected of the market of shares
// by `shares`; an account of another market only knows that a week brings some.
void set_day(AccountFacts& facts, const time::MarketCalendar& calendar, UtcTime at, bool shares);

}  // namespace bullpen::jobs
