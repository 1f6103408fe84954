#include "worker/equity/exit_rules.hpp"

#include <algorithm>
#include <array>

namespace bullpen::equity {

namespace {

constexpr std::array<std::string_view, k_legs> k_codes = {"hourly", "stop", "first_target",
                                                          "second_target", "rest"};
constexpr std::array k_tranche_legs = {Leg::stop, Leg::first_target, Leg::second_target};
constexpr std::int64_t k_hundred = 100;
constexpr std::int64_t k_whole = 10'000;  // hundredths of a percent

std::int64_t below(model::Price price, int hundredths, model::Ticks tick) {
    return price.ticks * (k_whole - hundredths) / k_whole / tick.value * tick.value;
}

}  // namespace

std::string_view code(Leg leg) {
    return k_codes.at(static_cast<std::size_t>(leg));
}

std::optional<Leg> leg_from(std::string_view text) {
    const auto* found = std::find(k_codes.begin(), k_codes.end(), text);
    if (found == k_codes.end())
        return std::nullopt;
    return static_cast<Leg>(found - k_codes.begin());
}

std::optional<model::Price> hourly_break(HourlyRule rule, const HourlyLows& lows,
                                         model::Price last) {
    if (!lows.previous())
        return std::nullopt;
    auto level = lows.previous()->low;
    if (rule == HourlyRule::two_lows) {
        if (!lows.before_previous())
            return std::nullopt;
        level = std::min(level, lows.before_previous()->low);
    }
    return last < level ? std::optional(level) : std::nullopt;
}

std::optional<DueLeg> due_leg(const TrailingStop& trail, const std::optional<DailyRange>& range,
                              model::Price entry, model::Price last, model::Ticks tick,
                              const std::set<Leg>& done, bool tranches) {
    if (trail.stop && last <= *trail.stop && !done.contains(Leg::stop))
        return DueLeg{Leg::stop, *trail.stop};
    if (!tranches || !range)
        return std::nullopt;
    const auto& parts = tranches_of(range->volatility);
    for (std::size_t i = 0; i < parts.ranges.size(); ++i) {
        const auto leg = k_tranche_legs.at(i + 1);
        // Most prices are far below: a target on the tick is not worked out for those.
        const auto about = static_cast<double>(entry.ticks) + range->atr * parts.ranges.at(i);
        if (static_cast<double>(last.ticks + 1) < about)
            continue;
        const auto target = target_of(entry, *range, parts.ranges.at(i), tick);
        if (target && last >= *target && !done.contains(leg))
            return DueLeg{leg, *target};
    }
    return std::nullopt;
}

std::int64_t leg_quantity(Leg leg, Volatility volatility, std::int64_t base, std::int64_t left,
                          const std::set<Leg>& done, bool tranches) {
    const auto* found = std::find(k_tranche_legs.begin(), k_tranche_legs.end(), leg);
    if (!tranches || found == k_tranche_legs.end())
        return left;
    const bool last = std::all_of(k_tranche_legs.begin(), k_tranche_legs.end(),
                                  [&](Leg other) { return other == leg || done.contains(other); });
    if (last)
        return left;
    const auto percent = tranches_of(volatility)
                             .percent.at(static_cast<std::size_t>(found - k_tranche_legs.begin()));
    return std::min(std::max<std::int64_t>(base * percent / k_hundred, 1), left);
}

model::Price exit_limit(model::Price level, model::Price last, model::Price lower, int attempt,
                        model::Ticks tick, const LimitRules& rules) {
    auto limit = below(level, rules.below, tick);
    if (attempt > 0 || limit > last.ticks)
        limit = below(last, rules.below * std::min(attempt + 1, LimitRules::k_steps_max), tick);
    const auto floor = (lower.ticks + tick.value - 1) / tick.value * tick.value;
    return {std::max(limit, floor)};
}

}  // namespace bullpen::equity
