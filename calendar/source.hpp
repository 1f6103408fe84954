// Source: one place that states events, behind one interface: a body of bytes goes in, events and
// coverage come out, and a verdict whether the body may be believed. Parsing is pure: no clock, no
// network, no file but the time zones that were loaded before. docs/calendar.md describes every
// source, what it gets wrong, and what makes a body refused.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "common/events/coverage.hpp"
#include "common/events/event.hpp"
#include "common/time/zone.hpp"

namespace bullpen::calendar {

// Who is believed when sources differ: the lowest first.
enum class Rank : std::uint8_t {
    official_feed,  // made for machines by whoever decides
    official_page,  // made for people by whoever decides
    press,          // releases as they appear
    table,          // dates that were published before this program was built
    third_party,    // says what others decided
    estimate,       // a rule
    old_file,       // what a bot once made up
};
// Whether two that differ are both kept, and alarm.
constexpr bool is_official(Rank rank) {
    return rank == Rank::official_feed || rank == Rank::official_page;
}

// The zones on whose wall clocks sources write. Immutable.
class Zones {
  public:
    static Result<Zones> load();
    // nullptr for a zone that no source uses.
    [[nodiscard]] const time::Zone* find(std::string_view name) const;
    [[nodiscard]] const time::Zone& new_york() const { return zones_.front(); }

  private:
    explicit Zones(std::vector<time::Zone> zones) : zones_(std::move(zones)) {}
    std::vector<time::Zone> zones_;
};

// What a parser may know besides the body.
struct Context {
    const Zones* zones = nullptr;
    int year_now = 0;  // in which the body was fetched
    UtcTime fetched{};
    std::string sha256;
    std::string etag;
    // The pages of the Federal Reserve print no times; these are its custom since March 2013.
    std::chrono::minutes fomc_statement{14 * 60};
    std::chrono::minutes fomc_presser{14 * 60 + 30};
};

struct Parsed {
    std::string source;
    bool accepted = false;
    std::vector<std::string> reasons;  // why it was refused; empty when it was accepted
    std::vector<std::string> notes;    // what an operator may want to know of an accepted body
    std::optional<events::Day> covered_from;
    std::optional<events::Day> covered_to;
    std::vector<events::SeriesCoverage> coverage;  // the same for each series; empty when refused
    std::vector<events::Event> events;             // in order, each id once
};

struct Source {
    std::string_view name;  // "bls-ics"
    Rank rank;
    // Whether it is fetched; the others are built in or files of the operator.
    bool fetched;
    std::string_view content_type;  // what the type must contain; '|' between alternatives
    std::size_t size_min;           // bytes; a smaller body is an error page
    Parsed (*parse)(std::string_view body, const Context& context);
};

inline constexpr std::size_t k_body_size_max = 1024 * 1024;  // bytes

std::span<const Source> all_sources();
const Source* find_source(std::string_view name);

// Parses and judges one body. Never throws; a body of any bytes ends in a verdict. What was read of
// a refused body is still in `events`, for whoever looks into it, but there is no coverage.
Parsed parse(const Source& source, std::string_view body, const Context& context);

}  // namespace bullpen::calendar
