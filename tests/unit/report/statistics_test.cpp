// Every statistic against numbers worked out by hand; the working is beside each.
#include "worker/report/statistics.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <vector>

using namespace bullpen;
using namespace bullpen::report;
using namespace std::chrono_literals;

namespace {

model::Money dollars(std::int64_t amount) {
    return {amount * 1'000'000, model::k_usd};
}

execution::Trade trade(std::int64_t gross, std::int64_t fees, std::chrono::minutes from,
                       std::chrono::minutes to) {
    execution::Trade made;
    made.gross = dollars(gross);
    made.fees = dollars(fees);
    made.opened = UtcTime(from);
    made.closed = UtcTime(to);
    return made;
}

DayEquity day(int number, std::int64_t equity) {
    return {time::TradingDay(std::chrono::days(20'000 + number)), dollars(equity)};
}

}  // namespace

TEST_CASE("four trades give the counts, sums and means that a pencil gives") {
    // Nets: +100 - 2 = 98, -50 - 2 = -52, +30 - 2 = 28, +2 - 2 = 0.
    const std::vector trades{trade(100, 2, 0min, 10min), trade(-50, 2, 20min, 25min),
                             trade(30, 2, 30min, 60min), trade(2, 2, 70min, 75min)};
    const auto s = statistics(trades, {}, dollars(1'000), 100min);
    CHECK(s.trades == 4);
    CHECK(s.wins == 2);
    CHECK(s.losses == 1);
    CHECK(s.gross == dollars(82));
    CHECK(s.fees == dollars(8));
    CHECK(s.net == dollars(74));
    CHECK(s.largest_win == dollars(98));
    CHECK(s.largest_loss == dollars(-52));
    CHECK(s.win_rate == doctest::Approx(0.5));
    CHECK(s.expectancy == doctest::Approx(18.5));  // 74 / 4
    CHECK(s.mean_win == doctest::Approx(63));      // (98 + 28) / 2
    CHECK(s.mean_loss == doctest::Approx(-52));
    CHECK(s.profit_factor == doctest::Approx(126.0 / 52));
    // 10 + 5 + 30 + 5 of 100 minutes.
    CHECK(s.time_in_market == doctest::Approx(0.5));
    // 10, 5, 30 and 5 minutes.
    CHECK(s.mean_minutes == doctest::Approx(12.5));
    CHECK(s.losses_in_a_row == 1);
    // 1000, 1098, 1046, 1074, 1074: 52 below 1098.
    CHECK(s.max_drawdown == dollars(52));
    CHECK(s.max_drawdown_percent.value() == doctest::Approx(100 * 52.0 / 1098));
}

TEST_CASE("the ratios come from daily returns, with 252 days a year and no risk-free rate") {
    // 1000, 1100, 990, 1089: returns 0.1, -0.1, 0.1.
    const std::vector days{day(0, 1'100), day(1, 990), day(2, 1'089)};
    const auto s = statistics({}, days, dollars(1'000), 1h);
    const double mean = 0.1 / 3;
    // Deviations from the mean: 2/30, -4/30, 2/30; squares 4, 16, 4 of 900; over n - 1 = 2.
    const double deviation = std::sqrt(24.0 / 900 / 2);
    CHECK(s.sharpe.value() == doctest::Approx(mean / deviation * std::sqrt(252.0)));
    // Only the one loss counts, over all three days.
    CHECK(s.sortino.value() == doctest::Approx(mean / std::sqrt(0.01 / 3) * std::sqrt(252.0)));
    // The greatest fall of the daily equity: from 1100 to 990.
    CHECK(s.calmar.value() == doctest::Approx(mean * 252 / 0.1));
    CHECK(s.max_drawdown == dollars(110));
    CHECK(s.max_drawdown_percent.value() == doctest::Approx(10));
}

TEST_CASE("percent and ratios of an equity that counts from zero are of the account's size") {
    // A funded account of 50,000: 0, 500, -250, 250 are 50,000, 50,500, 49,750 and 50,250.
    const std::vector counted{day(0, 500), day(1, -250), day(2, 250)};
    const std::vector shown{day(0, 50'500), day(1, 49'750), day(2, 50'250)};
    const auto s = statistics({}, counted, dollars(0), 1h, dollars(50'000));
    const auto same = statistics({}, shown, dollars(50'000), 1h);
    CHECK(s.max_drawdown == dollars(750));
    CHECK(s.max_drawdown_percent.value() == doctest::Approx(100 * 750.0 / 50'500));
    CHECK(s.sharpe.value() == doctest::Approx(same.sharpe.value()));
    CHECK(s.sortino.value() == doctest::Approx(same.sortino.value()));
    CHECK(s.calmar.value() == doctest::Approx(same.calmar.value()));
    CHECK(s.best_day == dollars(500));
    // Of a size that nobody knows, no percentage is said.
    CHECK_FALSE(statistics({}, {{day(0, -250)}}, dollars(0), 1h).max_drawdown_percent);
}

TEST_CASE("losses in a row are counted until one trade does not lose, and days by their changes") {
    // Nets: -1, -1, 0, -1, -1, -1, +5, -1: three in a row, since a trade of zero does not lose.
    std::vector<execution::Trade> trades;
    for (const std::int64_t net : {-1, -1, 0, -1, -1, -1, 5, -1}) {
        trades.push_back(trade(net, 0, 0min, 1min));
        trades.back().slippage_ticks = 3;
    }
    // 1000, 1040, 990, 1005: changes +40, -50, +15.
    const std::vector days{day(0, 1'040), day(1, 990), day(2, 1'005)};
    const auto s = statistics(trades, days, dollars(1'000), 1h);
    CHECK(s.losses_in_a_row == 3);
    CHECK(s.slippage_ticks == 24);
    CHECK(s.best_day == dollars(40));
    CHECK(s.worst_day == dollars(-50));
}

TEST_CASE("what cannot be said of a run is absent, and never zero or infinite") {
    const auto nothing = statistics({}, {}, dollars(1'000), 0s);
    CHECK(nothing.trades == 0);
    CHECK_FALSE(nothing.win_rate);
    CHECK_FALSE(nothing.profit_factor);
    CHECK_FALSE(nothing.sharpe);
    CHECK_FALSE(nothing.sortino);
    CHECK_FALSE(nothing.calmar);
    CHECK_FALSE(nothing.mean_minutes);
    CHECK_FALSE(nothing.best_day);
    CHECK_FALSE(nothing.largest_win);
    CHECK_FALSE(nothing.largest_loss);
    CHECK(nothing.max_drawdown == dollars(0));

    const std::vector winners{trade(10, 0, 0min, 1min)};
    const std::vector rising{day(0, 1'010), day(1, 1'020), day(2, 1'030)};
    const auto only_wins = statistics(winners, rising, dollars(1'000), 1h);
    CHECK_FALSE(only_wins.profit_factor);
    CHECK_FALSE(only_wins.mean_loss);
    CHECK_FALSE(only_wins.largest_loss);
    CHECK(only_wins.largest_win == dollars(10));
    CHECK_FALSE(only_wins.sortino);
    CHECK_FALSE(only_wins.calmar);
    CHECK(only_wins.sharpe);
}
