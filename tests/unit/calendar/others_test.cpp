#include <algorithm>

#include "calendar/text.hpp"
#include "tests/unit/calendar/bodies.hpp"

namespace bullpen::calendar {
namespace {

using std::chrono::minutes;

TEST_CASE("rows of a third party without a date are noted, and many of them refuse the list") {
    const std::string whole = golden("forexfactory.json");
    const Parsed one =
        parse_as("forexfactory-json", replaced_once(whole, "2026-08-31T08:00:00-04:00", ""), 2026);
    CHECK(one.accepted);
    CHECK(one.notes.size() == 1);
    // What has no date may be on any, so that the week of its currency is not stated.
    const auto states = [&](std::string_view series) {
        return std::any_of(one.coverage.begin(), one.coverage.end(),
                           [&](const auto& row) { return row.series == series; });
    };
    CHECK_FALSE(states("ff.eur"));
    CHECK(states("ff.aud"));
    const Parsed nameless =
        parse_as("forexfactory-json", replaced_once(whole, "\"GBP\"", "\"\""), 2026);
    CHECK(nameless.accepted);
    CHECK(nameless.coverage.empty());
    const Parsed many = parse_as("forexfactory-json", replaced(whole, "-04:00", ""), 2026);
    CHECK(refused_for(many, "rows cannot be read"));
    CHECK(refused_for(
        parse_as("forexfactory-json", replaced_once(whole, "2026-08-31T08", "2026-08-03T08"), 2026),
        "more than one week"));
}

TEST_CASE("a holiday list with a wrong weekday, too few days or no segment is refused") {
    const std::string whole = golden("nse_holidays.json");
    CHECK(refused_for(parse_as("nse-holidays", replaced_once(whole, "Monday", "Tuesday"), 2026),
                      "is no tuesday"));
    CHECK(refused_for(parse_as("nse-holidays", replaced_once(whole, "\"FO\"", "\"XX\""), 2026),
                      "no list 'FO'"));
    CHECK(refused_for(
        parse_as("nse-holidays", replaced_once(whole, "26-Jan-2026", "26-Jan-2027"), 2026),
        "2027 has 1 holidays"));
}

TEST_CASE("the old bots' file is read with both forms of time, and all of it is estimated") {
    const Parsed parsed = parse_as("bot-file", golden("bot_calendar.json"), 2026);
    for (const auto& event : parsed.events)
        CHECK(event.status == events::Status::estimated);
    CHECK(parsed.coverage.empty());
    CHECK(refused_for(
        parse_as("bot-file", replaced_once(golden("bot_calendar.json"), "8:30am", "half past"),
                 2026),
        "cannot be read"));
}

TEST_CASE("times of day as people write them") {
    CHECK(time_of_day("2:00 p.m.") == minutes(14 * 60));
    CHECK(time_of_day("12:15 p.m.") == minutes(12 * 60 + 15));
    CHECK(time_of_day("12:05 AM") == minutes(5));
    CHECK(time_of_day("8:30am") == minutes(8 * 60 + 30));
    CHECK(time_of_day("08:30") == minutes(8 * 60 + 30));
    CHECK(time_of_day("14:00") == minutes(14 * 60));
    for (const char* const wrong : {"", "13:00 p.m.", "24:00", "8:3", "8:60", "8", "noon", "-1:00"})
        CHECK_MESSAGE(!time_of_day(wrong), wrong);
}

TEST_CASE("instants as feeds write them") {
    CHECK(events::format_instant(*iso_instant("2026-07-30T12:30:00+00:00")) ==
          "2026-07-30T12:30:00Z");
    CHECK(events::format_instant(*iso_instant("2026-07-30T08:30:00.123-0400")) ==
          "2026-07-30T12:30:00Z");
    CHECK(events::format_instant(*mail_instant("Wed, 27 Jul 2016 14:00:00 EDT")) ==
          "2016-07-27T18:00:00Z");
    for (const char* const wrong : {"", "2026-07-30", "2026-07-30T12:30:00", "2026-13-30T12:30:00Z",
                                    "2026-07-30T25:00:00Z", "2026-07-30T12:30:00+99:00"})
        CHECK_MESSAGE(!iso_instant(wrong), wrong);
}

TEST_CASE("entities, tags and names") {
    CHECK(unescaped("&lt;p&gt;A&amp;B&#8217;s&#x41;&nope; &") == "<p>A&B\xE2\x80\x99sA&nope; &");
    CHECK(squeezed(without_tags("<p>Two-day \n meeting</p> <b")) == "Two-day meeting");
    CHECK(squeezed("\xC2\xA0 13\xC2\xA0\t") == "13");
    CHECK(month_number("Sept.") == 9U);
    CHECK(month_number("Ma") == std::nullopt);
    CHECK(slug("Core CPI m/m!", 40) == "core-cpi-m-m");
    CHECK(slug("\xC3\xA9", 40) == "x");
}

}  // namespace
}  // namespace bullpen::calendar
