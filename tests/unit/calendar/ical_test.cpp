#include "calendar/ical.hpp"

#include <doctest/doctest.h>

#include "common/base/errc.hpp"

namespace bullpen::calendar {
namespace {

std::string around(const std::string& lines) {
    return "BEGIN:VCALENDAR\nX-WR-TIMEZONE:US\\,Eastern\n" + lines + "END:VCALENDAR\n";
}
std::string event(const std::string& lines) {
    return around("BEGIN:VEVENT\n" + lines + "END:VEVENT\n");
}
std::string why(const Result<Ical>& read) {
    return read ? std::to_string(read->errors) + " errors" : read.error().context();
}

TEST_CASE("an event is read with its zone, its name and whether it was cancelled") {
    const auto read =
        read_ical(event("dtstart;x-a=\"b:c;d\";TZID=\"US-Eastern\":20250110T083000\r\n"
                        "SUMMARY;LANGUAGE=en:A\\, b\\nc\\\\\n"
                        "BEGIN:VALARM\nSUMMARY:Not this\nDTSTART:20990101\nEND:VALARM\n"
                        "SUMMARY:Nor this\nSTATUS:CANCELLED\n"));
    REQUIRE(read);
    CHECK(read->errors == 0);
    CHECK(read->zone == "US,Eastern");
    REQUIRE(read->events.size() == 1);
    const IcalEvent& first = read->events.front();
    CHECK(first.summary == "A, b c\\");
    CHECK(first.zone == "US-Eastern");
    CHECK(events::format_day(first.day) == "2025-01-10");
    REQUIRE(first.time);
    CHECK(*first.time == std::chrono::seconds(8 * 3600 + 30 * 60));
    CHECK_FALSE(first.utc);
    CHECK(first.cancelled);
    CHECK_FALSE(first.repeats);
}

TEST_CASE("a day without a time, a time in UTC, and a rule of repetition are told apart") {
    const auto day = read_ical(event("DTSTART;VALUE=DATE:20250110\nSUMMARY:A\n"));
    REQUIRE(day);
    CHECK_FALSE(day->events.front().time);
    const auto utc = read_ical(event("DTSTART:20250110T133000Z\nRDATE:20250111\n"));
    REQUIRE(utc);
    CHECK(utc->events.front().utc);
    CHECK(utc->events.front().repeats);
}

TEST_CASE("lines may be folded anywhere, with blanks or tabs") {
    const auto read = read_ical(event("DTST\n ART:2025\r\n\t0110\nSUMMARY:A b\n  c\n"));
    REQUIRE(read);
    CHECK(read->events.front().summary == "A b c");
    CHECK(events::format_day(read->events.front().day) == "2025-01-10");
}

TEST_CASE("a line that the format does not allow is counted") {
    for (const char* const line : {"no colon", ":value", "A B:c", "A;B:c", "A;=b:c", "A;B=\"c:d"}) {
        CAPTURE(line);
        CHECK(why(read_ical(event("DTSTART:20250110\n" + std::string(line) + "\n"))) == "1 errors");
    }
}

TEST_CASE(
    "bytes that are no UTF-8 become the sign for that, so that an event's line stays the same") {
    const auto read = read_ical(event("DTSTART:20250110\nSUMMARY:A\xF5" + std::string("b\n")));
    REQUIRE(read);
    CHECK(read->events.front().summary == "A\xEF\xBF\xBD" + std::string("b"));
}

TEST_CASE("a file that is not one whole calendar is refused") {
    CHECK(why(read_ical("")) == "it is not complete: it does not end with END:VCALENDAR");
    CHECK(why(read_ical("BEGIN:VCALENDAR\n")) ==
          "it is not complete: it does not end with END:VCALENDAR");
    CHECK(why(read_ical("BEGIN:VEVENT\nEND:VEVENT\n")) == "it does not begin with BEGIN:VCALENDAR");
    CHECK(why(read_ical(around("") + "A:b\n")) == "something follows its END:VCALENDAR");
    CHECK(why(read_ical(around("BEGIN:VEVENT\n"))) == "its END:VCALENDAR ends no component");
    CHECK(why(read_ical(event("SUMMARY:A\n"))) == "the event 'A' has no DTSTART");
    for (const char* const start : {"20250230", "2025011", "20250110T", "20250110T0830",
                                    "20250110T250000", "20250110T083000X", "20250110 083000", ""}) {
        CAPTURE(start);
        CHECK(why(read_ical(event("DTSTART:" + std::string(start) + "\n"))) ==
              "the event '' is at no date: DTSTART:" + std::string(start));
    }
}

TEST_CASE("a file has as many lines, components and bytes a line as the limits say") {
    const auto lines = [](std::size_t count, const std::string& line) {
        std::string out;
        for (std::size_t i = 0; i < count; ++i)
            out += line;
        return out;
    };
    // Three lines are around them.
    CHECK(read_ical(around(lines(Ical::k_lines_max - 3, "A:b\n"))));
    CHECK(why(read_ical(around(lines(Ical::k_lines_max - 2, "A:b\n")))) ==
          "it has more than 50000 lines");
    CHECK(read_ical(around(lines(Ical::k_components_max - 1, "BEGIN:A\nEND:A\n"))));
    CHECK(why(read_ical(around(lines(Ical::k_components_max, "BEGIN:A\nEND:A\n")))) ==
          "it has more than 6000 components");
    CHECK(read_ical(around("A:" + lines(Ical::k_line_max - 2, "b") + "\n")));
    CHECK(why(read_ical(around("A:" + lines(Ical::k_line_max - 1, "b") + "\n"))) ==
          "a line of it has more than 8192 bytes");
    CHECK(why(read_ical(around("A:" + lines(Ical::k_line_max, "b\n ") + "\n"))) ==
          "a line of it has more than 8192 bytes");
    CHECK(why(read_ical(around(lines(Ical::k_depth_max, "BEGIN:A\n")))) ==
          "it is nested too deeply");
}

}  // namespace
}  // namespace bullpen::calendar
