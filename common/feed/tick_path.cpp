#include "common/feed/tick_path.hpp"

#include <array>

#include "common/base/assert.hpp"
#include "common/base/random.hpp"

namespace bullpen::feed {

namespace {

constexpr std::int64_t k_parts_of_a_leg = 3;
constexpr std::uint64_t k_wider_one_in = 8;
constexpr std::uint64_t k_wide_minute_one_in = 128;
constexpr std::int64_t k_wide_times = 4;

using Corners = std::array<model::Price, 4>;

// Chance of this bar alone, so that a path needs nothing of the bars before it.
SeededRandom chance_of(const model::Bar& bar, std::uint64_t seed) {
    std::uint64_t mixed = seed;
    mixed = (mixed ^ static_cast<std::uint64_t>(unix_nanos(bar.start))) * 0x9e3779b97f4a7c15;
    mixed ^= mixed >> 29;
    return SeededRandom(mixed);
}

void add_price(model::Price price, std::vector<model::QuotedTrade>* path) {
    path->emplace_back().price = price;
}

// Fewer contracts than trades: the corners alone, where the price changes.
void keep_to_corners(const Corners& corners, std::vector<model::QuotedTrade>* path) {
    path->clear();
    for (const auto corner : corners) {
        if (path->empty() || path->back().price != corner)
            add_price(corner, path);
    }
}

void set_prices(const model::Bar& bar, const Corners& corners,
                std::vector<model::QuotedTrade>* path) {
    path->clear();
    add_price(corners.front(), path);
    for (std::size_t i = 1; i < corners.size(); ++i) {
        const std::int64_t way = (corners.at(i) - corners.at(i - 1)).value;
        for (std::int64_t part = 1; part <= k_parts_of_a_leg; ++part)
            add_price(corners.at(i - 1) + model::Ticks{way * part / k_parts_of_a_leg}, path);
    }
    if (bar.volume < static_cast<std::int64_t>(path->size()))
        keep_to_corners(corners, path);
    if (bar.volume < static_cast<std::int64_t>(path->size()))
        path->clear();
}

}  // namespace

void make_tick_path(const model::Bar& bar, const TickPathOptions& options,
                    std::vector<model::QuotedTrade>* path) {
    BULLPEN_ASSERT(options.spread.value >= 1 && options.times >= 1, "a spread is a tick at least");
    const bool rose = bar.close >= bar.open;
    const Corners corners = rose ? Corners{bar.open, bar.low, bar.high, bar.close}
                                 : Corners{bar.open, bar.high, bar.low, bar.close};
    set_prices(bar, corners, path);
    const auto count = static_cast<std::int64_t>(path->size());
    auto chance = chance_of(bar, options.seed);
    const std::int64_t times =
        options.times * (chance.below(k_wide_minute_one_in) == 0 ? k_wide_times : 1);
    bool at_ask = rose;
    for (std::int64_t i = 0; i < count; ++i) {
        auto& trade = (*path)[static_cast<std::size_t>(i)];
        if (i > 0 && trade.price != (*path)[static_cast<std::size_t>(i - 1)].price)
            at_ask = trade.price > (*path)[static_cast<std::size_t>(i - 1)].price;
        const std::int64_t wider = chance.below(k_wider_one_in) == 0 ? 1 : 0;
        const model::Ticks spread{(options.spread.value + wider) * times};
        trade.bid = at_ask ? trade.price - spread : trade.price;
        trade.ask = at_ask ? trade.price : trade.price + spread;
        // In the middle of its part of the minute.
        trade.time = bar.start + Nanos(bar.span) * (2 * i + 1) / (2 * count);
        trade.size = bar.volume / count + (i < bar.volume % count ? 1 : 0);
    }
}

}  // namespace bullpen::feed
