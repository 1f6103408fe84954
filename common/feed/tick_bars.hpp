// TickBars: trades to one-minute bars. A minute is final when its end has passed, by a tick of a
// later minute or by the timer alone, so that the bar of a quiet minute is not held back until
// somebody trades. Pure: time comes in with every call.
//
// Stated policies. Volume is the sum of trade sizes; a quote never opens, changes or ends a bar.
// Within an open minute ticks may come in any order: open and close are the first and last by
// (time, sequence). A tick of a final minute is late: it is counted and changes nothing, since the
// bar was acted upon. A tick ahead of the clock by more than `ahead_max` is counted and dropped: it
// would end minutes that are still trading.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "common/base/clock.hpp"
#include "common/model/bar.hpp"
#include "common/model/tick.hpp"

namespace bullpen::feed {

struct TickBarsOptions {
    // How long after its end a minute waits for ticks that are under way.
    Nanos grace = std::chrono::milliseconds(500);
    static constexpr Nanos k_grace_max = std::chrono::seconds(60);
    Nanos ahead_max = std::chrono::seconds(5);
};

struct TickCounters {
    std::uint64_t trades = 0;  // used in a bar
    std::uint64_t quotes = 0;
    std::uint64_t late = 0;
    std::uint64_t ahead = 0;
    std::uint64_t without_size = 0;  // trades of size zero or less, not used
    std::uint64_t out_of_order = 0;  // used, though older than one before
    friend bool operator==(const TickCounters&, const TickCounters&) = default;
};

class TickBars {
  public:
    explicit TickBars(const TickBarsOptions& options = {});

    // Takes a tick that arrived at `now`. Bars that became final are appended to `finished`, oldest
    // first.
    void add(const model::Tick& tick, UtcTime now, std::vector<model::Bar>* finished);
    // Makes final what is over at `now`.
    void advance(UtcTime now, std::vector<model::Bar>* finished);
    // When advance() has something to do, if nothing comes before.
    [[nodiscard]] std::optional<UtcTime> next_deadline() const;
    [[nodiscard]] const TickCounters& counters() const { return counters_; }
    // The bar of the youngest open minute as it stands, for display.
    [[nodiscard]] std::optional<model::Bar> forming() const;

  private:
    struct Stamp {
        UtcTime time{};
        std::uint64_t sequence = 0;
        friend auto operator<=>(const Stamp&, const Stamp&) = default;
    };
    struct Open {
        model::Bar bar;
        Stamp first;
        Stamp last;
    };
    TickBarsOptions options_;
    TickCounters counters_;
    std::vector<Open> open_;  // by start; at most k_grace_max plus ahead_max in minutes
    UtcTime final_until_ = UtcTime::min();
    Stamp newest_;
};

}  // namespace bullpen::feed
