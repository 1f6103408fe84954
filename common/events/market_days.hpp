// On which days markets do not keep their regular hours, from all that is known: the home's table,
// the rules for years that it does not cover, the exchange's own list where the calendar has it,
// and what an operator said. Pure, but for the one that reads files.
#pragma once

#include "common/events/overrides.hpp"
#include "common/events/snapshot.hpp"
#include "common/time/holidays.hpp"

namespace bullpen::events {

// So far ahead of now rules are asked.
inline constexpr std::chrono::days k_market_days_ahead{366 * 5};

// `snapshot` may be null: the day of the Employment Situation, which decides about Good Friday, is
// then the one of its rule. A day that the exchange lists is shut; one to come that the built-in
// table shuts and the exchange's list of its year does not have is open.
void complete(time::HolidayTable& table, const Snapshot* snapshot, const Overrides& overrides,
              UtcTime now);

// With what the files of the home's folder `shared` say. One that cannot be read says nothing.
void complete(time::HolidayTable& table, storage::FileSystem& files, const std::string& shared,
              UtcTime now);

}  // namespace bullpen::events
