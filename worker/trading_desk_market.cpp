// What a trading desk hears of its market: the exchange's steps, the trades within a bar, and
// whether its bars are those of the account's feed.
#include "common/base/errc.hpp"
#include "worker/trading_desk.hpp"

namespace bullpen::worker {

// What the market did, in its order; what filled in a step was told before it.
void TradingDesk::take_steps(Instant now) {
    for (const auto& step : venue_->take_steps()) {
        step_to_acknowledge_ = step.step;
        if (step.symbol.view() != instrument_.symbol)
            continue;
        last_step_ = now.mono;
        tell_market(step, now);
        if (ticks_)
            ticks_->on_step(step);
        switch (step.phase) {
            case ipc::MarketPhase::open:
                trader_->begin_bar(step.start, now);
                opened_ = step.start;
                bars_over_ = step.bar;
                break;
            case ipc::MarketPhase::paused: bars_over_ = step.bar; break;
            case ipc::MarketPhase::closed:
                bars_over_ = step.bar + 1;
                closed_ = step;
                break;
            case ipc::MarketPhase::ended:
                bars_over_ = step.bar;
                market_ended_ = true;
                break;
            case ipc::MarketPhase::tick: break;
        }
    }
}

// What came from outside is priced and dated by where the market is, which after an absence is
// further than the bars that were taken.
void TradingDesk::tell_market(const ipc::VenueStep& step, Instant now) {
    if (step.start == UtcTime{} || step.phase == ipc::MarketPhase::ended ||
        step.phase == ipc::MarketPhase::tick)
        return;
    const bool closed = step.phase == ipc::MarketPhase::closed;
    const auto price = model::price_from_text(closed ? step.close : step.open, instrument_.tick,
                                              model::Rounding::nearest);
    if (price)
        trader_->orders().on_market(step.symbol, *price,
                                    closed ? step.start + model::k_minute : step.start, now);
}

// A market in lockstep waits until the account is at rest, so that what happens does not depend on
// how long an answer takes or on a process that died and came back. An account that does not come
// to rest (its exit is refused, the broker's side differs) lets the market go on after a while.
void TradingDesk::acknowledge(Instant now) {
    if (!step_to_acknowledge_ || venue_ == nullptr || decision_waits_ || question())
        return;
    if (trader_->at_rest()) {
        restless_since_.reset();
    } else {
        if (!restless_since_)
            restless_since_ = now.mono;
        if (now.mono < *restless_since_ + restless_max_)
            return;
    }
    venue_->step_done(*step_to_acknowledge_, now);
    step_to_acknowledge_.reset();
}

void TradingDesk::before_bar(const model::Bar& bar, Instant now) {
    if (shadow_ == nullptr || !started_)
        return;
    auto& market = shadow_->simulated();
    trader_->begin_bar(bar.start, now);
    market.open_bar(shadow_market_, bar);
    do {
        if (market.pending())
            trader_->serve(now);
    } while (market.advance(shadow_market_));
    if (market.pending())
        trader_->serve(now);
}

Result<void> TradingDesk::check_bar(std::uint64_t index, const model::Bar& bar) const {
    // An exchange that has just begun tells how far it is, and nothing of the bar.
    if (!closed_ || closed_->bar != index || closed_->start == UtcTime{})
        return {};
    if (closed_->start == bar.start && closed_->open == price_text(bar.open) &&
        closed_->high == price_text(bar.high) && closed_->low == price_text(bar.low) &&
        closed_->close == price_text(bar.close)) {
        return {};
    }
    return fail(Errc::invalid,
                "the paper exchange trades another market than the account's feed: its bar " +
                    std::to_string(index) + " closes at " + closed_->close + ", the feed's at " +
                    price_text(bar.close) +
                    "; give both the same source, or leave [market.*] out "
                    "of venue.toml");
}

const model::QuotedTrade* TradingDesk::next_tick(std::uint64_t bar, std::uint64_t behind) {
    if (!ticks_ || !started_ || decision_waits_)
        return nullptr;
    if (behind > 1)
        ticks_->drop_waiting();
    const auto* tick = ticks_->next(bar);
    while (tick != nullptr && !trader_->is_ahead(*tick)) {
        ticks_->pass_over();
        tick = ticks_->next(bar);
    }
    return tick;
}

void TradingDesk::on_tick(Instant now) {
    const auto tick = ticks_->pop();
    if (trader_->on_tick(tick, now) &&
        trader_->strategy().last().notice() == strategy::Notice::held_long)
        tell_held_long(tick.time);
    // As after a bar.
    if (opened_ > tick.time)
        trader_->begin_bar(opened_, now);
    tell_notices();
}

Result<model::Bar> TradingDesk::formed(std::uint64_t index, const model::Bar& bar) {
    const auto made = ticks_ ? ticks_->take_formed(index) : std::nullopt;
    if (made && *made != bar) {
        return fail(Errc::invalid,
                    "the trades of bar " + std::to_string(index) +
                        " make another one: it closes at " + price_text(made->close) + " with " +
                        std::to_string(made->volume) + " contracts, the feed's at " +
                        price_text(bar.close) + " with " + std::to_string(bar.volume));
    }
    return made.value_or(bar);
}

}  // namespace bullpen::worker
