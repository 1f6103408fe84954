#include "tests/property/strategy/simulated.hpp"

#include <algorithm>
#include <cstdlib>

namespace bullpen::strategy::test {

namespace {

using namespace std::chrono;

const model::Instrument& es() {
    return *model::find_instrument("ES").value();
}

// SplitMix64, so that a seed is a market on every machine.
std::uint64_t next(std::uint64_t& state) {
    state += 0x9E3779B97F4A7C15;
    std::uint64_t z = state;
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
    return z ^ (z >> 31);
}

}  // namespace

config::StrategySettings any_settings(std::uint64_t seed) {
    std::uint64_t state = seed * 3 + 1;
    const auto chance = [&](int below) {
        return static_cast<int>(next(state) % static_cast<std::uint64_t>(below));
    };
    const auto flag = [&] { return chance(2) == 0; };
    config::StrategySettings s;
    s.band_entry = 0.5 + chance(4) * 0.5;
    s.band_exit = s.band_entry + 0.5 + chance(4);
    s.long_entries = chance(8) != 0;
    s.short_entries = chance(8) != 0;
    s.direction_filter = flag();
    s.rsi_filter = flag();
    s.rsi_low = 30 + chance(20);
    s.rsi_high = 51 + chance(20);
    s.trend_filter = chance(4) == 0;
    s.volume_filter = chance(4) == 0;
    s.volume_length = 1 + chance(5);
    s.surge_samples = 1;
    s.macd_filter = chance(4) == 0;
    s.stop_kind = flag() ? config::StopKind::ticks : config::StopKind::atr;
    s.stop_ticks = 1 + chance(20);
    s.partials = chance(4) != 0;
    s.break_even = chance(4) != 0;
    s.break_even_ticks = 2 + chance(12);
    s.break_even_offset = chance(s.break_even_ticks);
    s.trailing = chance(4) != 0;
    s.trail_start_ticks = 1 + chance(15);
    s.trail_ticks = 1 + chance(10);
    s.momentum = flag();
    s.momentum_closes = 1 + chance(4);
    s.holding_max = minutes(chance(4) == 0 ? 0 : 5 + chance(60));
    s.holding_alert = minutes(chance(40));
    s.reversal = flag();
    s.adaptive = chance(4) != 0;
    s.adaptive_learning = flag();
    s.volatility_length = 2 + chance(10);
    s.volatility_baseline = s.volatility_length + 1 + chance(40);
    s.volatility_floor_ticks = chance(6);
    s.regime_length = 2 + chance(20);
    return s;
}

config::StrategySettings mirrored(config::StrategySettings settings) {
    std::swap(settings.long_entries, settings.short_entries);
    const double low = settings.rsi_low;
    settings.rsi_low = 100 - settings.rsi_high;
    settings.rsi_high = 100 - low;
    return settings;
}

Simulated::Simulated(const config::StrategySettings& settings, std::uint64_t seed, bool upside_down)
    : settings_(upside_down ? mirrored(settings) : settings),
      upside_down_(upside_down),
      state_(seed),
      runner_(StrategyRunner::create(settings_, es()).value()) {
    minutes_ = chance(5 * 1440);  // any time from Monday on
}

std::int64_t Simulated::chance(std::int64_t below) {
    return static_cast<std::int64_t>(next(state_) % static_cast<std::uint64_t>(below));
}

void Simulated::restart() {
    const std::string saved = runner_.save();
    runner_ = StrategyRunner::create(settings_, es()).value();
    if (!runner_.restore(saved) || runner_.save() != saved)
        std::abort();
}

void Simulated::next_bar() {
    minutes_ += chance(20) == 0 ? 1 + chance(5) : 1;  // minutes without a trade have no bar
    const std::int64_t open = level_ + chance(3) - 1;
    const std::int64_t span = 1 + chance(chance(10) == 0 ? 40 : 8);
    const std::int64_t up = chance(span + 1);
    const std::int64_t high = open + up;
    const std::int64_t low = open - (span - up);
    level_ = low + chance(high - low + 1);
    bar_.start = UtcTime(sys_days(2025y / 4 / 7) + minutes(minutes_));
    bar_.open = turned(open);
    bar_.high = turned(upside_down_ ? low : high);
    bar_.low = turned(upside_down_ ? high : low);
    bar_.close = turned(level_);
    bar_.volume = chance(300);
    quarters_.clear();
    if (chance(15) == 0) {
        model::Bar quarter = bar_;
        quarter.volume = 100 + chance(3000);
        quarter.minutes = static_cast<std::int32_t>(1 + chance(15));
        quarters_.push_back(quarter);
        values_.ema_fast_15m = static_cast<double>(turned(level_ + chance(9) - 4).ticks) * 0.25;
    }
    facts_.now = bar_.end();
}

void Simulated::next_session() {
    SessionFacts& session = facts_.session;
    const std::int64_t minute = minutes_ + 1;
    session.minute_of_day = static_cast<int>(minute % 1440);
    session.trading_day = sys_days(2025y / 4 / 7) + days((minute + 360) / 1440);
    session.minutes_to_flatten = static_cast<int>(chance(60));
    if (chance(10) != 0 && session.state == TradingState::entry_window)
        return;
    const std::int64_t kind = chance(12);
    session.state = kind == 0   ? TradingState::closed
                    : kind == 1 ? TradingState::blackout
                    : kind == 2 ? TradingState::flatten
                                : TradingState::entry_window;
    session.entries = chance(10) != 0;
    session.forced = chance(3) == 0;
    session.event_exit = chance(3) == 0;
    facts_.entries_allowed = chance(10) != 0;
}

void Simulated::next_values() {
    vwap_ += (level_ - vwap_) / 8;
    values_.vwap.reset();
    if (chance(30) != 0)
        values_.vwap = indicators::VwapValues{static_cast<double>(turned(vwap_).ticks) * 0.25,
                                              0.25 * static_cast<double>(chance(12)), 1};
    const auto rsi = static_cast<double>(chance(101));
    values_.rsi_15m = upside_down_ ? 100 - rsi : rsi;
    values_.atr_sma_15m = 0.25 * static_cast<double>(1 + chance(8));
    const auto histogram = static_cast<double>(chance(5) - 2);
    values_.macd_15m = indicators::MacdValues{0, 0, upside_down_ ? -histogram : histogram};
    values_.bars_15m = 50;
}

void Simulated::close_position(model::Price at) {
    PositionFacts& position = facts_.position;
    position.closed_ticks = (at - position.average).value * position.quantity;
    ++position.closed;
    position.quantity = 0;
    position.stop.reset();
    position.exit_working = false;
    exit_left_ = 0;
}

void Simulated::orders_in_the_minute() {
    PositionFacts& position = facts_.position;
    stop_hit_ = false;
    if (entry_ && entry_left_ > 0 && chance(4) != 0) {
        const std::int64_t filled = chance(3) == 0 ? 1 + chance(entry_left_) : entry_left_;
        const std::int64_t sign = model::sign(entry_->side);
        if (position.flat()) {
            position.average = bar_.open;
            position.entered = bar_.start + seconds(chance(2) * 30);
            position.stop = entry_->stop;
        }
        position.quantity += sign * filled;
        entry_left_ -= filled;
    }
    if (entry_left_ > 0 && chance(4) == 0)
        entry_left_ = 0;  // cancelled
    position.entry_working = entry_left_ > 0;
    if (exit_left_ > 0 && !position.flat() && chance(4) != 0) {
        const std::int64_t sign = position.quantity > 0 ? 1 : -1;
        const std::int64_t filled = std::min(exit_left_, std::abs(position.quantity));
        if (filled == std::abs(position.quantity)) {
            close_position(bar_.open);
        } else {
            position.quantity -= sign * filled;
            exit_left_ = 0;
        }
    } else if (chance(3) == 0) {
        exit_left_ = 0;
    }
    position.exit_working = exit_left_ > 0;
    if (!position.flat() && position.stop && !position.entry_working) {
        const bool hit =
            position.quantity > 0 ? bar_.low <= *position.stop : bar_.high >= *position.stop;
        if (hit && chance(5) != 0) {
            close_position(*position.stop);
            stop_hit_ = true;
        }
    }
}

std::string Simulated::text(model::Price price) const {
    return std::to_string(turned(price.ticks).ticks);
}

std::string Simulated::carry_out(const Decisions& decisions) {
    PositionFacts& position = facts_.position;
    const std::string notice = decisions.notice() ? " told" : "";
    if (const auto* enter = decisions.get<Enter>()) {
        const bool buy = (enter->side == model::Side::buy) != upside_down_;
        ++entries_;
        entry_ = *enter;
        entry_left_ = chance(8) == 0 ? 0 : 1 + chance(10);  // denied now and then
        position.entry_working = entry_left_ > 0;
        return std::string(buy ? "buy " : "sell ") + text(enter->signal) + " " + text(enter->stop) +
               " " + text(enter->target);
    }
    if (const auto* exit = decisions.get<Exit>()) {
        exit_left_ = std::abs(position.quantity);
        return "exit " + std::string(code(exit->reason)) + (exit->urgent ? " urgent" : "") + notice;
    }
    if (const auto* part = decisions.get<Partial>()) {
        exit_left_ = part->quantity;
        return "part " + std::to_string(part->quantity) + " " + std::to_string(part->stage) +
               (part->urgent ? " urgent" : "") + notice;
    }
    if (const auto* move = decisions.get<MoveStop>()) {
        if (chance(4) != 0)
            position.stop = move->price;
        return "stop " + text(move->price) + " " + std::string(code(move->reason)) + notice;
    }
    return "-" + notice;
}

Seen Simulated::minute() {
    next_bar();
    orders_in_the_minute();
    next_session();
    next_values();
    held_before_ = std::abs(facts_.position.quantity);
    const Decisions& decisions = runner_.on_bar(bar_, values_, quarters_, facts_);
    Seen seen;
    if (decisions.refusal())
        seen.refused = decisions.refusal()->gate;
    seen.decided = carry_out(decisions);
    seen.management = dynamic_cast<const VwapBounce&>(runner_.strategy()).management();
    return seen;
}

}  // namespace bullpen::strategy::test
