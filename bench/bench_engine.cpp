// The engine over a million one-minute bars of the seeded market, in the process and on one core:
// indicators, VWAP bounce, risk gate, order manager, paper exchange and ledger, as a backtest runs
// them; with every order, execution and round trip that comes of it.
//
// Its floor is a plain loop over the same bars in the same run: what it takes to look at a bar at
// all. It reads every field of the bar, keeps the session's volume-weighted mean and deviation of
// the typical price in doubles (begun anew after a pause of half an hour), compares the extremes of
// the bar before and the close with both bands, and counts the crossings. It knows no order, no
// money and no time zone.
#include <cmath>
#include <cstdio>

#include "bench/support/command_line.hpp"
#include "bench/support/json_line.hpp"
#include "bench/support/process.hpp"
#include "bench/support/seeded_market.hpp"

namespace {

using namespace bullpen;
using namespace bullpen::bench;

constexpr int k_bars = 1'000'000;
constexpr int k_rounds = 7;
constexpr double k_band = 2;  // deviations

std::uint64_t plain_loop(const std::vector<model::Bar>& bars) {
    constexpr std::chrono::minutes k_pause{30};
    std::uint64_t crossings = 0;
    double volume = 0;
    double first = 0;
    double second = 0;
    const model::Bar* before = nullptr;
    for (const auto& bar : bars) {
        if (before != nullptr && bar.start - before->end() > k_pause) {
            volume = first = second = 0;
            before = nullptr;
        }
        const auto typical =
            static_cast<double>(bar.high.ticks + bar.low.ticks + bar.close.ticks) / 3;
        const auto traded = static_cast<double>(bar.volume);
        volume += traded;
        first += typical * traded;
        second += typical * typical * traded;
        const double mean = first / volume;
        const double deviation = std::sqrt(std::max(0.0, second / volume - mean * mean));
        const double below = mean - k_band * deviation;
        const double above = mean + k_band * deviation;
        const auto close = static_cast<double>(bar.close.ticks);
        if (before != nullptr) {
            crossings += static_cast<double>(before->low.ticks) <= below && close > below ? 1U : 0U;
            crossings +=
                static_cast<double>(before->high.ticks) >= above && close < above ? 1U : 0U;
        }
        crossings += bar.open.ticks < 0 ? 1U : 0U;
        before = &bar;
    }
    return crossings;
}

}  // namespace

int main(int argc, char** argv) try {
    require(argc <= 2, "it takes the number of bars, or nothing");
    const int count = argc == 2 ? std::atoi(argv[1]) : k_bars;
    require(count >= 1'000 && count <= 100'000'000, "so many bars can be measured");
    const auto bars = seeded_market(static_cast<std::size_t>(count));
    const auto made = seeded_settings();
    const SystemClock clock;
    std::vector<double> ours;
    std::vector<double> floors;
    std::uint64_t crossings = 0;
    backtest::BacktestResult result;
    for (int round = 0; round < k_rounds; ++round) {
        const auto begin = mono_ns();
        crossings += plain_loop(bars);
        floors.push_back(static_cast<double>(mono_ns() - begin) / 1e9);
        auto ran = backtest::run(made, bars, clock);
        require(ran.has_value(), "the backtest ran");
        require(round == 0 || ran->trades_hash == result.trades_hash, "every run traded the same");
        result = std::move(*ran);
        ours.push_back(result.engine_seconds);
    }
    require(crossings > 0 && result.bars == bars.size(), "every bar was looked at");
    JsonLine("engine")
        .add("n", count)
        .add("bars_per_second", count / median(ours))
        .add("ns_per_bar", median(ours) * 1e9 / count)
        .add("floor_ns_per_bar", median(floors) * 1e9 / count)
        .add("ratio", median(ours) / median(floors))
        .add("signals", static_cast<double>(result.counters.signals))
        .add("executions", static_cast<double>(result.totals.executions))
        .add("trades", static_cast<double>(result.trades.size()))
        .print();
    return 0;
} catch (const bullpen::bench::Unmeasured& why) {
    return bullpen::bench::give_up(why);
}
