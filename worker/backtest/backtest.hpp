// Backtest: a Trader on bars of the past, with the exchange in the same process and the bars' own
// times for a clock. What a live account runs is what is tested: indicators, strategy, risk gate,
// order manager. The same bars and settings give the same trades, to the bit.
//
// How orders fill: a market order at the open after the bar it was decided on; stops and limits
// within a bar at the worst order of its extremes (common/matching/exchange.hpp); slippage and
// commission as the settings say. What the clock closes between two bars, at the open after it;
// what it would close within a bar that is longer than a minute, at that bar's open.
//
// One thread. Several backtests may run in several threads: they share nothing.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "common/matching/types.hpp"
#include "worker/backtest/calendar.hpp"
#include "worker/report/statistics.hpp"
#include "worker/trading/trader.hpp"

namespace bullpen::backtest {

struct BacktestSettings {
    const model::Instrument* instrument = nullptr;  // outlives the backtest
    config::StrategySettings strategy;
    config::RiskSettings risk;
    config::SessionSettings session;
    model::RulePack pack;
    matching::Costs costs;
    model::Money cash;
    // Of the market's hours; the built-in table when it is null. Outlives the backtest.
    const time::HolidayTable* holidays = nullptr;
    // By which calendar, and how, it stands aside around events; not at all when it is null.
    // Outlives the backtest.
    const KnownCalendar* calendar = nullptr;
    config::EventSettings events;
    // Bars that end by then are learnt from: no entry is made, and no figure counts them. None:
    // trades from the first bar on.
    std::optional<UtcTime> trade_from;
    // What the limits of the account had counted before the first bar: RiskGate::save(). Empty:
    // nothing.
    std::string limits;
    // Whether it closes, as a worker does by its own clock, what is still held when the time to be
    // flat by comes between two bars, or within one that is longer than a minute. An account whose
    // market has a time of its own learns of that with the bars.
    bool own_clock = true;
    // Where its records go, as a worker's go to its journal; nowhere when it is null.
    execution::Recorder* recorder = nullptr;
    // A pause longer than this within a session is counted and reported.
    std::chrono::minutes gap{60};
};

// Slippage and commission of the instrument's own table: the slippage rounded up to whole ticks.
matching::Costs default_costs(const model::Instrument& instrument);

struct BacktestResult {
    std::uint64_t bars = 0;
    std::uint64_t learnt = 0;  // of them, those before `trade_from`
    std::uint64_t gaps = 0;
    // Trades that were still open when the account had to be flat: bars are missing there, and
    // they were closed at the opening of the first bar after.
    std::uint64_t overdue = 0;
    std::optional<UtcTime> overdue_since;  // when the first of them was opened
    std::optional<UtcTime> first;          // start of the first bar that is not only learnt from
    std::optional<UtcTime> last;           // end of the last bar
    std::vector<execution::Trade> trades;
    execution::LedgerTotals totals;
    std::int64_t open_contracts = 0;  // held at the end of the bars
    model::Money start_cash;
    model::Money end_equity;
    model::Money nominal;  // the account's size, where its equity counts from zero
    // Equity at the end of each trading day, without the days before the first bar.
    std::vector<report::DayEquity> days;
    trading::TraderCounters counters;
    strategy::GateCounters gates;
    // Over every trade, without ids and wall times: equal in two runs when they traded the same.
    std::string trades_hash;
    // From the first bar entering the engine to the last event drained.
    double engine_seconds = 0;
};

// Called now and then with the number of bars done; false ends the run early.
using Progress = std::function<bool(std::uint64_t bars)>;

// Errc::invalid for settings that contradict each other. `clock` only measures how long it takes.
Result<BacktestResult> run(const BacktestSettings& settings, std::span<const model::Bar> bars,
                           const Clock& clock, const Progress& progress = {});

// Of the trades alone; what the result carries.
std::string hash_of(std::span<const execution::Trade> trades);

}  // namespace bullpen::backtest
