// The time of a row: which way of writing it the file has, and what a stamp says. Nothing is
// guessed: what a file does not prove has to be stated.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "common/base/clock.hpp"
#include "common/feed/feed.hpp"
#include "common/time/zone.hpp"

namespace bullpen::feed {

enum class TimeForm : std::uint8_t {
    epoch,      // seconds since 1970, or milliseconds, told apart by size
    iso,        // 2025-04-07T03:45:00Z, 2025-04-07 03:45+05:30, 20250407 034500, without zone too
    us,         // 04/07/2025 03:45:00
    day_first,  // 07/04/2025 03:45, 7.4.2025
};

// A stamp as it is written: an instant, or a wall-clock reading that needs a zone.
struct Stamp {
    std::int64_t seconds = 0;  // since 1970, in UTC or on the wall clock
    bool has_zone = false;
};

// Only that form; nullopt when the text is anything else, has a fraction of a second, or lies
// outside 1970 to 2200.
std::optional<Stamp> parse_stamp(std::string_view text, TimeForm form);

// What a stamp without a form yet could be: the form, or with `slashed` set either of us and
// day_first, of which the two flags exclude what the text disproves.
struct StampGuess {
    std::optional<TimeForm> form;
    bool slashed = false;
    bool may_be_us = false;
    bool may_be_day_first = false;
};
StampGuess guess_stamp(std::string_view text);

// Turns readings of one zone into instants. Of two instants that a reading may mean, the first that
// does not go back in time is taken; a reading that the clocks skipped means none.
class WallClock {
  public:
    explicit WallClock(time::Zone zone) : zone_(std::move(zone)) {}
    std::optional<UtcTime> instant(std::int64_t wall_seconds);

  private:
    time::Zone zone_;
    time::OffsetSpan span_;
    UtcTime last_ = UtcTime::min();
};

}  // namespace bullpen::feed
