#include "common/config/units.hpp"

#include <doctest/doctest.h>

#include <chrono>
#include <string>
#include <vector>

using namespace bullpen;
using namespace bullpen::config;
using namespace std::chrono_literals;

TEST_CASE("durations are read with every unit, with and without a blank") {
    struct Row {
        const char* text;
        Nanos wanted;
    };
    const std::vector<Row> rows = {{"5 s", 5s},   {"5s", 5s},     {"250 ms", 250ms},
                                   {"7 us", 7us}, {"9 ns", 9ns},  {"10 min", 10min},
                                   {"1 h", 1h},   {"2 d", 48h},   {"0", 0s},
                                   {"0 s", 0s},   {"0090 s", 90s}};
    for (const Row& row : rows) {
        CAPTURE(row.text);
        const auto read = parse_duration(row.text);
        REQUIRE(read.has_value());
        CHECK(*read == row.wanted);
    }
}

TEST_CASE("what is no duration is refused with the text and the form that is wanted") {
    for (const char* text :
         {"", "5", "s", "-5 s", "1.5 s", "5 m", "5 S", "5  s", "5 s ", " 5 s", "5 sec", "five s",
          "9223372036854775807 d", "99999999999999999999 s"}) {
        CAPTURE(text);
        const auto read = parse_duration(text);
        REQUIRE_FALSE(read.has_value());
        CHECK(read.error().context().find(std::string("'") + text) == 0);
    }
    CHECK(parse_duration("5 m").error().context().find("as in 5 s") != std::string::npos);
    const std::string endless(5000, 'x');
    CHECK(parse_duration(endless).error().context().size() < 200);
}

TEST_CASE("a duration is written in the greatest unit that takes it whole") {
    CHECK(format_duration(0s) == "0 s");
    CHECK(format_duration(90s) == "90 s");
    CHECK(format_duration(120s) == "2 min");
    CHECK(format_duration(1500ms) == "1500 ms");
    CHECK(format_duration(24h) == "1 d");
    CHECK(format_duration(1ns) == "1 ns");
}

TEST_CASE("sizes are counted in 1024s and nothing else") {
    CHECK(parse_size("64 MiB").value() == 64ULL << 20);
    CHECK(parse_size("1KiB").value() == 1024);
    CHECK(parse_size("3 TiB").value() == 3ULL << 40);
    CHECK(parse_size("512 B").value() == 512);
    CHECK(parse_size("0").value() == 0);
    for (const char* text : {"64", "64 MB", "64 M", "64 mib", "-1 B", "9000000 TiB", "1e3 B"}) {
        CAPTURE(text);
        CHECK_FALSE(parse_size(text).has_value());
    }
    CHECK(format_size(64ULL << 20) == "64 MiB");
    CHECK(format_size(1000) == "1000 B");
    CHECK(format_size(0) == "0 B");
}

TEST_CASE("percentages are whole") {
    CHECK(parse_percent("10 %").value() == 10);
    CHECK(parse_percent("100%").value() == 100);
    CHECK_FALSE(parse_percent("10").has_value());
    CHECK_FALSE(parse_percent("0.5 %").has_value());
    CHECK_FALSE(parse_percent("99999999999 %").has_value());
    CHECK(format_percent(10) == "10 %");
}
