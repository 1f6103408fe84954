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

std::string text_of(std::chrono::sys_days day) {
    return format_utc(UtcTime(day)).substr(0, 10);
}

// What the account's own orders have come to, by the broker's book of orders, which has those of a
// week.
struct OwnChange {
    std::int64_t newest_day = 0;
    std::int64_t since = 0;  // since the position was looked at last
};

OwnChange own_change(const ShareRecords& records, const ShareWorld& world,
                     const std::string& symbol, const KnownPosition& position,
                     std::chrono::sys_days newest) {
    OwnChange change;
    const auto stops = records.stops.find(symbol);
    bool has_day_before = false;
    for (const auto& order : world.orders) {
        if (order.symbol != symbol || order.product != matching::Product::cnc)
            continue;
        const bool by_stop = order.trigger != 0 && stops != records.stops.end() &&
                             stops->second.own.contains(order.trigger);
        if (order.client.empty() && !by_stop)
            continue;
        const auto traded = order.side == model::Side::buy ? order.filled : -order.filled;
        const auto day = text_of(order.day);
        change.newest_day += order.day == newest ? traded : 0;
        change.since += day >= position.own_day ? traded : 0;
        has_day_before = has_day_before || day == position.own_day;
    }
    if (has_day_before)
        change.since -= position.own;
    return change;
}

}  // namespace

SyncNews sync_positions(ShareRecords& records, const ShareWorld& world, Nanos ghost_after) {
    SyncNews news;
    const auto day = newest_day(world);
    for (const auto& [symbol, held] : world.held) {
        const auto quantity = held.holding.all();
        if (quantity == 0)
            continue;
        const auto [found, added] = records.positions.try_emplace(symbol);
        auto& position = found->second;
        position.absent_since.reset();
        if (held.sellable > covered_by_triggers(world, symbol))
            news.unprotected.push_back(symbol);
        const auto own = own_change(records, world, symbol, position, day);
        position.own_day = text_of(day);
        position.own = own.newest_day;
        if (!added && position.quantity == quantity)
            continue;
        (added ? news.added : news.changed).push_back(symbol);
        position.manual = own.since != quantity - position.quantity;
        if (position.manual) {
            news.manual.push_back(symbol);
            news.not_ours.push_back({symbol, position.quantity, quantity});
        }
        position.quantity = quantity;
    }
    for (auto it = records.positions.begin(); it != records.positions.end();) {
        const auto& [symbol, position] = *it;
        const auto held = world.held.find(symbol);
        if (held != world.held.end() && held->second.holding.all() != 0) {
            ++it;
            continue;
        }
        const auto own = own_change(records, world, symbol, position, day).since;
        if (!position.absent_since && own != -position.quantity)
            news.not_ours.push_back({symbol, position.quantity, 0});
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
