// MarketTables: what the tools know of instruments, holidays and rule packs: the files in the
// home's shared/, or the tables built into the program where there is no home or no such file.
#pragma once

#include <string>

#include "common/base/result.hpp"
#include "common/model/instrument.hpp"
#include "common/model/rule_pack.hpp"
#include "common/time/holidays.hpp"
#include "common/time/market_calendar.hpp"
#include "worker/backtest/calendar.hpp"

namespace bullpen::tools {

struct MarketTables {
    model::Instruments instruments;
    time::HolidayTable holidays;
    model::RulePacks packs;
    // The home's snapshot of the economic calendar and its overrides, or a file of one; none where
    // there is none.
    std::optional<backtest::KnownCalendar> calendar;
    // For people: the revision of each, and "of HOME" or "built in".
    std::string origin;
};

// `home`: its directory; empty for none. Errc::invalid names file, line and key of what is wrong;
// Errc::not_found when there is no such directory. Days that no table has are those that a worker
// would know of at `now`: by rule, and of a home also by what its calendar and an operator say.
Result<MarketTables> load_tables(const std::string& home, UtcTime now);

// The calendar of a home, with its overrides, as a worker of it would have it at `now`; empty when
// it has no snapshot. A damaged one is an error, not none.
Result<backtest::KnownCalendar> load_calendar(const std::string& home, UtcTime now);
// That of a file, whose events are all that is known. Errc::not_found when it is not there.
Result<backtest::KnownCalendar> calendar_from(const std::string& file, UtcTime now);

// The hours of the instrument's market.
Result<time::MarketCalendar> calendar_of(const model::Instrument& instrument,
                                         const time::HolidayTable& holidays);

}  // namespace bullpen::tools
