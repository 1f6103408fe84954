#include "common/feed/csv_time.hpp"

#include <doctest/doctest.h>

#include <string>

namespace bullpen::feed {
namespace {

// The instant or reading as text, with "Z" if the stamp has a zone; "-" if it is refused.
std::string read(const char* text, TimeForm form) {
    const auto stamp = parse_stamp(text, form);
    if (!stamp)
        return "-";
    return format_utc(UtcTime(std::chrono::seconds(stamp->seconds))).substr(0, 19) +
           (stamp->has_zone ? "Z" : "");
}

TEST_CASE("ISO stamps are read with Z, an offset or nothing") {
    CHECK(read("2025-04-07T03:45:00Z", TimeForm::iso) == "2025-04-07T03:45:00Z");
    CHECK(read("2025-04-07T03:45:00.000Z", TimeForm::iso) == "2025-04-07T03:45:00Z");
    CHECK(read("2025-04-07 03:45:00+05:30", TimeForm::iso) == "2025-04-06T22:15:00Z");
    CHECK(read("2025-04-07 03:45:00-0400", TimeForm::iso) == "2025-04-07T07:45:00Z");
    CHECK(read("2025-04-07 03:45:00+00", TimeForm::iso) == "2025-04-07T03:45:00Z");
    CHECK(read("2025-04-07 03:45:00 -04:00", TimeForm::iso) == "2025-04-07T07:45:00Z");
    CHECK(read("2025-04-07 03:45:00", TimeForm::iso) == "2025-04-07T03:45:00");
    CHECK(read("2025-04-07 3:45", TimeForm::iso) == "2025-04-07T03:45:00");
    CHECK(read("2025-04-07", TimeForm::iso) == "2025-04-07T00:00:00");
    CHECK(read("20250407 034500", TimeForm::iso) == "2025-04-07T03:45:00");
    CHECK(read("20250407 0345", TimeForm::iso) == "2025-04-07T03:45:00");
    CHECK(read("2025/04/07 03:45", TimeForm::iso) == "2025-04-07T03:45:00");
}

TEST_CASE("stamps that are no time of a bar are refused") {
    for (const char* text :
         {"", "2025-13-01T00:00:00Z", "2025-02-29T00:00:00Z", "2025-04-07T24:00:00Z",
          "2025-04-07T03:60:00Z", "2025-04-07T03:45:60Z", "2025-04-07T03:45:00.5Z",
          "2025-04-07T03:45:00Zjunk", "1969-12-31", "2200-01-01", "2025-04-07T", "2025-4-7",
          "04/07/2025", "1724889600", "2025-04-07T03:45:00+99:00", "nan"}) {
        CAPTURE(text);
        CHECK(read(text, TimeForm::iso) == "-");
    }
    CHECK(read("2024-02-29T00:00:00Z", TimeForm::iso) == "2024-02-29T00:00:00Z");
}

TEST_CASE("epochs are seconds or milliseconds by their size") {
    CHECK(read("1724889600", TimeForm::epoch) == "2024-08-29T00:00:00Z");
    CHECK(read("1724889600000", TimeForm::epoch) == "2024-08-29T00:00:00Z");
    CHECK(read("1724889600.0", TimeForm::epoch) == "2024-08-29T00:00:00Z");
    CHECK(read("1724889600.5", TimeForm::epoch) == "-");
    CHECK(read("1724889600500", TimeForm::epoch) == "-");
    CHECK(read("0", TimeForm::epoch) == "-");
    CHECK(read("-1724889600", TimeForm::epoch) == "-");
    CHECK(read("172488960000000", TimeForm::epoch) == "-");
    CHECK(read("99999999999999999999999999", TimeForm::epoch) == "-");
    CHECK(read("1724889600x", TimeForm::epoch) == "-");
}

TEST_CASE("slashed dates are read in the order that is stated") {
    CHECK(read("04/07/2025 03:45:00", TimeForm::us) == "2025-04-07T03:45:00");
    CHECK(read("04/07/2025 03:45:00", TimeForm::day_first) == "2025-07-04T03:45:00");
    CHECK(read("7.4.2025 3:45", TimeForm::day_first) == "2025-04-07T03:45:00");
    CHECK(read("25/12/2025", TimeForm::day_first) == "2025-12-25T00:00:00");
    CHECK(read("25/12/2025", TimeForm::us) == "-");
    CHECK(read("04/07-2025", TimeForm::us) == "-");
    CHECK(read("04/07/25", TimeForm::us) == "-");
}

TEST_CASE("a guess never decides between US and day-first where the text does not") {
    const StampGuess open = guess_stamp("04/07/2025 03:45");
    CHECK(open.slashed);
    CHECK(open.may_be_us);
    CHECK(open.may_be_day_first);
    CHECK_FALSE(open.form.has_value());
    CHECK_FALSE(guess_stamp("13/07/2025").may_be_us);
    CHECK_FALSE(guess_stamp("07/13/2025").may_be_day_first);
    CHECK(guess_stamp("2025-04-07 03:45").form == TimeForm::iso);
    CHECK(guess_stamp("1724889600").form == TimeForm::epoch);
    CHECK_FALSE(guess_stamp("13/13/2025").slashed);
    CHECK_FALSE(guess_stamp("reconnect").form.has_value());
}

std::string instant(WallClock* clock, const char* wall) {
    const auto reading = parse_stamp(wall, TimeForm::iso);
    REQUIRE(reading.has_value());
    const auto at = clock->instant(reading->seconds);
    return at ? format_utc(*at).substr(0, 19) : "-";
}

TEST_CASE(
    "readings of the hour shown twice go forward in time, those of the hour skipped are none") {
    const auto zone = time::Zone::load("America/New_York");
    REQUIRE(zone.has_value());
    WallClock clock(*zone);
    CHECK(instant(&clock, "2025-07-01 12:00") == "2025-07-01T16:00:00");
    CHECK(instant(&clock, "2025-11-02 01:30") == "2025-11-02T05:30:00");
    CHECK(instant(&clock, "2025-11-02 01:59") == "2025-11-02T05:59:00");
    CHECK(instant(&clock, "2025-11-02 01:00") == "2025-11-02T06:00:00");
    CHECK(instant(&clock, "2025-11-02 01:59") == "2025-11-02T06:59:00");
    CHECK(instant(&clock, "2025-11-02 02:00") == "2025-11-02T07:00:00");
    CHECK(instant(&clock, "2026-03-08 01:59") == "2026-03-08T06:59:00");
    CHECK(instant(&clock, "2026-03-08 02:00") == "-");
    CHECK(instant(&clock, "2026-03-08 02:59") == "-");
    CHECK(instant(&clock, "2026-03-08 03:00") == "2026-03-08T07:00:00");
}

}  // namespace
}  // namespace bullpen::feed
