#include "worker/backtest/backtest.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <vector>

#include "tests/unit/backtest/market.hpp"

using namespace bullpen;
using namespace bullpen::backtest;
using test::market;

namespace {

BacktestSettings settings() {
    return test::run_settings();
}

constexpr std::size_t k_month = 22UL * 1380;

}  // namespace

TEST_CASE("two runs over the same bars trade the same, to the bit") {
    const auto bars = market(1, k_month);
    const SystemClock clock;
    const auto first = run(settings(), bars, clock).value();
    const auto second = run(settings(), bars, clock).value();
    REQUIRE(first.trades.size() > 5);
    CHECK(first.trades_hash == second.trades_hash);
    CHECK(first.trades == second.trades);
    CHECK(first.bars == bars.size());
    const auto other = run(settings(), market(2, k_month), clock).value();
    CHECK(other.trades_hash != first.trades_hash);
}

TEST_CASE("a run's books close: cash at the start and every trade's net give the cash at the end") {
    for (const std::uint64_t seed : {1U, 2U, 3U, 4U}) {
        CAPTURE(seed);
        const auto result = run(settings(), market(seed, k_month), SystemClock()).value();
        REQUIRE(result.open_contracts == 0);
        model::Money net{0, model::k_usd};
        for (const auto& trade : result.trades) {
            net = net + trade.net();
            CHECK(trade.opened < trade.closed);
            CHECK(trade.quantity > 0);
            CHECK(trade.quantity <= settings().risk.contracts_max);
        }
        CHECK(result.start_cash + net == result.end_equity);
        CHECK(result.totals.net() == net);
        REQUIRE_FALSE(result.days.empty());
        CHECK(result.days.back().equity == result.end_equity);
        for (std::size_t i = 1; i < result.days.size(); ++i)
            CHECK(result.days[i - 1].day < result.days[i].day);
    }
}

TEST_CASE("trades that bars let run past the time to be flat by are counted, and not passed over") {
    auto made = settings();
    made.session.flat_by = "16:10";
    made.strategy.holding_max = Nanos{0};
    made.strategy.early_loss_from.clear();
    made.strategy.tightened_from.clear();
    const auto bars = market(3, k_month);
    const auto whole = run(made, bars, SystemClock()).value();
    REQUIRE_FALSE(whole.trades.empty());
    CHECK(whole.overdue == 0);
    CHECK_FALSE(whole.overdue_since);
    // Without the minutes in which positions are closed.
    auto cut = bars;
    const auto calendar = time::MarketCalendar::load(time::Market::cme_equity_index).value();
    std::erase_if(cut, [&](const model::Bar& bar) {
        const auto wall =
            calendar.zone().local(bar.start).time_since_epoch() % std::chrono::days(1);
        return wall >= std::chrono::hours(15) && wall < std::chrono::hours(17);
    });
    const auto coarse = run(made, cut, SystemClock()).value();
    REQUIRE(coarse.overdue > 0);
    const auto first =
        std::ranges::find(coarse.trades, *coarse.overdue_since, &execution::Trade::opened);
    REQUIRE(first != coarse.trades.end());
    CHECK(first->closed - first->opened > std::chrono::hours(2));
    // The clock closes them with the first price there is, before the strategy sees a bar.
    for (const auto& trade : coarse.trades) {
        if (trade.closed - trade.opened < std::chrono::hours(2) || trade.why.view() != "overnight")
            continue;
        const auto wall =
            calendar.zone().local(trade.closed).time_since_epoch() % std::chrono::days(1);
        CHECK(wall == std::chrono::hours(18));
    }
    CHECK(std::ranges::count(coarse.trades, "overnight",
                             [](const execution::Trade& trade) { return trade.why.view(); }) > 0);
}

namespace {

// The same market in bars of half an hour.
std::vector<model::Bar> half_hours(std::span<const model::Bar> bars) {
    constexpr auto k_half_hour = std::chrono::minutes(30);
    std::vector<model::Bar> made;
    for (const auto& bar : bars) {
        const UtcTime start(bar.start.time_since_epoch() -
                            bar.start.time_since_epoch() % Nanos(k_half_hour));
        if (made.empty() || made.back().start != start) {
            made.push_back(bar);
            made.back().start = start;
            made.back().span = k_half_hour;
            continue;
        }
        auto& whole = made.back();
        whole.high = std::max(whole.high, bar.high);
        whole.low = std::min(whole.low, bar.low);
        whole.close = bar.close;
        whole.volume += bar.volume;
    }
    return made;
}

}  // namespace

TEST_CASE("what the clock would close within a bar of half an hour is closed at that bar's open") {
    auto made = settings();
    made.session.flat_by = "16:10";
    made.strategy.holding_max = Nanos{0};
    made.strategy.early_loss_from.clear();
    made.strategy.tightened_from.clear();
    made.strategy.break_even = false;
    made.strategy.trailing = false;
    made.strategy.band_exit = 8;
    made.strategy.stop_ticks = 60;
    made.strategy.stop_band_ticks = 100;
    made.risk.fast_market = false;
    made.risk.approach = config::ApproachMode::off;
    made.risk.daily_loss_max = 0;
    made.risk.per_trade_percent = 100;
    const auto minutes = market(3, 4 * k_month);
    const auto bars = half_hours(minutes);
    made.own_clock = false;
    REQUIRE(run(made, bars, SystemClock()).value().overdue > 0);
    made.own_clock = true;
    const auto result = run(made, bars, SystemClock()).value();
    CHECK(result.overdue == 0);
    const auto calendar = time::MarketCalendar::load(time::Market::cme_equity_index).value();
    std::size_t by_clock = 0;
    for (const auto& trade : result.trades) {
        if (trade.why.view() != "flat_by")
            continue;
        ++by_clock;
        const auto wall =
            calendar.zone().local(trade.closed).time_since_epoch() % std::chrono::days(1);
        CHECK(wall == std::chrono::hours(16));
    }
    CHECK(by_clock > 0);
    // Of bars of a minute the strategy closes everything itself.
    const auto with = run(made, minutes, SystemClock()).value();
    made.own_clock = false;
    CHECK(with.trades_hash == run(made, minutes, SystemClock()).value().trades_hash);
}

TEST_CASE("nothing is held over a market's close") {
    const auto result = run(settings(), market(3, k_month), SystemClock()).value();
    const auto calendar = time::MarketCalendar::load(time::Market::cme_equity_index).value();
    REQUIRE_FALSE(result.trades.empty());
    for (const auto& trade : result.trades)
        CHECK(calendar.trading_day(trade.opened) == calendar.trading_day(trade.closed));
}

TEST_CASE("costs only ever make a run worse") {
    const auto bars = market(1, k_month);
    auto free = settings();
    free.costs = {};
    free.risk.cost_percent = 0;
    auto dear = free;
    dear.costs.commission = {5'000'000, model::k_usd};
    const auto without = run(free, bars, SystemClock()).value();
    const auto with = run(dear, bars, SystemClock()).value();
    REQUIRE_FALSE(without.trades.empty());
    REQUIRE_FALSE(with.trades.empty());
    CHECK(without.trades.front().net() > with.trades.front().net());
    CHECK(without.totals.fees.millionths == 0);
    CHECK(with.totals.fees.millionths > 0);
}

TEST_CASE("without bars there is no trade, and with half of them no look ahead") {
    const SystemClock clock;
    const auto nothing = run(settings(), {}, clock).value();
    CHECK(nothing.trades.empty());
    CHECK(nothing.bars == 0);
    const auto bars = market(1, k_month);
    const auto whole = run(settings(), bars, clock).value();
    const auto half = run(settings(), std::span(bars).first(k_month / 2), clock).value();
    // All trades of the first half are those of the whole run: no bar tells of later ones.
    REQUIRE(half.trades.size() > 2);
    REQUIRE(half.trades.size() <= whole.trades.size());
    for (std::size_t i = 0; i < half.trades.size(); ++i)
        CHECK(half.trades[i] == whole.trades[i]);
}

TEST_CASE("bars before the first to be traded are learnt from, and nothing is entered on them") {
    const auto bars = market(1, k_month);
    const SystemClock clock;
    const auto whole = run(settings(), bars, clock).value();
    auto later = settings();
    later.trade_from = bars[k_month / 2].start;
    const auto part = run(later, bars, clock).value();
    REQUIRE_FALSE(part.trades.empty());
    CHECK(part.trades.size() < whole.trades.size());
    for (const auto& trade : part.trades)
        CHECK(trade.opened >= *later.trade_from);
    // Warm from the first bar it may trade on: entries come as soon as those of the whole run.
    const auto next = std::ranges::find_if(whole.trades, [&](const auto& trade) {
        return trade.entry.signal_bar >= *later.trade_from;
    });
    REQUIRE(next != whole.trades.end());
    CHECK(part.trades.front().opened <= next->opened);
    // What was learnt from is in no figure.
    CHECK(part.learnt == k_month / 2);
    CHECK(part.first == later.trade_from);
    CHECK(part.counters.bars == k_month - k_month / 2);
    CHECK(part.days.size() < whole.days.size() / 2 + 2);
    CHECK(part.days.back().day == whole.days.back().day);
    CHECK(part.counters.signals <= whole.counters.signals);
    std::uint64_t looked = part.counters.signals;
    for (std::size_t i = 0; i < strategy::k_gates; ++i)
        looked += part.gates.count(static_cast<strategy::Gate>(i));
    CHECK(looked <= part.counters.bars);
}
