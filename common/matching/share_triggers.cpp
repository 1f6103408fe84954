// The side of a book of shares that waits for prices.
#include <algorithm>

#include "common/matching/shares.hpp"

namespace bullpen::matching {

namespace {

constexpr std::int64_t k_whole = 10'000;  // hundredths of a percent

}  // namespace

ShareRefusal ShareBook::check_leg(const TriggerLeg& leg, const Line& line) const {
    if (leg.quantity < 1 || leg.quantity > k_quantity_max)
        return ShareRefusal::bad_quantity;
    for (const auto price : {leg.trigger, leg.limit}) {
        if (price.ticks <= 0 || price.ticks > model::k_price_ticks_max)
            return ShareRefusal::bad_price;
        if (price.ticks % line.day.tick.value != 0)
            return ShareRefusal::off_tick;
    }
    const auto away = std::max(leg.trigger, *line.last) - std::min(leg.trigger, *line.last);
    return away.value * k_whole < line.last->ticks * rules_.trigger_distance_hundredths
               ? ShareRefusal::too_close
               : ShareRefusal::none;
}

// It may be placed while the market is shut, against the last price that there was.
ShareBook::Placed ShareBook::place_trigger(const TriggerRequest& request) {
    const auto& line = this->line(request.share);
    if (!line.last)
        return {0, ShareRefusal::no_price};
    const auto active = std::count_if(triggers_.begin(), triggers_.end(), [](const auto& known) {
        return known.second.status == TriggerStatus::active;
    });
    if (static_cast<std::size_t>(active) >= k_open_max)
        return {0, ShareRefusal::too_many};
    if (const auto refusal = check_leg(request.first, line); refusal != ShareRefusal::none)
        return {0, refusal};
    const bool below = request.first.trigger < *line.last;
    if (request.second) {
        if (const auto refusal = check_leg(*request.second, line); refusal != ShareRefusal::none)
            return {0, refusal};
        if (!below || request.second->trigger < *line.last)
            return {0, ShareRefusal::wrong_side};
    }
    Trigger trigger;
    trigger.number = ++last_trigger_;
    trigger.request = request;
    trigger.first_from_above = below;
    trigger.placed = day_;
    tell(ShareEventKind::trigger_placed, triggers_.emplace(trigger.number, trigger).first->second);
    return {trigger.number, ShareRefusal::none};
}

ShareRefusal ShareBook::delete_trigger(std::uint64_t number) {
    const auto found = triggers_.find(number);
    if (found == triggers_.end())
        return ShareRefusal::unknown;
    if (found->second.status != TriggerStatus::active)
        return ShareRefusal::too_late;
    found->second.status = TriggerStatus::deleted;
    found->second.ended = day_;
    tell(ShareEventKind::trigger_deleted, found->second);
    return ShareRefusal::none;
}

void ShareBook::fire_triggers(ShareRef share, model::Price price) {
    for (auto& [number, trigger] : triggers_) {
        if (trigger.status != TriggerStatus::active || trigger.request.share != share)
            continue;
        const auto& first = trigger.request.first;
        const auto& second = trigger.request.second;
        if (trigger.first_from_above ? price <= first.trigger : price >= first.trigger)
            fire(trigger, first);
        else if (second && price >= second->trigger)
            fire(trigger, *second);
    }
}

void ShareBook::fire(Trigger& trigger, const TriggerLeg& leg) {
    trigger.status = TriggerStatus::triggered;
    trigger.ended = day_;
    ShareOrderRequest request;
    request.share = trigger.request.share;
    request.side = trigger.request.side;
    request.product = Product::cnc;
    request.limit = leg.limit;
    request.quantity = leg.quantity;
    trigger.order = last_order_ + 1;
    tell(ShareEventKind::trigger_fired, trigger);
    submit(request, trigger.number);
}

void ShareBook::tell(ShareEventKind kind, const Trigger& trigger) {
    events_.push_back({kind, {}, {}, trigger});
}

}  // namespace bullpen::matching
