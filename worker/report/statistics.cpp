#include "worker/report/statistics.hpp"

#include <algorithm>
#include <cmath>
#include <vector>

namespace bullpen::report {

namespace {

constexpr double k_days_a_year = 252;

double units(model::Money money) {
    return static_cast<double>(money.millionths) / 1e6;
}

void count_trade(const execution::Trade& trade, Statistics& result, model::Money& won,
                 model::Money& lost) {
    const auto net = trade.net();
    ++result.trades;
    result.gross = result.gross + trade.gross;
    result.fees = result.fees + trade.fees;
    result.net = result.net + net;
    if (net.millionths > 0) {
        ++result.wins;
        won = won + net;
        result.largest_win = std::max(result.largest_win.value_or(net), net);
    } else if (net.millionths < 0) {
        ++result.losses;
        lost = lost - net;
        result.largest_loss = std::min(result.largest_loss.value_or(net), net);
    }
}

// Equity after each trade: its sum of nets. Days tell of open positions, trades of what lies within
// a day.
void find_drawdown(std::span<const execution::Trade> trades, std::span<const DayEquity> days,
                   model::Money start, double nominal, Statistics& result) {
    result.max_drawdown_percent = 0;
    const auto walk = [&](auto&& next) {
        model::Money high = start;
        while (const auto equity = next()) {
            high = std::max(high, *equity);
            const auto fall = high - *equity;
            if (fall > result.max_drawdown) {
                result.max_drawdown = fall;
                const double size = units(high) + nominal;
                result.max_drawdown_percent =
                    size > 0 ? std::optional(100 * units(fall) / size) : std::nullopt;
            }
        }
    };
    model::Money equity = start;
    auto trade = trades.begin();
    walk([&]() -> std::optional<model::Money> {
        if (trade == trades.end())
            return std::nullopt;
        equity = equity + (trade++)->net();
        return equity;
    });
    auto day = days.begin();
    walk([&]() -> std::optional<model::Money> {
        return day == days.end() ? std::nullopt : std::optional((day++)->equity);
    });
}

void find_days(std::span<const DayEquity> days, model::Money start, Statistics& result) {
    auto before = start;
    for (const auto& day : days) {
        const auto change = day.equity - before;
        result.best_day = result.best_day ? std::max(*result.best_day, change) : change;
        result.worst_day = result.worst_day ? std::min(*result.worst_day, change) : change;
        before = day.equity;
    }
}

void find_ratios(std::span<const DayEquity> days, model::Money start, double nominal,
                 Statistics& result) {
    std::vector<double> returns;
    double before = units(start) + nominal;
    double high = before;
    double fall = 0;
    for (const auto& day : days) {
        const double equity = units(day.equity) + nominal;
        if (before <= 0)
            return;
        returns.push_back(equity / before - 1);
        high = std::max(high, equity);
        fall = std::max(fall, 1 - equity / high);
        before = equity;
    }
    if (returns.size() < 2)
        return;
    const auto count = static_cast<double>(returns.size());
    double sum = 0;
    double below = 0;
    for (const double r : returns) {
        sum += r;
        below += std::min(r, 0.0) * std::min(r, 0.0);
    }
    const double mean = sum / count;
    double squares = 0;
    for (const double r : returns)
        squares += (r - mean) * (r - mean);
    const double deviation = std::sqrt(squares / (count - 1));
    if (deviation > 0)
        result.sharpe = mean / deviation * std::sqrt(k_days_a_year);
    if (below > 0)
        result.sortino = mean / std::sqrt(below / count) * std::sqrt(k_days_a_year);
    if (fall > 0)
        result.calmar = mean * k_days_a_year / fall;
}

}  // namespace

Statistics statistics(std::span<const execution::Trade> trades, std::span<const DayEquity> days,
                      model::Money start, Nanos span, model::Money nominal) {
    const model::Money zero{0, start.currency};
    Statistics result;
    result.net = result.gross = result.fees = zero;
    result.max_drawdown = zero;
    model::Money won = zero;
    model::Money lost = zero;
    Nanos held{0};
    std::uint64_t losses_now = 0;
    for (const auto& trade : trades) {
        count_trade(trade, result, won, lost);
        held += trade.closed - trade.opened;
        losses_now = trade.net().millionths < 0 ? losses_now + 1 : 0;
        result.losses_in_a_row = std::max(result.losses_in_a_row, losses_now);
        result.slippage_ticks += trade.slippage_ticks;
    }
    if (result.trades > 0) {
        const auto count = static_cast<double>(result.trades);
        result.win_rate = static_cast<double>(result.wins) / count;
        result.expectancy = units(result.net) / count;
        result.mean_minutes = std::chrono::duration<double, std::ratio<60>>(held).count() / count;
    }
    if (result.wins > 0)
        result.mean_win = units(won) / static_cast<double>(result.wins);
    if (result.losses > 0) {
        result.mean_loss = -units(lost) / static_cast<double>(result.losses);
        result.profit_factor = units(won) / units(lost);
    }
    find_drawdown(trades, days, start, units(nominal), result);
    find_ratios(days, start, units(nominal), result);
    find_days(days, start, result);
    if (span > Nanos{0})
        result.time_in_market =
            static_cast<double>(held.count()) / static_cast<double>(span.count());
    return result;
}

}  // namespace bullpen::report
