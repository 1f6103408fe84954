#include "worker/jobs/placement.hpp"

#include <algorithm>
#include <optional>

#include "worker/jobs/share_own.hpp"

namespace bullpen::jobs {

namespace {

constexpr std::int64_t k_hundred = 100;
constexpr std::int64_t k_limit_percent = 95;

using Meant = std::pair<std::string, const MeantOrder*>;

// The orders of the day, the best first.
std::vector<Meant> meant_of(const ShareRecords& records, const std::string& day) {
    std::vector<Meant> meant;
    for (const auto& [client, order] : records.orders) {
        if (order.day == day)
            meant.emplace_back(client, &order);
    }
    std::stable_sort(meant.begin(), meant.end(), [](const Meant& a, const Meant& b) {
        return a.second->rank < b.second->rank;
    });
    return meant;
}

const ipc::ShareOrderTold* order_of(const ShareWorld& world, const std::string& client) {
    const auto id = model::ClientOrderId::parse(client);
    return id ? world.find(*id) : nullptr;
}

const StopRecords& stops_of(const ShareRecords& records, const std::string& symbol) {
    static const StopRecords k_none;
    const auto found = records.stops.find(symbol);
    return found == records.stops.end() ? k_none : found->second;
}

// Ours stand for all that may be sold, and below the price: one that the price has fallen through
// before it was there waits for a rise.
bool is_protected(const ShareRecords& records, const ShareWorld& world, const std::string& symbol,
                  std::int64_t quantity) {
    auto active = world.stops(symbol);
    if (const auto quote = world.quotes.find(symbol); quote != world.quotes.end()) {
        std::erase_if(active, [&](const SellTrigger& stop) {
            return stop.levels.trigger >= quote->second.last;
        });
    }
    return not_covered(stops_of(records, symbol), quantity, active) == 0;
}

bool is_overdue(const MeantOrder& order, const ShareWorld& world, const PlacementRules& rules) {
    return !world.open || rules.over || world.at >= rules.buys_until ||
           world.at - order.sent >= rules.fill_wait;
}

// What is to be done for the shares that an order brought; none when they are safe.
std::optional<PlacementStep> protect(const ShareRecords& records, const ShareWorld& world,
                                     const Meant& meant, const PlacementRules& rules) {
    const auto& [client, order] = meant;
    const auto& symbol = order->signal.symbol;
    const auto held = beside_person(stops_of(records, symbol), world, symbol);
    if (held <= 0) {
        // A stop of what was sold again could open nothing, but it lies about; so does one of what
        // a person's is for.
        const auto step = next_step(stops_of(records, symbol), 0, world.stops(symbol), {});
        const auto* old = std::get_if<DeleteStop>(&step);
        if (old != nullptr && (!world.held.contains(symbol) || world.sellable(symbol) > 0))
            return TakeStop{old->number};
        return std::nullopt;
    }
    const auto quote = world.quotes.find(symbol);
    if (quote == world.quotes.end())
        return std::nullopt;
    const auto last = quote->second.last;
    const auto tick = quote->second.tick;
    const auto lower = quote->second.lower;
    const auto by_signal = stop_of(order->signal, tick);
    const auto wanted = within_circuit(
        never_lower(by_signal, stops_of(records, symbol), world.stops(symbol)), lower, tick);
    // What the signal says is the order's to be refused with; where a stop stands, it is not.
    std::optional<StopLevels> beside;
    if (wanted.trigger > by_signal.trigger && !may_place(wanted.trigger, last)) {
        beside = may_place(by_signal.trigger, last)
                     ? by_signal
                     : prior_day_low(quote->second.low_before, last, tick);
        if (beside)
            beside = within_circuit(*beside, lower, tick);
    }
    // Below its stop already a trigger would wait for a rise.
    const bool possible = last > wanted.trigger && wanted.limit.ticks > 0 &&
                          order->stop_refusals < PlacementRules::k_tries_max;
    if (possible) {
        auto step = next_step(stops_of(records, symbol), held, world.stops(symbol), wanted, beside);
        if (auto* place = std::get_if<PlaceStop>(&step)) {
            auto& intent = place->intent;
            intent.last_price = price_to_say(intent.levels.trigger, last, tick);
            return SendStop{client, std::move(intent)};
        }
        if (const auto* old = std::get_if<DeleteStop>(&step))
            return TakeStop{old->number};
        return std::nullopt;
    }
    if (is_protected(records, world, symbol, held) ||
        rules.unprotected == config::Unprotected::alarm ||
        order->closings >= PlacementRules::k_tries_max || !world.open)
        return std::nullopt;
    // One price far off the others sells nothing.
    if (world.doubted.contains(symbol))
        return PlacementWait{};
    // What a person bought is not the job's to sell, whatever has become of its own.
    const auto own = std::min(held, own_quantity(records, world, symbol));
    return own > 0 ? std::optional<PlacementStep>(CloseShares{client, own}) : std::nullopt;
}

}  // namespace

PlacementRules placement_rules(const config::PlaceOrdersSettings& settings,
                               const AccountFacts& facts) {
    PlacementRules rules;
    rules.fill_wait = settings.fill_wait;
    rules.unprotected = settings.unprotected;
    if (facts.day_opens != UtcTime{})
        rules.buys_from = facts.day_opens + settings.open_wait;
    if (facts.day_closes != UtcTime{} && settings.cancel_before_close > Nanos{0})
        rules.buys_until = facts.day_closes - settings.cancel_before_close;
    return rules;
}

std::uint64_t overdue_entry(const ShareRecords& records, const ShareWorld& world,
                            const PlacementRules& rules) {
    for (const auto& [client, order] : records.orders) {
        const auto* known = order_of(world, client);
        if (known != nullptr && !is_final(known->status) && is_overdue(order, world, rules))
            return known->number;
    }
    return 0;
}

StopLevels stop_of(const Signal& signal, model::Ticks tick) {
    const auto trigger = signal.stop.ticks / tick.value * tick.value;
    const auto limit = trigger * k_limit_percent / k_hundred / tick.value * tick.value;
    return {{trigger}, {limit}};
}

void learn(ShareRecords& records, const ShareWorld& world, const std::string& day) {
    for (auto& [client, order] : records.orders) {
        if (order.day != day || order.state == MeantState::rejected)
            continue;
        const auto* known = order_of(world, client);
        if (known == nullptr) {
            if (order.state == MeantState::sent)
                order.state = MeantState::planned;
            continue;
        }
        order.filled = known->filled;
        if (known->status == matching::Status::rejected) {
            order.state = MeantState::rejected;
            order.note = known->refusal;
        } else {
            order.state = is_final(known->status) ? MeantState::over : MeantState::sent;
        }
    }
    for (auto& [symbol, stops] : records.stops)
        adopt(stops, world.stops(symbol), true, world.at);
}

std::optional<SendStop> stop_at_fill(const ShareRecords& records, const ShareWorld& world,
                                     const std::string& day, const PlacementRules& rules) {
    for (const auto& one : meant_of(records, day)) {
        const auto& symbol = one.second->signal.symbol;
        const auto* known = order_of(world, one.first);
        const auto quote = world.quotes.find(symbol);
        if (known == nullptr || known->filled == 0 || quote == world.quotes.end() ||
            is_protected(records, world, symbol,
                         beside_person(stops_of(records, symbol), world, symbol)))
            continue;
        auto alone = world;
        auto& last = alone.quotes.at(symbol).last;
        last = std::min(last, model::Price{known->value / known->filled});
        if (!may_place(stop_of(one.second->signal, quote->second.tick).trigger, last))
            continue;
        const auto step = protect(records, alone, one, rules);
        const auto* stop = step ? std::get_if<SendStop>(&*step) : nullptr;
        if (stop != nullptr)
            return *stop;
    }
    return std::nullopt;
}

PlacementStep next_placement(const ShareRecords& records, const ShareWorld& world,
                             const std::string& day, const PlacementRules& rules) {
    const auto meant = meant_of(records, day);
    bool waits = false;
    // What has filled comes before what may.
    for (const auto& one : meant) {
        const auto* known = order_of(world, one.first);
        if (known == nullptr || known->filled == 0)
            continue;
        const auto step = protect(records, world, one, rules);
        waits = waits || (step && std::holds_alternative<PlacementWait>(*step));
        if (step && !std::holds_alternative<PlacementWait>(*step))
            return *step;
    }
    for (const auto& [client, order] : meant) {
        const auto* known = order_of(world, client);
        if (known == nullptr && order->state == MeantState::planned) {
            if (!world.open || rules.over || world.at >= rules.buys_until)
                continue;
            if (world.at >= rules.buys_from)
                return SendOrder{client};
            waits = true;
        }
        if (known == nullptr || is_final(known->status))
            continue;
        if (is_overdue(*order, world, rules))
            return CancelOrder{known->number};
        waits = true;
    }
    if (waits)
        return PlacementWait{};
    return PlacementDone{};
}

std::vector<std::string> unprotected(const ShareRecords& records, const ShareWorld& world,
                                     const std::string& day) {
    std::vector<std::string> names;
    for (const auto& [client, order] : meant_of(records, day)) {
        const auto* known = order_of(world, client);
        const auto& symbol = order->signal.symbol;
        const auto held = beside_person(stops_of(records, symbol), world, symbol);
        if (known != nullptr && known->filled > 0 && held > 0 &&
            !is_protected(records, world, symbol, held))
            names.push_back(symbol + " " + std::to_string(held));
    }
    return names;
}

}  // namespace bullpen::jobs
