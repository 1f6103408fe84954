// Zone: one IANA time zone, read from the system's own time-zone files (docs/decisions/
// time-zones.md says why no library does it). Immutable after loading; any thread may use it.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/clock.hpp"
#include "common/base/result.hpp"

namespace bullpen::time {

// A wall-clock reading without a zone.
using LocalTime = std::chrono::local_time<Nanos>;

// The stretch of time around an instant in which the zone's offset does not change; callers in a
// loop keep it and ask again only when they leave it.
struct OffsetSpan {
    UtcTime begin{};
    UtcTime end{};
    std::chrono::seconds offset{};  // local = utc + offset
    bool daylight = false;

    [[nodiscard]] bool holds(UtcTime at) const { return begin <= at && at < end; }
    [[nodiscard]] LocalTime local(UtcTime at) const {
        return LocalTime(at.time_since_epoch() + offset);
    }
};

// What a wall-clock reading may mean: exactly one instant, none (clocks went forward over it), or
// two (clocks went back over it).
struct LocalReading {
    enum class Kind : std::uint8_t { unique, nonexistent, ambiguous };
    Kind kind = Kind::unique;
    UtcTime earliest{};  // for nonexistent: the instant of the change itself
    UtcTime latest{};
};

// Daylight-saving rule after the last listed transition, as POSIX writes it ("M3.2.0/2").
struct YearlyRule {
    enum class Form : std::uint8_t { month_week_day, julian_without_leap, julian_with_leap };
    Form form = Form::month_week_day;
    int month = 0;
    int week = 0;
    int day = 0;
    std::int32_t at_seconds = 7200;
};

struct Footer {
    bool present = false;
    bool has_daylight = false;
    std::int32_t standard_offset = 0;
    std::int32_t daylight_offset = 0;
    YearlyRule begins;
    YearlyRule ends;
};

class Zone {
  public:
    // Errc::not_found names the zone and where it was looked for; Errc::corrupt a damaged file.
    // `directory` is empty for the system's own ($TZDIR is not read).
    static Result<Zone> load(std::string_view name, const std::string& directory = {});
    // From the bytes of a TZif file; for tests with fixed zones, and the loader itself.
    static Result<Zone> parse(std::string_view name, std::string_view tzif);
    static Zone utc();

    [[nodiscard]] const std::string& name() const { return name_; }
    [[nodiscard]] OffsetSpan span(UtcTime at) const;
    [[nodiscard]] LocalTime local(UtcTime at) const { return span(at).local(at); }
    [[nodiscard]] LocalReading read(LocalTime local) const;

  private:
    struct Transition {
        std::int64_t at_seconds;
        std::int32_t offset;
        bool daylight;
    };
    std::string name_;
    std::int32_t first_offset_ = 0;
    bool first_daylight_ = false;
    std::vector<Transition> transitions_;
    Footer footer_;

    [[nodiscard]] OffsetSpan span_by_footer(std::int64_t seconds) const;
};

// The version of the system's time-zone data, "2025b"; "unknown" where the system does not say.
std::string tzdata_version(const std::string& directory = {});

}  // namespace bullpen::time
