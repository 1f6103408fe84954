// MarketTables: what the tools know of instruments, holidays and rule packs: the files in the
// home's shared/, or the tables built into the program where there is no home or no such file.
#pragma once

#include <string>

#include "common/base/result.hpp"
#include "common/model/instrument.hpp"
#include "common/time/holidays.hpp"
#include "common/time/market_calendar.hpp"
#include "worker/risk/rule_pack.hpp"

namespace bullpen::tools {

struct MarketTables {
    model::Instruments instruments;
    time::HolidayTable holidays;
    risk::RulePacks packs;
    // For people: the revision of each, and "of HOME" or "built in".
    std::string origin;
};

// `home`: its directory; empty for none. Errc::invalid names file, line and key of what is wrong;
// Errc::not_found when there is no such directory.
Result<MarketTables> load_tables(const std::string& home);

// The hours of the instrument's market.
Result<time::MarketCalendar> calendar_of(const model::Instrument& instrument,
                                         const time::HolidayTable& holidays);

}  // namespace bullpen::tools
