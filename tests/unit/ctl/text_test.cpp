#include "ctl/text.hpp"

#include <doctest/doctest.h>

#include <utility>
#include <vector>

using namespace bullpen;
using namespace bullpen::ctl;
using namespace std::chrono_literals;

TEST_CASE("durations show their two most significant units") {
    const std::vector<std::pair<Nanos, std::string>> table = {
        {-5s, "0s"},           {0s, "0s"},
        {59s, "59s"},          {60s, "1m00s"},
        {243s, "4m03s"},       {3599s, "59m59s"},
        {3600s, "1h00m"},      {8100s, "2h15m"},
        {24h, "1d00h"},        {76h + 59min, "3d04h"},
        {24h * 400, "400d00h"}};
    for (const auto& [duration, text] : table)
        CHECK(duration_text(duration) == text);
}

TEST_CASE("ages show tenths only while tenths matter") {
    const std::vector<std::pair<Nanos, std::string>> table = {{-1s, "0.0s"},   {49ms, "0.0s"},
                                                              {450ms, "0.4s"}, {9999ms, "9.9s"},
                                                              {10s, "10s"},    {90s, "1m30s"}};
    for (const auto& [age, text] : table)
        CHECK(age_text(age) == text);
}

TEST_CASE("sizes are powers of 1024 with a tenth below ten") {
    const std::vector<std::pair<std::uint64_t, std::string>> table = {
        {0, "0B"},           {1023, "1023B"},      {1024, "1.0K"},
        {1536, "1.5K"},      {10 * 1024, "10K"},   {1024 * 1024, "1.0M"},
        {3'670'016, "3.5M"}, {5ULL << 30, "5.0G"}, {~0ULL, "15E"}};
    for (const auto& [bytes, text] : table)
        CHECK(bytes_text(bytes) == text);
}

TEST_CASE("a duration is read with and without its unit") {
    const std::vector<std::pair<std::string, Nanos>> table = {
        {"30", 30s},     {"30s", 30s}, {"1.5 s", 1500ms}, {"500ms", 500ms},
        {"5 min", 5min}, {"2m", 2min}, {"2h", 2h},        {"0", 0s}};
    for (const auto& line : table) {
        const auto parsed = parse_duration(line.first);
        REQUIRE_MESSAGE(parsed, line.first);
        CHECK(*parsed == line.second);
    }
    for (const auto* text : {"", "s", "-1s", "5 days", "1e99s", "nan", "3 0s"})
        CHECK_MESSAGE(!parse_duration(text), text);
}

TEST_CASE("a count is a whole number within its limit") {
    CHECK(parse_count("0", 10).value() == 0);
    CHECK(parse_count("10", 10).value() == 10);
    for (const auto* text : {"", "11", "-1", "1.5", "1x", "18446744073709551616"})
        CHECK_MESSAGE(!parse_count(text, 10), text);
}

TEST_CASE("text from elsewhere cannot steer the terminal") {
    CHECK(printable("plain") == "plain");
    CHECK(printable("\x1b[2Jgone") == "?[2Jgone");
    CHECK(printable("a\nb\tc\rd") == "a b c d");
    CHECK(printable("bell\a\x7f") == "bell??");
    CHECK(printable("\xc2\x9b"
                    "31m") == "?31m");  // CSI as one code point
    CHECK(printable("M\xc3\xbcnchen") == "M\xc3\xbcnchen");
    CHECK(printable("cut\xc3") == "cut?");
    CHECK(printable("\xed\xa0\x80") == "???");  // half of a surrogate pair
    CHECK(printable("\xc0\xaf") == "??");       // a slash in too many bytes
}

TEST_CASE("a time from the wire reads as a date and a time of day") {
    CHECK(spaced_utc("2026-11-20T23:14:05.123Z") == "2026-11-20 23:14:05.123Z");
    CHECK(spaced_utc("T") == "T");
    CHECK(spaced_utc("").empty());
}

TEST_CASE("text is shortened at characters and says that it was") {
    CHECK(shortened("short", 10) == "short");
    CHECK(shortened("exactly10!", 10) == "exactly10!");
    CHECK(shortened("more than ten", 10) == "more tha..");
    CHECK(shortened("\xc3\xa4\xc3\xb6\xc3\xbc\xc3\xa4\xc3\xb6\xc3\xbc", 5) ==
          "\xc3\xa4\xc3\xb6\xc3\xbc..");
    CHECK(shortened("abc", 2) == "ab");
    CHECK(display_width("\xc3\xa4\xc3\xb6x") == 3);
}

TEST_CASE("the edit distance counts insertions, deletions and changes") {
    CHECK(edit_distance("", "abc") == 3);
    CHECK(edit_distance("status", "status") == 0);
    CHECK(edit_distance("statsu", "status") == 2);
    CHECK(edit_distance("kitten", "sitting") == 3);
}
