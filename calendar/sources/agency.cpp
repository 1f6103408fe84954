#include "calendar/sources/agency.hpp"

#include <algorithm>
#include <array>
#include <set>
#include <utility>

#include "calendar/sources/reference.hpp"
#include "calendar/text.hpp"
#include "common/events/series.hpp"

namespace bullpen::calendar {

namespace {

constexpr std::size_t k_slug_max = 40;
// Of a series that comes out once a month or more seldom: half a century of it.
constexpr std::size_t k_releases_max = 600;
// Days behind its fellows' usual day of the month after which a release is about the month before.
constexpr unsigned k_late = 10;
constexpr unsigned k_late_counted_back = 5;
constexpr std::string_view k_uncertain = "reference_uncertain";

struct Named {
    std::string series;
    std::string period;
};

// The slot of a GDP estimate or of a quarter's two releases is a month, as with a monthly series.
Named named(const AgencySeries& series, int month) {
    constexpr std::array<std::string_view, 3> k_estimates{".adv", ".second", ".third"};
    constexpr std::array<std::string_view, 3> k_turns{"", "", "-revised"};
    const std::string prefix(series.prefix);
    const auto turn = static_cast<std::size_t>(month % 3);
    switch (series.rhythm) {
        case Rhythm::monthly:
        case Rhythm::loose: return {prefix, month_text(month)};
        case Rhythm::quarterly: return {prefix, quarter_before(month)};
        case Rhythm::twice_quarter:
            return {prefix, quarter_before(month) + std::string(k_turns.at(turn))};
        case Rhythm::gdp:
            return {prefix + std::string(k_estimates.at(turn)), quarter_before(month)};
    }
    return {prefix, month_text(month)};
}

Row row_of(const AgencySeries& series, const Release& release, Named name) {
    Row row;
    row.series = std::move(name.series);
    row.period = std::move(name.period);
    row.day = release.day;
    row.time = release.time;
    row.status = release.status;
    row.raw = release.raw;
    row.zone = "America/New_York";
    row.country = "US";
    row.currency = "USD";
    // What Bullpen knows of the series comes before what the agency's table says.
    if (events::find_series(row.series) == nullptr) {
        row.importance = series.importance;
        row.title = series.name;
    }
    return row;
}

// Named after the month of the release, and after the day where a month has several.
void add_loose(Collector& collector, const AgencySeries& series,
               const std::vector<Release>& releases) {
    std::set<std::string> periods;
    for (const Release& release : releases) {
        Named name{std::string(series.prefix), month_text(month_index(release.day))};
        if (!periods.insert(name.period).second)
            name.period = events::format_day(release.day);
        if (name.period.size() == 10 && !periods.insert(name.period).second && release.time)
            name.period += "-" + std::to_string(release.time->count());
        collector.add(row_of(series, release, std::move(name)));
    }
}

}  // namespace

std::vector<events::Day> days_of(const std::vector<Release>& releases) {
    std::vector<events::Day> days;
    days.reserve(releases.size());
    for (const Release& release : releases)
        days.push_back(release.day);
    return days;
}

void add_series(Collector& collector, std::span<const AgencySeries> table, std::string_view prefix,
                std::string_view name, std::vector<Release> releases) {
    std::sort(releases.begin(), releases.end());
    releases.erase(std::unique(releases.begin(), releases.end()), releases.end());
    const auto found = std::find_if(table.begin(), table.end(),
                                    [&](const AgencySeries& one) { return one.name == name; });
    const std::string own = std::string(prefix) + slug(name, k_slug_max);
    const AgencySeries series =
        found != table.end() ? *found : AgencySeries{name, own, Rhythm::loose, 0, 0, 1};
    if (series.rhythm == Rhythm::loose)
        return add_loose(collector, series, releases);
    if (releases.size() > k_releases_max)
        return collector.refuse("'" + std::string(name) + "' is there " +
                                std::to_string(releases.size()) + " times");
    std::vector<events::Day> days;
    days.reserve(releases.size());
    for (const Release& release : releases)
        days.push_back(release.day - std::chrono::days(series.lag_days));
    std::vector<Reference> references;
    if (series.rhythm == Rhythm::monthly || series.rhythm == Rhythm::gdp) {
        // Days that were counted back from the end of a month have less room behind them in it.
        references = reference_months(days, series.rhythm == Rhythm::monthly ? series.lag : 0,
                                      series.lag_days > 0 ? k_late_counted_back : k_late);
    } else {
        for (const events::Day day : days)
            references.push_back({month_index(day), false});
    }
    std::set<std::string> ids;
    for (std::size_t i = 0; i < releases.size(); ++i) {
        Named name_of = named(series, references[i].month);
        // Two releases in one quarter, because one of them was late: the day tells them apart.
        if (!ids.insert(events::event_id(name_of.series, name_of.period)).second)
            name_of.period = events::format_day(releases[i].day);
        Row row = row_of(series, releases[i], std::move(name_of));
        if (references[i].uncertain) {
            row.tags.emplace_back(k_uncertain);
            collector.note("what period '" + std::string(name) + "' of " +
                           events::format_day(releases[i].day) +
                           " is about is not certain: releases before it are missing or late");
        }
        collector.add(std::move(row));
    }
}

}  // namespace bullpen::calendar
