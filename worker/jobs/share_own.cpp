#include "worker/jobs/share_own.hpp"

#include <algorithm>
#include <map>

namespace bullpen::jobs {

namespace {

using model::Side;

constexpr std::int64_t k_paisa = 10'000;  // millionths

std::int64_t held_of(const ShareWorld& world, const std::string& symbol) {
    const auto found = world.held.find(symbol);
    return found == world.held.end() ? 0 : found->second.holding.all();
}

// What the stops of a share but for `but_for` would sell when it falls: together, and the largest
// of those that do not sell more than `held`.
struct Stopped {
    std::int64_t together = 0;
    std::int64_t largest = 0;
};
Stopped stopped(const ShareWorld& world, const std::string& symbol, std::int64_t held,
                const std::set<std::uint64_t>& but_for) {
    Stopped sum;
    for (const auto& trigger : world.triggers_near(symbol)) {
        if (trigger.symbol != symbol || trigger.side != Side::sell ||
            trigger.status != matching::TriggerStatus::active || !stops_a_fall(trigger) ||
            but_for.contains(trigger.number))
            continue;
        const auto quantity = trigger.first.quantity;
        sum.together += quantity;
        sum.largest = std::max(sum.largest, quantity <= held ? quantity : 0);
    }
    return sum;
}

// What triggers and orders would sell of a share when it falls.
std::int64_t covered(const ShareWorld& world, const std::string& symbol) {
    std::int64_t by_triggers = covered_by_triggers(world, symbol);
    const auto quote = world.quotes.find(symbol);
    std::int64_t by_orders = 0;
    for (const auto& order : world.orders) {
        const bool reached = quote == world.quotes.end() || order.limit <= quote->second.last;
        if (order.symbol == symbol && order.side == Side::sell && !is_final(order.status) &&
            order.product == matching::Product::cnc && reached)
            by_orders += order.quantity - order.filled;
    }
    return by_triggers + by_orders;
}

// What a day's orders of one share and product have come to.
struct Traded {
    std::int64_t quantity = 0;  // bought less sold
    std::int64_t paid = 0;      // in paise, less what was taken in
};
using TradedBy = std::map<std::pair<std::string, matching::Product>, Traded>;

TradedBy traded_on(const ShareWorld& world, std::chrono::sys_days day) {
    TradedBy all;
    for (const auto& order : world.orders) {
        if (order.day != day || order.filled == 0)
            continue;
        auto& traded = all[{order.symbol, order.product}];
        const std::int64_t sign = order.side == Side::buy ? 1 : -1;
        traded.quantity += sign * order.filled;
        traded.paid += sign * order.value;
    }
    return all;
}

// A sale by a stop whose number nobody has heard of yet.
bool may_become_own(const ShareRecords& records, const ipc::ShareOrderTold& order) {
    const auto stops = records.stops.find(order.symbol);
    return order.trigger != 0 && stops != records.stops.end() &&
           (stops->second.intent || !stops->second.late.empty());
}

// The exchange's day is that of UTC, all of its hours.
StopsRaised& raised_on(ShareRecords& records, UtcTime at) {
    constexpr std::size_t k_day_size = 10;
    auto day = format_utc(at).substr(0, k_day_size);
    if (records.raised.day != day)
        records.raised = {std::move(day), 0};
    return records.raised;
}

// What came and went of a share since it was counted last; sales are below zero.
struct OwnChange {
    std::int64_t own = 0;
    std::int64_t by_others = 0;
};

// A stop of ours may have sold what a person bought, and a person what our orders brought: of both
// no more is ours than what is left of it. A person's sale is taken from theirs first. What is held
// may be newer than the orders, and lower by a sale of ours that comes with the next ones: so a
// person's sale takes no more from ours than it sold.
void apply(const OwnChange& change, std::int64_t& own, std::int64_t held) {
    // An earlier program let it fall below nought.
    own = std::max<std::int64_t>(std::max<std::int64_t>(own, 0) + change.own, 0);
    if (change.by_others < 0 && own > held)
        own = std::max(own + change.by_others, std::max<std::int64_t>(held, 0));
}

}  // namespace

bool is_own(const ShareRecords& records, const ipc::ShareOrderTold& order) {
    if (!order.client.empty())
        return true;
    const auto stops = records.stops.find(order.symbol);
    return order.trigger != 0 && stops != records.stops.end() &&
           stops->second.own.contains(order.trigger);
}

model::ClientOrderId unused_id(const ShareWorld& world, std::string_view tag, std::string_view day,
                               const std::string& symbol, std::string_view leg) {
    for (int n = 0;; ++n) {
        auto id = share_order_id(tag, day, symbol, std::string(leg) + std::to_string(n));
        if (world.find(id) == nullptr)
            return id;
    }
}

std::int64_t covered_by_triggers(const ShareWorld& world, const std::string& symbol) {
    const auto held = held_of(world, symbol);
    const auto [together, largest] = stopped(world, symbol, held, {});
    return together <= held ? together : largest;
}

std::int64_t beside_person(const StopRecords& stops, const ShareWorld& world,
                           const std::string& symbol) {
    const auto sellable = world.sellable(symbol);
    const auto [together, largest] = stopped(world, symbol, sellable, stops.own);
    if (together <= sellable)
        return sellable - together;
    return largest == sellable ? 0 : sellable;
}

std::string left_to_person_text(const ShareRecords& records, const ShareWorld& world,
                                const std::set<std::string>& but_for) {
    std::string text;
    for (const auto& [symbol, held] : world.held) {
        const auto stops = records.stops.find(symbol);
        if (but_for.contains(symbol))
            continue;
        const auto left =
            held.sellable -
            beside_person(stops == records.stops.end() ? StopRecords{} : stops->second, world,
                          symbol);
        if (left > 0) {
            text += (text.empty() ? "; left to a person's stop: " : ", ") + symbol + " " +
                    std::to_string(left);
        }
    }
    return text;
}

std::vector<OwnFill> count_own(ShareRecords& records, const ShareWorld& world) {
    std::vector<OwnFill> fills;
    std::map<std::uint64_t, std::int64_t> counted;
    std::map<std::string, OwnChange> changes;
    for (const auto& order : world.orders) {
        if (order.product != matching::Product::cnc || order.filled == 0)
            continue;
        const bool own = is_own(records, order);
        if (!own && (order.side == Side::buy || may_become_own(records, order)))
            continue;
        const auto known = records.counted.find(order.number);
        const auto before = known == records.counted.end() ? 0 : known->second;
        const auto fresh = order.filled - before;
        counted[order.number] = order.filled;
        auto& change = changes[order.symbol];
        (!own ? change.by_others : change.own) += order.side == Side::buy ? fresh : -fresh;
        if (own && fresh > 0 && order.side == Side::sell)
            records.sold[order.symbol] = world.at;
        if (own && fresh > 0)
            fills.push_back(
                {order.symbol, order.side, fresh, {order.value / order.filled}, order.trigger});
    }
    for (const auto& [symbol, change] : changes)
        apply(change, records.own[symbol], held_of(world, symbol));
    // What the broker does not tell any more will not change any more.
    records.counted = std::move(counted);
    std::erase_if(records.own, [](const auto& one) { return one.second <= 0; });
    std::erase_if(records.sold, [&](const auto& one) {
        return world.at - one.second > ShareRecords::k_sold_kept;
    });
    return fills;
}

bool note_prices(ShareRecords& records, const ShareWorld& world) {
    bool changed = false;
    const auto note = [&](model::Price& known, model::Price price) {
        changed = changed || known != price;
        known = price;
    };
    for (const auto& order : world.orders) {
        const auto meant = records.orders.find(order.client.str());
        if (meant != records.orders.end() && order.filled > 0)
            note(meant->second.paid, {order.value / order.filled});
    }
    for (auto& [symbol, stops] : records.stops) {
        model::Price highest;
        for (const auto& trigger : world.stops(symbol)) {
            if (stops.own.contains(trigger.number))
                highest = std::max(highest, trigger.levels.trigger);
        }
        if (stops.standing.ticks > 0 && highest > stops.standing)
            ++raised_on(records, world.at).count;
        note(stops.standing, highest);
    }
    return changed;
}

std::int64_t own_quantity(const ShareRecords& records, const ShareWorld& world,
                          const std::string& symbol) {
    const auto held = held_of(world, symbol);
    const auto own = records.own.find(symbol);
    return std::clamp<std::int64_t>(own == records.own.end() ? 0 : own->second, 0,
                                    std::max<std::int64_t>(held, 0));
}

std::vector<Naked> naked_of(const ShareRecords& records, const ShareWorld& world) {
    std::vector<Naked> all;
    for (const auto& [symbol, held] : world.held) {
        const auto own = own_quantity(records, world, symbol);
        const auto left = own - covered(world, symbol);
        if (left > 0)
            all.push_back({symbol, left});
    }
    return all;
}

// What was held when the day began is worth its change since the close before; what was traded is
// worth its price now, less what was paid. Without a price, nobody knows.
std::optional<model::Money> profit_of_day(const ShareWorld& world, std::chrono::sys_days day) {
    auto traded = traded_on(world, day);
    for (const auto& [symbol, held] : world.held) {
        if (held.holding.all() != 0)
            traded.try_emplace({symbol, matching::Product::cnc});
        // The broker closes what is intraday by itself, by no order that could be asked for.
        if (held.intraday != 0)
            traded.try_emplace({symbol, matching::Product::mis});
    }
    std::int64_t paise = 0;
    for (const auto& [key, change] : traded) {
        const auto& [symbol, product] = key;
        const auto quote = world.quotes.find(symbol);
        const auto held = world.held.find(symbol);
        const bool known = held != world.held.end();
        const auto now = product == matching::Product::cnc ? held_of(world, symbol)
                         : known                           ? held->second.intraday
                                                           : 0;
        const auto before = now - change.quantity;
        if (before < 0 || (product == matching::Product::mis && before != 0))
            return std::nullopt;
        if (now == 0 && before == 0) {
            paise -= change.paid;
            continue;
        }
        if (quote == world.quotes.end())
            return std::nullopt;
        paise += now * quote->second.last.ticks - before * quote->second.close_before.ticks -
                 change.paid;
    }
    return model::Money{paise * k_paisa, model::k_inr};
}

ShareStanding standing_of(const ShareRecords& records, const ShareWorld& world,
                          std::chrono::sys_days day) {
    ShareStanding standing;
    standing.flat = true;
    standing.open = world.open;
    for (const auto& [symbol, held] : world.held) {
        const auto size = held.holding.all() + std::abs(held.intraday);
        standing.shares += size;
        standing.symbols += size != 0 ? 1 : 0;
        if (own_quantity(records, world, symbol) != 0)
            standing.flat = false;
    }
    for (const auto& order : world.orders) {
        if (is_final(order.status))
            continue;
        ++standing.working;
        standing.own_working += is_own(records, order) ? 1 : 0;
    }
    standing.flat = standing.flat && standing.own_working == 0;
    standing.naked = naked_of(records, world);
    standing.day_pnl = profit_of_day(world, day);
    return standing;
}

std::string text_of(const ShareStanding& standing) {
    if (standing.shares == 0 && standing.working == 0)
        return "flat";
    std::string text = standing.shares == 0 ? "no shares"
                                            : std::to_string(standing.shares) + " of " +
                                                  std::to_string(standing.symbols) +
                                                  (standing.symbols == 1 ? " share" : " shares");
    if (!standing.naked.empty())
        text += ", " + std::to_string(standing.naked.size()) + " UNPROTECTED";
    if (standing.working > 0)
        text += ", " + std::to_string(standing.working) +
                (standing.working == 1 ? " order" : " orders");
    return text;
}

}  // namespace bullpen::jobs
