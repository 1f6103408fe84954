// A strategy allocates nothing while it runs, whatever it decides.
#include <doctest/doctest.h>

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <new>

#include "tests/unit/strategy/candles.hpp"

namespace {
std::atomic<long> g_allocations{0};
}  // namespace

void* operator new(std::size_t size) {
    ++g_allocations;
    if (void* made = std::malloc(size == 0 ? 1 : size))
        return made;
    throw std::bad_alloc();
}
void operator delete(void* made) noexcept {
    std::free(made);
}
void operator delete(void* made, std::size_t) noexcept {
    std::free(made);
}

namespace bullpen::strategy {
namespace {

using namespace std::chrono_literals;

TEST_CASE("entries, parts, moves, exits, refusals, quotes and prices allocate nothing") {
    config::StrategySettings settings;
    settings.spread_by_hour = true;
    auto runner = StrategyRunner::create(settings, test::es()).value();
    Facts facts;
    facts.now = UtcTime(std::chrono::sys_days(std::chrono::year(2025) / 4 / 8) + 14h);
    facts.session.state = TradingState::entry_window;
    facts.session.minute_of_day = 600;
    indicators::IndicatorValues values;
    values.vwap = indicators::VwapValues{5000, 4, 1000};
    values.rsi_15m = 30;
    model::Bar quarter;
    quarter.volume = 1500;
    quarter.minutes = 15;
    quarter.close = {20'000};
    int entries = 0;
    int parts = 0;
    int moves = 0;
    int exits = 0;
    const auto minute = [&](std::int64_t low, std::int64_t close) {
        model::Bar bar;
        bar.start = facts.now;
        bar.open = bar.close = {close};
        bar.low = {low};
        bar.high = {std::max(low, close)};
        bar.volume = 100;
        facts.now += 1min;
        const Decisions& made = runner.on_bar(bar, values, {&quarter, 1}, facts);
        entries += made.get<Enter>() != nullptr ? 1 : 0;
        parts += made.get<Partial>() != nullptr ? 1 : 0;
        moves += made.get<MoveStop>() != nullptr ? 1 : 0;
        exits += made.get<Exit>() != nullptr ? 1 : 0;
    };
    // In ticks: 19'968 is 4992.00, a bounce off the lower band at 4991.60.
    const long before = g_allocations;
    for (int i = 0; i < 300; ++i) {
        runner.on_quote({{20'000}, {20'001 + i % 3}, 10, 10}, facts);
        minute(19'964, 19'968);
    }
    facts.position.quantity = 4;
    facts.position.average = {19'968};
    facts.position.entered = facts.now;
    facts.position.stop = model::Price{19'957};
    minute(19'968, 19'978);
    runner.on_price({19'985}, facts);
    minute(19'978, 19'990);
    facts.position.quantity = 2;
    minute(19'990, 19'991);
    facts.session.state = TradingState::closed;
    facts.session.forced = true;
    minute(19'990, 19'990);
    facts.position = {};
    facts.position.closed = 1;
    minute(19'990, 19'990);
    CHECK(g_allocations == before);
    CHECK(entries > 100);
    CHECK(parts == 1);
    CHECK(moves > 0);
    CHECK(exits == 1);
    CHECK(runner.gates().count(Gate::session_closed) == 2);
}

}  // namespace
}  // namespace bullpen::strategy
