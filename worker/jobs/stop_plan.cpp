#include "worker/jobs/stop_plan.hpp"

#include <algorithm>

namespace bullpen::jobs {

namespace {

constexpr std::int64_t k_hundred = 100;
constexpr std::int64_t k_too_near_percent = 99;
constexpr std::int64_t k_fallback_percent = 95;
constexpr std::int64_t k_limit_percent = 95;

std::int64_t part(std::int64_t price, std::int64_t percent, std::int64_t tick) {
    return price * percent / k_hundred / tick * tick;
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

StopLevels never_lower(const StopLevels& wanted, const StopRecords& records,
                       const std::vector<SellTrigger>& active) {
    auto levels = wanted;
    for (const auto& trigger : active) {
        if (records.own.contains(trigger.number) && trigger.levels.trigger >= levels.trigger)
            levels = trigger.levels;
    }
    return levels;
}

void adopt(StopRecords& records, const std::vector<SellTrigger>& active, bool settled) {
    if (!records.intent)
        return;
    const auto& intent = *records.intent;
    for (const auto& trigger : active) {
        if (!intent.before.contains(trigger.number) && !records.own.contains(trigger.number) &&
            trigger.levels == intent.levels && trigger.quantity == intent.quantity) {
            records.own.insert(trigger.number);
            records.intent.reset();
            return;
        }
    }
    if (settled)
        records.intent.reset();
}

StopStep next_step(const StopRecords& records, const std::optional<std::int64_t>& held,
                   const std::optional<std::vector<SellTrigger>>& active,
                   const StopLevels& wanted) {
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
        StopRecords::Intent intent{wanted, *held, {}};
        for (const auto& trigger : *active)
            intent.before.insert(trigger.number);
        return PlaceStop{std::move(intent)};
    }
    for (const auto& trigger : *active) {
        if (is_own(trigger) && (keeper == active->end() || trigger.number != keeper->number))
            return DeleteStop{trigger.number};
    }
    return StopDone{};
}

}  // namespace bullpen::jobs
