// TickPath: the trades that a bar may have been made of, for a market that is told by ticks and has
// only bars as its source. The trades of a bar, put together again by TickBars, are that bar.
//
// The path: open, then the extreme against the bar's direction (the low of one that rose or stayed,
// the high of one that fell), then the other one, then the close; two more trades on each leg, at
// even distances. The trades are spread evenly over the minute, and so is the volume over them. A
// bar of fewer contracts has its corners alone; one of fewer contracts than it has corners has no
// path, since no trades of it could have been.
//
// A trade after a rise is at the ask, one after a fall at the bid, and the other side is a spread
// away. One spread in eight is a tick wider, and one minute in 128 has spreads four times as wide.
// A function of bar and options: the same in every run.
#pragma once

#include <cstdint>
#include <vector>

#include "common/model/bar.hpp"
#include "common/model/price.hpp"
#include "common/model/tick.hpp"

namespace bullpen::feed {

struct TickPathOptions {
    std::uint64_t seed = 1;
    model::Ticks spread{1};  // at least one
    std::int64_t times = 1;  // every spread is so many times as wide
    static constexpr std::int64_t k_trades_max = 10;
};

// Replaces what is in `path`; empty when the bar has none.
void make_tick_path(const model::Bar& bar, const TickPathOptions& options,
                    std::vector<model::QuotedTrade>* path);

}  // namespace bullpen::feed
