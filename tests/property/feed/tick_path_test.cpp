#include "common/feed/tick_path.hpp"

#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <algorithm>

#include "common/feed/tick_bars.hpp"

namespace bullpen::feed {
namespace {

model::Bar any_bar() {
    const auto prices = *rc::gen::container<std::vector<int>>(4, rc::gen::inRange(-40, 40));
    model::Bar bar;
    bar.start = UtcTime(std::chrono::sys_days(std::chrono::year(2025) / 1 / 9)) +
                std::chrono::minutes(*rc::gen::inRange(0, 100'000));
    bar.open = {20'000 + prices[0]};
    bar.close = {20'000 + prices[1]};
    bar.high = std::max({bar.open, bar.close, model::Price{20'000 + prices[2]}});
    bar.low = std::min({bar.open, bar.close, model::Price{20'000 + prices[3]}});
    bar.volume = *rc::gen::inRange(0, 40);
    return bar;
}

}  // namespace

TEST_CASE("the trades of any bar that has a path are that bar, and only one too small has none") {
    CHECK(rc::check([] {
        const auto bar = any_bar();
        std::vector<model::QuotedTrade> path;
        make_tick_path(bar, {*rc::gen::arbitrary<std::uint64_t>(), model::Ticks{1}, 1}, &path);
        if (path.empty()) {
            RC_ASSERT(bar.volume < 4);
            return;
        }
        TickBars bars;
        std::vector<model::Bar> made;
        std::uint64_t sequence = 0;
        for (const auto& trade : path) {
            RC_ASSERT(trade.size > 0);
            RC_ASSERT(trade.bid < trade.ask);
            RC_ASSERT(trade.bid <= trade.price && trade.price <= trade.ask);
            const model::Tick tick{trade.time, ++sequence, trade.price, trade.size,
                                   model::TickKind::trade};
            bars.add(tick, trade.time, &made);
        }
        RC_ASSERT(made.empty());
        bars.advance(bar.end() + TickBarsOptions{}.grace, &made);
        RC_ASSERT(made == std::vector{bar});
    }));
}

}  // namespace bullpen::feed
