#include "common/events/nfp_rule.hpp"

#include <doctest/doctest.h>

#include <string>
#include <vector>

namespace bullpen::events {

namespace {

using namespace std::chrono;

std::string release(int y, unsigned m) {
    return format_day(employment_situation(year(y) / month(m)));
}

}  // namespace

TEST_CASE("the rule gives the days on which the employment report came out in 2023 to 2025") {
    const std::vector<std::string> published = {
        "2023-01-06", "2023-02-03", "2023-03-10", "2023-04-07", "2023-05-05", "2023-06-02",
        "2023-07-07", "2023-08-04", "2023-09-01", "2023-10-06", "2023-11-03", "2023-12-08",
        "2024-01-05", "2024-02-02", "2024-03-08", "2024-04-05", "2024-05-03", "2024-06-07",
        "2024-07-05", "2024-08-02", "2024-09-06", "2024-10-04", "2024-11-01", "2024-12-06",
        "2025-01-10", "2025-02-07", "2025-03-07", "2025-04-04", "2025-05-02", "2025-06-06",
        "2025-07-03", "2025-08-01", "2025-09-05"};
    year_month reference = 2022y / December;
    for (const std::string& day : published) {
        CHECK(format_day(employment_situation(reference)) == day);
        reference += months(1);
    }
}

TEST_CASE("it does not know of the months that a shutdown touched") {
    CHECK(release(2013, 9) == "2013-10-04");   // was published on 2013-10-22
    CHECK(release(2013, 10) == "2013-11-01");  // on 2013-11-08
    CHECK(release(2025, 9) == "2025-10-03");   // on 2025-11-20
    CHECK(release(2026, 1) == "2026-02-06");   // on 2026-02-11
}

TEST_CASE("it is a Friday but before a holiday, never a holiday, and in the month that follows") {
    for (year_month reference = 2010y / January; reference < 2060y / January;
         reference += months(1)) {
        const Day day = employment_situation(reference);
        CHECK(is_business_day(day));
        CHECK((weekday(day) == Friday || is_federal_holiday(day + days(1))));
        const year_month_day date(day);
        CHECK(date.year() / date.month() == reference + months(1));
        CHECK(unsigned(date.day()) <= 13U);
    }
    CHECK(release(2015, 6) == "2015-07-02");  // the 3rd was the holiday observed
    CHECK(release(2026, 3) == "2026-04-03");  // Good Friday is none for federal offices
    CHECK(release(2026, 6) == "2026-07-02");
    CHECK(release(2020, 12) == "2021-01-08");  // the 1st moves a week
}

TEST_CASE("federal holidays are observed on the weekday beside a weekend") {
    const auto closed = [](const char* text) { return is_federal_holiday(*parse_day(text)); };
    for (const char* day : {"2026-01-01", "2026-01-19", "2026-02-16", "2026-05-25", "2026-06-19",
                            "2026-07-03", "2026-09-07", "2026-10-12", "2026-11-11", "2026-11-26",
                            "2026-12-25", "2021-12-31", "2022-06-20", "2027-07-05"})
        CHECK_MESSAGE(closed(day), day);
    for (const char* day : {"2026-07-04", "2026-11-27", "2026-04-03", "2020-06-19", "2021-12-30",
                            "2026-12-24", "2028-12-31"})
        CHECK_FALSE_MESSAGE(closed(day), day);
}

}  // namespace bullpen::events
