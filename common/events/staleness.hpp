// The ladder of age: what is still believed of a source whose last accepted body grows old. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "common/events/alarm.hpp"
#include "common/events/coverage.hpp"
#include "common/events/snapshot.hpp"

namespace bullpen::events {

enum class Rung : std::uint8_t {
    fresh,     // below 48 hours
    warning,   // 48 hours
    alarm,     // 7 days
    degraded,  // 30 days: told as the rung before, and named on its own
    expired,   // 60 days: what it stated answers no question any more, but for the FOMC
    never,     // nothing was ever accepted
};
std::string_view code(Rung rung);
// What a person should know of it.
std::string_view sentence(Rung rung);

inline constexpr Nanos k_warning_age = std::chrono::hours(48);
inline constexpr Nanos k_alarm_age = std::chrono::hours(24 * 7);
inline constexpr Nanos k_degraded_age = std::chrono::hours(24 * 30);
inline constexpr Nanos k_expired_age = std::chrono::hours(24 * 60);
// Coverage that ends sooner than this is an alarm: every December the next year may be missing.
inline constexpr std::chrono::days k_coverage_min{35};

// A body from the future is fresh: the clock was set back.
Rung rung_at(Nanos age);
Rung rung_of(const SourceStatus& source, UtcTime now);
// When the rung changes next; none at the top.
std::optional<UtcTime> next_rung(const SourceStatus& source, UtcTime now);

// Whether a statement of this source about this series may still answer "no event" at `now`. Dates
// of the FOMC are known a year ahead and stay believed. A source that the table does not name, a
// built-in one, never ages.
bool believed(const SeriesCoverage& coverage, const std::vector<SourceStatus>& sources,
              UtcTime now);

// The statements that answer for these series at `at`: those that are believed, and a currency's
// week, for which nobody official speaks.
struct Counting {
    std::vector<SeriesCoverage> rows;
    bool old = false;  // one that would was left out for its age
};
Counting counting(const Snapshot& snapshot, const std::vector<std::string>& series, UtcTime at);

// Days, both included, for which nobody says whether the series has an event.
struct Unstated {
    std::string series;
    Day from{};
    Day to{};
    friend bool operator==(const Unstated&, const Unstated&) = default;
};
// Of [from, to], by series and day.
std::vector<Unstated> unstated(const Snapshot& snapshot, const std::vector<std::string>& series,
                               UtcTime now, Day from, Day to);

// How often in a row a source may be silent until that is an alarm. A body that is refused is one
// at once.
inline constexpr std::uint32_t k_failures_max = 3;

// Everything about ages and coverage that an operator should hear of, by subject. `today` is the
// day of New York.
std::vector<CalendarAlarm> alarms(const std::vector<SourceStatus>& sources,
                                  const std::vector<SeriesCoverage>& coverage, UtcTime now,
                                  Day today);

// The same of a snapshot, with what refreshes raised of late and the host's time-zone data, for who
// does not know New York's day: it is UTC's.
std::vector<CalendarAlarm> host_alarms(const Snapshot& snapshot, UtcTime now,
                                       std::string_view tzdata);

// What is left of them in a home that lets no source be asked: that each source and series is not
// known is no news there.
std::vector<CalendarAlarm> without_ages(std::vector<CalendarAlarm> all);

// Those of `now` that are not among `before`.
std::vector<CalendarAlarm> added(const std::vector<CalendarAlarm>& before,
                                 const std::vector<CalendarAlarm>& now);

// Whether time-zone data of this version ("2025b") is more than a year old at `now`; data of an
// unknown version is.
bool tzdata_old(std::string_view version, UtcTime now);
std::optional<CalendarAlarm> tzdata_alarm(std::string_view version, UtcTime now);

}  // namespace bullpen::events
