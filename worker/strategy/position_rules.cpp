// How VwapBounce manages a position: exits in their order, parts, and a stop that only ever moves
// towards the market.
#include <algorithm>
#include <cstdlib>

#include "worker/strategy/vwap_bounce.hpp"

namespace bullpen::strategy {

namespace {

// The hour from which distances are tightened by themselves, whatever tightens the target.
constexpr int k_late_from = into_trading_day(15 * 60);

std::int64_t minute_of(UtcTime at) {
    return std::chrono::floor<std::chrono::minutes>(at).time_since_epoch().count();
}

// A part of a distance, rounded down.
std::int64_t part_of(std::int64_t ticks, int percent) {
    return ticks * percent / 100;
}

// Exits that a better price suits; all others are urgent.
bool is_patient(ExitReason reason) {
    switch (reason) {
        case ExitReason::target:
        case ExitReason::tightened_target:
        case ExitReason::final_partial:
        case ExitReason::friday_profit:
        case ExitReason::profit_before_flatten: return true;
        default: return false;
    }
}

}  // namespace

void VwapBounce::follow(const Facts& facts) {
    const PositionFacts& position = facts.position;
    Management& m = state_.management;
    if (position.closed != state_.closed_seen) {
        // Also a position that was opened and closed since the last call, and never seen.
        if (position.closed > state_.closed_seen && m.stage != Stage::none) {
            if (rules_.settings.adaptive_learning)
                state_.learning.add(m.regime, m.break_even_ticks, position.closed_ticks);
            m = {};
        }
        state_.closed_seen = position.closed;
    }
    if (position.flat()) {
        const bool over =
            m.stage == Stage::open ||
            (m.stage == Stage::planned && !position.entry_working && facts.now > m.decided);
        if (over)
            m = {};
        return;
    }
    if (m.stage == Stage::open && m.side != position.side())
        m = {};
    if (m.stage != Stage::open) {
        open_position(position);
    } else if (std::abs(position.quantity) > m.quantity && m.partial_stage == 0) {
        // The entry's fill goes on.
        m.quantity = std::abs(position.quantity);
        m.entry = position.average;
        m.initial_risk = std::max<std::int64_t>(-m.profit(m.initial_stop), 1);
    }
    if (position.stop && m.nearer(*position.stop, m.stop))
        m.stop = *position.stop;
}

void VwapBounce::open_position(const PositionFacts& position) {
    Management& m = state_.management;
    const bool planned = m.stage == Stage::planned && m.side == position.side();
    if (!planned) {
        // Not of our making: managed with the usual distances, without a target.
        m = {};
        m.side = position.side();
        m.regime = state_.market.regime();
        m.initial_stop =
            position.average - model::Ticks{model::sign(m.side) * rules_.settings.stop_ticks};
    }
    m.stage = Stage::open;
    m.quantity = std::abs(position.quantity);
    m.entry = position.average;
    m.entered = position.entered;
    m.best = position.average;
    if (position.stop)
        m.initial_stop = *position.stop;
    m.stop = m.initial_stop;
    m.initial_risk = std::max<std::int64_t>(-m.profit(m.initial_stop), 1);
}

VwapBounce::Look VwapBounce::look_at(const BarView* view, model::Price price,
                                     const Facts& facts) const {
    const Management& m = state_.management;
    Look look;
    look.price = price;
    look.reached = price;
    look.profit = m.profit(price);
    look.minute = minute_of(view != nullptr ? view->bar.start : facts.now);
    look.bar = view;
    // The extremes of the minute that the entry fell into may have been there before it.
    if (view != nullptr && view->bar.start >= m.entered)
        look.reached = m.side == model::Side::buy ? view->bar.high : view->bar.low;
    return look;
}

std::optional<ExitReason> VwapBounce::session_exit(const Facts& facts) const {
    const SessionFacts& session = facts.session;
    if (session.state == TradingState::closed)
        return ExitReason::market_closed;
    if (session.state == TradingState::blackout && session.event_exit)
        return ExitReason::event;
    if (session.state == TradingState::flatten && session.forced)
        return ExitReason::last_minutes;
    return std::nullopt;
}

std::optional<ExitReason> VwapBounce::time_exit(const Look& look, const Facts& facts) const {
    const config::StrategySettings& s = rules_.settings;
    const Management& m = state_.management;
    const SessionFacts& session = facts.session;
    const std::int64_t loss = -look.profit;
    const auto smaller_than = [&](int percent) {
        return loss > 0 && loss * 100 < m.initial_risk * percent;
    };
    const bool friday = std::chrono::weekday(session.trading_day) == std::chrono::Friday;
    if (friday && late(rules_.friday_profit_from, session) && look.profit > 0)
        return ExitReason::friday_profit;
    if (session.state == TradingState::flatten) {
        if (look.profit > s.flatten_profit_ticks)
            return ExitReason::flatten_profit;
        if (loss * 2 > m.initial_risk)
            return ExitReason::flatten_midpoint;
    } else {
        const Nanos left = std::chrono::minutes(session.minutes_to_flatten);
        if (left <= s.profit_before_flatten && look.profit > 0)
            return ExitReason::profit_before_flatten;
        if (left <= s.loss_before_flatten && smaller_than(s.loss_before_flatten_percent))
            return ExitReason::loss_before_flatten;
    }
    if (late(rules_.early_loss_from, session) && smaller_than(s.early_loss_percent))
        return ExitReason::early_loss;
    return std::nullopt;
}

std::optional<ExitReason> VwapBounce::target_exit(const Look& look, const Facts& facts) const {
    const Management& m = state_.management;
    const std::int64_t reached = m.profit(look.reached);
    std::optional<std::int64_t> needed;
    ExitReason reason = ExitReason::target;
    if (m.target)
        needed = m.profit(*m.target);
    if (late(rules_.tightened_from, facts.session)) {
        const auto tightened =
            std::max<std::int64_t>(static_cast<std::int64_t>(static_cast<double>(m.initial_risk) *
                                                             rules_.settings.tightened_r),
                                   1);
        if (!needed || tightened < *needed) {
            needed = tightened;
            reason = ExitReason::tightened_target;
        }
    }
    return needed && reached >= *needed ? std::optional(reason) : std::nullopt;
}

std::optional<ExitReason> VwapBounce::exit_reason(const Look& look, const Facts& facts) const {
    if (const auto reason = session_exit(facts))
        return reason;
    if (const auto reason = time_exit(look, facts))
        return reason;
    if (const auto reason = target_exit(look, facts))
        return reason;
    // The stop at the broker acts on every price; this is for when it did not.
    const Management& m = state_.management;
    const std::int64_t to_stop = look.profit - m.profit(m.stop);
    if (to_stop <= 0)
        return ExitReason::stop;
    if (facts.session.state == TradingState::flatten && to_stop <= rules_.settings.proactive_ticks)
        return ExitReason::proactive_stop;
    return std::nullopt;
}

bool VwapBounce::reversed(const Look& look) const {
    if (!rules_.settings.reversal || look.bar == nullptr || !look.bar->values.vwap)
        return false;
    const bool long_side = state_.management.side == model::Side::buy;
    if (state_.market.trend(look.bar->values) != (long_side ? Trend::up : Trend::down))
        return false;
    const double towards = long_side ? 1 : -1;
    const double band = look.bar->values.vwap->band(towards * rules_.settings.band_entry);
    return towards * static_cast<double>(look.price.ticks) * rules_.tick > towards * band;
}

std::optional<ExitReason> VwapBounce::last_exit(const Look& look, const Facts& facts) const {
    const Nanos longest = rules_.settings.holding_max;
    if (longest > Nanos{0} && facts.now - state_.management.entered >= longest)
        return ExitReason::holding_time;
    return reversed(look) ? std::optional(ExitReason::reversal) : std::nullopt;
}

Exit VwapBounce::exit(ExitReason reason, const Look& look) const {
    return {reason, !is_patient(reason) || surge(look)};
}

bool VwapBounce::surge(const Look& look) const {
    const config::StrategySettings& s = rules_.settings;
    return s.volume_surge && look.bar != nullptr &&
           state_.market.volume_ratio(look.bar->bar.volume, s.surge_samples).value_or(0) >=
               s.surge_factor;
}

bool VwapBounce::take_part(const Look& look, const Facts& facts, Decisions& decisions) {
    const config::StrategySettings& s = rules_.settings;
    Management& m = state_.management;
    if (!s.partials || m.quantity < 2 || m.partial_minute == look.minute)
        return false;
    const std::int64_t held = std::abs(facts.position.quantity);
    const auto take = [&](std::int64_t left) {
        m.partial_minute = look.minute;
        decisions.act(Partial{held - left, m.partial_stage, surge(look)});
        return true;
    };
    const auto left = [&] {
        return left_after(m.partial_stage, m.quantity, s.partial_1_percent, s.partial_2_percent);
    };
    // A part that was decided and did not come about is asked for again.
    if (held > left())
        return take(left());
    const double profit = static_cast<double>(look.profit) / static_cast<double>(m.initial_risk);
    while (m.partial_stage < 2 &&
           profit >= (m.partial_stage == 0 ? s.partial_1_r : s.partial_2_r)) {
        ++m.partial_stage;
        if (held > left())
            return take(left());
    }
    if (m.partial_stage < 2 || profit < s.partial_3_r)
        return false;
    decisions.act(exit(ExitReason::final_partial, look));
    return true;
}

bool VwapBounce::propose(model::Price stop, MoveReason reason, const Look& look) {
    Management& m = state_.management;
    if (!m.nearer(stop, m.stop))
        return true;
    if (look.profit <= m.profit(stop))
        return false;
    m.stop = stop;
    m.stop_reason = reason;
    return true;
}

bool VwapBounce::decay(const Look& look, const Facts& facts) {
    const config::StrategySettings& s = rules_.settings;
    Management& m = state_.management;
    if (s.holding_max == Nanos{0} || look.profit <= 0)
        return true;
    const Nanos held = facts.now - m.entered;
    const auto after = [&](int percent) { return held >= s.holding_max / 100 * percent; };
    const int stage = after(s.decay_3_after_percent)   ? 3
                      : after(s.decay_2_after_percent) ? 2
                      : after(s.decay_1_after_percent) ? 1
                                                       : 0;
    if (stage <= m.decay_stage)
        return true;
    m.decay_stage = stage;
    const int by = stage == 3   ? s.decay_3_by_percent
                   : stage == 2 ? s.decay_2_by_percent
                                : s.decay_1_by_percent;
    return propose(m.at_profit(-part_of(m.initial_risk, 100 - by)), MoveReason::time_decay, look);
}

bool VwapBounce::move_stops(const Look& look, const Facts& facts) {
    const config::StrategySettings& s = rules_.settings;
    Management& m = state_.management;
    const Distances needed = distances(rules_, state_.learning, state_.market.regime(),
                                       late(k_late_from, facts.session), facts.now - m.entered);
    bool inside = true;
    if (s.break_even && !m.break_even_done) {
        m.break_even_ticks = needed.break_even;
        if (look.profit >= needed.break_even) {
            m.break_even_done = true;
            inside = propose(m.at_profit(s.break_even_offset), MoveReason::break_even, look);
        }
    }
    if (s.trailing && (m.break_even_done || !s.break_even)) {
        m.trailing = m.trailing || look.profit >= needed.trail_start;
        if (m.trailing)
            inside =
                propose(m.at_profit(m.profit(m.best) - needed.trail), MoveReason::trailing, look) &&
                inside;
    }
    if (s.momentum && look.bar != nullptr &&
        state_.market.closes_against(model::sign(m.side), s.momentum_closes)) {
        const std::int64_t away = look.profit - m.profit(m.stop);
        inside = propose(m.at_profit(look.profit - part_of(away, 100 - s.momentum_percent)),
                         MoveReason::momentum, look) &&
                 inside;
    }
    return decay(look, facts) && inside;
}

void VwapBounce::manage(const BarView* view, model::Price price, const Facts& facts,
                        Decisions& decisions) {
    const config::StrategySettings& s = rules_.settings;
    Management& m = state_.management;
    if (m.nearer(price, m.best))
        m.best = price;
    if (s.holding_alert > Nanos{0} && !m.held_alerted && facts.now - m.entered >= s.holding_alert) {
        m.held_alerted = true;
        decisions.notify(Notice::held_long);
    }
    if (facts.position.exit_working)
        return;
    // Nothing is executed in a shut market: an order would wait for the opening, without the stop
    // that it took away.
    if (facts.session.state == TradingState::closed && !facts.session.forced)
        return;
    const Look look = look_at(view, price, facts);
    if (const auto reason = exit_reason(look, facts)) {
        decisions.act(exit(*reason, look));
        return;
    }
    if (take_part(look, facts, decisions))
        return;
    if (!move_stops(look, facts)) {
        decisions.act(exit(ExitReason::stop_passed, look));
        return;
    }
    if (const auto reason = last_exit(look, facts)) {
        decisions.act(exit(*reason, look));
        return;
    }
    if (facts.position.stop && m.nearer(m.stop, *facts.position.stop))
        decisions.act(MoveStop{m.stop, m.stop_reason});
}

}  // namespace bullpen::strategy
