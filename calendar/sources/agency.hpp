// What the statistical agencies' sources share: named series with a rhythm, and from the days of
// their releases the ids of their events.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "calendar/collector.hpp"

namespace bullpen::calendar {

enum class Rhythm : std::uint8_t {
    monthly,        // about the month in which the day `lag_days` before lies, `lag` months earlier
    quarterly,      // about the quarter before
    twice_quarter,  // the same, first estimate in the quarter's second month, then a revision
    gdp,            // about the quarter before, three estimates in its three months
    loose,          // named after the month of the release
};

struct AgencySeries {
    std::string_view name;    // as the agency writes it
    std::string_view prefix;  // "us.bls.cpi"; of gdp "us.bea.gdp", the estimate is put behind it
    Rhythm rhythm;
    int lag;         // of monthly
    int lag_days;    // of monthly
    int importance;  // where common/events/series.hpp does not know it
};

// So long at most a series waits between two of its releases, but for a shutdown.
constexpr std::chrono::days wait_max(Rhythm rhythm) {
    return std::chrono::days(rhythm == Rhythm::quarterly       ? 135
                             : rhythm == Rhythm::twice_quarter ? 75
                                                               : 45);
}

struct Release {
    events::Day day{};
    std::optional<std::chrono::minutes> time;
    events::Status status = events::Status::published;
    std::string raw;
    friend auto operator<=>(const Release& a, const Release& b) {
        return std::tie(a.day, a.time, a.status) <=> std::tie(b.day, b.time, b.status);
    }
    friend bool operator==(const Release& a, const Release& b) {
        return (a <=> b) == std::strong_ordering::equal;
    }
};

// Releases by the agency's own name of their series. The same release twice counts once.
using Releases = std::map<std::string, std::vector<Release>, std::less<>>;

std::vector<events::Day> days_of(const std::vector<Release>& releases);

// Adds the events of one series, in the order of their releases; `prefix` is "us.bls." for series
// that are not in `table`.
void add_series(Collector& collector, std::span<const AgencySeries> table, std::string_view prefix,
                std::string_view name, std::vector<Release> releases);

}  // namespace bullpen::calendar
