#include "common/time/zone.hpp"

#include <doctest/doctest.h>

#include <ostream>
#include <string>

#include "common/base/errc.hpp"
#include "tests/support/temporary.hpp"
#include "tests/unit/time/tzif.hpp"

namespace bullpen::time {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

UtcTime at(const char* text) {
    const auto time = parse_utc(text);
    REQUIRE_MESSAGE(time.has_value(), text);
    return *time;
}

// A wall-clock reading, written as if it were UTC.
LocalTime wall(const char* text) {
    return LocalTime(at(text).time_since_epoch());
}

std::string shown(LocalTime local) {
    return format_utc(UtcTime(local.time_since_epoch())).substr(0, 19);
}

Zone parsed(const std::string& tzif_bytes) {
    auto zone = Zone::parse("Test/Zone", tzif_bytes);
    REQUIRE_MESSAGE(zone.has_value(), (zone ? "" : zone.error().message()));
    return *zone;
}

TEST_CASE("New York's clocks change where the rule says, for ever") {
    const Zone zone = parsed(new_york_by_rule());
    CHECK(shown(zone.local(at("2025-03-09T06:59:59Z"))) == "2025-03-09T01:59:59");
    CHECK(shown(zone.local(at("2025-03-09T07:00:00Z"))) == "2025-03-09T03:00:00");
    CHECK(shown(zone.local(at("2025-11-02T05:59:59Z"))) == "2025-11-02T01:59:59");
    CHECK(shown(zone.local(at("2025-11-02T06:00:00Z"))) == "2025-11-02T01:00:00");
    CHECK(zone.span(at("2045-07-01T00:00:00Z")).offset == hours(-4));
    CHECK(zone.span(at("2199-01-01T00:00:00Z")).offset == hours(-5));
    CHECK(zone.span(at("2045-07-01T00:00:00Z")).daylight);
}

TEST_CASE("a span of constant offset reaches exactly to the changes around it") {
    const Zone zone = parsed(new_york_by_rule());
    const OffsetSpan summer = zone.span(at("2025-07-01T12:00:00Z"));
    CHECK(format_utc(summer.begin) == "2025-03-09T07:00:00.000Z");
    CHECK(format_utc(summer.end) == "2025-11-02T06:00:00.000Z");
    CHECK(summer.holds(summer.begin));
    CHECK_FALSE(summer.holds(summer.end));
    const OffsetSpan winter = zone.span(at("2025-12-31T23:59:59Z"));
    CHECK(winter.begin == summer.end);
    CHECK(format_utc(winter.end) == "2026-03-08T07:00:00.000Z");
}

TEST_CASE("a reading that the clocks skipped or showed twice is said to be so") {
    const Zone zone = parsed(new_york_by_rule());
    const LocalReading skipped = zone.read(wall("2025-03-09T02:30:00Z"));
    CHECK(skipped.kind == LocalReading::Kind::nonexistent);
    CHECK(format_utc(skipped.earliest) == "2025-03-09T07:00:00.000Z");
    const LocalReading twice = zone.read(wall("2025-11-02T01:30:00Z"));
    CHECK(twice.kind == LocalReading::Kind::ambiguous);
    CHECK(format_utc(twice.earliest) == "2025-11-02T05:30:00.000Z");
    CHECK(format_utc(twice.latest) == "2025-11-02T06:30:00.000Z");
    const LocalReading plain = zone.read(wall("2025-11-02T02:00:00Z"));
    CHECK(plain.kind == LocalReading::Kind::unique);
    CHECK(format_utc(plain.earliest) == "2025-11-02T07:00:00.000Z");
    CHECK(zone.read(wall("2025-03-09T01:59:59Z")).kind == LocalReading::Kind::unique);
    CHECK(zone.read(wall("2025-03-09T03:00:00Z")).kind == LocalReading::Kind::unique);
}

TEST_CASE("listed transitions rule before the closing rule does") {
    const std::int64_t change = unix_nanos(at("2030-01-01T00:00:00Z")) / 1'000'000'000;
    const Zone zone = parsed(tzif({{change, 1}}, {{3600, false}, {19800, false}}, "IST-5:30"));
    CHECK(zone.span(at("1990-01-01T00:00:00Z")).offset == hours(1));
    CHECK(zone.span(at("2029-12-31T23:59:59Z")).offset == hours(1));
    CHECK(zone.span(at("2030-01-01T00:00:00Z")).offset == hours(5) + minutes(30));
    CHECK(zone.span(at("2100-01-01T00:00:00Z")).offset == hours(5) + minutes(30));
}

TEST_CASE("the forms of the closing rule are understood") {
    // The southern hemisphere: summer spans the new year.
    const Zone sydney = parsed(tzif({}, {{36000, false}}, "AEST-10AEDT,M10.1.0,M4.1.0/3"));
    CHECK(sydney.span(at("2026-01-15T00:00:00Z")).offset == hours(11));
    CHECK(sydney.span(at("2026-07-15T00:00:00Z")).offset == hours(10));
    CHECK(format_utc(sydney.span(at("2026-07-15T00:00:00Z")).begin) == "2026-04-04T16:00:00.000Z");
    // The last Sunday of a month, names in brackets, an offset of half an hour, a given summer one.
    const Zone howe = parsed(tzif({}, {{37800, false}}, "<+1030>-10:30<+11>-11,M10.1.0,M4.1.0"));
    CHECK(howe.span(at("2026-01-15T00:00:00Z")).offset == hours(11));
    // Ireland: winter is the exception.
    const Zone dublin = parsed(tzif({}, {{3600, false}}, "IST-1GMT0,M10.5.0,M3.5.0/1"));
    CHECK(dublin.span(at("2026-01-15T00:00:00Z")).offset == hours(0));
    CHECK(dublin.span(at("2026-07-15T00:00:00Z")).offset == hours(1));
    // Days of the year: J60 is 1 March in every year, 59 counts 29 February.
    const Zone julian = parsed(tzif({}, {{0, false}}, "AAA0BBB,J60/0,J300/0"));
    CHECK(format_utc(julian.span(at("2024-06-01T00:00:00Z")).begin) == "2024-03-01T00:00:00.000Z");
    CHECK(format_utc(julian.span(at("2025-06-01T00:00:00Z")).begin) == "2025-03-01T00:00:00.000Z");
    const Zone counted = parsed(tzif({}, {{0, false}}, "AAA0BBB,59/0,299/0"));
    CHECK(format_utc(counted.span(at("2024-06-01T00:00:00Z")).begin) == "2024-02-29T00:00:00.000Z");
    CHECK(format_utc(counted.span(at("2025-06-01T00:00:00Z")).begin) == "2025-03-01T00:00:00.000Z");
    // A change beyond the end of its day, as Greenland has it.
    const Zone nuuk = parsed(tzif({}, {{-7200, false}}, "<-02>2<-01>,M3.5.0/-1,M10.5.0/0"));
    CHECK(format_utc(nuuk.span(at("2026-06-01T00:00:00Z")).begin) == "2026-03-29T01:00:00.000Z");
    // Without a rule the last listed offset holds.
    const Zone silent = parsed(tzif({{0, 1}}, {{0, false}, {7200, false}}, ""));
    CHECK(silent.span(at("2100-01-01T00:00:00Z")).offset == hours(2));
}

TEST_CASE("a damaged zone file is refused, whatever is wrong with it") {
    const std::string whole = new_york_by_rule();
    for (std::size_t length = 0; length < whole.size(); ++length)
        CHECK_FALSE(Zone::parse("Test/Zone", whole.substr(0, length)).has_value());
    for (const char* footer : {"EST", "EST5EDT", "EST5EDT,M3.2.0", "EST5EDT,M13.2.0,M11.1.0",
                               "EST5EDT,M3.6.0,M11.1.0", "EST5EDT,M3.2.7,M11.1.0", "5", "EST5x",
                               "EST5EDT,M3.2.0,M11.1.0x", "EST5EDT,J0,J9", "EST999"}) {
        CAPTURE(footer);
        const auto zone = Zone::parse("Test/Zone", tzif({}, {{0, false}}, footer));
        REQUIRE_FALSE(zone.has_value());
        CHECK(zone.error().code() == Errc::corrupt);
    }
    CHECK_FALSE(Zone::parse("Z", tzif({{5, 0}, {5, 0}}, {{0, false}}, "")).has_value());
    CHECK_FALSE(Zone::parse("Z", tzif({{5, 3}}, {{0, false}}, "")).has_value());
    CHECK_FALSE(Zone::parse("Z", tzif({}, {{400'000, false}}, "")).has_value());
}

TEST_CASE("a zone is found by its name and nothing outside its folder is read") {
    const test::TemporaryDirectory folder;
    test::write_text(folder.file("Here"), new_york_by_rule());
    CHECK(Zone::load("Here", folder.path()).has_value());
    CHECK(Zone::load("Here", folder.path())->name() == "Here");
    for (const char* name : {"", "There", "/etc/passwd", "../Here", "a/../Here", "He re", "."}) {
        CAPTURE(name);
        const auto zone = Zone::load(name, folder.path());
        REQUIRE_FALSE(zone.has_value());
        CHECK(zone.error().code() == Errc::not_found);
    }
}

TEST_CASE("UTC needs no file") {
    const auto zone = Zone::load("UTC", "/nowhere");
    REQUIRE(zone.has_value());
    CHECK(zone->span(at("2026-11-20T00:00:00Z")).offset == seconds(0));
    CHECK(zone->read(wall("2026-11-20T12:00:00Z")).earliest == at("2026-11-20T12:00:00Z"));
}

TEST_CASE("the system's zones are there and their version is known") {
    for (const char* name :
         {"America/New_York", "America/Chicago", "Asia/Kolkata", "Europe/London"}) {
        CAPTURE(name);
        CHECK(Zone::load(name).has_value());
    }
    const std::string version = tzdata_version();
    CHECK(version.size() >= 5);
    CHECK(version.substr(0, 2) == "20");
    const test::TemporaryDirectory folder;
    CHECK(tzdata_version(folder.path()) == "unknown");
    test::write_text(folder.file("tzdata.zi"), "# version 2031x\n# more");
    CHECK(tzdata_version(folder.path()) == "2031x");
    test::write_text(folder.file("tzdata.zi"), "R a 1 2 3\n");
    CHECK(tzdata_version(folder.path()) == "unknown");
}

}  // namespace
}  // namespace bullpen::time
