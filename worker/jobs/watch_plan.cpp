#include "worker/jobs/watch_plan.hpp"

#include <algorithm>

#include "worker/jobs/share_own.hpp"

namespace bullpen::jobs {

namespace {

using equity::Leg;

constexpr std::int64_t k_whole = 10'000;  // hundredths of a percent

bool is_own_active(const WatchView& view, const ipc::ShareTriggerTold& trigger) {
    return trigger.symbol == view.symbol && trigger.side == model::Side::sell && !trigger.second &&
           trigger.status == matching::TriggerStatus::active &&
           view.stops.own.contains(trigger.number);
}

bool has_own_stop(const WatchView& view, std::int64_t least, std::int64_t most) {
    const auto near = view.world.triggers_near(view.symbol);
    return std::any_of(near.begin(), near.end(), [&](const auto& trigger) {
        return is_own_active(view, trigger) && trigger.first.quantity >= least &&
               trigger.first.quantity <= most;
    });
}

// The order of one of our stops, of the share.
bool is_stop_order(const WatchView& view, const ipc::ShareOrderTold& order) {
    return order.symbol == view.symbol && order.side == model::Side::sell && order.trigger != 0 &&
           view.stops.own.contains(order.trigger);
}

const ipc::ShareQuoteTold* quote_of(const WatchView& view) {
    const auto found = view.world.quotes.find(view.symbol);
    return found == view.world.quotes.end() ? nullptr : &found->second;
}

// A new stop at these levels; nothing where it cannot stand, or was refused a moment ago.
std::optional<WatchStep> place(const WatchView& view, const StopLevels& levels,
                               std::int64_t quantity) {
    const auto* quote = quote_of(view);
    if (view.stop_refused || quote == nullptr || levels.trigger >= quote->last ||
        levels.limit.ticks <= 0)
        return std::nullopt;
    StopRecords::Intent intent{levels, quantity, {}};
    intent.last_price = price_to_say(levels.trigger, quote->last, quote->tick);
    for (const auto& trigger : view.world.stops(view.symbol))
        intent.before.insert(trigger.number);
    return PlaceStop{std::move(intent)};
}

// Where a stop is that nothing else says the place of.
std::optional<StopLevels> fallback(const ipc::ShareQuoteTold& quote) {
    const auto levels = prior_day_low(quote.low_before, quote.last, quote.tick);
    return levels ? std::optional(within_circuit(*levels, quote.lower, quote.tick)) : levels;
}

// Where the price is too near to a stop's levels for a new one: lower ones.
std::optional<StopLevels> too_near(const WatchView& view, const StopLevels& wanted) {
    const auto* quote = quote_of(view);
    if (quote == nullptr || may_place(wanted.trigger, quote->last))
        return std::nullopt;
    return fallback(*quote);
}

// For what stays when a part is sold: a stop of exactly that size. For what a sale of everything
// has left so far: one that is not too big.
std::optional<WatchStep> cover(const WatchedShare& share, const WatchView& view,
                               std::int64_t sellable, std::int64_t sells) {
    const auto stays = sellable - sells;
    const bool covered =
        stays > 0 ? has_own_stop(view, stays, stays) : has_own_stop(view, 1, sellable);
    if (covered)
        return std::nullopt;
    const auto wanted = standing_wanted(share, view);
    if (!wanted)
        return std::nullopt;
    const auto lower = too_near(view, *wanted);
    return place(view, lower.value_or(*wanted), stays > 0 ? stays : sellable);
}

// Where a stop that fits stands, those from before an order filled in part are for more than is
// left: the broker would refuse what they sell, and a person's stop would seem to be too much.
std::optional<WatchStep> drop_others(const WatchView& view, std::int64_t fits) {
    const auto near = view.world.triggers_near(view.symbol);
    const ipc::ShareTriggerTold* kept = nullptr;
    for (const auto& trigger : near) {
        const bool better = kept == nullptr || trigger.first.quantity > kept->first.quantity;
        if (is_own_active(view, trigger) && trigger.first.quantity <= fits && better)
            kept = &trigger;
    }
    if (kept == nullptr)
        return std::nullopt;
    for (const auto& trigger : near) {
        if (is_own_active(view, trigger) && trigger.number != kept->number)
            return DeleteStop{trigger.number};
    }
    return std::nullopt;
}

// What the broker says of the order that is under way. None: there is none any more.
std::optional<WatchStep> settle(WatchedShare& share, const WatchView& view) {
    auto& exit = *share.exit;
    if (exit.client.empty())
        return std::nullopt;
    const auto client = model::ClientOrderId::parse(exit.client);
    const auto* order = client ? view.world.find(*client) : nullptr;
    if (order == nullptr) {
        // It was not placed, or is still on its way. It is sent again under its own id, which the
        // broker takes once.
        exit.unheard = true;
        return std::nullopt;
    }
    if (!is_final(order->status)) {
        if (view.world.at - exit.tried >= view.settings.reprice_after)
            return WatchCancel{order->number};
        return WatchWait{};
    }
    exit.sold += order->filled;
    share.sold += order->filled;
    exit.client.clear();
    // What was refused when it was sent again has been counted then.
    const bool counted = exit.unheard && order->status == matching::Status::rejected;
    exit.unheard = false;
    if (order->filled < order->quantity && !counted) {
        ++exit.attempts;
        exit.note = order->refusal.empty() ? "nobody bought" : order->refusal;
    }
    return std::nullopt;
}

void begin(WatchedShare& share, const WatchView& view, Leg leg, model::Price level,
           std::int64_t quantity) {
    const auto before = share.exit.value_or(WatchExit{});
    share.exit = WatchExit{};
    // An order that may be on its way goes with it.
    share.exit->client = before.client;
    share.exit->unheard = before.unheard;
    share.exit->leg = leg;
    share.exit->level = level;
    share.exit->quantity = quantity;
    share.exit->day = view.day;
    share.exit->attempts = before.day == view.day ? before.attempts : 0;
}

// One of our stops fired: its order rests for too long, or has ended unfilled.
std::optional<WatchStep> fired(WatchedShare& share, const WatchView& view, std::int64_t sellable) {
    for (const auto& order : view.world.orders) {
        if (!is_stop_order(view, order) || order.filled >= order.quantity)
            continue;
        if (is_final(order.status)) {
            const bool left =
                order.number > share.handled && sellable > 0 && !has_own_stop(view, 1, sellable);
            if (!left || order.day != std::chrono::floor<std::chrono::days>(view.world.at))
                continue;
            share.handled = order.number;
            begin(share, view, Leg::rest, order.limit, WatchExit::k_all);
            return std::nullopt;
        }
        if (!share.resting || share.resting->order != order.number)
            share.resting = RestingStop{order.number, view.world.at};
        if (!view.world.open || given_up(share, view.settings, view.day) ||
            view.world.at - share.resting->since < view.settings.reprice_after)
            return WatchWait{};
        begin(share, view, Leg::rest, order.limit, WatchExit::k_all);
        share.handled = std::max(share.handled, order.number);
        return WatchCancel{order.number};
    }
    return std::nullopt;
}

WatchStep sell(WatchedShare& share, const WatchView& view, const ipc::ShareQuoteTold& quote,
               std::int64_t quantity) {
    auto& exit = *share.exit;
    const auto limit = equity::exit_limit(exit.level, quote.last, quote.lower, exit.attempts,
                                          quote.tick, {.below = view.settings.limit_below});
    if (exit.client.empty()) {
        exit.client = share_order_id(view.tag, view.day, view.symbol,
                                     "watch" + std::to_string(++share.orders))
                          .str();
    }
    exit.tried = view.world.at;
    return WatchSell{exit.client, quantity, limit};
}

WatchStep go_on(WatchedShare& share, const WatchView& view, std::int64_t sellable) {
    auto& exit = *share.exit;
    if (exit.day != view.day) {
        exit.day = view.day;
        exit.attempts = 0;
    }
    const auto sells = std::min(exit.quantity - exit.sold, sellable);
    if (sells <= 0) {
        share.done.insert(exit.leg);
        share.exit.reset();
        return WatchDone{};
    }
    if (given_up(share, view.settings, view.day))
        return WatchDone{};
    if (auto step = cover(share, view, sellable, sells))
        return *step;
    if (auto step = drop_others(view, sells < sellable ? sellable - sells : sellable))
        return *step;
    const auto* quote = quote_of(view);
    if (!view.world.open || quote == nullptr || view.world.doubted.contains(view.symbol) ||
        (exit.attempts > 0 && view.world.at - exit.tried < view.settings.reprice_after))
        return WatchWait{};
    return sell(share, view, *quote, sells);
}

}  // namespace

bool given_up(const WatchedShare& share, const config::WatchSettings& settings,
              const std::string& day) {
    return share.exit && share.exit->day == day && share.exit->attempts > settings.reprices_max;
}

std::optional<equity::DueLeg> due_exit(const WatchedShare& share,
                                       const config::WatchSettings& settings,
                                       const std::optional<equity::DailyRange>& range,
                                       model::Price last, model::Ticks tick) {
    if (settings.rule == config::WatchRule::atr) {
        return equity::due_leg(share.trail, range, share.entry, last, tick, share.done,
                               settings.tranches);
    }
    const auto rule = settings.rule == config::WatchRule::two_lows
                          ? equity::HourlyRule::two_lows
                          : equity::HourlyRule::previous_low;
    const auto level = equity::hourly_break(rule, share.lows, last);
    if (!level)
        return std::nullopt;
    return equity::DueLeg{Leg::hourly, *level};
}

WatchStep next_exit(WatchedShare& share, const WatchView& view) {
    const auto sellable = beside_person(view.stops, view.world, view.symbol);
    if (share.exit) {
        if (auto step = settle(share, view))
            return *step;
    }
    if (auto step = fired(share, view, sellable))
        return *step;
    if (share.exit)
        return go_on(share, view, sellable);
    const auto* quote = quote_of(view);
    if (sellable <= 0 || quote == nullptr || !view.world.open ||
        view.world.doubted.contains(view.symbol))
        return WatchDone{};
    const auto due =
        due_exit(share, view.settings, view.range, view.price.value_or(quote->last), quote->tick);
    if (!due)
        return WatchDone{};
    const auto volatility = view.range ? view.range->volatility : equity::Volatility::low;
    const auto quantity = equity::leg_quantity(due->leg, volatility, share.base, sellable,
                                               share.done, view.settings.tranches && view.range);
    begin(share, view, due->leg, due->level, quantity == sellable ? WatchExit::k_all : quantity);
    return go_on(share, view, sellable);
}

model::Price worth_moving_to(model::Price standing, const config::WatchSettings& settings) {
    return {standing.ticks + standing.ticks * settings.stop_step / k_whole};
}

std::optional<StopLevels> standing_wanted(const WatchedShare& share, const WatchView& view) {
    const auto* quote = quote_of(view);
    if (quote == nullptr)
        return std::nullopt;
    const auto active = view.world.stops(view.symbol);
    const auto standing = never_lower({}, view.stops, active);
    std::optional<StopLevels> wanted;
    if (view.settings.rule == config::WatchRule::atr) {
        const auto& stop = view.settings.tranches ? share.trail.rest : share.trail.stop;
        if (stop)
            wanted = StopLevels{*stop, stop_limit(*stop, quote->tick)};
    }
    const bool stands = standing.trigger.ticks > 0;
    if (stands && (!wanted || wanted->trigger < worth_moving_to(standing.trigger, view.settings)))
        wanted = standing;
    else if (!wanted || wanted->trigger >= quote->last)
        wanted = stands ? std::optional(standing) : fallback(*quote);
    return wanted ? std::optional(within_circuit(*wanted, quote->lower, quote->tick)) : wanted;
}

WatchStep next_upkeep(const WatchedShare& share, const WatchView& view) {
    const auto sellable = beside_person(view.stops, view.world, view.symbol);
    const auto active = view.world.stops(view.symbol);
    // Of what a fired stop is selling nothing is left to protect; it is not ours to end.
    if (view.world.sellable(view.symbol) <= 0 && view.world.held.contains(view.symbol))
        return WatchDone{};
    if (sellable > 0 && has_own_stop(view, sellable, sellable) && share.exit)
        return WatchDone{};
    StopLevels wanted;
    std::optional<StopLevels> beside;
    if (sellable > 0) {
        const auto levels = standing_wanted(share, view);
        if (!levels)
            return WatchDone{};
        wanted = *levels;
        beside = too_near(view, wanted);
    }
    const auto step = next_step(view.stops, sellable, active, wanted, beside);
    if (const auto* old = std::get_if<DeleteStop>(&step))
        return *old;
    if (const auto* stop = std::get_if<PlaceStop>(&step)) {
        if (auto placed = place(view, stop->intent.levels, stop->intent.quantity))
            return *placed;
    }
    return WatchDone{};
}

}  // namespace bullpen::jobs
