#include "common/feed/tick_path.hpp"

#include <doctest/doctest.h>

#include "common/feed/feed.hpp"
#include "common/feed/tick_bars.hpp"

namespace bullpen::feed {
namespace {

const UtcTime k_start = UtcTime(std::chrono::sys_days(std::chrono::year(2025) / 1 / 9));

model::Bar bar(std::int64_t open, std::int64_t high, std::int64_t low, std::int64_t close,
               std::int64_t volume) {
    model::Bar made;
    made.start = k_start;
    made.open = {open};
    made.high = {high};
    made.low = {low};
    made.close = {close};
    made.volume = volume;
    return made;
}

std::vector<std::int64_t> prices(const model::Bar& of) {
    std::vector<model::QuotedTrade> path;
    make_tick_path(of, {}, &path);
    std::vector<std::int64_t> ticks;
    for (const auto& trade : path)
        ticks.push_back(trade.price.ticks);
    return ticks;
}

using Prices = std::vector<std::int64_t>;

}  // namespace

TEST_CASE("a bar that rose is traded down to its low first, and one that fell up to its high") {
    CHECK(prices(bar(100, 109, 94, 103, 50)) ==
          Prices{100, 98, 96, 94, 99, 104, 109, 107, 105, 103});
    CHECK(prices(bar(103, 109, 94, 100, 50)) ==
          Prices{103, 105, 107, 109, 104, 99, 94, 96, 98, 100});
}

TEST_CASE("a bar of few contracts is its corners, and of fewer than those it has no trades") {
    CHECK(prices(bar(100, 109, 94, 103, 9)) == Prices{100, 94, 109, 103});
    CHECK(prices(bar(100, 109, 94, 103, 4)) == Prices{100, 94, 109, 103});
    CHECK(prices(bar(100, 109, 94, 103, 3)).empty());
    CHECK(prices(bar(94, 109, 94, 109, 2)) == Prices{94, 109});
    CHECK(prices(bar(100, 100, 100, 100, 1)) == Prices{100});
    CHECK(prices(bar(100, 100, 100, 100, 0)).empty());
}

TEST_CASE("a trade after a rise is at the ask, one after a fall at the bid, a spread apart") {
    std::vector<model::QuotedTrade> path;
    make_tick_path(bar(100, 109, 94, 103, 53), {1, model::Ticks{2}, 1}, &path);
    REQUIRE(path.size() == 10);
    std::int64_t volume = 0;
    for (std::size_t i = 0; i < path.size(); ++i) {
        CAPTURE(i);
        const bool rose = i == 0 || path[i].price > path[i - 1].price;
        CHECK(path[i].price == (rose ? path[i].ask : path[i].bid));
        CHECK((path[i].ask - path[i].bid).value >= 2);
        CHECK(path[i].time > (i == 0 ? k_start : path[i - 1].time));
        CHECK(path[i].time < k_start + model::k_minute);
        volume += path[i].size;
    }
    CHECK(volume == 53);
}

TEST_CASE("spreads are as wide as the options say, and now and then a minute has them wider") {
    std::vector<model::QuotedTrade> path;
    std::size_t usual = 0;
    std::size_t wide_minutes = 0;
    constexpr std::size_t k_minutes = 5000;
    for (std::size_t i = 0; i < k_minutes; ++i) {
        auto one = bar(100, 109, 94, 103, 50);
        one.start += std::chrono::minutes(i);
        make_tick_path(one, {}, &path);
        const auto widest = [&] {
            std::int64_t most = 0;
            for (const auto& trade : path)
                most = std::max(most, (trade.ask - trade.bid).value);
            return most;
        }();
        usual += widest <= 2 ? 1 : 0;
        wide_minutes += widest >= 4 ? 1 : 0;
    }
    CHECK(usual + wide_minutes == k_minutes);
    // One in 128.
    CHECK(wide_minutes > 20);
    CHECK(wide_minutes < 60);
    make_tick_path(bar(100, 109, 94, 103, 50), {1, model::Ticks{1}, 10}, &path);
    for (const auto& trade : path)
        CHECK((trade.ask - trade.bid).value >= 10);
}

TEST_CASE("the trades of the synthetic market's bars make the same bars, each in its minute") {
    SyntheticOptions options;
    options.seed = 7;
    const auto feed = std::move(*open_synthetic(options));
    feed->start({});
    TickBars bars;
    std::vector<model::Bar> made;
    std::vector<model::Bar> wanted;
    std::vector<model::QuotedTrade> path;
    for (int i = 0; i < 5000; ++i) {
        const auto next = feed->next({});
        wanted.push_back(std::get<model::Bar>(next));
        make_tick_path(wanted.back(), {}, &path);
        std::uint64_t sequence = 0;
        for (const auto& trade : path) {
            const model::Tick tick{trade.time, ++sequence, trade.price, trade.size,
                                   model::TickKind::trade};
            bars.add(tick, trade.time, &made);
        }
    }
    bars.advance(wanted.back().end() + TickBarsOptions{}.grace, &made);
    CHECK(made == wanted);
    CHECK(bars.counters().late == 0);
}

}  // namespace bullpen::feed
