#include "worker/strategy/order_policy.hpp"

#include <algorithm>

namespace bullpen::strategy {

namespace {

constexpr int k_day_session_from = 9 * 60 + 30;  // minute of the day
constexpr double k_wide_from = 1.5;
constexpr double k_very_wide_from = 2.0;

bool may_wait(Urgency urgency) {
    return urgency == Urgency::entry || urgency == Urgency::target || urgency == Urgency::partial;
}

}  // namespace

Placement OrderPolicy::place(model::Side side, std::int64_t quantity, Urgency urgency,
                             const std::optional<Quote>& quote,
                             std::optional<double> spread_ratio) const {
    Placement placement;
    placement.at_market = quantity;
    const bool waits = settings_.order_style != config::OrderStyle::market && may_wait(urgency) &&
                       quote && spread_ratio && *spread_ratio <= settings_.passive_spread_max &&
                       *spread_ratio <= k_aggressive_beyond;
    if (!waits)
        return placement;
    placement.passive =
        settings_.order_style == config::OrderStyle::mixed ? quantity / 2 : quantity;
    placement.at_market = quantity - placement.passive;
    if (placement.passive == 0)
        return placement;
    placement.limit = side == model::Side::buy ? quote->bid : quote->ask;
    placement.wait =
        urgency == Urgency::partial ? settings_.passive_partial_wait : settings_.passive_wait;
    return placement;
}

bool OrderPolicy::left_behind(model::Side side, model::Price limit, const Quote& quote) const {
    const std::int64_t away =
        side == model::Side::buy ? (quote.bid - limit).value : (limit - quote.ask).value;
    return away > settings_.passive_moved_ticks;
}

QueueAdvice OrderPolicy::queue(std::int64_t contracts_ahead) const {
    if (contracts_ahead > settings_.queue_cancel)
        return QueueAdvice::cancel;
    return contracts_ahead > settings_.queue_jump ? QueueAdvice::jump : QueueAdvice::stay;
}

model::Price OrderPolicy::retry_limit(model::Side side, model::Price limit, int attempt) {
    return limit + model::Ticks{model::sign(side) * attempt};
}

bool OrderPolicy::keeps(std::int64_t filled, std::int64_t quantity) const {
    return filled > 0 && filled * 100 >= quantity * settings_.fill_percent_min;
}

double OrderPolicy::expected_slippage(int minute_of_day, std::optional<double> spread_ratio) {
    const double base = minute_of_day < k_day_session_from ? 2.0 : 1.0;
    const double ratio = spread_ratio.value_or(1);
    const double factor = ratio >= k_very_wide_from ? 1.5 : ratio >= k_wide_from ? 1.2 : 1.0;
    return std::min(base * factor, k_slippage_max);
}

}  // namespace bullpen::strategy
