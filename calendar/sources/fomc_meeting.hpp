// FomcMeeting: what the sources of FOMC meetings share: how a meeting becomes events, so that the
// same meeting has the same ids wherever it was read.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "calendar/collector.hpp"

namespace bullpen::calendar {

inline constexpr std::string_view k_statement = "us.fed.fomc.statement";
inline constexpr std::string_view k_presser = "us.fed.fomc.presser";
inline constexpr std::string_view k_minutes = "us.fed.fomc.minutes";

struct FomcMeeting {
    events::Day first{};  // names the meeting
    events::Day last{};   // the day of the decision
    bool projections = false;
    bool unscheduled = false;
    bool cancelled = false;
    std::string raw;
};

// "2026-10-27", and "x:2020-03-15" for one that was not scheduled.
std::string fomc_period(const FomcMeeting& meeting);
// Statement and press conference at their customary times, as far as there was a custom.
void add_by_custom(Collector& collector, const FomcMeeting& meeting);
// Refuses the body when a scheduled meeting cannot be one: too long, or decided at a weekend.
void check_meeting(Collector& collector, const FomcMeeting& meeting);

}  // namespace bullpen::calendar
