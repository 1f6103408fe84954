// How much a body may hold before it is not looked at any further.
#include <string>

#include "calendar/collector.hpp"
#include "calendar/text.hpp"
#include "tests/unit/calendar/bodies.hpp"

namespace bullpen::calendar {
namespace {

std::string times(std::size_t count, std::string_view text) {
    std::string out;
    for (std::size_t i = 0; i < count; ++i)
        out += text;
    return out;
}

TEST_CASE("a JSON text has as many values and blanks on end as the limits say") {
    CHECK(check_json("[" + times(k_json_values_max - 1, "0,") + "0]"));
    CHECK_FALSE(check_json("[" + times(k_json_values_max, "0,") + "0]"));
    CHECK(check_json("[" + times(k_json_blanks_max, "\n") + "]"));
    CHECK_FALSE(check_json("[" + times(k_json_blanks_max + 1, "\n") + "]"));
    CHECK(check_json(times(k_json_depth_max, "[")));
    CHECK_FALSE(check_json(times(k_json_depth_max + 1, "[")));
    // Brackets, commas and blanks within a text are none.
    CHECK(check_json("\"\\\"" + times(k_json_values_max, "[,") + times(k_json_blanks_max, "  ") +
                     "\""));
    for (const char* const source :
         {"fed-json", "bea-json", "forexfactory-json", "nse-holidays", "bot-file"}) {
        CAPTURE(source);
        CHECK(refused_for(parse_as(source, "[" + times(k_json_values_max, "0,") + "0]", 2026),
                          "more than 50000 values"));
    }
}

TEST_CASE("a body that lists more rows than there can be events is refused before they are read") {
    const std::size_t many = Collector::k_rows_max + 1;
    const std::string row = R"({"title":"A","month":"2026-05","days":"6"},)";
    const std::string few = "{\"events\":[" + times(10, row) + "{}]}";
    CHECK_FALSE(refused_for(parse_as("fed-json", few, 2026), "10000 rows"));
    const std::string rows = "{\"events\":[" + times(many, row) + "{}]}";
    for (const char* const source : {"fed-json", "bot-file"}) {
        const Parsed parsed = parse_as(source, rows, 2026);
        CHECK(refused_for(parsed, "there are more than 10000 rows"));
        CHECK(parsed.events.empty());
        CHECK(parsed.notes.empty());
    }
    const Parsed week = parse_as("forexfactory-json", "[" + times(many, "{},") + "{}]", 2026);
    CHECK(refused_for(week, "there are more than 10000 rows"));
    CHECK(week.notes.empty());
}

TEST_CASE("rows of a few days each are counted by their days") {
    const std::string days = "1-2-3-4-5-6-7-8-9-10-11-12-13-14-15-16-17-18-19-20";
    const std::string row =
        R"({"title":"H - A","month":"2026-05","type":"Stat","days":")" + days + "\"},";
    const Parsed parsed = parse_as("fed-json", "{\"events\":[" + times(501, row) + "{}]}", 2026);
    CHECK(refused_for(parsed, "there are more than 10000 rows"));
    CHECK(parsed.events.size() == 20);
}

TEST_CASE("dates of the Bureau of Economic Analysis are counted over all its releases") {
    std::string body = "{";
    for (int name = 0; name < 11; ++name)
        body += "\"" + std::to_string(name) + R"(":{"release_dates":[)" +
                times(999, "\"2026-01-22T13:30:00Z\",") + "\"2026-01-22T13:30:00Z\"]},";
    CHECK(refused_for(parse_as("bea-json", body + "\"a\":0}", 2026),
                      "there are more than 10000 rows"));
}

// Once the months of releases that came every day were counted back over the beginning of time, and
// the program ended there.
TEST_CASE("a monthly release that comes every day for years refuses the file") {
    std::string body = "BEGIN:VCALENDAR\n";
    for (int i = 0; i < 2000; ++i) {
        const auto day = *day_of(2000, 1, 1) + std::chrono::days(i);
        std::string compact = events::format_day(day);
        std::erase(compact, '-');
        body += "BEGIN:VEVENT\nDTSTART:" + compact + "\nSUMMARY:Consumer Price Index\nEND:VEVENT\n";
    }
    CHECK_FALSE(parse_as("bls-ics", body + "END:VCALENDAR\n", 2026).accepted);
}

TEST_CASE("a release of the first month that there can be is about the month before it") {
    for (const char* const name :
         {"Consumer Price Index", "Employment Cost Index", "Productivity and Costs"}) {
        CAPTURE(name);
        const Parsed parsed = parse_as("bls-ics",
                                       "BEGIN:VCALENDAR\nBEGIN:VEVENT\nDTSTART:19000103\nSUMMARY:" +
                                           std::string(name) + "\nEND:VEVENT\nEND:VCALENDAR\n",
                                       2026);
        CHECK_FALSE(parsed.accepted);
        REQUIRE(parsed.events.size() == 1);
        CHECK(parsed.events.front().period().substr(0, 4) == "1899");
    }
}

}  // namespace
}  // namespace bullpen::calendar
