// Sweeps: the same bars run with many settings, over all cores. Bars are shared and only read; each
// run is a run of its own, so that the result of each, and their order, does not depend on how many
// threads there are.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "worker/backtest/backtest.hpp"

namespace bullpen::backtest {

// Runs of one sweep, and values of one key.
inline constexpr std::size_t k_combinations_max = 20'000;
inline constexpr std::size_t k_axes_max = 8;
inline constexpr unsigned k_threads_max = 256;

// One key and the values that it takes.
struct Axis {
    std::string key;
    std::vector<std::string> values;
    friend bool operator==(const Axis&, const Axis&) = default;
};
// "strategy.stop_ticks=7:15:2" (from, to, step; the end is included when a step hits it) or
// "strategy.rsi_filter=true,false". Errc::invalid says what is wrong.
Result<Axis> parse_axis(std::string_view text);

// Every choice of one value for each axis, the last axis changing fastest. Errc::too_large beyond
// k_combinations_max, Errc::invalid for a key that stands twice.
Result<std::vector<std::vector<std::string>>> combinations(std::span<const Axis> axes);

// What a run is judged by; more is better.
enum class Measure : std::uint8_t {
    net,
    expectancy,
    profit_factor,
    sharpe,
    sortino,
    calmar,
    drawdown,  // the smallest
    count_
};
std::string_view code(Measure measure);
std::optional<Measure> measure_from(std::string_view code);
// None when it cannot be said of the run, as the profit factor of one without a loss.
std::optional<double> value_of(Measure measure, const report::Statistics& statistics);

struct SweepRow {
    std::size_t index = 0;  // of the combination
    report::Statistics statistics;
    std::string trades_hash;
};
// Called after each run with how many are done, by any of the threads.
using SweepProgress = std::function<void(std::size_t done)>;

// A row for each of `settings`, in their order. The error is that of the first settings that fail.
Result<std::vector<SweepRow>> sweep(std::span<const BacktestSettings> settings,
                                    std::span<const model::Bar> bars, unsigned threads,
                                    const Clock& clock, const SweepProgress& progress = {});

// Best first; those of which the measure cannot be said come last, equal ones in their order.
void rank(std::vector<SweepRow>& rows, Measure measure);

// Calls `work` with 0 to count - 1, from at most `threads` threads at once; 0: one for each core.
void in_parallel(std::size_t count, unsigned threads, const std::function<void(std::size_t)>& work);

}  // namespace bullpen::backtest
