// What a strategy is told: a closed bar or a traded price, and how session and position stand at
// that moment. Plain values, made anew for each call by the engine, which asks the session clock
// and the ledger; nothing of it is kept.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <span>

#include "common/base/clock.hpp"
#include "common/model/bar.hpp"
#include "common/model/order.hpp"
#include "common/model/price.hpp"
#include "worker/indicators/market_indicators.hpp"

namespace bullpen::strategy {

// The best of both sides of the book. A size that the feed does not tell is absent.
struct Quote {
    model::Price bid;
    model::Price ask;
    std::optional<std::int64_t> bid_size;
    std::optional<std::int64_t> ask_size;
};

// What the session allows. Where several hold, the first of closed, blackout, flatten wins.
enum class TradingState : std::uint8_t {
    entry_window,  // everything
    flatten,       // shortly before everything must be flat: no entries, positions are wound up
    blackout,      // around an event: no entries
    closed,        // the market is shut, or everything had to be flat by now
};

struct SessionFacts {
    TradingState state = TradingState::closed;
    int minute_of_day = 0;  // 0 to 1439, on the exchange's wall clock (New York for CME)
    std::chrono::sys_days trading_day{};
    // Within entry_window: whether new positions may be opened; not after a Friday's last entry.
    bool entries = true;
    // Nothing may be held in a moment (flatten), or any more (closed): out, whatever it costs.
    bool forced = false;
    // Within blackout: the account wants to be flat during this event.
    bool event_exit = false;
    // Minutes until the flatten state begins, a begun one counted whole: 0 within it, k_never when
    // it does not. Of several times that an account must be flat by, this is about the earliest.
    int minutes_to_flatten = k_never;
    static constexpr int k_never = 1'000'000;
    // When entries may be possible again; the epoch when not known.
    UtcTime entries_resume{};
};

struct PositionFacts {
    std::int64_t quantity = 0;  // contracts: above zero long, below zero short
    model::Price average;       // entry price, rounded to its worse side; of a position only
    UtcTime entered{};          // time of the first fill; of a position only
    // The protective stop as it stands at the broker; absent while none is known to.
    std::optional<model::Price> stop;
    // An entry, or an exit or part, was sent and is not done, or nobody knows what became of it.
    bool entry_working = false;
    bool exit_working = false;
    // Positions that were opened and closed since the strategy's state began, and what the last of
    // them won: ticks times contracts, before fees.
    std::int64_t closed = 0;
    std::int64_t closed_ticks = 0;

    [[nodiscard]] bool flat() const { return quantity == 0; }
    [[nodiscard]] model::Side side() const {
        return quantity > 0 ? model::Side::buy : model::Side::sell;
    }
};

struct Facts {
    UtcTime now{};  // of the decision: a bar's end, a price's time
    SessionFacts session;
    PositionFacts position;
    // False while mode, feed, broker or risk allow no entry; the engine knows why.
    bool entries_allowed = true;
};

// A one-minute bar that is complete.
struct BarView {
    const model::Bar& bar;
    const model::Bar* previous;  // the bar before it; null when none of its trading day is known
    const indicators::IndicatorValues& values;    // with this bar
    std::span<const model::Bar> closed_quarters;  // that this bar closed, oldest first
};

// A trade between two bars; told only while a position is open.
struct PriceView {
    model::Price price;
};

}  // namespace bullpen::strategy
