// Walk-forward: settings are chosen on a stretch of trading days, by a measure, and traded on the
// days after it, which had no part in the choice; then both move on. What was traded that way is
// joined into one result.
//
// Indicators are warmed up on days before each stretch, on which nothing is traded. A stretch
// begins flat, and with the equity that the one before ended with. Nothing is held over its end but
// what would be held over a trading day's end.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "common/time/market_calendar.hpp"
#include "worker/backtest/sweep.hpp"

namespace bullpen::backtest {

// Trading days before a stretch whose bars warm up the indicators.
inline constexpr std::size_t k_warm_days = 5;

struct WalkPlan {
    std::size_t train_days = 0;
    std::size_t test_days = 0;
    friend bool operator==(const WalkPlan&, const WalkPlan&) = default;
};
// "train=60d,test=20d"; the d may be left out.
Result<WalkPlan> parse_walk(std::string_view text);

// The bars of one trading day: [begin, end) of their places.
struct DaySpan {
    time::TradingDay day{};
    std::size_t begin = 0;
    std::size_t end = 0;
};
std::vector<DaySpan> days_of(std::span<const model::Bar> bars,
                             const time::MarketCalendar& calendar);

// [first, first + train) is what is learnt from, [first + train, first + train + test) what is
// traded, in numbers of days.
struct Window {
    std::size_t first = 0;
    std::size_t train = 0;
    std::size_t test = 0;
    friend bool operator==(const Window&, const Window&) = default;
};
// One after the other, so that each day after the first stretch is traded once. The last one may be
// shorter than the plan says.
std::vector<Window> windows(std::size_t days, const WalkPlan& plan);

struct WindowResult {
    Window window;
    std::optional<std::size_t> chosen;  // of the combinations; none when none could be judged
    report::Statistics train;           // of the chosen one
    report::Statistics test;
};
struct WalkResult {
    std::vector<WindowResult> windows;
    std::vector<DaySpan> days;
    // Of all that was traded out of sample, in order; trades are numbered anew.
    std::vector<execution::Trade> trades;
    std::vector<report::DayEquity> equity;
    model::Money start;
    model::Money nominal;  // as of BacktestResult
    std::optional<UtcTime> first;
    std::optional<UtcTime> last;
    std::string trades_hash;
};

// `combinations`: the settings to choose from. Errc::invalid when there are too few days for one
// window. `progress` counts runs: windows times combinations, and one more for each window.
Result<WalkResult> walk_forward(std::span<const BacktestSettings> combinations,
                                std::span<const model::Bar> bars, const WalkPlan& plan,
                                const time::MarketCalendar& calendar, Measure measure,
                                unsigned threads, const Clock& clock,
                                const SweepProgress& progress = {});

}  // namespace bullpen::backtest
