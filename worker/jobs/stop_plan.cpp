#include "worker/jobs/stop_plan.hpp"

#include <algorithm>

namespace bullpen::jobs {

namespace {

constexpr std::int64_t k_hundred = 100;
constexpr std::int64_t k_too_near_percent = 99;
constexpr std::int64_t k_fallback_percent = 95;
constexpr std::int64_t k_limit_percent = 95;
constexpr std::int64_t k_whole = 10'000;  // hundredths of a percent
constexpr std::int64_t k_distance = 25;   // the same

bool is_meant(const StopRecords::Intent& intent, const StopRecords& records,
              const SellTrigger& trigger) {
    return !intent.before.contains(trigger.number) && !records.own.contains(trigger.number) &&
           trigger.levels == intent.levels && trigger.quantity == intent.quantity &&
           trigger.last_price == intent.last_price;
}

bool alike(const StopRecords::Intent& a, const StopRecords::Intent& b) {
    return a.levels == b.levels && a.quantity == b.quantity && a.last_price == b.last_price;
}

// Those that have come of the late ones which are like this one.
std::vector<std::uint64_t> come(const StopRecords::Intent& intent, const StopRecords& records,
                                const std::vector<SellTrigger>& active) {
    std::vector<std::uint64_t> numbers;
    for (const auto& trigger : active) {
        if (is_meant(intent, records, trigger))
            numbers.push_back(trigger.number);
    }
    return numbers;
}

void adopt_late(StopRecords& records, const std::vector<SellTrigger>& active, UtcTime at) {
    auto& late = records.late;
    std::erase_if(late, [&](const auto& one) { return at - one.since > StopRecords::k_late_max; });
    for (std::size_t i = 0; i < late.size();) {
        const auto intent = late[i].intent;
        const auto numbers = come(intent, records, active);
        const auto awaited = std::count_if(
            late.begin(), late.end(), [&](const auto& one) { return alike(one.intent, intent); });
        if (numbers.empty() || numbers.size() > static_cast<std::size_t>(awaited)) {
            ++i;
            continue;
        }
        records.own.insert(numbers.front());
        late.erase(late.begin() + static_cast<std::ptrdiff_t>(i));
    }
}

std::int64_t part(std::int64_t price, std::int64_t percent, std::int64_t tick) {
    return price * percent / k_hundred / tick * tick;
}

PlaceStop place(const StopLevels& levels, std::int64_t quantity,
                const std::vector<SellTrigger>& active) {
    StopRecords::Intent intent{levels, quantity, {}};
    for (const auto& trigger : active)
        intent.before.insert(trigger.number);
    return {std::move(intent)};
}

// The price is too near to the standing stops for another one there.
StopStep next_beside(const StopRecords& records, std::int64_t held,
                     const std::vector<SellTrigger>& active, const StopLevels& beside) {
    if (const auto bare = not_covered(records, held, active); bare > 0)
        return place(beside, bare, active);
    // They cover it: together, or one of them, the highest of those that do; then the rest goes.
    std::int64_t together = 0;
    const SellTrigger* keeper = nullptr;
    for (const auto& trigger : active) {
        if (!records.own.contains(trigger.number))
            continue;
        together += trigger.quantity;
        if (trigger.quantity == held &&
            (keeper == nullptr || trigger.levels.trigger > keeper->levels.trigger))
            keeper = &trigger;
    }
    if (together == held || keeper == nullptr)
        return StopDone{};
    for (const auto& trigger : active) {
        if (records.own.contains(trigger.number) && trigger.number != keeper->number)
            return DeleteStop{trigger.number};
    }
    return StopDone{};
}

}  // namespace

std::optional<StopLevels> prior_day_low(model::Price low, model::Price last, model::Ticks tick) {
    auto trigger = low.ticks / tick.value * tick.value;
    if (trigger * k_hundred > last.ticks * k_too_near_percent)
        trigger = part(last.ticks, k_fallback_percent, tick.value);
    const auto limit = stop_limit({trigger}, tick);
    if (limit.ticks <= 0)
        return std::nullopt;
    return StopLevels{{trigger}, limit};
}

model::Price stop_limit(model::Price trigger, model::Ticks tick) {
    return {part(trigger.ticks, k_limit_percent, tick.value)};
}

StopLevels within_circuit(const StopLevels& levels, model::Price lower, model::Ticks tick) {
    const model::Price least{(lower.ticks + tick.value - 1) / tick.value * tick.value};
    if (levels.limit >= least || levels.trigger < least)
        return levels;
    return {levels.trigger, least};
}

model::Price price_to_say(model::Price trigger, model::Price last, model::Ticks tick) {
    constexpr std::int64_t k_above_percent = 105;
    constexpr std::int64_t k_half_rupee = 50;
    const auto least = std::max(last.ticks, trigger.ticks * k_above_percent / k_hundred + 1);
    const auto on_tick = (least + tick.value - 1) / tick.value * tick.value;
    const auto between = tick.value > 1 ? tick.value - 1 : k_half_rupee;
    return {std::min(on_tick + 1 + trigger.ticks % between, model::k_price_ticks_max)};
}

bool may_place(model::Price trigger, model::Price last) {
    return (last.ticks - trigger.ticks) * k_whole >= last.ticks * k_distance;
}

std::int64_t not_covered(const StopRecords& records, std::int64_t held,
                         const std::vector<SellTrigger>& active) {
    std::int64_t together = 0;
    bool all = false;
    for (const auto& trigger : active) {
        if (!records.own.contains(trigger.number))
            continue;
        together += trigger.quantity;
        all = all || trigger.quantity == held;
    }
    if (all)
        return 0;
    return together <= held ? held - together : held;
}

std::int64_t bare_beside(const StopRecords& records, std::int64_t held,
                         const std::vector<SellTrigger>& active) {
    const auto bare = not_covered(records, held, active);
    std::int64_t together = 0;
    for (const auto& trigger : active)
        together += trigger.quantity;
    return together <= held ? std::min(bare, held - together) : bare;
}

StopLevels never_lower(const StopLevels& wanted, const StopRecords& records,
                       const std::vector<SellTrigger>& active) {
    auto levels = wanted;
    for (const auto& trigger : active) {
        if (records.own.contains(trigger.number) && trigger.levels.trigger >= levels.trigger)
            levels = trigger.levels;
    }
    return levels;
}

void adopt(StopRecords& records, const std::vector<SellTrigger>& active, bool settled, UtcTime at) {
    if (records.intent) {
        const auto& intent = *records.intent;
        const auto found = std::find_if(active.begin(), active.end(), [&](const auto& trigger) {
            return is_meant(intent, records, trigger);
        });
        if (found != active.end()) {
            records.own.insert(found->number);
            records.intent.reset();
        } else if (settled) {
            if (intent.unheard)
                records.late.push_back({intent, at});
            if (records.late.size() > StopRecords::k_late_count_max)
                records.late.erase(records.late.begin());
            records.intent.reset();
        }
    }
    adopt_late(records, active, at);
}

StopStep next_step(const StopRecords& records, const std::optional<std::int64_t>& held,
                   const std::optional<std::vector<SellTrigger>>& active, const StopLevels& wanted,
                   const std::optional<StopLevels>& beside) {
    if (!held || !active || records.intent)
        return StopUnknown{};
    const auto is_own = [&](const SellTrigger& trigger) {
        return records.own.contains(trigger.number);
    };
    const auto serves = [&](const SellTrigger& trigger) {
        return is_own(trigger) && trigger.levels == wanted && trigger.quantity == *held;
    };
    const auto keeper =
        *held > 0 ? std::find_if(active->begin(), active->end(), serves) : active->end();
    if (*held > 0 && keeper == active->end()) {
        if (beside)
            return next_beside(records, *held, *active, *beside);
        return place(wanted, *held, *active);
    }
    for (const auto& trigger : *active) {
        if (is_own(trigger) && (keeper == active->end() || trigger.number != keeper->number))
            return DeleteStop{trigger.number};
    }
    return StopDone{};
}

}  // namespace bullpen::jobs
