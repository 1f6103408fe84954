// CalendarView: the economic calendar of a home as an operator looks at it: the snapshot with the
// operator's own entries laid over it. Read once from the files; needs no daemon.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "common/base/home.hpp"
#include "common/base/result.hpp"
#include "common/events/blackout.hpp"
#include "common/events/staleness.hpp"
#include "common/time/zone.hpp"
#include "ctl/command.hpp"

namespace bullpen::ctl {

struct CalendarView {
    std::optional<events::Snapshot> snapshot;
    events::Overrides overrides;
    std::vector<events::Event> events;  // with the overrides that count now, by time
    std::vector<std::string> troubles;  // of the files, for people
    time::Zone new_york;
    UtcTime now{};
    bool asks = true;  // calendar.contact is set, so that sources are asked

    static Result<CalendarView> read(const Home& home, UtcTime now);
    // The date in New York.
    [[nodiscard]] events::Day today() const;
    [[nodiscard]] events::Day day_of(UtcTime at) const;
    // Midnight of a day in New York.
    [[nodiscard]] UtcTime begin_of(events::Day day) const;
    [[nodiscard]] const events::Event* find(std::string_view id) const;
    // What an operator should hear of: ages, coverage, files, time zones.
    [[nodiscard]] std::vector<events::CalendarAlarm> alarms() const;
};

// "Fri 2026-12-04 08:30": the wall clock of the event's zone.
std::string when_text(const events::Event& event);
std::string when_text(events::LocalMinute local);
// "08:30" of New York, or the day and time where that is another one than `day`.
std::string new_york_text(const CalendarView& view, UtcTime at);

// Of an account that stands aside, or would if it had a calendar: which event, and until when, or
// what the calendar lacks. Empty when it does not, or its settings cannot be read. `last_bar` is
// the account's time when it is far from the clock's, as in a replay.
std::string standing_text(const Home& home, const AccountId& account, UtcTime last_bar,
                          UtcTime now);

// The market of that code, or the one that an instrument of the home's table trades on.
std::optional<time::Market> market_of(const Context& context, std::string_view word);
// All of them, for people.
std::string market_codes();

// The commands of `bullpenctl calendar`, by their word; each in the file of its kind.
int calendar_list(Context& context, const CalendarView& view);
int calendar_next(Context& context, const CalendarView& view);
int calendar_show(Context& context, const CalendarView& view);
int calendar_sources(Context& context, const CalendarView& view);
int calendar_coverage(Context& context, const CalendarView& view);
int calendar_export(Context& context, const CalendarView& view);
int calendar_edit(Context& context, const CalendarView& view);
int calendar_hours(Context& context, const CalendarView& view);

}  // namespace bullpen::ctl
