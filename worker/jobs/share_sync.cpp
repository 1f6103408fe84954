#include "worker/jobs/share_sync.hpp"

#include <algorithm>

#include "worker/jobs/share_own.hpp"

namespace bullpen::jobs {

namespace {

// The newest trading day of which the broker has an order.
std::chrono::sys_days newest_day(const ShareWorld& world) {
    std::chrono::sys_days day{};
    for (const auto& order : world.orders)
        day = std::max(day, order.day);
    return day;
}

// What the account's own orders of that day have come to, by the broker's book of orders.
std::int64_t own_change(const ShareRecords& records, const ShareWorld& world,
                        const std::string& symbol, std::chrono::sys_days day) {
    std::int64_t change = 0;
    const auto stops = records.stops.find(symbol);
    for (const auto& order : world.orders) {
        if (order.symbol != symbol || order.day != day || order.product != matching::Product::cnc)
            continue;
        const bool by_stop = order.trigger != 0 && stops != records.stops.end() &&
                             stops->second.own.contains(order.trigger);
        if (!order.client.empty() || by_stop)
            change += order.side == model::Side::buy ? order.filled : -order.filled;
    }
    return change;
}

}  // namespace

SyncNews sync_positions(ShareRecords& records, const ShareWorld& world, Nanos ghost_after) {
    SyncNews news;
    const auto day = newest_day(world);
    const auto day_text = format_utc(UtcTime(day)).substr(0, 10);
    for (const auto& [symbol, held] : world.held) {
        const auto quantity = held.holding.all();
        if (quantity == 0)
            continue;
        const auto [found, added] = records.positions.try_emplace(symbol);
        auto& position = found->second;
        position.absent_since.reset();
        if (held.sellable > covered_by_triggers(world, symbol))
            news.unprotected.push_back(symbol);
        const auto own = own_change(records, world, symbol, day);
        const auto before = position.own_day == day_text ? position.own : 0;
        position.own_day = day_text;
        position.own = own;
        if (!added && position.quantity == quantity)
            continue;
        (added ? news.added : news.changed).push_back(symbol);
        position.manual = own - before != quantity - position.quantity;
        if (position.manual)
            news.manual.push_back(symbol);
        position.quantity = quantity;
    }
    for (auto it = records.positions.begin(); it != records.positions.end();) {
        const auto& [symbol, position] = *it;
        const auto held = world.held.find(symbol);
        if (held != world.held.end() && held->second.holding.all() != 0) {
            ++it;
            continue;
        }
        auto& since = it->second.absent_since;
        since = since.value_or(world.at);
        if (world.at - *since >= ghost_after) {
            news.removed.push_back(symbol);
            records.own.erase(symbol);
            it = records.positions.erase(it);
        } else {
            news.ghosts.push_back(symbol);
            ++it;
        }
    }
    return news;
}

}  // namespace bullpen::jobs
