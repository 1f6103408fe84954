#include "common/base/clock.hpp"

#include <array>
#include <cstdio>
#include <ctime>

#include "common/base/assert.hpp"
#include "common/base/errc.hpp"

namespace bullpen {

namespace {

Nanos read(clockid_t id) {
    timespec spec{};
    const int failed = ::clock_gettime(id, &spec);
    BULLPEN_ASSERT(failed == 0, "the kernel has this clock");
    return std::chrono::seconds(spec.tv_sec) + Nanos(spec.tv_nsec);
}

std::string format(UtcTime time, int fraction_digits) {
    using std::chrono::days;
    const auto day = std::chrono::floor<days>(time);
    const std::chrono::year_month_day date(day);
    const std::chrono::hh_mm_ss clock(std::chrono::floor<Nanos>(time - day));
    std::array<char, 48> text{};
    const auto fraction = clock.subseconds().count();
    const int length = std::snprintf(
        text.data(), text.size(), "%04d-%02u-%02uT%02d:%02d:%02d.%0*lldZ",
        static_cast<int>(date.year()), static_cast<unsigned>(date.month()),
        static_cast<unsigned>(date.day()), static_cast<int>(clock.hours().count()),
        static_cast<int>(clock.minutes().count()), static_cast<int>(clock.seconds().count()),
        fraction_digits,
        static_cast<long long>(fraction_digits == 3 ? fraction / 1'000'000 : fraction));
    return {text.data(), static_cast<std::size_t>(length)};
}

// Reads exactly `count` digits at `*position`; false when there are not that many.
bool digits(std::string_view text, std::size_t* position, int count, int* value) {
    *value = 0;
    for (int i = 0; i < count; ++i, ++*position) {
        if (*position >= text.size())
            return false;
        const char c = text[*position];
        if (c < '0' || c > '9')
            return false;
        *value = *value * 10 + (c - '0');
    }
    return true;
}

bool literal(std::string_view text, std::size_t* position, char expected) {
    if (*position >= text.size() || text[*position] != expected)
        return false;
    ++*position;
    return true;
}

}  // namespace

UtcTime SystemClock::utc() const {
    return UtcTime(read(CLOCK_REALTIME));
}

MonoTime SystemClock::mono() const {
    return MonoTime(read(CLOCK_BOOTTIME));
}

FakeClock::FakeClock()
    : utc_(std::chrono::sys_days(std::chrono::year(2026) / 1 / 5)), mono_(std::chrono::hours(1)) {}

std::string format_utc(UtcTime time) {
    return format(time, 3);
}

std::string format_utc_nanos(UtcTime time) {
    return format(time, 9);
}

Result<UtcTime> parse_utc(std::string_view text) {
    std::size_t at = 0;
    int year = 0;
    int month = 0;
    int day = 0;
    int hour = 0;
    int minute = 0;
    int second = 0;
    const auto bad = [&] {
        return fail(Errc::invalid, "time '" + std::string(text.substr(0, 40)) +
                                       "' is not of the form 2026-11-20T23:14:05.123Z");
    };
    if (!digits(text, &at, 4, &year) || !literal(text, &at, '-') || !digits(text, &at, 2, &month) ||
        !literal(text, &at, '-') || !digits(text, &at, 2, &day) || !literal(text, &at, 'T') ||
        !digits(text, &at, 2, &hour) || !literal(text, &at, ':') ||
        !digits(text, &at, 2, &minute) || !literal(text, &at, ':') ||
        !digits(text, &at, 2, &second)) {
        return bad();
    }
    std::int64_t nanos = 0;
    if (at < text.size() && text[at] == '.') {
        ++at;
        int count = 0;
        for (; at < text.size() && text[at] >= '0' && text[at] <= '9' && count < 9; ++at, ++count) {
            nanos = nanos * 10 + (text[at] - '0');
        }
        if (count == 0)
            return bad();
        for (; count < 9; ++count)
            nanos *= 10;
    }
    if (!literal(text, &at, 'Z') || at != text.size())
        return bad();
    const auto date = std::chrono::year(year) / month / day;
    if (!date.ok() || hour > 23 || minute > 59 || second > 59)
        return bad();
    // Nanoseconds since 1970 fit 64 bits from 1678 to 2261 only.
    if (year < 1970 || year > 2200)
        return bad();
    return UtcTime(std::chrono::sys_days(date)) + std::chrono::hours(hour) +
           std::chrono::minutes(minute) + std::chrono::seconds(second) + Nanos(nanos);
}

}  // namespace bullpen
