// Events and snapshots for the tests of this folder.
#pragma once

#include <string>
#include <string_view>

#include "common/events/blackout.hpp"
#include "common/events/series.hpp"

namespace bullpen::events::test {

inline UtcTime utc(std::string_view text) {
    return *parse_utc(std::string(text));
}

inline const time::Zone& new_york() {
    static const time::Zone zone = *time::Zone::load("America/New_York");
    return zone;
}

// A reading of New York's clock.
inline UtcTime ny(std::string_view text) {
    return new_york().read(time::LocalTime(parse_local(text)->time_since_epoch())).earliest;
}

inline Event event(std::string_view series, std::string_view period, std::string_view local,
                   Status status = Status::published) {
    Event made;
    made.id = event_id(series, period);
    made.series = series;
    if (const Series* known = find_series(series)) {
        made.title = known->title;
        made.currency = known->currency;
        made.country = known->country;
        made.importance = known->importance;
    }
    made.local = *parse_local(local);
    made.zone = "America/New_York";
    made.status = status;
    (void)resolve(made, new_york());
    return made;
}

// Official coverage of every series that needs it.
inline void cover_all(Snapshot& snapshot, std::string_view from, std::string_view to,
                      const std::string& source = "bls-ics") {
    for (const Series& series : all_series()) {
        if (series.guarded)
            snapshot.coverage.push_back({std::string(series.name), *parse_day(from), *parse_day(to),
                                         source, utc("2026-01-02T22:00:00Z"), true});
    }
}

inline void accepted(Snapshot& snapshot, std::string_view source, UtcTime at) {
    SourceStatus status;
    status.source = source;
    status.accepted = at;
    snapshot.sources.push_back(status);
}

inline Timeline timeline(const Snapshot* snapshot, const config::EventSettings& settings,
                         UtcTime from, UtcTime to, const Overrides* overrides = nullptr) {
    const AccountRules rules = *AccountRules::from(settings);
    Timeline::Input input;
    input.snapshot = snapshot;
    input.overrides = overrides;
    input.rules = &rules;
    input.new_york = &new_york();
    input.now = from;
    input.from = from;
    input.to = to;
    return Timeline::build(input);
}

}  // namespace bullpen::events::test
