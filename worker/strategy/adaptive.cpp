#include "worker/strategy/adaptive.hpp"

#include <algorithm>
#include <chrono>
#include <optional>

namespace bullpen::strategy {

namespace {

// In the order of Regime.
constexpr std::array<Factors, k_regimes> k_regime_factors = {{
    {1, 1, 1},           // normal
    {1, 1, 1},           // normal_trending
    {1, 1, 1},           // normal_choppy
    {0.80, 1.20, 0.85},  // high_vol_trending
    {0.70, 0.65, 0.75},  // high_vol_choppy
    {1, 1.30, 0.95},     // low_vol_trending
    {1, 0.90, 1},        // low_vol_ranging
}};
constexpr std::array<double, k_regimes> k_break_even_start = {1, 1, 0.95, 0.85, 0.75, 1, 1};
constexpr std::array<double, k_regimes> k_trail_start = {1, 1.10, 0.95, 1.10, 0.70, 1.15, 1};

constexpr Factors k_aggressive = {0.80, 0.75, 0.80};
constexpr Factors k_patient = {1, 1.20, 1};
constexpr Nanos k_held_long = std::chrono::minutes(30);
constexpr Distances k_least = {4, 4, 6};

// To the nearest, a half away from zero, as std::llround() does; but that one is called, and bit by
// bit, for every bar of a position.
std::int64_t rounded(double value) {
    const auto whole = static_cast<std::int64_t>(value);
    const double rest = value - static_cast<double>(whole);
    return whole + (rest >= 0.5 ? 1 : 0) - (rest <= -0.5 ? 1 : 0);
}

std::int64_t scaled(int ticks, double factor, std::int64_t least) {
    return std::max(rounded(static_cast<double>(ticks) * factor), least);
}

}  // namespace

Factors regime_factors(Regime regime) {
    return k_regime_factors.at(static_cast<std::size_t>(regime));
}

ExitLearning::ExitLearning() : break_even_(k_break_even_start) {}

double ExitLearning::trail(Regime regime) const {
    return k_trail_start[static_cast<std::size_t>(regime)];
}

void ExitLearning::add(Regime regime, std::int64_t break_even_ticks, std::int64_t won) {
    const std::size_t group = break_even_ticks <= k_groups_up_to[0]   ? 0
                              : break_even_ticks <= k_groups_up_to[1] ? 1
                                                                      : 2;
    Outcome& outcome = outcomes_[static_cast<std::size_t>(regime)][group];
    ++outcome.exits;
    outcome.won += won;
    ++exits_;
    if (exits_ >= k_exits_min && exits_ % k_every == 0)
        look();
}

void ExitLearning::look() {
    for (std::size_t regime = 0; regime < k_regimes; ++regime) {
        const auto& groups = outcomes_[regime];
        if (groups[0].exits + groups[1].exits + groups[2].exits < k_regime_exits_min)
            continue;
        std::optional<std::size_t> best;
        const auto mean = [&](std::size_t i) {
            return static_cast<double>(groups[i].won) / static_cast<double>(groups[i].exits);
        };
        for (std::size_t i = 0; i < groups.size(); ++i) {
            if (groups[i].exits > 0 && (!best || mean(i) > mean(*best)))
                best = i;
        }
        const double nudge = best == 0U ? k_tighter : best == 2U ? k_wider : 1;
        break_even_[regime] = std::clamp(break_even_[regime] * nudge, k_factor_min, k_factor_max);
    }
}

bool ExitLearning::valid() const {
    return exits_ >= 0 && std::all_of(break_even_.begin(), break_even_.end(), [](double factor) {
               return factor >= k_factor_min && factor <= k_factor_max;
           });
}

Distances distances(const Rules& rules, const ExitLearning& learning, Regime regime, bool late,
                    Nanos held) {
    const config::StrategySettings& s = rules.settings;
    if (!s.adaptive)
        return {s.break_even_ticks, s.trail_ticks, s.trail_start_ticks};
    Factors factors = regime_factors(regime);
    factors.break_even *= learning.break_even(regime);
    factors.trail *= learning.trail(regime);
    const auto apply = [&factors](const Factors& by) {
        factors.break_even *= by.break_even;
        factors.trail *= by.trail;
        factors.trail_start *= by.trail_start;
    };
    if (is_choppy(regime) || is_high_volatility(regime) || late || held > k_held_long)
        apply(k_aggressive);
    else if (is_trending(regime))
        apply(k_patient);
    return {
        std::max<std::int64_t>(scaled(s.break_even_ticks, factors.break_even, k_least.break_even),
                               s.break_even_offset + 1),
        scaled(s.trail_ticks, factors.trail, k_least.trail),
        scaled(s.trail_start_ticks, factors.trail_start, k_least.trail_start)};
}

}  // namespace bullpen::strategy
