#include "common/base/clock.hpp"

#include <doctest/doctest.h>

#include "common/base/errc.hpp"

namespace bullpen {
namespace {

using namespace std::chrono_literals;

TEST_CASE("a time is written as UTC with milliseconds, or nanoseconds where order matters") {
    const auto time = utc_from_nanos(1'795'216'445'123'456'789);
    CHECK(format_utc(time) == "2026-11-20T23:14:05.123Z");
    CHECK(format_utc_nanos(time) == "2026-11-20T23:14:05.123456789Z");
    CHECK(format_utc(utc_from_nanos(0)) == "1970-01-01T00:00:00.000Z");
    CHECK(format_utc(utc_from_nanos(-1)) == "1969-12-31T23:59:59.999Z");
}

TEST_CASE("a time is read with any number of digits up to nine") {
    const auto base = utc_from_nanos(1'795'216'445'000'000'000);
    CHECK(parse_utc("2026-11-20T23:14:05Z").value() == base);
    CHECK(parse_utc("2026-11-20T23:14:05.1Z").value() == base + 100ms);
    CHECK(parse_utc("2026-11-20T23:14:05.123456789Z").value() == base + 123'456'789ns);
    CHECK(parse_utc("2024-02-29T00:00:00Z").has_value());
}

TEST_CASE("what is no UTC time is refused, naming the text") {
    for (const char* bad :
         {"", "2026-11-20", "2026-11-20T23:14:05", "2026-11-20T23:14:05+01:00",
          "2026-11-20 23:14:05Z", "2026-13-20T23:14:05Z", "2026-02-29T23:14:05Z",
          "2026-11-20T24:14:05Z", "2026-11-20T23:60:05Z", "2026-11-20T23:14:60Z",
          "2026-11-20T23:14:05.Z", "2026-11-20T23:14:05.1234567890Z", "2026-11-20T23:14:05Zx",
          "9999-11-20T23:14:05Z", "1969-12-31T23:59:59Z"}) {
        const auto time = parse_utc(bad);
        CHECK_MESSAGE(!time.has_value(), bad);
        if (!time)
            CHECK(time.error().code() == make_error_code(Errc::invalid));
    }
    CHECK(parse_utc("nonsense").error().message().find("nonsense") != std::string::npos);
}

TEST_CASE("the system's clocks go forward") {
    const SystemClock clock;
    const Instant first = clock.now();
    const Instant second = clock.now();
    CHECK(second.mono >= first.mono);
    CHECK(first.utc > *parse_utc("2024-01-01T00:00:00Z"));
}

TEST_CASE("a fake clock moves only when told, both hands together unless one is set") {
    FakeClock clock;
    const Instant start = clock.now();
    CHECK(clock.mono() == start.mono);
    clock.advance(90s);
    CHECK(clock.utc() - start.utc == 90s);
    CHECK(clock.mono() - start.mono == 90s);
    clock.set_utc(start.utc);
    CHECK(clock.mono() - start.mono == 90s);
    CHECK(clock.utc() == start.utc);
}

}  // namespace
}  // namespace bullpen
