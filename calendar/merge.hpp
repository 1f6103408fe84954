// CalendarMerge: what all sources say, and what was known before, become one list of events. Pure:
// the same input in any order gives the same list, and merging a list again changes nothing.
//
// The better rank gives an event's time. Two official sources that differ are both kept, and that
// is an alarm. Estimates count only where no official source states that it lists every event.
// Nothing published that is still to come goes away without an alarm: when the sources that stated
// it no longer do, it is cancelled if one of them lists that day in full, else unconfirmed.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "calendar/source.hpp"
#include "common/events/alarm.hpp"
#include "common/events/coverage.hpp"
#include "common/events/event.hpp"

namespace bullpen::calendar {

// Events that are over are kept for so long.
inline constexpr std::chrono::days k_history{400};
// How far ahead the rule for the employment report is asked.
inline constexpr std::chrono::days k_estimates_ahead{400};
// A press release so close to a scheduled statement is that statement.
inline constexpr std::chrono::minutes k_press_slack{15};
// A press release older than this is no news.
inline constexpr std::chrono::hours k_press_news{72};
// When a body lacks more than this share of what its source had announced, it is not believed.
inline constexpr int k_vanished_percent_max = 20;
// What changes within this time is urgent.
inline constexpr std::chrono::hours k_urgent{24};

struct Calendar {
    std::vector<events::Event> events;  // by time, each id once
    std::vector<events::SeriesCoverage> coverage;
    friend bool operator==(const Calendar&, const Calendar&) = default;
};

// Of the kinds disagreement, vanished, emergency and odd_date; the subject is the event's id.
using MergeAlarm = events::CalendarAlarm;

struct Merged {
    Calendar calendar;
    std::vector<MergeAlarm> alarms;  // by subject
    friend bool operator==(const Merged&, const Merged&) = default;
};

// `statements` are the last accepted bodies of all sources, each source once.
Merged merge(const Calendar& last, const std::vector<Parsed>& statements, UtcTime now);

// The employment report by its rule, for the time from `now` on: a statement like those of sources.
Parsed employment_estimates(const Zones& zones, UtcTime now);

// Why a body that its parser accepted is not to be believed after all: too many of the events that
// its source had announced for the future are missing. Empty when it is.
std::string vanished_too_many(const Calendar& last, const Parsed& fresh, UtcTime now);

}  // namespace bullpen::calendar
