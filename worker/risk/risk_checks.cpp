// The checks of an order, in the order of DenialCode, and the size that would pass all of them.
// What a check compares and what size() computes with are the same functions.
#include <algorithm>
#include <array>

#include "worker/risk/account_size.hpp"
#include "worker/risk/risk_gate.hpp"

namespace bullpen::risk {

namespace {

using model::OrderTerms;
using model::OrderType;
using model::Purpose;
using model::Side;
using model::TradingMode;

constexpr std::int64_t k_million = 1'000'000;
constexpr std::int64_t k_ten_thousand = 10'000;
// An entry and the exit that its stop or target is.
constexpr std::int64_t k_fills_of_a_trade = 2;
// A percentage of the settings as hundredths of a percent; what lies between is cut off.
constexpr double k_percent_slack = 1e-6;

Denial denial(DenialCode code, std::int64_t have = 0, std::int64_t limit = 0) {
    return {code, have, limit};
}

std::int64_t size_of(std::int64_t number) {
    return number < 0 ? -number : number;
}

// How large an entry may still be near the daily loss limit, in percent.
std::int64_t scale_at(std::int64_t loss_percent) {
    struct Step {
        std::int64_t from;
        std::int64_t percent;
    };
    constexpr std::array<Step, 5> k_steps = {{{95, 20}, {90, 40}, {80, 65}, {70, 80}, {60, 90}}};
    for (const Step& step : k_steps) {
        if (loss_percent >= step.from)
            return step.percent;
    }
    return 100;
}

// Largest n with n * each <= room, or < room when `strictly`.
std::int64_t most(std::int64_t room, std::int64_t each, bool strictly) {
    const std::int64_t usable = strictly ? room - 1 : room;
    return usable < 0 || each <= 0 ? 0 : usable / each;
}

}  // namespace

// --- what limits are made of ---

std::optional<model::Price> RiskGate::reference(Side side) const {
    if (const auto& quote = watch_.quote())
        return side == Side::buy ? quote->ask : quote->bid;
    return watch_.last();
}

std::optional<model::Price> RiskGate::entry_price(const OrderTerms& terms) const {
    switch (terms.type) {
        case OrderType::limit: return terms.limit;
        case OrderType::stop: return terms.stop;
        case OrderType::market: break;
    }
    return reference(terms.side);
}

std::optional<std::int64_t> RiskGate::size_equity() const {
    const auto equity = this->equity();
    if (!equity)
        return std::nullopt;
    return equity->millionths + missing_size(floor_);
}

std::int64_t RiskGate::scale_percent() const {
    const auto limit = daily_loss_limit();
    const std::int64_t loss = -day_profit().millionths;
    if (settings_.approach != config::ApproachMode::scale || !limit || loss <= 0)
        return 100;
    return scale_at(loss / std::max<std::int64_t>(1, limit->millionths / 100));
}

std::int64_t RiskGate::trade_risk_limit() const {
    const auto hundredths =
        static_cast<std::int64_t>(settings_.per_trade_percent * 100 + k_percent_slack);
    const std::int64_t equity = std::max<std::int64_t>(0, size_equity().value_or(0));
    return equity / k_ten_thousand * hundredths / 100 * scale_percent();
}

std::int64_t RiskGate::contracts_limit() const {
    return settings_.contracts_max * scale_percent() / 100;
}

std::optional<std::int64_t> RiskGate::pack_limit() const {
    return model::contracts_allowed(pack_, *instrument_, day_end_profit_);
}

std::int64_t RiskGate::stop_risk(std::int64_t ticks, std::int64_t contracts) const {
    return model::value_of(*instrument_, model::Ticks{ticks}, contracts).millionths;
}

std::int64_t RiskGate::full_risk(std::int64_t ticks, std::int64_t contracts) const {
    return stop_risk(ticks, contracts) +
           model::slippage_cost(*instrument_, 1, k_fills_of_a_trade).millionths * contracts +
           instrument_->commission.millionths * k_fills_of_a_trade * contracts;
}

std::optional<std::int64_t> RiskGate::daily_left() const {
    const auto limit = daily_loss_limit();
    if (!limit)
        return std::nullopt;
    return limit->millionths + std::min<std::int64_t>(0, day_profit().millionths);
}

std::optional<std::int64_t> RiskGate::floor_left() const {
    const auto equity = this->equity();
    if (!floor_.active() || !equity)
        return std::nullopt;
    return equity->millionths - floor_.floor().millionths;
}

std::int64_t RiskGate::margin_of(std::int64_t contracts) const {
    const std::int64_t whole = settings_.margin_per_lot * k_million * contracts;
    return (whole + instrument_->micro_ratio - 1) / instrument_->micro_ratio;
}

// Of nothing, where nobody knows what there is.
std::int64_t RiskGate::margin_limit() const {
    return std::max<std::int64_t>(0, size_equity().value_or(0)) / 100 * settings_.margin_percent;
}

// --- checks ---

std::optional<Denial> RiskGate::check_terms(const OrderTerms& terms) const {
    if (terms.symbol.view() != instrument_->symbol)
        return denial(DenialCode::wrong_instrument);
    if (terms.quantity <= 0)
        return denial(DenialCode::quantity_invalid, terms.quantity, 1);
    if (terms.type != OrderType::market) {
        const model::Price price = terms.type == OrderType::limit ? terms.limit : terms.stop;
        const bool possible = price.ticks > 0 || instrument_->admits_negative;
        if (!possible || size_of(price.ticks) > model::k_price_ticks_max)
            return denial(DenialCode::price_invalid, price.ticks, 1);
    }
    if (pack_.tag_orders && !terms.id.parts())
        return denial(DenialCode::order_untagged);
    return std::nullopt;
}

std::optional<Denial> RiskGate::check_exit(const OrderTerms& terms,
                                           const Situation& situation) const {
    if (situation.mode == TradingMode::halted && terms.purpose == Purpose::target)
        return denial(DenialCode::target_while_halted);
    const std::int64_t held = situation.exposure.held;
    if (held == 0)
        return denial(DenialCode::nothing_to_close, terms.quantity, 0);
    if ((held > 0) == (terms.side == Side::buy))
        return denial(DenialCode::wrong_side);
    const std::int64_t closable = size_of(held) - situation.exposure.exits;
    if (terms.quantity > closable)
        return denial(DenialCode::more_than_held, terms.quantity,
                      std::max<std::int64_t>(0, closable));
    if (terms.purpose == Purpose::protective_stop && terms.type == OrderType::stop) {
        const auto market = reference(terms.side);
        const std::int64_t beyond =
            market ? (*market - terms.stop).value * model::sign(terms.side) : -1;
        if (beyond >= 0)
            return denial(DenialCode::stop_wrong_side, terms.stop.ticks, market->ticks);
    }
    return std::nullopt;
}

std::optional<Denial> RiskGate::check_account() const {
    if (hosting_refused_)
        return denial(DenialCode::hosting_unacknowledged);
    if (!may_trade_)
        return denial(DenialCode::broker_locked);
    if (frame_wrong_)
        return denial(DenialCode::loss_floor_frame, cash_.value_or(open_).millionths,
                      floor_.rule().nominal.millionths);
    const auto reached = latch();
    if (!reached)
        return std::nullopt;
    if (reached->limit == Limit::loss_floor)
        return denial(DenialCode::loss_floor_reached, equity().value_or(open_).millionths,
                      floor_.floor().millionths);
    return denial(reached->limit == Limit::daily_loss ? DenialCode::daily_loss_reached
                                                      : DenialCode::near_daily_loss,
                  -day_profit().millionths, daily_loss_limit().value_or(open_).millionths);
}

std::optional<DenialCode> RiskGate::standing_denial() const {
    if (hosting_refused_)
        return DenialCode::hosting_unacknowledged;
    if (!may_trade_)
        return DenialCode::broker_locked;
    if (frame_wrong_)
        return DenialCode::loss_floor_frame;
    if (settings_.trades_max > 0 && counters_.trades >= settings_.trades_max)
        return DenialCode::trades_reached;
    if (settings_.orders_of_day > 0 && counters_.orders >= settings_.orders_of_day)
        return DenialCode::orders_of_day;
    return no_room_for_any();
}

// With nothing held, what is left for a loss changes by no price. Where it is not more than the
// least that a contract can lose, no entry will do, whatever the market brings.
std::optional<DenialCode> RiskGate::no_room_for_any() const {
    if (position_.quantity != 0)
        return std::nullopt;
    const std::int64_t least = full_risk(1, 1);
    if (const auto left = floor_left(); left && least >= *left)
        return DenialCode::loss_floor_headroom;
    if (const auto left = daily_left(); left && least >= *left)
        return DenialCode::daily_loss_headroom;
    return std::nullopt;
}

std::optional<Denial> RiskGate::check_session(UtcTime now) const {
    // Facts of another time say nothing of this one.
    if (!session_.holds(now) || session_.state == time::TradingState::closed)
        return denial(DenialCode::market_closed);
    if (session_.state == time::TradingState::event_block)
        return denial(DenialCode::event_blackout);
    if (session_.flatten)
        return denial(DenialCode::flatten_time);
    if (session_.entries)
        return std::nullopt;
    return denial(now >= session_.entries_end ? DenialCode::last_entry_passed
                                              : DenialCode::calendar_unknown);
}

std::optional<Denial> RiskGate::check_counts(const Situation& situation) const {
    const Exposure& exposure = situation.exposure;
    if (exposure.position_unknown)
        return denial(DenialCode::position_unknown);
    const std::int64_t open = size_of(exposure.held) + exposure.entries_buy +
                              exposure.entries_sell + exposure.exits +
                              size_of(position_.quantity - exposure.held);
    if (open != 0)
        return denial(DenialCode::position_open, open, 0);
    if (settings_.trades_max > 0 && counters_.trades >= settings_.trades_max)
        return denial(DenialCode::trades_reached, counters_.trades, settings_.trades_max);
    if (!rate_.admits(situation.now))
        return denial(DenialCode::order_rate, rate_.count(situation.now),
                      settings_.orders_per_minute);
    if (settings_.orders_of_day > 0 && counters_.orders >= settings_.orders_of_day)
        return denial(DenialCode::orders_of_day, counters_.orders, settings_.orders_of_day);
    return check_equity();
}

std::optional<Denial> RiskGate::check_equity() const {
    const auto equity = size_equity();
    if (!equity)
        return denial(DenialCode::equity_unknown);
    if (*equity <= 0)
        return denial(DenialCode::equity_spent, *equity, 0);
    return std::nullopt;
}

std::optional<Denial> RiskGate::check_market(const OrderTerms& terms, const EntryPlan& plan) const {
    const auto market = reference(terms.side);
    if (!market)
        return denial(DenialCode::price_unknown);
    const model::Price price = entry_price(terms).value_or(*market);
    const std::int64_t distance = size_of((price - *market).value);
    if (settings_.price_band_percent > 0 &&
        distance * 100 > size_of(market->ticks) * settings_.price_band_percent)
        return denial(DenialCode::price_band, distance,
                      size_of(market->ticks) * settings_.price_band_percent / 100);
    const std::int64_t moved = (*market - plan.signal).value * model::sign(terms.side);
    if (settings_.price_moved_ticks > 0 && moved > settings_.price_moved_ticks)
        return denial(DenialCode::price_moved, moved, settings_.price_moved_ticks);
    if (settings_.fast_market && watch_.fast())
        return denial(DenialCode::fast_market);
    if (settings_.fast_market && watch_.widening())
        return denial(DenialCode::spread_widening);
    if ((price - plan.stop).value * model::sign(terms.side) <= 0)
        return denial(DenialCode::stop_wrong_side, plan.stop.ticks, price.ticks);
    return std::nullopt;
}

// The limits that size() computes with; `ticks` are those to the stop.
std::optional<Denial> RiskGate::check_contracts(std::int64_t ticks, std::int64_t contracts) const {
    if (contracts > contracts_limit())
        return denial(DenialCode::contracts_max, contracts, contracts_limit());
    if (const auto limit = pack_limit(); limit && contracts > *limit)
        return denial(DenialCode::pack_contracts, contracts, *limit);
    // Beyond any account of ours, and before products could overflow.
    if (ticks > model::k_price_ticks_max)
        return denial(DenialCode::price_invalid, ticks, model::k_price_ticks_max);
    if (const std::int64_t risk = stop_risk(ticks, contracts); risk > trade_risk_limit())
        return denial(DenialCode::risk_per_trade, risk, trade_risk_limit());
    const std::int64_t risk = full_risk(ticks, contracts);
    if (const auto left = daily_left(); left && risk >= *left)
        return denial(DenialCode::daily_loss_headroom, risk, *left);
    if (const auto left = floor_left(); left && risk >= *left)
        return denial(DenialCode::loss_floor_headroom, risk, *left);
    if (settings_.margin_percent > 0 && margin_of(contracts) > margin_limit())
        return denial(DenialCode::margin, margin_of(contracts), margin_limit());
    return std::nullopt;
}

std::optional<Denial> RiskGate::check_size(const OrderTerms& terms, const EntryPlan& plan) const {
    const model::Price price = entry_price(terms).value_or(plan.signal);
    const std::int64_t contracts = terms.quantity;
    if (auto no = check_contracts(size_of((price - plan.stop).value), contracts))
        return no;
    if (settings_.cost_percent > 0 && plan.target) {
        const std::int64_t won = (*plan.target - price).value * model::sign(terms.side);
        const std::int64_t profit = stop_risk(std::max<std::int64_t>(0, won), contracts);
        const std::int64_t cost = full_risk(0, contracts);
        if (cost > profit / 100 * settings_.cost_percent)
            return denial(DenialCode::cost_too_high, cost * 100 / std::max<std::int64_t>(1, profit),
                          settings_.cost_percent);
    }
    return std::nullopt;
}

std::optional<Denial> RiskGate::check_entry(const OrderTerms& terms,
                                            const Situation& situation) const {
    switch (situation.mode) {
        case TradingMode::active: break;
        case TradingMode::halted: return denial(DenialCode::mode_halted);
        case TradingMode::reducing: return denial(DenialCode::mode_reducing);
        case TradingMode::idle: return denial(DenialCode::mode_idle);
        case TradingMode::fenced: return denial(DenialCode::mode_fenced);
    }
    if (auto no = check_account())
        return no;
    if (auto no = check_session(situation.now))
        return no;
    if (auto no = check_counts(situation))
        return no;
    if (!situation.plan)
        return denial(DenialCode::plan_missing);
    if (auto no = check_market(terms, *situation.plan))
        return no;
    return check_size(terms, *situation.plan);
}

Approval RiskGate::check(const OrderTerms& terms, const Situation& situation) {
    std::optional<Denial> no = check_terms(terms);
    if (!no && situation.mode == TradingMode::fenced)
        no = denial(DenialCode::mode_fenced);
    if (!no)
        no = terms.purpose == Purpose::entry ? check_entry(terms, situation)
                                             : check_exit(terms, situation);
    if (no) {
        ++counters_.denied;
        return *no;
    }
    ++counters_.orders;
    rate_.add(situation.now);
    return Approved<OrderTerms>(terms);
}

Sizing RiskGate::size(Side side, model::Price entry, model::Price stop) const {
    const std::int64_t ticks = (entry - stop).value * model::sign(side);
    if (const std::int64_t contracts = most_contracts(ticks); contracts > 0)
        return {contracts, std::nullopt};
    // What check() would say of one contract, as far as it follows from what is asked here.
    auto no = check_account();
    if (!no)
        no = check_equity();
    if (!no && ticks <= 0)
        no = denial(DenialCode::stop_wrong_side, stop.ticks, entry.ticks);
    return {0, no ? no : check_contracts(ticks, 1)};
}

std::int64_t RiskGate::most_contracts(std::int64_t ticks) const {
    if (ticks <= 0 || ticks > model::k_price_ticks_max || check_equity())
        return 0;
    std::int64_t contracts =
        std::min(contracts_limit(), most(trade_risk_limit(), stop_risk(ticks, 1), false));
    if (const auto limit = pack_limit())
        contracts = std::min(contracts, *limit);
    if (const auto left = daily_left())
        contracts = std::min(contracts, most(*left, full_risk(ticks, 1), true));
    if (const auto left = floor_left())
        contracts = std::min(contracts, most(*left, full_risk(ticks, 1), true));
    if (settings_.margin_percent > 0 && settings_.margin_per_lot > 0) {
        while (contracts > 0 && margin_of(contracts) > margin_limit())
            --contracts;
    }
    return std::max<std::int64_t>(0, contracts);
}

Distances RiskGate::distances(UtcTime now) const {
    Distances made;
    const auto add = [&](std::string_view name, Distance::Unit unit, std::int64_t used,
                         std::int64_t limit) {
        made.items[made.size++] = {name, unit, std::max<std::int64_t>(0, used), limit};
    };
    if (const auto limit = daily_loss_limit())
        add("daily_loss", Distance::Unit::money, -day_profit().millionths, limit->millionths);
    if (const auto near = near_limit())
        add(code(Limit::near_daily_loss), Distance::Unit::money, -day_profit().millionths, *near);
    if (floor_.active()) {
        // From the highest balance that counts down to the floor.
        const std::int64_t high = floor_.state().high.millionths;
        add("loss_floor", Distance::Unit::money, high - equity().value_or(open_).millionths,
            high - floor_.floor().millionths);
    }
    const std::int64_t contracts = std::min(contracts_limit(), pack_limit().value_or(INT64_MAX));
    add("contracts", Distance::Unit::contracts, size_of(position_.quantity), contracts);
    if (settings_.margin_percent > 0 && settings_.margin_per_lot > 0)
        add("margin", Distance::Unit::money, margin_of(size_of(position_.quantity)),
            margin_limit());
    if (settings_.trades_max > 0)
        add("trades", Distance::Unit::trades, counters_.trades, settings_.trades_max);
    if (settings_.orders_of_day > 0)
        add("orders", Distance::Unit::orders, counters_.orders, settings_.orders_of_day);
    if (settings_.orders_per_minute > 0)
        add("order_rate", Distance::Unit::orders, rate_.count(now), settings_.orders_per_minute);
    return made;
}

}  // namespace bullpen::risk
