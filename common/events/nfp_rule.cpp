#include "common/events/nfp_rule.hpp"

namespace bullpen::events {

namespace {

using namespace std::chrono;

Day nth(year y, month m, weekday_indexed which) {
    return Day(year_month_weekday(y, m, which));
}

bool is(Day day, int m, unsigned d) {
    const year_month_day date(day);
    return date.month() == month(static_cast<unsigned>(m)) && date.day() == std::chrono::day(d);
}

// Of the holidays with a date of their own: on the Friday before a Saturday, on the Monday after a
// Sunday, else on the day itself.
bool observed(Day day, int m, unsigned d) {
    const weekday on(day);
    if (on == Saturday || on == Sunday)
        return false;
    return is(day, m, d) || (on == Friday && is(day + days(1), m, d)) ||
           (on == Monday && is(day - days(1), m, d));
}

}  // namespace

bool is_federal_holiday(Day day) {
    const year y = year_month_day(day).year();
    for (const auto& [m, d] : {std::pair{1, 1U}, {7, 4U}, {11, 11U}, {12, 25U}}) {
        if (observed(day, m, d))
            return true;
    }
    if (y >= year(2021) && observed(day, 6, 19U))
        return true;
    return day == nth(y, January, Monday[3]) || day == nth(y, February, Monday[3]) ||
           day == Day(year_month_weekday_last(y, May, weekday_last(Monday))) ||
           day == nth(y, September, Monday[1]) || day == nth(y, October, Monday[2]) ||
           day == nth(y, November, Thursday[4]);
}

bool is_business_day(Day day) {
    const weekday on(day);
    return on != Saturday && on != Sunday && !is_federal_holiday(day);
}

bool employment_situation_on(Day day, const std::vector<Event>& events) {
    const auto month_of = [](Day of) {
        const year_month_day date(of);
        return date.year() / date.month();
    };
    bool stated = false;
    for (const Event& event : events) {
        const Day on(floor<days>(event.local.time_since_epoch()));
        if (event.series != "us.bls.empsit" || event.cancelled() || month_of(on) != month_of(day))
            continue;
        if (on == day)
            return true;
        stated = true;
    }
    return !stated && employment_situation(month_of(day) - months(1)) == day;
}

Day employment_situation(year_month reference) {
    const Day twelfth(reference / 12);
    const Day saturday = twelfth + (Saturday - weekday(twelfth));
    Day release = saturday + days(20);
    const year_month_day date(release);
    if (date.month() == January && date.day() <= std::chrono::day(3))
        release += days(7);
    while (is_federal_holiday(release))
        release -= days(1);
    return release;
}

}  // namespace bullpen::events
