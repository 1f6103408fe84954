// When VwapBounce enters: the gates in their order, the pattern, its filters, stop and target.
#include <algorithm>
#include <chrono>

#include "worker/strategy/vwap_bounce.hpp"

namespace bullpen::strategy {

namespace {

// Bars that the MACD needs until its signal is there.
constexpr int k_macd_bars = indicators::Macd::k_slow + indicators::Macd::k_signal - 1;

// Of the two prices the one that lies nearer to where the position would be: down for what is above
// it, up for what is below, so that neither the risk nor the way to the target is ever more than
// was counted on.
model::Rounding inwards(std::int64_t beyond) {
    return beyond > 0 ? model::Rounding::down : model::Rounding::up;
}

}  // namespace

Gate VwapBounce::session_gate(const SessionFacts& session) {
    switch (session.state) {
        case TradingState::closed: return Gate::session_closed;
        case TradingState::blackout: return Gate::blackout;
        case TradingState::flatten: return Gate::flatten_time;
        case TradingState::entry_window: break;
    }
    const bool friday = std::chrono::weekday(session.trading_day) == std::chrono::Friday;
    return friday ? Gate::friday_cutoff : Gate::entries_not_allowed;
}

bool VwapBounce::warm(const indicators::IndicatorValues& values) const {
    const config::StrategySettings& s = rules_.settings;
    if (s.rsi_filter && !values.rsi_15m)
        return false;
    if (!rules_.needs_more_than_rsi) [[likely]]
        return true;
    return (!s.trend_filter || state_.market.trend(values) != Trend::unknown) &&
           (!s.volume_filter || state_.market.volume_ratio(0, s.volume_length)) &&
           (!s.macd_filter || values.macd_15m) &&
           (s.stop_kind != config::StopKind::atr || values.atr_sma_15m);
}

std::optional<Gate> VwapBounce::shut_gate(const BarView& view, const Facts& facts) const {
    if (!facts.entries_allowed)
        return Gate::entries_not_allowed;
    if (facts.session.state != TradingState::entry_window || !facts.session.entries)
        return session_gate(facts.session);
    if (!facts.position.flat())
        return Gate::position_open;
    if (facts.position.entry_working)
        return Gate::entry_working;
    if (view.previous == nullptr)
        return Gate::first_bar;
    if (!warm(view.values))
        return Gate::not_warm;
    if (!view.values.vwap || !(view.values.vwap->deviation > 0))
        return Gate::bands_not_ready;
    if (!rules_.settings.spread_filter || !state_.spreads.ready())
        return std::nullopt;
    if (state_.spreads.market() == MarketClass::stressed)
        return Gate::market_stressed;
    return state_.spreads.abnormal() ? std::optional(Gate::spread_abnormal) : std::nullopt;
}

std::optional<Gate> VwapBounce::filter_refuses(model::Side side, const BarView& view) const {
    const config::StrategySettings& s = rules_.settings;
    const bool buy = side == model::Side::buy;
    if (s.rsi_filter) {
        const double rsi = *view.values.rsi_15m;
        if (buy ? !(rsi < s.rsi_low) : !(rsi > s.rsi_high))
            return Gate::rsi;
    }
    if (s.trend_filter && state_.market.trend(view.values) == (buy ? Trend::down : Trend::up))
        return Gate::trend;
    if (s.volume_filter) {
        const auto ratio = state_.market.volume_ratio(view.bar.volume, s.volume_length);
        if (!(ratio.value_or(0) >= s.volume_factor))
            return Gate::volume;
    }
    if (s.macd_filter) {
        const double histogram = view.values.macd_15m->histogram;
        if (buy ? !(histogram > 0) : !(histogram < 0))
            return Gate::macd;
    }
    return std::nullopt;
}

std::optional<Gate> VwapBounce::refuses(model::Side side, const BarView& view) const {
    const config::StrategySettings& s = rules_.settings;
    const std::int64_t dir = model::sign(side);
    const auto seen = [&](model::Price at) {
        return static_cast<double>(dir * at.ticks) * rules_.tick;
    };
    const auto towards = static_cast<double>(dir);
    const indicators::VwapValues& vwap = *view.values.vwap;
    const double band = towards * vwap.band(-towards * s.band_entry);
    const model::Price extreme = dir > 0 ? view.previous->low : view.previous->high;
    if (!(seen(extreme) <= band))
        return Gate::no_touch;
    if (!(seen(view.bar.close) > band))
        return Gate::no_bounce;
    if (!(dir > 0 ? s.long_entries : s.short_entries))
        return Gate::side_off;
    if (s.direction_filter && !(seen(view.bar.close) < towards * vwap.vwap))
        return Gate::wrong_side_of_vwap;
    return filter_refuses(side, view);
}

std::optional<Enter> VwapBounce::plan(model::Side side, const BarView& view, Gate& refused) const {
    const config::StrategySettings& s = rules_.settings;
    const std::int64_t dir = model::sign(side);
    const auto towards = static_cast<double>(dir);
    const model::Price close = view.bar.close;
    const indicators::VwapValues& vwap = *view.values.vwap;
    const auto priced = [&](double at, std::int64_t beyond) {
        return model::price_from_double(at, rules_.tick_size, inwards(beyond));
    };
    Enter enter{.side = side, .signal = close, .stop = {}, .target = {}};
    if (s.stop_kind == config::StopKind::atr) {
        const double base = static_cast<double>(close.ticks) * rules_.tick;
        const double atr = *view.values.atr_sma_15m;
        const auto stop = priced(base - towards * s.atr_stop * atr, -dir);
        const auto target = priced(base + towards * s.atr_target * atr, dir);
        if (!stop || !target) {
            refused = Gate::bands_not_ready;
            return std::nullopt;
        }
        enter.stop = *stop;
        enter.target = *target;
    } else {
        const auto band = priced(vwap.band(-towards * s.band_exit), -dir);
        const auto target = priced(vwap.band(towards * s.band_exit), dir);
        if (!band || !target) {
            refused = Gate::bands_not_ready;
            return std::nullopt;
        }
        const model::Price fixed = close - model::Ticks{dir * s.stop_ticks};
        const model::Price beyond = *band - model::Ticks{dir * s.stop_band_ticks};
        enter.stop = dir * (beyond - fixed).value > 0 ? beyond : fixed;
        enter.target = *target;
    }
    if (dir * (close - enter.stop).value <= 0) {
        refused = Gate::stop_side;
        return std::nullopt;
    }
    if (dir * (enter.target - close).value <= 0) {
        refused = Gate::target_side;
        return std::nullopt;
    }
    return enter;
}

UtcTime VwapBounce::may_change(Gate gate, const BarView& view, const Facts& facts) const {
    const config::StrategySettings& s = rules_.settings;
    switch (gate) {
        case Gate::session_closed:
        case Gate::blackout:
        case Gate::flatten_time:
        case Gate::friday_cutoff: return facts.session.entries_resume;
        case Gate::first_bar: return facts.now + model::k_minute;
        case Gate::not_warm: break;
        default: return {};
    }
    int quarters = 0;
    if (s.rsi_filter)
        quarters = s.rsi_length + 1;
    if (s.trend_filter)
        quarters = std::max(quarters, s.trend_length);
    if (s.volume_filter)
        quarters = std::max(quarters, s.volume_length);
    if (s.macd_filter)
        quarters = std::max(quarters, k_macd_bars);
    if (s.stop_kind == config::StopKind::atr)
        quarters = std::max(quarters, s.atr_length + 1);
    const auto missing = quarters - static_cast<std::int64_t>(view.values.bars_15m);
    return missing > 0 ? facts.now + missing * model::k_quarter_hour : UtcTime{};
}

bool VwapBounce::touched(const BarView& view) const {
    const indicators::VwapValues& vwap = *view.values.vwap;
    const double factor = rules_.settings.band_entry;
    return static_cast<double>(view.previous->low.ticks) * rules_.tick <= vwap.band(-factor) ||
           static_cast<double>(view.previous->high.ticks) * rules_.tick >= vwap.band(factor);
}

void VwapBounce::look_for_entry(const BarView& view, const Facts& facts, Decisions& decisions) {
    const auto refuse = [&](Gate gate, std::optional<model::Side> side) {
        decisions.refuse({gate, side, facts.now,
                          is_no_pattern(gate) ? UtcTime{} : may_change(gate, view, facts)});
    };
    if (const auto gate = shut_gate(view, facts)) {
        refuse(*gate, std::nullopt);
        return;
    }
    if (!touched(view)) [[likely]] {
        decisions.refuse({Gate::no_touch, std::nullopt, facts.now, {}});
        return;
    }
    const auto buy = refuses(model::Side::buy, view);
    const auto sell = refuses(model::Side::sell, view);
    if (buy && sell) {
        // The side that came further is the one worth telling of.
        const std::optional<model::Side> side = *buy == *sell  ? std::nullopt
                                                : *buy > *sell ? std::optional(model::Side::buy)
                                                               : std::optional(model::Side::sell);
        refuse(std::max(*buy, *sell), side);
        return;
    }
    if (!buy && !sell) {
        refuse(Gate::both_sides, std::nullopt);
        return;
    }
    const model::Side side = buy ? model::Side::sell : model::Side::buy;
    Gate refused{};
    const std::optional<Enter> enter = plan(side, view, refused);
    if (!enter) {
        refuse(refused, side);
        return;
    }
    Management& m = state_.management;
    m = {};
    m.stage = Stage::planned;
    m.side = side;
    m.regime = state_.market.regime();
    m.decided = facts.now;
    m.entry = enter->signal;
    m.stop = enter->stop;
    m.initial_stop = enter->stop;
    m.target = enter->target;
    m.break_even_ticks = distances(rules_, state_.learning, m.regime, false, Nanos{0}).break_even;
    decisions.gates().passed();
    decisions.act(*enter);
}

}  // namespace bullpen::strategy
