// The days on which a market of the United States does not keep its regular hours, by rule, for
// years that no table covers. NYSE has kept to its rule in every year since 2015, CME's equity
// index since 2019, but for days of mourning, which no rule knows: those that were are listed. For
// CME's other product groups the rule goes on with what their table has, and what has no source is
// marked as assumed. The NSE follows no rule. Pure.
#pragma once

#include <functional>
#include <vector>

#include "common/time/holidays.hpp"

namespace bullpen::time {

// Whether the US Employment Situation is released on a day: on such a Good Friday CME's equity
// index and currencies trade until 9:15, on any other they are closed.
using ReportOn = std::function<bool(TradingDay)>;

TradingDay easter_sunday(std::chrono::year year);

bool follows_rule(Market market);
// By day, each once. Empty for a market without a rule and for years before its rule.
std::vector<Holiday> holidays_by_rule(Market market, std::chrono::year year,
                                      const ReportOn& report_on);

// Adds whole years by the rule, from the rule's first one to the one of `to`; the days that the
// table speaks for stay as they are. Nothing happens where there is no rule.
void extend_by_rule(Market market, MarketHolidays& holidays, TradingDay to,
                    const ReportOn& report_on);
// All markets of the table.
void extend_by_rule(HolidayTable& table, TradingDay to, const ReportOn& report_on);

}  // namespace bullpen::time
