// Event: one entry of the economic calendar, with where it is from and what became of it. A plain
// value. Its JSON line is the one shape that the snapshot, `bullpen-calendar parse --json` and
// `bullpenctl calendar list --json` share; docs/calendar.md describes it field by field.
//
// The id names series and reference period ("us.bls.empsit:2026-11"), never the date, so that it
// stays the same when the event is moved. Wall-clock time and zone are what was published; `utc`
// is what they mean by the time-zone data of the writer.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/clock.hpp"
#include "common/base/result.hpp"
#include "common/time/zone.hpp"

namespace bullpen::events {

// A date on the wall clock of the event's zone.
using Day = std::chrono::sys_days;
// A minute on the wall clock of the event's zone.
using LocalMinute = std::chrono::local_time<std::chrono::minutes>;

enum class Precision : std::uint8_t {
    exact,
    date,       // the day is known, the time is not: `local` is its midnight
    tentative,  // a time that its source calls likely
};
enum class Status : std::uint8_t {
    estimated,    // by a rule, not by a source
    published,    // by one official source
    confirmed,    // by two independent sources
    moved,        // published, and not at the time at which it first was
    unconfirmed,  // published before, missing in its source now; it still counts
    cancelled,
    released,  // over
};
std::string_view code(Precision precision);
std::string_view code(Status status);
std::optional<Precision> precision_from(std::string_view code);
std::optional<Status> status_from(std::string_view code);

// Where one source says it, traceable to the bytes: `sha256` names a kept body.
struct Origin {
    std::string source;  // "bls-ics"
    UtcTime fetched{};
    std::string sha256;  // of the body; empty for built-in tables and rules
    std::string etag;
    std::string raw;  // the words of the body that say it
    friend bool operator==(const Origin&, const Origin&) = default;
};

// A time that another official source gives for the same event; both count for blackouts.
struct OtherTime {
    LocalMinute local{};
    std::string zone;
    UtcTime utc{};
    std::string source;
    friend bool operator==(const OtherTime&, const OtherTime&) = default;
};

// The operator's hand in it.
struct OverrideMark {
    std::string by;
    UtcTime at{};
    std::string reason;
    std::optional<UtcTime> expires;
    friend bool operator==(const OverrideMark&, const OverrideMark&) = default;
};

struct Event {
    static constexpr int k_schema = 1;
    static constexpr int k_importance_max = 3;  // 1 low, 2 medium, 3 high

    std::string id;
    std::string series;
    std::string title;
    std::string country;   // "US", or "" for no one country
    std::string currency;  // "USD", or ""
    int importance = 1;
    std::vector<std::string> tags;
    LocalMinute local{};
    std::string zone;  // IANA name
    UtcTime utc{};
    Precision precision = Precision::exact;
    Status status = Status::published;
    std::optional<LocalMinute> previous_local;  // before the latest move
    std::uint32_t revision = 0;                 // one more with every change
    std::optional<UtcTime> first_seen;
    std::optional<UtcTime> last_seen;
    std::optional<UtcTime> last_changed;
    std::vector<Origin> sources;
    std::vector<OtherTime> other_times;
    std::optional<OverrideMark> override_mark;

    // Behind the series' name: "2026-11".
    [[nodiscard]] std::string_view period() const;
    [[nodiscard]] bool cancelled() const { return status == Status::cancelled; }
    friend bool operator==(const Event&, const Event&) = default;
};

// "us.bls.empsit" and "2026-11" -> "us.bls.empsit:2026-11".
std::string event_id(std::string_view series, std::string_view period);

// By time, then by id: the order of snapshots and lists.
bool before(const Event& a, const Event& b);

// When events of high importance that take place are, from a day before `now` to 40 days after it:
// whoever asks may not look again for a month.
std::vector<UtcTime> important_times(const std::vector<Event>& events, UtcTime now);

// Sets `utc` of the event and of its other times from their wall clocks. A reading that the clocks
// skipped is the instant of the change, one that they repeated the earlier instant. `zone` must be
// the event's; another time in another zone is left as it is. Returns whether anything changed.
bool resolve(Event& event, const time::Zone& zone);

// ---- text

// "2026-12-04T08:30"; a date alone is its midnight.
std::string format_local(LocalMinute local);
Result<LocalMinute> parse_local(std::string_view text);
// "2026-12-04"
std::string format_day(Day day);
Result<Day> parse_day(std::string_view text);
// "2026-12-04T13:30:00Z"; with milliseconds only when there are any.
std::string format_instant(UtcTime time);

// ---- JSON

inline constexpr std::size_t k_event_line_max = std::size_t{64} * 1024;  // bytes

// One line without its line end. What is over a limit is cut short.
std::string encode(const Event& event);
// Errc::invalid names the field; Errc::newer_version for a schema of a later version. Fields that
// are not known are ignored.
Result<Event> decode_event(std::string_view line);

// Whether ids, names, zone and numbers keep their rules: what decode_event checks.
Result<void> check(const Event& event);

}  // namespace bullpen::events
