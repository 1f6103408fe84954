// Statistics of a run, each by the definition beside it. Pure.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <span>

#include "common/model/money.hpp"
#include "common/time/market_calendar.hpp"
#include "worker/execution/record.hpp"

namespace bullpen::report {

struct DayEquity {
    time::TradingDay day{};
    model::Money equity;  // cash and open profit at the day's last bar
    friend bool operator==(const DayEquity&, const DayEquity&) = default;
};

struct Statistics {
    std::uint64_t trades = 0;
    std::uint64_t wins = 0;    // net above zero
    std::uint64_t losses = 0;  // net below zero
    model::Money net;
    model::Money gross;
    model::Money fees;
    std::optional<model::Money> largest_win;
    std::optional<model::Money> largest_loss;
    std::optional<double> win_rate;  // wins / trades
    std::optional<double>
        profit_factor;                 // sum of net wins / sum of net losses; none without a loss
    std::optional<double> expectancy;  // net / trades, in the currency
    std::optional<double> mean_win;
    std::optional<double> mean_loss;
    // The greatest fall of equity from a high before it, over days' ends and trades' ends.
    model::Money max_drawdown;
    std::optional<double> max_drawdown_percent;  // of the high it fell from; none of one below zero
    // From daily returns r = equity / equity of the day before - 1, no risk-free rate, 252 days.
    std::optional<double> sharpe;   // mean(r) / sample deviation(r) * sqrt(252)
    std::optional<double> sortino;  // mean(r) / sqrt(mean(min(r, 0)^2)) * sqrt(252)
    std::optional<double> calmar;   // mean(r) * 252 / greatest fall of the daily equity, as a share
    std::uint64_t losses_in_a_row = 0;     // the longest run of trades with net below zero
    std::optional<double> mean_minutes;    // from the first entry to the last exit of a trade
    std::int64_t slippage_ticks = 0;       // ticks times contracts lost against prices expected
    std::optional<model::Money> best_day;  // greatest and least change of a day's equity
    std::optional<model::Money> worst_day;
    double time_in_market = 0;  // sum of the trades' durations / time from first to last bar
};

// `days` are in order; `start` is the equity before the first of them; `span` is the time from the
// first to the last bar. `nominal` is what an equity that counts from zero lacks of the account's
// size, of which percent and ratios are taken.
Statistics statistics(std::span<const execution::Trade> trades, std::span<const DayEquity> days,
                      model::Money start, Nanos span, model::Money nominal = {});

}  // namespace bullpen::report
