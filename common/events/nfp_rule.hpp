// The rule for the day on which the Employment Situation comes out, for months that no source has
// stated: the third Friday after the end of the week that contains the 12th of the reference month,
// a week later when that is 1 to 3 January, and a day earlier for as long as it is a federal
// holiday. It was right in every month from 2013 to 2026 but those that a shutdown of the
// government touched. An estimate, and a check on what a source says. Pure.
#pragma once

#include <chrono>

#include "common/events/event.hpp"

namespace bullpen::events {

// The day of the release about `reference`; the release is in the month after it.
Day employment_situation(std::chrono::year_month reference);

// Whether it is released on this day: as the calendar has it for the month, else by the rule.
bool employment_situation_on(Day day, const std::vector<Event>& events);

// Whether federal offices of the United States are closed for a holiday on this day: the holiday
// itself, or the weekday on which it is observed.
bool is_federal_holiday(Day day);
// Monday to Friday, no federal holiday.
bool is_business_day(Day day);

}  // namespace bullpen::events
