// How orders and commands leave: through the gate, after the record, one answer awaited for each.
#include <algorithm>
#include <string_view>

#include "common/base/assert.hpp"
#include "worker/execution/order_manager.hpp"
#include "worker/execution/planted.hpp"

namespace bullpen::execution {

namespace {

// Records that the journal did not take are kept for a later try; more than this are lost, and the
// comparison with the broker makes good for them after a crash.
constexpr std::size_t k_held_back_max = 4096;
constexpr Nanos k_held_back_retry = std::chrono::seconds(1);

struct SendPoints {
    KillPoint before_record, after_record, before_submit, after_submit;
};
SendPoints points(model::Purpose purpose) {
    using enum KillPoint;
    switch (purpose) {
        case model::Purpose::entry:
            return {before_intent_record, after_intent_record, before_submit, after_submit};
        case model::Purpose::protective_stop:
            return {before_stop_intent_record, after_stop_intent_record, before_stop_submit,
                    after_stop_submit};
        default:
            return {before_exit_intent_record, after_exit_intent_record, before_exit_submit,
                    after_exit_submit};
    }
}

}  // namespace

Decided OrderManager::deny(const model::IntentKey& key, model::Side side, std::int64_t quantity,
                           Refusal refusal, std::uint16_t denial, Instant now) {
    // What the gate or the owner's other accounts refused is a decision worth keeping; the rest
    // only says "not now".
    const bool is_kept = refusal == Refusal::risk_gate || refusal == Refusal::not_granted ||
                         refusal == Refusal::no_grant;
    if (is_kept) {
        (void)commit(
            Denied{key, side, quantity, static_cast<std::uint16_t>(refusal), denial, now.utc},
            KillPoint::before_decision_record, KillPoint::after_decision_record, now);
    }
    tell(NoticeKind::denied, now, key.symbol, {}, static_cast<std::uint16_t>(refusal), quantity);
    if (!notices_.empty())
        notices_.back().denial = denial;
    return {refusal, denial, {}};
}

// Context and session are one account's, as intent and context were when it was decided; or nothing
// goes out any more, no cancel and no change either. A session that came up anew says whose it is
// by an event, which may still be on its way.
bool OrderManager::session_is_ours(Instant now) {
    const std::string_view session = port_.session_account();
    if (session.empty() || session == settings_.account.view())
        return true;
    if (!wrong_account_)
        tell(NoticeKind::wrong_account, now);
    wrong_account_ = true;
    session_up_ = false;
    return false;
}

// Everything of `intended` is given but the order's id and the time.
Decided OrderManager::submit(Intended intended, Instant now) {
    auto& terms = intended.terms;
    BULLPEN_ASSERT(started_, "nothing is sent before the start");
    if (silent_)
        return deny(terms.key, terms.side, terms.quantity, Refusal::silenced, 0, now);
    if (wrong_account_)
        return deny(terms.key, terms.side, terms.quantity, Refusal::wrong_account, 0, now);
    if (!session_up_)
        return deny(terms.key, terms.side, terms.quantity, Refusal::not_connected, 0, now);
    if (!session_is_ours(now))
        return deny(terms.key, terms.side, terms.quantity, Refusal::wrong_account, 0, now);
    terms.id = model::ClientOrderId::make(settings_.tag, book_.fence(), book_.next_sequence());
    intended.at = now.utc;
    std::optional<Plan> plan;
    if (terms.purpose == model::Purpose::entry) {
        BULLPEN_ASSERT(intended.expected.has_value(), "an entry is decided on at a price");
        plan = Plan{*intended.expected,
                    intended.protect ? std::optional(intended.stop) : std::nullopt};
    }
    const Verdict verdict = approver_.approve(terms, exposure(terms.symbol), plan, now);
    if (const auto* denial = std::get_if<GateDenial>(&verdict)) {
        return deny(terms.key, terms.side, terms.quantity, Refusal::risk_gate, denial->code, now);
    }
    const auto& approved = std::get<risk::Approved<model::OrderTerms>>(verdict);
    BULLPEN_ASSERT(*approved == terms, "the gate approves an order as it is, or denies it");
    const SendPoints at = points(terms.purpose);
    if (planted(Defect::sent_before_recorded))
        port_.submit(approved, now);
    reached(at.before_record);
    if (!write(intended, true, now))
        return deny(terms.key, terms.side, terms.quantity, Refusal::not_recorded, 0, now);
    reached(at.after_record);
    approver_.learn(intended);
    after_change(terms.id, book_.apply(intended), now);
    if (terms.purpose == model::Purpose::entry)
        breaker(Channel::orders).attempted(now.mono);
    reached(at.before_submit);
    if (!planted(Defect::sent_before_recorded))
        port_.submit(approved, now);
    reached(at.after_submit);
    await(terms.id, broker::OrderCommand::submit, now);
    (void)commit(Sent{terms.id, now.utc}, KillPoint::before_sent_record,
                 KillPoint::after_sent_record, now);
    return {Refusal::none, 0, terms.id};
}

void OrderManager::send_cancel(const Order& order, Instant now) {
    if (!session_is_ours(now))
        return;
    const model::ClientOrderId id = order.terms.id;
    (void)commit(Commanded{id, broker::OrderCommand::cancel, 0, {}, now.utc},
                 KillPoint::before_cancel_record, KillPoint::after_cancel_record, now);
    reached(KillPoint::before_cancel_send);
    port_.cancel(id, now);
    reached(KillPoint::after_cancel_send);
    await(id, broker::OrderCommand::cancel, now);
}

void OrderManager::send_replace(const Order& order, std::int64_t quantity, model::Price price,
                                Instant now) {
    if (!session_is_ours(now))
        return;
    const model::ClientOrderId id = order.terms.id;
    (void)commit(Commanded{id, broker::OrderCommand::replace, quantity, price, now.utc},
                 KillPoint::before_replace_record, KillPoint::after_replace_record, now);
    reached(KillPoint::before_replace_send);
    port_.replace(id, quantity, price, now);
    reached(KillPoint::after_replace_send);
    await(id, broker::OrderCommand::replace, now);
}

void OrderManager::await(const model::ClientOrderId& order, broker::OrderCommand command,
                         Instant now) {
    const Order* sent = book_.find(order);
    const bool bare = port_.in_order() && command == broker::OrderCommand::submit &&
                      sent != nullptr && sent->is_stop();
    const Nanos wait =
        bare ? std::min(settings_.answer_wait, settings_.stop_absent_after) : settings_.answer_wait;
    awaited_.push_back({order, command, now.mono + wait, false});
}

void OrderManager::stop_awaiting(const model::ClientOrderId& order, broker::OrderCommand command) {
    std::erase_if(awaited_, [&](const Awaited& awaited) {
        return awaited.order == order && awaited.command == command;
    });
}

bool OrderManager::write_held_back(Instant now) {
    if (held_back_.empty())
        return true;
    std::size_t written = 0;
    while (written < held_back_.size() && recorder_.record(held_back_[written]))
        ++written;
    held_back_.erase(held_back_.begin(), held_back_.begin() + static_cast<std::ptrdiff_t>(written));
    held_back_retry_ = now.mono + k_held_back_retry;
    if (held_back_.empty())
        tell(NoticeKind::recorded_again, now);
    return held_back_.empty();
}

// A durable record is written or it is not. Another one is about something that has happened
// already: when the journal does not take it, it is kept and tried again before the next.
bool OrderManager::write(const Record& record, bool durable, Instant now) {
    const bool first = held_back_.empty();
    if (first || write_held_back(now)) {
        if (durable ? recorder_.durable(record) : recorder_.record(record))
            return true;
    }
    if (first)
        tell(NoticeKind::not_recorded, now);
    held_back_retry_ = now.mono + k_held_back_retry;
    if (!durable && held_back_.size() < k_held_back_max)
        held_back_.push_back(record);
    return false;
}

Change OrderManager::commit(const Record& record, Instant now) {
    return commit(record, KillPoint::before_decision_record, KillPoint::after_decision_record, now);
}

Change OrderManager::commit(const Record& record, KillPoint before, KillPoint after, Instant now) {
    reached(before);
    (void)write(record, false, now);
    reached(after);
    approver_.learn(record);
    const Change change = book_.apply(record);
    model::ClientOrderId order;
    std::visit(
        [&](const auto& typed) {
            if constexpr (requires { model::ClientOrderId(typed.order); })
                order = typed.order;
            else if constexpr (requires { typed.fill.order; })
                order = typed.fill.order;
        },
        record);
    after_change(order, change, now);
    return change;
}

void OrderManager::keep_trade(const Trade& trade, Instant now) {
    (void)commit(Traded{trade}, KillPoint::before_trade_record, KillPoint::after_trade_record, now);
    if (trades_.size() < k_notices_max)
        trades_.push_back(trade);
    tell(NoticeKind::trade_closed, now, trade.symbol, {}, 0, trade.quantity);
}

// What follows for this side when an order took a step.
void OrderManager::after_change(const model::ClientOrderId& id, const Change& change, Instant now) {
    ++version_;
    const Order* order = book_.find(id);
    if (order == nullptr || !change.known)
        return;
    const model::Symbol symbol = order->terms.symbol;
    Watch& watch = this->watch(symbol);
    ++watch.version;
    watch.changed = now.mono;
    if (change.actions.ask || order->untold() > 0) {
        want(Query::orders);
        want(Query::fills);
    }
    if (change.actions.alarm)
        tell(change.actions.stray ? NoticeKind::order_stray : NoticeKind::order_odd, now, symbol,
             id, static_cast<std::uint16_t>(change.after));
    if (change.before == change.after)
        return;
    tell(NoticeKind::order_changed, now, symbol, id, static_cast<std::uint16_t>(change.after),
         order->executed());
    if (change.after == Status::unknown) {
        begin_unknown(id, now);
        tell(NoticeKind::order_unknown, now, symbol, id);
    } else if (change.before == Status::unknown) {
        forget_unknown(id);
        const auto kind = change.after == Status::not_sent ? NoticeKind::order_nowhere
                          : change.actions.alarm           ? NoticeKind::order_lost
                                                           : NoticeKind::order_found;
        tell(kind, now, symbol, id, static_cast<std::uint16_t>(change.after));
        // Its answer was never heard, and the word of its execution may be lost as well.
        if (!is_final(change.after) && order->terms.type == model::OrderType::market) {
            awaited_.push_back(
                {id, broker::OrderCommand::submit, now.mono + settings_.answer_wait, true});
        }
    }
    if (is_final(change.after)) {
        std::erase_if(awaited_, [&](const Awaited& awaited) { return awaited.order == id; });
        // What was asked for until it proved to be nowhere has waited long enough.
        const bool waited = change.after == Status::not_sent && change.before == Status::unknown;
        if (order->is_exit() && !waited)
            attempt_ended(*book_.guard(symbol), *order, now);
        else if (change.after == Status::not_sent && !waited)
            watch.retry_at = now.mono + k_retry;
    }
    if (order->is_stop() && is_settled(change.after) && !is_settled(change.before)) {
        const bool first = !watch.was_protected;
        watch.was_protected = true;
        if (first || change.before != Status::cancelling)
            tell(first ? NoticeKind::stop_placed : NoticeKind::stop_moved, now, symbol, id, 0,
                 order->terms.quantity, order->terms.stop);
    }
    if (change.stop_kept)
        tell(NoticeKind::stop_not_moved, now, symbol, id, 0, 0, book_.guard(symbol)->stop);
    if (change.stop_failed)
        stop_failed(symbol, now);
    const bool is_taken = order->is_stop() && !order->unwanted &&
                          (is_settled(change.before) || change.before == Status::replacing) &&
                          (change.after == Status::cancelled || change.after == Status::expired);
    if (is_taken && book_.held(symbol) != 0)
        count_taken_stop(symbol, now);
}

// A stop that ended without our doing is placed again at once, but not for ever: each time what is
// held has none for a moment, and the broker is flooded.
void OrderManager::count_taken_stop(const model::Symbol& symbol, Instant now) {
    Watch& watch = this->watch(symbol);
    if (watch.stops_taken == 0 || now.mono - watch.stops_taken_since > k_stops_taken_within) {
        watch.stops_taken = 0;
        watch.stops_taken_since = now.mono;
    }
    if (++watch.stops_taken >= k_stops_taken_max)
        stop_failed(symbol, now);
}

}  // namespace bullpen::execution
