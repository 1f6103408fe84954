// BarFilter: rows in the order of the file to bars in the order of time, without those that cannot
// be true. Pure; holds a few rows back to see what follows them, and no more however long the file.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <vector>

#include "common/feed/quality.hpp"
#include "common/model/bar.hpp"
#include "common/time/market_calendar.hpp"

namespace bullpen::feed {

class BarFilter {
  public:
    // A row may come this many rows late and is still put in its place.
    static constexpr std::size_t k_rows_held = 8;
    // A row that so many later rows should have come before is a wrong stamp, not the future.
    static constexpr std::uint64_t k_rows_ahead_max = k_rows_held - 1;
    // Bars out of line with the last close that must agree before they are believed.
    static constexpr int k_jumps_to_believe = 5;
    // Bars of volume 1 in even steps that are taken for filled in.
    static constexpr std::size_t k_ladder_rungs = 5;

    // `calendar` and `quality` outlive it.
    BarFilter(const time::MarketCalendar& calendar, std::chrono::seconds span, Quality* quality)
        : calendar_(&calendar), span_(span), quality_(quality) {}

    // Takes the next row of the file.
    void add(const model::Bar& bar, std::uint64_t line);
    // No row follows.
    void finish();
    // The next clean bar that is certain by now.
    std::optional<model::Bar> take();

  private:
    struct Row {
        model::Bar bar;
        std::uint64_t line = 0;
        std::uint64_t ordinal = 0;
        std::uint64_t later_before = 0;  // ordinal of the later row that came just before it
        bool conflicting = false;
    };
    void drop_outliers();
    void release_first();
    void check_jump(const Row& row);
    void check_ladder(const Row& row);
    void end_run();
    void pass(const Row& row);
    [[nodiscard]] bool plausible(const model::Bar& bar, model::Price reference) const;

    const time::MarketCalendar* calendar_;
    std::chrono::seconds span_;
    Quality* quality_;

    std::uint64_t ordinal_ = 0;
    UtcTime previous_start_ = UtcTime::min();
    std::vector<Row> held_;  // by start
    std::optional<Row> released_;

    std::optional<model::Price> last_close_;
    std::optional<model::Price> jump_close_;
    int jumps_ = 0;

    std::vector<Row> run_;  // bars of volume 1 not yet judged
    bool run_is_ladder_ = false;
    UtcTime run_end_ = UtcTime::min();

    std::optional<UtcTime> passed_until_;
    std::deque<model::Bar> ready_;
};

}  // namespace bullpen::feed
