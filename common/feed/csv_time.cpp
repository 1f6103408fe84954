#include "common/feed/csv_time.hpp"

#include <algorithm>

namespace bullpen::feed {

namespace {

// Greater numbers are milliseconds: as seconds they would be the year 5138.
constexpr std::int64_t k_epoch_seconds_max = 100'000'000'000;
constexpr int k_year_min = 1970;
constexpr int k_year_max = 2200;
constexpr std::int64_t k_instant_max = 7'258'118'400;  // 2200-01-01
constexpr int k_seconds_a_day = 86400;

bool digit(char c) {
    return c >= '0' && c <= '9';
}

// Reads a stamp from left to right.
class Scanner {
  public:
    explicit Scanner(std::string_view text) : text_(text) {}
    [[nodiscard]] bool done() const { return at_ == text_.size(); }
    [[nodiscard]] char peek() const { return done() ? '\0' : text_[at_]; }
    bool literal(char c) {
        if (peek() != c || done())
            return false;
        ++at_;
        return true;
    }
    bool any_of(std::string_view set) {
        if (done() || set.find(text_[at_]) == std::string_view::npos)
            return false;
        ++at_;
        return true;
    }
    std::optional<int> number(int digits_min, int digits_max) {
        int value = 0;
        int digits = 0;
        for (; digits < digits_max && !done() && digit(text_[at_]); ++at_, ++digits)
            value = value * 10 + (text_[at_] - '0');
        if (digits < digits_min)
            return std::nullopt;
        return value;
    }

  private:
    std::string_view text_;
    std::size_t at_ = 0;
};

std::optional<std::int64_t> day_number(int year, int month, int day) {
    const std::chrono::year_month_day date{std::chrono::year(year),
                                           std::chrono::month(static_cast<unsigned>(month)),
                                           std::chrono::day(static_cast<unsigned>(day))};
    if (!date.ok() || year < k_year_min || year >= k_year_max)
        return std::nullopt;
    return std::chrono::sys_days(date).time_since_epoch().count();
}

// "", " 03:45", "T03:45:00", " 034500", with a fraction of zeros only.
std::optional<int> time_of_day(Scanner* scan) {
    if (scan->done())
        return 0;
    if (!scan->any_of("T "))
        return std::nullopt;
    const auto hour = scan->number(1, 2);
    const bool colon = scan->literal(':');
    const auto minute = scan->number(2, 2);
    if (!hour || !minute)
        return std::nullopt;
    int second = 0;
    if (colon ? scan->literal(':') : digit(scan->peek())) {
        const auto read = scan->number(2, 2);
        if (!read)
            return std::nullopt;
        second = *read;
        if (scan->literal('.') || scan->literal(',')) {
            const auto fraction = scan->number(1, 9);
            if (!fraction || *fraction != 0)
                return std::nullopt;
        }
    }
    if (*hour > 23 || *minute > 59 || second > 59)
        return std::nullopt;
    return (*hour * 60 + *minute) * 60 + second;
}

// "Z", "+05:30", "-0400", "+00", or nothing.
bool zone_suffix(Scanner* scan, Stamp* stamp) {
    scan->literal(' ');
    if (scan->literal('Z')) {
        stamp->has_zone = true;
    } else if (scan->peek() == '+' || scan->peek() == '-') {
        const bool west = scan->literal('-');
        if (!west)
            scan->literal('+');
        const auto hours = scan->number(2, 2);
        const bool colon = scan->literal(':');
        const bool more = colon || !scan->done();
        const auto minutes = more ? scan->number(2, 2) : std::optional<int>(0);
        if (!hours || !minutes || *hours > 15 || *minutes > 59)
            return false;
        const int offset = (*hours * 60 + *minutes) * 60;
        stamp->seconds += west ? offset : -offset;
        stamp->has_zone = true;
    }
    return scan->done();
}

std::optional<Stamp> parse_epoch(std::string_view text) {
    Scanner scan(text);
    std::int64_t value = 0;
    int digits = 0;
    for (; digit(scan.peek()) && digits <= 13; ++digits)
        value = value * 10 + *scan.number(1, 1);
    if (scan.literal('.')) {
        while (scan.literal('0')) {
        }
    }
    if (digits < 9 || digits > 13 || !scan.done())
        return std::nullopt;
    if (value >= k_epoch_seconds_max) {
        if (value % 1000 != 0)
            return std::nullopt;
        value /= 1000;
    }
    if (value >= k_instant_max)
        return std::nullopt;
    return Stamp{value, true};
}

std::optional<Stamp> parse_iso(std::string_view text) {
    Scanner scan(text);
    const auto year = scan.number(4, 4);
    const bool dashes = scan.any_of("-/");
    const auto month = scan.number(2, 2);
    if (dashes && !scan.any_of("-/"))
        return std::nullopt;
    const auto day = scan.number(2, 2);
    if (!year || !month || !day)
        return std::nullopt;
    const auto date = day_number(*year, *month, *day);
    const auto clock = time_of_day(&scan);
    if (!date || !clock)
        return std::nullopt;
    Stamp stamp{*date * k_seconds_a_day + *clock, false};
    if (!zone_suffix(&scan, &stamp))
        return std::nullopt;
    return stamp;
}

struct SlashedDate {
    int first;
    int second;
    int year;
};

std::optional<SlashedDate> slashed_date(Scanner* scan) {
    const auto first = scan->number(1, 2);
    const char separator = scan->peek();
    if (!first || !scan->any_of("/.-"))
        return std::nullopt;
    const auto second = scan->number(1, 2);
    if (!second || !scan->literal(separator))
        return std::nullopt;
    const auto year = scan->number(4, 4);
    if (!year)
        return std::nullopt;
    return SlashedDate{*first, *second, *year};
}

std::optional<Stamp> parse_slashed(std::string_view text, bool day_first) {
    Scanner scan(text);
    const auto date = slashed_date(&scan);
    if (!date)
        return std::nullopt;
    const auto day = day_first ? day_number(date->year, date->second, date->first)
                               : day_number(date->year, date->first, date->second);
    const auto clock = time_of_day(&scan);
    if (!day || !clock)
        return std::nullopt;
    Stamp stamp{*day * k_seconds_a_day + *clock, false};
    if (!zone_suffix(&scan, &stamp))
        return std::nullopt;
    return stamp;
}

}  // namespace

std::optional<Stamp> parse_stamp(std::string_view text, TimeForm form) {
    switch (form) {
        case TimeForm::epoch: return parse_epoch(text);
        case TimeForm::iso: return parse_iso(text);
        case TimeForm::us: return parse_slashed(text, false);
        case TimeForm::day_first: return parse_slashed(text, true);
    }
    return std::nullopt;
}

StampGuess guess_stamp(std::string_view text) {
    StampGuess guess;
    if (parse_iso(text)) {
        guess.form = TimeForm::iso;
    } else if (parse_epoch(text)) {
        guess.form = TimeForm::epoch;
    } else {
        guess.may_be_us = parse_slashed(text, false).has_value();
        guess.may_be_day_first = parse_slashed(text, true).has_value();
        guess.slashed = guess.may_be_us || guess.may_be_day_first;
    }
    return guess;
}

std::optional<UtcTime> WallClock::instant(std::int64_t wall_seconds) {
    using std::chrono::hours;
    using std::chrono::seconds;
    const auto wall = UtcTime(seconds(wall_seconds));
    // Far from a change of the clocks the offset of the last row holds.
    const UtcTime quick = wall - span_.offset;
    constexpr hours k_margin{48};
    if (span_.begin < quick - k_margin && quick + k_margin < span_.end) {
        last_ = quick;
        return quick;
    }
    const time::LocalReading reading = zone_.read(time::LocalTime(seconds(wall_seconds)));
    if (reading.kind == time::LocalReading::Kind::nonexistent)
        return std::nullopt;
    const UtcTime at =
        reading.kind == time::LocalReading::Kind::ambiguous && reading.earliest <= last_
            ? reading.latest
            : reading.earliest;
    span_ = zone_.span(at);
    last_ = at;
    return at;
}

}  // namespace bullpen::feed
