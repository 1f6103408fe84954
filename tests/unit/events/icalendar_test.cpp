#include "common/events/icalendar.hpp"

#include <doctest/doctest.h>

#include "tests/unit/events/calendars.hpp"

namespace bullpen::events {

using namespace test;

TEST_CASE("an exported event has a stable id, its instant, its sequence and its status") {
    Event moved = event("us.bls.cpi", "2026-11", "2026-12-10T08:30", Status::moved);
    moved.revision = 2;
    moved.previous_local = *parse_local("2026-12-09T08:30");
    moved.last_changed = utc("2026-11-20T22:00:00Z");
    CHECK(icalendar({moved}, utc("2026-11-21T10:00:00Z")) ==
          "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//Bullpen//Economic calendar//EN\r\n"
          "CALSCALE:GREGORIAN\r\nMETHOD:PUBLISH\r\nX-WR-CALNAME:Bullpen\r\n"
          "BEGIN:VEVENT\r\nUID:us.bls.cpi:2026-11@bullpen\r\nDTSTAMP:20261120T220000Z\r\n"
          "DTSTART:20261210T133000Z\r\nSUMMARY:Consumer Price Index\r\n"
          "DESCRIPTION:us.bls.cpi:2026-11\\, moved\\, before at 2026-12-09T08:30\r\n"
          "SEQUENCE:2\r\nSTATUS:CONFIRMED\r\nPRIORITY:1\r\nTRANSP:TRANSPARENT\r\n"
          "END:VEVENT\r\nEND:VCALENDAR\r\n");
}

TEST_CASE("cancelled, estimated and day-long events are marked as such") {
    const auto text = [](Event made) { return icalendar({made}, utc("2026-11-21T10:00:00Z")); };
    const auto has = [](const std::string& in, std::string_view part) {
        return in.find(part) != std::string::npos;
    };
    CHECK(has(text(event("us.bls.cpi", "a", "2026-12-10T08:30", Status::cancelled)),
              "STATUS:CANCELLED\r\n"));
    CHECK(has(text(event("us.bls.empsit", "a", "2026-12-10T08:30", Status::estimated)),
              "STATUS:TENTATIVE\r\n"));
    Event day = event("us.bls.cpi", "a", "2026-12-31");
    day.precision = Precision::date;
    CHECK(has(text(day), "DTSTART;VALUE=DATE:20261231\r\nDTEND;VALUE=DATE:20270101\r\n"));
}

TEST_CASE("no line is longer than 75 octets, whatever the title is, and unfolding gives it back") {
    Event odd = event("us.bls.cpi", "a", "2026-12-10T08:30");
    for (int i = 0; i < 60; ++i)
        odd.title += i % 7 == 0 ? ";é" : i % 5 == 0 ? "–" : "a,";
    odd.title += "\nBEGIN:VALARM\r";
    std::string text = icalendar({odd}, utc("2026-11-21T10:00:00Z"));
    std::size_t at = 0;
    for (std::size_t end = text.find("\r\n"); end != std::string::npos;
         end = text.find("\r\n", at)) {
        CHECK(end - at <= 75);
        CHECK(text[at] != '\n');
        at = end + 2;
    }
    CHECK(at == text.size());
    for (auto fold = text.find("\r\n "); fold != std::string::npos; fold = text.find("\r\n "))
        text.erase(fold, 3);
    CHECK(text.find("–") != std::string::npos);
    CHECK(text.find("\\nBEGIN:VALARM\r\n") != std::string::npos);
    CHECK(text.find("\r\nBEGIN:VALARM") == std::string::npos);
}

}  // namespace bullpen::events
