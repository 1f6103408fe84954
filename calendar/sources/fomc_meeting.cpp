#include "calendar/sources/fomc_meeting.hpp"

#include <utility>

#include "calendar/text.hpp"

namespace bullpen::calendar {

namespace {

using std::chrono::days;

// Before this meeting statements came out at other times of day.
constexpr events::Day k_custom_since{std::chrono::year(2013) / 3 / 20};
// From this year on there is a press conference after every meeting; before, only after those with
// projections.
constexpr int k_presser_always_since = 2019;
constexpr days k_length_max{3};

}  // namespace

std::string fomc_period(const FomcMeeting& meeting) {
    return meeting.unscheduled ? "x:" + events::format_day(meeting.last)
                               : events::format_day(meeting.first);
}

void check_meeting(Collector& collector, const FomcMeeting& meeting) {
    if (meeting.last < meeting.first || meeting.last - meeting.first > k_length_max)
        collector.refuse("the meeting '" + meeting.raw + "' ends " +
                         std::to_string((meeting.last - meeting.first).count()) +
                         " days after it begins");
    if (is_weekend(meeting.last) && !meeting.unscheduled)
        collector.refuse("the meeting '" + meeting.raw + "' decides on " +
                         events::format_day(meeting.last) + ", at a weekend");
}

void add_by_custom(Collector& collector, const FomcMeeting& meeting) {
    const bool custom = meeting.last >= k_custom_since && !meeting.unscheduled;
    Row row;
    row.series = k_statement;
    row.period = fomc_period(meeting);
    row.day = meeting.last;
    row.raw = meeting.raw;
    if (meeting.cancelled)
        row.status = events::Status::cancelled;
    if (meeting.unscheduled)
        row.tags.emplace_back(k_unscheduled);
    if (meeting.projections)
        row.tags.emplace_back("projections");
    if (custom) {
        row.tags.emplace_back(k_conventional);
        row.time = collector.context().fomc_statement;
    }
    Row presser = row;
    collector.add(std::move(row));
    if (!custom || (year_of(meeting.last) < k_presser_always_since && !meeting.projections))
        return;
    presser.series = k_presser;
    presser.time = collector.context().fomc_presser;
    collector.add(std::move(presser));
}

}  // namespace bullpen::calendar
