#include "common/events/staleness.hpp"

#include <algorithm>
#include <array>
#include <charconv>

#include "common/events/series.hpp"

namespace bullpen::events {

namespace {

using Kind = CalendarAlarm::Kind;

struct Step {
    Nanos age;
    Rung rung;
};
constexpr std::array k_steps{Step{k_warning_age, Rung::warning}, Step{k_alarm_age, Rung::alarm},
                             Step{k_degraded_age, Rung::degraded},
                             Step{k_expired_age, Rung::expired}};

bool is_fomc(std::string_view series) {
    return series.starts_with("us.fed.fomc.");
}

std::string days_text(Nanos age) {
    return std::to_string(age / std::chrono::hours(24)) + " days";
}

// Files of the operator do not age: they say what they say until somebody changes them.
bool is_file(std::string_view source) {
    return std::any_of(k_operator_files.begin(), k_operator_files.end(),
                       [&](const OperatorFile& file) { return file.source == source; });
}

void add_source_alarms(const SourceStatus& source, UtcTime now, std::vector<CalendarAlarm>& all) {
    if (is_file(source.source) && source.failures == 0)
        return;
    const Rung rung = rung_of(source, now);
    if (rung >= Rung::alarm) {
        std::string text = "nothing was ever accepted from " + source.source;
        if (source.accepted)
            text = source.source + " was accepted last " + days_text(now - *source.accepted) +
                   " ago: " + std::string(sentence(rung));
        if (!source.error.empty())
            text += " (" + source.error + ")";
        all.push_back({Kind::source_old, source.source, std::move(text)});
    } else if (source.refused) {
        all.push_back({Kind::source_failing, source.source,
                       source.source +
                           " gives what is not believed, and what it said before "
                           "counts: " +
                           source.error});
    } else if (source.failures >= k_failures_max) {
        all.push_back({Kind::source_failing, source.source,
                       source.source + " failed " + std::to_string(k_failures_max) +
                           " times in a row or more: " + source.error});
    }
}

}  // namespace

std::string_view code(Rung rung) {
    switch (rung) {
        case Rung::fresh: return "fresh";
        case Rung::warning: return "warning";
        case Rung::alarm: return "alarm";
        case Rung::degraded: return "degraded";
        case Rung::expired: return "expired";
        case Rung::never: return "never";
    }
    return "";
}

std::string_view sentence(Rung rung) {
    switch (rung) {
        case Rung::fresh: return "it is fresh";
        case Rung::warning: return "it is older than two days";
        case Rung::alarm: return "it is older than a week";
        case Rung::degraded: return "it is older than a month";
        case Rung::expired: return "it answers no question any more, but for the FOMC's dates";
        case Rung::never: return "nothing was ever accepted from it";
    }
    return "";
}

std::string_view code(CalendarAlarm::Kind kind) {
    constexpr std::array<std::string_view, static_cast<std::size_t>(Kind::count_)> k_codes{
        "source_old", "source_failing", "coverage_ends", "coverage_lacks",
        "tzdata_old", "snapshot_bad",   "disagreement",  "vanished",
        "emergency",  "odd_date",       "urgent",        "nobody_asked"};
    return k_codes.at(static_cast<std::size_t>(kind));
}

std::string told(const CalendarAlarm& alarm) {
    const bool of_event = alarm.subject.find(':') != std::string::npos;
    return (of_event ? alarm.subject + ": " : std::string()) + alarm.sentence;
}

std::string_view advice(CalendarAlarm::Kind kind) {
    switch (kind) {
        case Kind::source_old:
        case Kind::source_failing:
            return "bullpenctl calendar sources says what is wrong; bullpenctl calendar refresh "
                   "tries again";
        case Kind::coverage_ends:
        case Kind::coverage_lacks:
            return "look the days up: bullpenctl calendar add what is on them, or let accounts "
                   "trade with bullpenctl calendar ack";
        case Kind::tzdata_old: return "upgrade the package tzdata, and restart bullpend";
        case Kind::snapshot_bad:
            return "repair or remove the file; bullpenctl calendar refresh writes the snapshot "
                   "anew";
        case Kind::nobody_asked: return "set calendar.contact in bullpen.toml";
        default:
            return "bullpenctl calendar show ID says who states it; calendar move, cancel and add "
                   "correct it";
    }
}

Rung rung_at(Nanos age) {
    Rung rung = Rung::fresh;
    for (const Step& step : k_steps) {
        if (age >= step.age)
            rung = step.rung;
    }
    return rung;
}

Rung rung_of(const SourceStatus& source, UtcTime now) {
    return source.accepted ? rung_at(now - *source.accepted) : Rung::never;
}

std::optional<UtcTime> next_rung(const SourceStatus& source, UtcTime now) {
    if (!source.accepted)
        return std::nullopt;
    for (const Step& step : k_steps) {
        if (now - *source.accepted < step.age)
            return *source.accepted + step.age;
    }
    return std::nullopt;
}

bool believed(const SeriesCoverage& coverage, const std::vector<SourceStatus>& sources,
              UtcTime now) {
    if (!coverage.official)
        return false;
    if (is_fomc(coverage.series))
        return true;
    const auto source = std::find_if(
        sources.begin(), sources.end(),
        [&](const SourceStatus& candidate) { return candidate.source == coverage.source; });
    return source == sources.end() || rung_of(*source, now) < Rung::expired;
}

Counting counting(const Snapshot& snapshot, const std::vector<std::string>& series, UtcTime at) {
    Counting all;
    for (SeriesCoverage row : snapshot.coverage) {
        if (std::find(series.begin(), series.end(), row.series) == series.end())
            continue;
        // Nobody official speaks for all events of a currency.
        row.official = row.official || row.series.starts_with(k_currency_prefix);
        const bool counts = believed(row, snapshot.sources, at);
        all.old = all.old || (row.official && !counts);
        if (counts)
            all.rows.push_back(std::move(row));
    }
    return all;
}

std::vector<Unstated> unstated(const Snapshot& snapshot, const std::vector<std::string>& series,
                               UtcTime now, Day from, Day to) {
    constexpr std::chrono::days k_day{1};
    const auto rows = counting(snapshot, series, now).rows;
    std::vector<Unstated> all;
    for (const std::string& one : series) {
        for (Day day = from; day <= to;) {
            if (const auto reached = covered_to(rows, one, day)) {
                day = *reached + k_day;
                continue;
            }
            const Day again = covered_again(rows, one, day).value_or(to + k_day);
            all.push_back({one, day, std::min(again - k_day, to)});
            day = again;
        }
    }
    return all;
}

std::vector<CalendarAlarm> alarms(const std::vector<SourceStatus>& sources,
                                  const std::vector<SeriesCoverage>& coverage, UtcTime now,
                                  Day today) {
    std::vector<CalendarAlarm> all;
    for (const SourceStatus& source : sources)
        add_source_alarms(source, now, all);
    std::vector<SeriesCoverage> counts;
    std::copy_if(coverage.begin(), coverage.end(), std::back_inserter(counts),
                 [&](const SeriesCoverage& row) { return believed(row, sources, now); });
    for (const Series& series : all_series()) {
        if (!series.guarded)
            continue;
        const std::string name(series.name);
        const auto to = covered_to(counts, series.name, today);
        if (!to)
            all.push_back(
                {Kind::coverage_lacks, name, "nobody says whether " + name + " is today"});
        else if (const auto again = covered_again(counts, series.name, *to))
            all.push_back({Kind::coverage_ends, name,
                           "nobody says whether " + name + " is from " +
                               format_day(*to + std::chrono::days(1)) + " to " +
                               format_day(*again - std::chrono::days(1)) +
                               ": its source leaves that time out"});
        else if (*to - today < k_coverage_min)
            all.push_back(
                {Kind::coverage_ends, name, name + " is known up to " + format_day(*to) + " only"});
    }
    return all;
}

std::vector<CalendarAlarm> host_alarms(const Snapshot& snapshot, UtcTime now,
                                       std::string_view tzdata) {
    auto all = alarms(snapshot.sources, snapshot.coverage, now,
                      std::chrono::floor<std::chrono::days>(now));
    for (const RaisedAlarm& raised : snapshot.alarms) {
        if (raised.at + k_raised_kept > now)
            all.push_back(raised.alarm);
    }
    if (auto old = tzdata_alarm(tzdata, now))
        all.push_back(std::move(*old));
    return all;
}

std::vector<CalendarAlarm> without_ages(std::vector<CalendarAlarm> all) {
    std::erase_if(all, [](const CalendarAlarm& alarm) {
        const bool of_source = alarm.kind == Kind::source_old || alarm.kind == Kind::source_failing;
        return (of_source && !is_file(alarm.subject)) || alarm.kind == Kind::coverage_ends ||
               alarm.kind == Kind::coverage_lacks;
    });
    return all;
}

std::optional<CalendarAlarm> tzdata_alarm(std::string_view version, UtcTime now) {
    if (!tzdata_old(version, now))
        return std::nullopt;
    return CalendarAlarm{
        Kind::tzdata_old, "tzdata",
        "the host's time-zone data (" + std::string(version) + ") is more than a year old"};
}

std::vector<CalendarAlarm> added(const std::vector<CalendarAlarm>& before,
                                 const std::vector<CalendarAlarm>& now) {
    std::vector<CalendarAlarm> all;
    std::copy_if(now.begin(), now.end(), std::back_inserter(all), [&](const CalendarAlarm& alarm) {
        return std::find(before.begin(), before.end(), alarm) == before.end();
    });
    return all;
}

bool tzdata_old(std::string_view version, UtcTime now) {
    int year = 0;
    const auto [end, error] =
        std::from_chars(version.data(), version.data() + version.size(), year);
    if (error != std::errc{} || end == version.data() || version.size() != 5)
        return true;
    // Versions of a year are numbered by letters, of which about one comes out every two months.
    const int letter = std::clamp(version[4] - 'a', 0, 25);
    const auto released = std::chrono::sys_days(std::chrono::year(year) / 1 / 1) +
                          std::chrono::days(std::min(letter * 60, 365));
    return now - UtcTime(released) > std::chrono::hours(24 * 365);
}

}  // namespace bullpen::events
