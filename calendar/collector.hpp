// Collector: what the parsers share: it turns rows into events, keeps ids unique, and gathers what
// is wrong. One per body; used by one thread.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "calendar/source.hpp"

namespace bullpen::calendar {

// One line of a source, read and not yet judged. Title, country, currency, importance and zone may
// be left empty for a series that common/events/series.hpp knows.
struct Row {
    std::string series;
    std::string period;
    events::Day day{};
    std::optional<std::chrono::minutes> time;  // of day; none: only the day is known
    events::Status status = events::Status::published;
    std::string title;
    std::string country;
    std::string currency;
    std::string zone;
    int importance = 0;
    std::vector<std::string> tags;
    std::string raw;
};

class Collector {
  public:
    // More of these are not kept. A body with more events, or with more rows, some of which say the
    // same, is refused.
    static constexpr std::size_t k_events_max = 5000;
    static constexpr std::size_t k_rows_max = 10'000;
    static constexpr std::size_t k_sentences_max = 12;
    static constexpr std::size_t k_stretches_max = 12;  // of one series' coverage

    Collector(std::string_view source, const Context& context);

    // The same id at the same time again is passed over; at another time it refuses the body.
    void add(Row row);
    void refuse(std::string sentence);
    void note(std::string sentence);
    // The days for which the source lists every event of the series.
    void cover(std::string_view series, events::Day from, events::Day to);

    // The same of a series that comes out regularly: months without a release between two that are
    // further apart than `wait_max` are left out, for nobody forgets a release that is to come, and
    // a file may.
    void cover_releases(std::string_view series, std::vector<events::Day> on, events::Day from,
                        events::Day to, std::chrono::days wait_max);

    [[nodiscard]] const Context& context() const { return context_; }
    [[nodiscard]] bool refused() const { return !parsed_.reasons.empty(); }
    // Whether there were too many rows: no more are looked at, and the body is refused.
    [[nodiscard]] bool full() const { return full_; }
    // Takes the mark of the byte order off a JSON text and looks whether a library may read it;
    // false when it refused it.
    bool admits_json(std::string_view& body);
    // Refuses a body that lists so many rows that they cannot all be events; false when it did.
    bool has_room_for(std::size_t rows);
    [[nodiscard]] const std::vector<events::Event>& events() const { return parsed_.events; }

    // The same where it is not said of a series: for people only.
    void cover_days(events::Day from, events::Day to);

    // Ends the work: sorts, judges, and empties the collector. A body without events is refused
    // unless it may be empty.
    Parsed finish(bool may_be_empty = false);

  private:
    const Context& context_;
    Parsed parsed_;
    std::unordered_map<std::string, std::size_t> by_id_;  // index into the events
    std::size_t rows_ = 0;
    bool full_ = false;
};

// The tag of a time that no source printed: custom says it.
inline constexpr std::string_view k_conventional = "conventional_time";
// The tag of a meeting that was not on the schedule.
inline constexpr std::string_view k_unscheduled = "unscheduled";

}  // namespace bullpen::calendar
