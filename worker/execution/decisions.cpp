// Decisions of the strategy and of operators, and why this side says no to them.
#include <algorithm>
#include <cstdlib>

#include "worker/execution/order_manager.hpp"

namespace bullpen::execution {

Refusal OrderManager::entries(const model::Symbol& symbol, Instant now) const {
    if (silent_)
        return Refusal::silenced;
    if (wrong_account_)
        return Refusal::wrong_account;
    if (!started_ || !session_up_)
        return Refusal::not_connected;
    if (!reconciled_)
        return Refusal::not_reconciled;
    if (!held_back_.empty())
        return Refusal::not_recorded;
    const Guard* guard = book_.guard(symbol);
    if (guard == nullptr)
        return Refusal::invalid_terms;
    if (guard->stop_refused)
        return Refusal::stop_refused;
    if (guard->mismatch || reconciler_.doubts(symbol))
        return Refusal::mismatch;
    if (guard->closing.active)
        return Refusal::closing;
    bool open = false;
    for (const Order& order : book_.live()) {
        if (!is_open(order.status) || order.terms.symbol != symbol)
            continue;
        if (order.status == Status::unknown)
            return Refusal::order_unknown;
        open = true;
    }
    if (open)
        return Refusal::order_open;
    if (book_.held(symbol) != 0)
        return Refusal::position_open;
    const bool allowed =
        std::all_of(breakers_.begin(), breakers_.end(),
                    [&](const Breaker& breaker) { return breaker.allows(now.mono); });
    return allowed ? Refusal::none : Refusal::breaker_open;
}

Decided OrderManager::enter(const Entry& entry, Instant now) {
    const model::IntentKey& key = entry.key;
    const auto refuse = [&](Refusal refusal) {
        return deny(key, entry.side, entry.quantity, refusal, 0, now);
    };
    if (entry.account != settings_.account)
        return refuse(Refusal::wrong_account);
    if (entry.quantity <= 0 || key.leg != model::Purpose::entry || key.strategy.empty())
        return refuse(Refusal::invalid_terms);
    if (const Refusal refusal = entries(key.symbol, now); refusal != Refusal::none)
        return refuse(refusal);
    if (book_.forgotten(key))
        return refuse(Refusal::stale_intent);
    const auto attempt = book_.attempt(key);
    if (!attempt)
        return refuse(Refusal::duplicate_intent);
    Intended intended;
    auto& terms = intended.terms;
    terms.key = key;
    terms.key.attempt = *attempt;
    terms.symbol = key.symbol;
    terms.side = entry.side;
    terms.type = entry.type;
    terms.time_in_force = entry.time_in_force;
    terms.purpose = model::Purpose::entry;
    terms.quantity = entry.quantity;
    if (entry.type == model::OrderType::limit)
        terms.limit = entry.limit;
    if (entry.type == model::OrderType::stop)
        terms.stop = entry.limit;
    intended.expected = entry.expected;
    intended.protect = entry.stop.has_value();
    intended.stop = entry.stop.value_or(model::Price{});
    intended.why = entry.why;
    const Decided decided = submit(intended, now);
    settle(now);
    return decided;
}

Decided OrderManager::refuse(const Entry& entry, Refusal refusal, Instant now) {
    return deny(entry.key, entry.side, entry.quantity, refusal, 0, now);
}

Decided OrderManager::refuse(const Entry& entry, const GateDenial& denial, Instant now) {
    return deny(entry.key, entry.side, entry.quantity, Refusal::risk_gate, denial.code, now);
}

Decided OrderManager::exit(const Exit& exit, Instant now) {
    const model::IntentKey& key = exit.key;
    const std::int64_t held = book_.held(key.symbol);
    const auto side = held > 0 ? model::Side::sell : model::Side::buy;
    const auto refuse = [&](Refusal refusal) {
        return deny(key, side, exit.quantity, refusal, 0, now);
    };
    const bool leaves = key.leg == model::Purpose::exit ||
                        key.leg == model::Purpose::partial_exit ||
                        key.leg == model::Purpose::flatten;
    const Guard* guard = book_.guard(key.symbol);
    if (exit.account != settings_.account)
        return refuse(Refusal::wrong_account);
    if (!leaves || exit.quantity < 0 || key.strategy.empty() || guard == nullptr)
        return refuse(Refusal::invalid_terms);
    if (!started_)
        return refuse(Refusal::not_connected);
    if (silent_)
        return refuse(Refusal::silenced);
    if (held == 0)
        return refuse(Refusal::no_position);
    if (exit.quantity > std::abs(held))
        return refuse(Refusal::exceeds_position);
    if (guard->closing.active && key.leg != model::Purpose::flatten)
        return refuse(Refusal::closing);
    if (book_.forgotten(key))
        return refuse(Refusal::stale_intent);
    if (!book_.attempt(key))
        return refuse(Refusal::duplicate_intent);
    ExitBegun terms;
    terms.key = key;
    terms.quantity = exit.quantity == std::abs(held) ? 0 : exit.quantity;
    terms.limited = exit.limit.has_value();
    terms.limit = exit.limit.value_or(model::Price{});
    terms.expected = exit.expected;
    terms.why = exit.why;
    terms.at = now.utc;
    if (!begin_closing(terms, now))
        return refuse(Refusal::closing);
    settle(now);
    return {};
}

Decided OrderManager::move_stop(const StopMove& move, Instant now) {
    const auto& [account, symbol, stop, why] = move;
    const Guard* guard = book_.guard(symbol);
    const std::int64_t held = book_.held(symbol);
    model::IntentKey key;
    key.symbol = symbol;
    key.leg = model::Purpose::protective_stop;
    const auto refuse = [&](Refusal refusal) {
        return deny(key, held > 0 ? model::Side::sell : model::Side::buy, std::abs(held), refusal,
                    0, now);
    };
    if (account != settings_.account)
        return refuse(Refusal::wrong_account);
    if (!started_)
        return refuse(Refusal::not_connected);
    if (guard == nullptr || held == 0)
        return refuse(Refusal::no_position);
    if (guard->closing.active && guard->closing.terms.quantity == 0)
        return refuse(Refusal::closing);
    if (guard->protect && guard->stop == stop)
        return {};
    const bool back = held > 0 ? stop < guard->stop : stop > guard->stop;
    if (guard->protect && back)
        return refuse(Refusal::stop_moves_back);
    (void)commit(Planned{symbol, stop, now.utc, why}, now);
    settle(now);
    return {};
}

void OrderManager::flatten(const model::Symbol& symbol, Label why, Instant now) {
    ExitBegun terms;
    terms.key = own_key("flatten", symbol, now.utc, model::Purpose::flatten);
    terms.why = why;
    terms.at = now.utc;
    if (const Watch* watch = find_watch(symbol))
        terms.expected = watch->mark;
    (void)begin_closing(terms, now);
    settle(now);
}

void OrderManager::flatten_all(Label why, Instant now) {
    for (std::size_t i = 0; i < book_.guards().size(); ++i)
        flatten(model::Symbol(book_.guards()[i].symbol), why, now);
}

model::IntentKey OrderManager::own_key(std::string_view strategy, const model::Symbol& symbol,
                                       UtcTime at, model::Purpose leg) {
    model::IntentKey key;
    key.strategy = model::Symbol::cut(strategy);
    key.symbol = symbol;
    key.signal_bar = at;
    key.leg = leg;
    return key;
}

// What closes all replaces what closes a part, and a flattening replaces every other closing.
bool OrderManager::begin_closing(const ExitBegun& terms, Instant now) {
    const model::Symbol symbol = terms.key.symbol;
    const Guard* guard = book_.guard(symbol);
    if (guard != nullptr && guard->closing.active) {
        const bool flattens = terms.key.leg == model::Purpose::flatten;
        if (!flattens || guard->closing.terms.key.leg == model::Purpose::flatten)
            return false;
    }
    // One record ends the closing before and begins this: nobody can die between the two.
    (void)commit(terms, now);
    Watch& watch = this->watch(symbol);
    watch.stuck_told = false;
    watch.verified_by = 0;
    watch.close_at = {};
    tell(NoticeKind::closing_begun, now, symbol, {}, static_cast<std::uint16_t>(terms.key.leg),
         terms.quantity);
    return true;
}

}  // namespace bullpen::execution
