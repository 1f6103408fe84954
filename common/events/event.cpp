#include "common/events/event.hpp"

#include <array>
#include <cstdio>
#include <tuple>
#include <utility>

#include "common/base/errc.hpp"

namespace bullpen::events {

namespace {

using std::chrono::days;
using std::chrono::floor;
using std::chrono::minutes;

constexpr std::array k_precisions{std::pair{Precision::exact, std::string_view("exact")},
                                  std::pair{Precision::date, std::string_view("date")},
                                  std::pair{Precision::tentative, std::string_view("tentative")}};
constexpr std::array k_statuses{std::pair{Status::estimated, std::string_view("estimated")},
                                std::pair{Status::published, std::string_view("published")},
                                std::pair{Status::confirmed, std::string_view("confirmed")},
                                std::pair{Status::moved, std::string_view("moved")},
                                std::pair{Status::unconfirmed, std::string_view("unconfirmed")},
                                std::pair{Status::cancelled, std::string_view("cancelled")},
                                std::pair{Status::released, std::string_view("released")}};

template <class Table, class Key>
std::string_view word_of(const Table& table, Key key) {
    for (const auto& [value, word] : table) {
        if (value == key)
            return word;
    }
    return "?";
}

template <class Value, class Table>
std::optional<Value> value_of(const Table& table, std::string_view wanted) {
    for (const auto& [value, word] : table) {
        if (word == wanted)
            return value;
    }
    return std::nullopt;
}

// `count` digits from `at` on; -1 when they are none.
int number(std::string_view text, std::size_t at, std::size_t count) {
    int value = 0;
    for (std::size_t i = at; i < at + count; ++i) {
        if (i >= text.size() || text[i] < '0' || text[i] > '9')
            return -1;
        value = value * 10 + (text[i] - '0');
    }
    return value;
}

UtcTime meaning(const time::Zone& zone, LocalMinute local) {
    return zone.read(time::LocalTime(local.time_since_epoch())).earliest;
}

}  // namespace

std::string_view code(Precision precision) {
    return word_of(k_precisions, precision);
}
std::string_view code(Status status) {
    return word_of(k_statuses, status);
}
std::optional<Precision> precision_from(std::string_view code) {
    return value_of<Precision>(k_precisions, code);
}
std::optional<Status> status_from(std::string_view code) {
    return value_of<Status>(k_statuses, code);
}

std::string_view Event::period() const {
    const auto colon = id.find(':');
    return colon == std::string::npos ? std::string_view() : std::string_view(id).substr(colon + 1);
}

std::string event_id(std::string_view series, std::string_view period) {
    std::string id(series);
    id += ':';
    id += period;
    return id;
}

bool before(const Event& a, const Event& b) {
    return std::tie(a.utc, a.id) < std::tie(b.utc, b.id);
}

std::vector<UtcTime> important_times(const std::vector<Event>& events, UtcTime now) {
    constexpr days k_behind(1);
    constexpr days k_ahead(40);
    std::vector<UtcTime> times;
    for (const Event& event : events) {
        if (event.importance == Event::k_importance_max && !event.cancelled() &&
            event.utc > now - k_behind && event.utc < now + k_ahead)
            times.push_back(event.utc);
    }
    return times;
}

bool resolve(Event& event, const time::Zone& zone) {
    const auto set = [](UtcTime& old, UtcTime now) { return std::exchange(old, now) != now; };
    bool changed = set(event.utc, meaning(zone, event.local));
    for (OtherTime& other : event.other_times) {
        if (other.zone == event.zone)
            changed = set(other.utc, meaning(zone, other.local)) || changed;
    }
    return changed;
}

std::string format_day(Day day) {
    const std::chrono::year_month_day date(day);
    std::array<char, 40> text{};
    const int length =
        std::snprintf(text.data(), text.size(), "%04d-%02u-%02u", static_cast<int>(date.year()),
                      static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()));
    return {text.data(), static_cast<std::size_t>(length)};
}

std::string format_local(LocalMinute local) {
    const auto day = floor<days>(local.time_since_epoch());
    const auto of_day = local.time_since_epoch() - day;
    std::array<char, 16> text{};
    const int length =
        std::snprintf(text.data(), text.size(), "T%02d:%02d", static_cast<int>(of_day.count() / 60),
                      static_cast<int>(of_day.count() % 60));
    return format_day(Day(day)) + std::string(text.data(), static_cast<std::size_t>(length));
}

std::string format_instant(UtcTime time) {
    std::string text = format_utc(time);
    if (text.ends_with(".000Z"))
        text.replace(text.size() - 5, 5, "Z");
    return text;
}

Result<Day> parse_day(std::string_view text) {
    const int year = number(text, 0, 4);
    const int month = number(text, 5, 2);
    const int day = number(text, 8, 2);
    const bool shaped = text.size() == 10 && text[4] == '-' && text[7] == '-';
    // Instants fit 64 bits of nanoseconds from 1678 to 2261 only.
    if (!shaped || year < 1970 || year > 2200 || month < 1 || day < 1)
        return fail(Errc::invalid,
                    "'" + std::string(text.substr(0, 40)) + "' is no date such as 2026-12-04");
    const auto date = std::chrono::year(year) / month / day;
    if (!date.ok())
        return fail(Errc::invalid, "there is no " + std::string(text));
    return Day(date);
}

Result<LocalMinute> parse_local(std::string_view text) {
    BULLPEN_TRY(const Day day, parse_day(text.substr(0, 10)));
    const auto midnight = LocalMinute(minutes(day.time_since_epoch()));
    if (text.size() == 10)
        return midnight;
    const int hour = number(text, 11, 2);
    const int minute = number(text, 14, 2);
    const bool shaped = text.size() == 16 && text[10] == 'T' && text[13] == ':';
    if (!shaped || hour < 0 || hour > 23 || minute < 0 || minute > 59)
        return fail(Errc::invalid, "'" + std::string(text.substr(0, 40)) +
                                       "' is no time such as 2026-12-04T08:30");
    return midnight + minutes(hour * 60 + minute);
}

}  // namespace bullpen::events
