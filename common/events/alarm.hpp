// CalendarAlarm: what an operator should hear of the calendar, from the ladder of ages or from a
// merge. Plain values.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "common/base/clock.hpp"
#include "common/base/result.hpp"

namespace bullpen::events {

struct CalendarAlarm {
    enum class Kind : std::uint8_t {
        source_old,      // alarm, degraded or expired
        source_failing,  // its last tries were refused or failed
        coverage_ends,   // soon
        coverage_lacks,  // today is not covered
        tzdata_old,      // or newer, and an event is at another instant by it
        snapshot_bad,
        disagreement,  // two official sources differ
        vanished,      // no source states a published event any more
        emergency,     // a statement that was on no schedule
        odd_date,      // a release is not where its rule has it
        urgent,        // something changed within the next day
        nobody_asked,  // the settings let no source be asked
        count_,
    };
    Kind kind{};
    std::string subject;   // the source, the series or the event
    std::string sentence;  // for people
    friend bool operator==(const CalendarAlarm&, const CalendarAlarm&) = default;
};
std::string_view code(CalendarAlarm::Kind kind);
// The sentence as it can stand alone: what is about one event begins with the event's id.
std::string told(const CalendarAlarm& alarm);
// What an operator can do about it.
std::string_view advice(CalendarAlarm::Kind kind);

// One that a refresh raised. It is kept in the snapshot for k_raised_kept, so that whoever looks
// hears of it, whichever run found it.
struct RaisedAlarm {
    UtcTime at{};
    CalendarAlarm alarm;
    friend bool operator==(const RaisedAlarm&, const RaisedAlarm&) = default;
};
inline constexpr Nanos k_raised_kept = std::chrono::hours(48);

// One JSON line, as in the snapshot. Errc::invalid for anything else.
std::string encode(const RaisedAlarm& alarm);
Result<RaisedAlarm> decode_alarm(std::string_view line);

}  // namespace bullpen::events
