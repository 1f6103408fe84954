// Coverage: for which days somebody stated all events of a series. "There is no event" is an answer
// only inside of it; outside nobody knows. Plain values; the functions are pure.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/events/event.hpp"

namespace bullpen::events {

// One source's statement: it lists every event of the series from one day to the other, both
// included, on the wall clock of the series' zone.
struct SeriesCoverage {
    std::string series;
    Day from{};
    Day to{};
    std::string source;  // "bls-ics"
    UtcTime stated{};    // when the body was fetched that says so
    bool official = true;
    friend bool operator==(const SeriesCoverage&, const SeriesCoverage&) = default;
};

// A file that the operator puts into HOME/shared is a source among the others.
struct OperatorFile {
    std::string_view source;
    std::string_view name;
};
inline constexpr std::array k_operator_files{OperatorFile{"nse-holidays", "nse-holidays.json"},
                                             OperatorFile{"bot-file", "bot-calendar.json"}};

// What ForexFactory's week of a currency is called among the coverage begins so: "ff.eur".
inline constexpr std::string_view k_currency_prefix = "ff.";

// What is known of one source: the age of the last accepted body is what the staleness ladder
// (staleness.hpp) climbs.
struct SourceStatus {
    std::string source;
    std::optional<UtcTime> accepted;   // last body that passed; none: never
    std::optional<UtcTime> attempted;  // last try
    std::uint32_t failures = 0;        // since `accepted`
    std::string sha256;                // of the accepted body
    std::string etag;
    std::string last_modified;
    std::string error;     // why the last try failed; empty when it did not
    bool refused = false;  // the last try gave a body, and it is not believed
    friend bool operator==(const SourceStatus&, const SourceStatus&) = default;
};

// Whether official statements together cover every day of [from, to].
bool covers(const std::vector<SeriesCoverage>& table, std::string_view series, Day from, Day to);
// The last day up to which official statements cover without a gap from `from` on; none when they
// do not cover `from`.
std::optional<Day> covered_to(const std::vector<SeriesCoverage>& table, std::string_view series,
                              Day from);

// The first day after `after` on which an official statement begins; none when none does.
std::optional<Day> covered_again(const std::vector<SeriesCoverage>& table, std::string_view series,
                                 Day after);

// One JSON line each, as in the snapshot.
std::string encode(const SeriesCoverage& coverage);
std::string encode(const SourceStatus& source);
Result<SeriesCoverage> decode_coverage(std::string_view line);
Result<SourceStatus> decode_source(std::string_view line);

}  // namespace bullpen::events
