// What the gate is told, and how limits follow from it. The checks are in risk_checks.cpp, the
// state file's part in risk_state.cpp.
#include "worker/risk/risk_gate.hpp"

#include <algorithm>
#include <array>

#include "common/base/assert.hpp"
#include "common/base/errc.hpp"
#include "worker/risk/account_size.hpp"

namespace bullpen::risk {

namespace {

constexpr std::int64_t k_million = 1'000'000;
// Of the daily loss limit, in percent: where approach mode `none` ends the day, and where `scale`
// closes a losing position.
constexpr std::int64_t k_near_percent = 80;
constexpr std::int64_t k_losing_percent = 95;

// The floor of the pack, or the one that the settings of an account without a firm ask for.
model::FloorRule floor_rule(const config::RiskSettings& settings, const model::RulePack& pack,
                            model::Currency currency) {
    if (pack.floor.model != model::FloorModel::none || settings.drawdown_max == 0)
        return pack.floor;
    model::FloorRule rule;
    rule.nominal = {settings.start_balance * k_million, currency};
    rule.allowance = {settings.drawdown_max * k_million, currency};
    rule.lock_above = {0, currency};
    switch (settings.drawdown_model) {
        case config::DrawdownModel::fixed: rule.model = model::FloorModel::fixed; break;
        case config::DrawdownModel::end_of_day:
            rule.model = model::FloorModel::end_of_day_trailing;
            break;
        case config::DrawdownModel::intraday:
            rule.model = model::FloorModel::intraday_trailing;
            rule.locks = false;
            break;
    }
    return rule;
}

}  // namespace

std::string_view code(Limit limit) {
    constexpr std::array<std::string_view, k_limits> k_codes = {"daily_loss", "near_daily_loss",
                                                                "loss_floor"};
    return k_codes[static_cast<std::size_t>(limit)];
}

std::string_view sentence(Limit limit) {
    constexpr std::array<std::string_view, k_limits> k_sentences = {
        "the day's loss reached its limit", "the day's loss was near its limit",
        "the account's equity reached the loss floor"};
    return k_sentences[static_cast<std::size_t>(limit)];
}

RiskGate::RiskGate(const model::Instrument& instrument, const config::RiskSettings& settings,
                   const model::RulePack& pack)
    : instrument_(&instrument),
      settings_(settings),
      pack_(pack),
      hosting_refused_(hosting(pack, settings.hosting_acknowledged) == model::Hosting::refused),
      floor_(floor_rule(settings, pack, instrument.tick_value.currency)),
      rate_(static_cast<std::size_t>(settings.orders_per_minute)) {
    const model::Currency currency = instrument.tick_value.currency;
    const model::Money zero{0, currency};
    counters_.realised = counters_.start_balance = counters_.worst = counters_.carried = zero;
    open_ = day_end_profit_ = zero;
    if (floor_.active())
        cash_ = floor_.rule().start();
    else if (settings.start_balance > 0)
        cash_ = model::Money{settings.start_balance * k_million, currency};
    if (settings.high_balance > 0) {
        const model::Money high{settings.high_balance * k_million, currency};
        floor_.on_day_end(high);
        if (floor_.active())
            day_end_profit_ = high - floor_.rule().start();
    }
    counters_.start_balance = cash_.value_or(zero);
    set_daily_limit();
}

void RiskGate::begin_day(time::TradingDay day) {
    const bool ends_one = day_.has_value();
    day_ = day;
    if (ends_one && cash_ && !frame_wrong_) {
        floor_.on_day_end(*cash_);
        if (floor_.active())
            day_end_profit_ = *cash_ - floor_.rule().start();
    }
    const model::Money zero{0, open_.currency};
    counters_ = {};
    counters_.realised = counters_.worst = zero;
    // A position held over the night brings its profit along; the new day counts from here.
    counters_.carried = open_;
    counters_.start_balance = cash_.value_or(zero);
    set_daily_limit();
}

void RiskGate::on_balance(model::Money cash, UtcTime at, bool may_trade) {
    may_trade_ = may_trade;
    cash_ = cash;
    frame_wrong_ = !floor_.plausible(cash);
    if (!balance_told_ && !frame_wrong_)
        begin_from(cash);
    // Money that was lost by hand is lost all the same.
    const bool was_reached = floor_.breached();
    look_at_limits(at);
    if (floor_.breached() && !was_reached)
        floor_reached_by_balance_ = true;
}

// What an account has when Bullpen meets it was the balance of some day's end.
void RiskGate::begin_from(model::Money cash) {
    balance_told_ = true;
    counters_.start_balance = cash - counters_.realised;
    set_daily_limit();
    floor_.on_day_end(counters_.start_balance);
    if (floor_.active() && settings_.high_balance == 0)
        day_end_profit_ = counters_.start_balance - floor_.rule().start();
}

// A firm fixes its floor at the account's start; one that the account's own settings ask for is of
// the money that is left.
LossFloor RiskGate::floor_after(model::Money payout) const {
    LossFloor after = floor_;
    if (pack_.floor.model != model::FloorModel::none)
        after.fix(payout);
    else
        after.lower(payout);
    return after;
}

Result<void> RiskGate::check_payout(model::Money amount) const {
    const auto equity = this->equity();
    if (!floor_.active() || frame_wrong_)
        return {};
    const auto today = counters_.start_balance + counters_.realised;
    const auto most = std::max({floor_.state().high, cash_.value_or(today), today});
    if (amount.millionths > most.millionths + missing_size(floor_))
        return fail(Errc::refused, "it is more than the account ever had");
    const auto after = floor_after(amount);
    if (!floor_.breached() && equity && *equity <= after.floor()) {
        return fail(Errc::refused, "the loss floor would be " + model::text(after.floor()) +
                                       ", which the account's equity, " + model::text(*equity) +
                                       ", is not above");
    }
    return {};
}

// The cash is what the broker says, whether it has booked the payout or not: only what was reckoned
// from earlier balances changes here.
void RiskGate::on_payout(model::Money amount) {
    floor_ = floor_after(amount);
    const auto equity = this->equity();
    if (floor_.breached() && floor_reached_by_balance_ && equity && *equity > floor_.floor()) {
        floor_.forgive();
        floor_since_.reset();
        floor_reached_by_balance_ = false;
    }
    day_end_profit_ = day_end_profit_ - amount;
    // A day that began without it, since the broker booked it earlier, may have begun with less:
    // a share of nothing would be no limit at all.
    const auto left = counters_.start_balance - amount;
    if (left.millionths + missing_size(floor_) > 0)
        counters_.start_balance = left;
    else if (cash_)
        counters_.start_balance = std::min(counters_.start_balance, *cash_);
    set_daily_limit();
}

void RiskGate::adopt(const model::Position& position) {
    position_ = position;
    const auto last = watch_.last();
    const model::Money before = open_;
    open_ = position.flat() || !last
                ? model::Money{0, open_.currency}
                : model::value_of_ticks(*instrument_, model::open_ticks(position, *last));
    // The day's profit stays what it is.
    counters_.carried = counters_.carried + open_ - before;
}

std::int64_t RiskGate::slippage_limit() const {
    return std::max<std::int64_t>(settings_.slippage_alarm_ticks,
                                  model::expected_slippage(*instrument_).value);
}

FillVerdict RiskGate::on_fill(const model::Fill& fill, std::optional<model::Price> expected) {
    BULLPEN_ASSERT(fill.symbol.view() == instrument_->symbol, "a gate is told its own fills");
    FillVerdict verdict;
    const bool was_flat = position_.flat();
    verdict.change = model::apply(position_, fill.side, fill.quantity, fill.price);
    verdict.realised =
        model::value_of_ticks(*instrument_, verdict.change.realised_ticks) - fill.fee;
    const bool turned = !was_flat && !verdict.change.after.flat() &&
                        (position_.quantity > 0) != (verdict.change.after.quantity > 0);
    position_ = verdict.change.after;
    counters_.realised = counters_.realised + verdict.realised;
    counters_.trades += (was_flat && !position_.flat()) || turned ? 1 : 0;
    if (cash_)
        cash_ = *cash_ + verdict.realised;
    if (expected) {
        const std::int64_t lost = risk::slippage(fill.side, *expected, fill.price);
        verdict.slippage = model::Ticks{lost};
        verdict.slippage_alarm = lost > slippage_limit();
        ++slippage_.fills;
        slippage_.contracts += fill.quantity;
        slippage_.tick_contracts += lost * fill.quantity;
        slippage_.worst = std::max(slippage_.worst, lost);
        slippage_.alarms += verdict.slippage_alarm ? 1 : 0;
    }
    watch_.on_price(fill.price);
    mark(fill.price, fill.time);
    return verdict;
}

void RiskGate::on_price(model::Price price, UtcTime at) {
    watch_.on_price(price);
    if (!position_.flat())
        mark(price, at);
}

void RiskGate::on_quote(const Quote& quote, UtcTime at) {
    watch_.on_quote(quote);
    if (position_.flat() || quote.ask < quote.bid)
        return;
    mark(position_.quantity > 0 ? quote.bid : quote.ask, at);
}

// The bar of most minutes: nothing that it reached is near any limit, so that only the open profit
// and the day's worst change. False, and nothing is done, for any other bar.
bool RiskGate::mark_quiet_bar(model::Price best, model::Price worst, model::Price close) {
    // So many contracts times any price are within 64 bits.
    constexpr std::int64_t k_quantity_max = 100;
    const std::int64_t quantity = position_.quantity;
    if (quantity > k_quantity_max || quantity < -k_quantity_max)
        return false;
    const auto open_at = [&](model::Price price) {
        return (quantity * price.ticks - position_.cost_ticks) * instrument_->tick_value.millionths;
    };
    const std::int64_t open_worst = open_at(worst);
    const std::int64_t profit =
        counters_.realised.millionths - counters_.carried.millionths + open_worst;
    if (daily_limit_ && -profit >= daily_limit_->millionths / 100 * k_near_percent)
        return false;
    if (floor_.active() && cash_ &&
        (cash_->millionths + open_worst <= floor_.floor().millionths ||
         cash_->millionths + open_at(best) > floor_.state().high.millionths))
        return false;
    counters_.worst.millionths = std::min(counters_.worst.millionths, profit);
    open_.millionths = open_at(close);
    return true;
}

void RiskGate::mark_bar(const model::Bar& bar) {
    const bool is_long = position_.quantity > 0;
    if (mark_quiet_bar(is_long ? bar.high : bar.low, is_long ? bar.low : bar.high, bar.close))
        return;
    mark(is_long ? bar.high : bar.low, bar.end());
    mark(is_long ? bar.low : bar.high, bar.end());
    mark(bar.close, bar.end());
}

void RiskGate::mark(model::Price price, UtcTime at) {
    open_ = position_.flat()
                ? model::Money{0, open_.currency}
                : model::value_of_ticks(*instrument_, model::open_ticks(position_, price));
    look_at_limits(at);
}

model::Money RiskGate::day_profit() const {
    return counters_.realised + open_ - counters_.carried;
}

std::optional<model::Money> RiskGate::equity() const {
    return cash_ ? std::optional(*cash_ + open_) : std::nullopt;
}

void RiskGate::set_daily_limit() {
    daily_limit_ = pack_.daily_loss_max;
    const auto consider = [&](std::int64_t millionths) {
        const model::Money other{millionths, open_.currency};
        daily_limit_ = daily_limit_ ? std::min(*daily_limit_, other) : other;
    };
    if (settings_.daily_loss_max > 0)
        consider(settings_.daily_loss_max * k_million);
    const std::int64_t size = counters_.start_balance.millionths + missing_size(floor_);
    if (settings_.daily_loss_percent > 0 && size > 0)
        consider(size / 100 * settings_.daily_loss_percent);
}

std::optional<std::int64_t> RiskGate::near_limit() const {
    if (!daily_limit_ || settings_.approach == config::ApproachMode::off)
        return std::nullopt;
    const bool ends_the_day = settings_.approach == config::ApproachMode::none;
    return daily_limit_->millionths / 100 * (ends_the_day ? k_near_percent : k_losing_percent);
}

void RiskGate::look_at_limits(UtcTime at) {
    const model::Money profit = day_profit();
    counters_.worst = std::min(counters_.worst, profit);
    const auto& limit = daily_limit_;
    const bool reached = counters_.latch && counters_.latch->limit == Limit::daily_loss;
    if (limit && !reached && profit.millionths < 0) {
        const std::int64_t loss = -profit.millionths;
        if (loss >= limit->millionths)
            counters_.latch = Latch{Limit::daily_loss, at, false};
        else if (!counters_.latch && settings_.approach == config::ApproachMode::none &&
                 loss >= near_limit())
            counters_.latch = Latch{Limit::near_daily_loss, at, false};
    }
    const auto equity = this->equity();
    if (equity && !frame_wrong_ && floor_.on_equity(*equity) && !floor_since_)
        floor_since_ = at;
}

std::optional<Latch> RiskGate::latch() const {
    if (floor_.breached())
        return Latch{Limit::loss_floor, floor_since_.value_or(UtcTime{}), true};
    if (counters_.latch)
        return counters_.latch;
    // For as long as it loses; nothing keeps a smaller entry from following.
    if (open_.millionths < 0 && settings_.approach == config::ApproachMode::scale && daily_limit_ &&
        -day_profit().millionths >= near_limit())
        return Latch{Limit::near_daily_loss, session_.begin, false};
    return std::nullopt;
}

void RiskGate::restart_floor() {
    LossFloor fresh(floor_.rule());
    LossFloor::State state = fresh.state();
    state.high = cash_.value_or(state.high);
    state.floor = state.high - floor_.rule().allowance;
    floor_.restore(state);
    floor_since_.reset();
    floor_reached_by_balance_ = false;
}

}  // namespace bullpen::risk
