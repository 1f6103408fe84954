// What every instrument should be like, and the next step towards it. Nothing here remembers what
// was done: it looks at what is held, which orders live, and what is to be, so that whatever was
// lost, repeated or reordered on the way is made good by the next look.
#include <algorithm>
#include <cstdlib>
#include <string_view>

#include "worker/execution/close_reason.hpp"
#include "worker/execution/order_manager.hpp"
#include "worker/execution/planted.hpp"

namespace bullpen::execution {

namespace {

// Some brokers allow an order 25 changes; then another takes its place.
constexpr std::uint16_t k_replaces_max = 20;
constexpr std::string_view k_unprotected = "unprotected";

// That which ends with the position that no stop could be placed for. It goes on when the account
// is resumed meanwhile, and so does what was decided: a stop that was refused again would halt it
// anew, each time.
bool is_for_want_of_a_stop(const Guard& guard) {
    return guard.closing.active && guard.closing.terms.key.strategy.view() == k_unprotected;
}

}  // namespace

OrderManager::Stops OrderManager::stops_of(const Guard& guard, std::int64_t held,
                                           std::int64_t want) const {
    Stops stops;
    const auto stand = [&](const Order& order) {
        ++stops.standing;
        // An old one may be gone already, and a late word of it have said otherwise.
        if (stops.largest == nullptr || order.remaining() >= stops.largest->remaining())
            stops.largest = &order;
        if (order.remaining() == want && order.terms.stop == guard.stop)
            stops.exact = &order;
    };
    const Order* unheard = nullptr;
    for (const Order& order : book_.live()) {
        if (!order.is_stop() || !is_open(order.status) || order.terms.symbol != guard.symbol ||
            held * sign(order.terms.side) >= 0)
            continue;
        const bool settled = is_settled(order.status);
        if (settled && order.unwanted)
            continue;
        if (!settled || is_pending(order))
            stops.under_way = true;
        else if (unheard == nullptr && may_be_pending(order))
            unheard = &order;
        else
            stand(order);
    }
    // The one before it stays until it is known to work; where there is none it is believed in.
    if (unheard != nullptr && stops.standing == 0)
        stand(*unheard);
    else
        stops.under_way = stops.under_way || unheard != nullptr;
    return stops;
}

bool OrderManager::synced() const {
    return asking_[static_cast<std::size_t>(Query::orders)].answered &&
           asking_[static_cast<std::size_t>(Query::fills)].answered;
}

// After a session came up nothing is sent before it is known what happened meanwhile, but what is
// held must not wait for that for ever.
bool OrderManager::may_send(Instant now) const {
    return started_ && session_up_ && !silent_ &&
           (synced() || now.mono - session_since_ >= k_sync_max);
}

bool OrderManager::at_rest() const {
    if (!session_up_ || !reconciled_ || !synced() || !unknown_.empty() ||
        !asking_[static_cast<std::size_t>(Query::balance)].answered)
        return false;
    // What an order at any price waits for is the market.
    const bool awaits = std::any_of(awaited_.begin(), awaited_.end(), [](const Awaited& awaited) {
        return !awaited.answered || awaited.command != broker::OrderCommand::submit;
    });
    if (awaits)
        return false;
    for (const Order& order : book_.orders()) {
        if (!is_open(order.status))
            continue;
        const Guard* guard = book_.guard(order.terms.symbol);
        if (!is_settled(order.status) || order.untold() > 0 ||
            (guard != nullptr && must_go(*guard, order, book_.held(guard->symbol))))
            return false;
    }
    return std::all_of(book_.guards().begin(), book_.guards().end(), [&](const Guard& guard) {
        const std::int64_t held = book_.held(guard.symbol);
        const std::int64_t leaves = open_exits(guard.symbol);
        const std::int64_t stays = std::abs(held) - leaves;
        const Stops stops = stops_of(guard, held, stays);
        const bool owes = guard.protect && stays > 0 &&
                          (stops.exact == nullptr || stops.standing > 1 || stops.under_way);
        return !owes && (!guard.closing.active || leaves > 0) && !reconciler_.doubts(guard.symbol);
    });
}

void OrderManager::converge(const model::Symbol& symbol, Instant now) {
    act_on_what_came(symbol, now);
    const Guard& guard = *book_.guard(symbol);
    const Line* line = book_.ledger().find(symbol);
    const std::int64_t held = book_.held(symbol);
    // A position on the other side of its trade is nobody's intent: a stop that fired when nothing
    // was left to protect, or two where one was to be.
    if (held != 0 && line != nullptr && line->trade.open && !line->trade.adopted &&
        held * sign(line->trade.side) < 0 && !guard.closing.active) {
        ExitBegun terms;
        terms.key = own_key("turned", symbol, now.utc, model::Purpose::flatten);
        terms.expected = watch(symbol).mark;
        terms.why = label(CloseReason::turned_over);
        terms.at = now.utc;
        (void)begin_closing(terms, now);
    }
    if (guard.stop_refused && held != 0)
        close_unprotected(symbol, now);
    // What is sent changes orders; what is held changes by what is told.
    if (may_send(now)) {
        cancel_what_must_go(guard, held, now);
        if (guard.closing.active)
            close(symbol, now);
        keep_protected(guard, held, now);
        verify_rest(guard, held, now);
    }
    watch_nakedness(guard, held, now);
    if (!pending_.empty() && may_send(now))
        give_up_pending(guard, now);
}

// After an exit the broker is asked whether anything of the instrument is left.
void OrderManager::verify_rest(const Guard& guard, std::int64_t held, Instant now) {
    if (held != 0 || guard.closing.active)
        return;
    Watch& watch = this->watch(guard.symbol);
    if (!watch.verify)
        return;
    const bool open = book_.live().any([&](const Order& order) {
        return order.terms.symbol == guard.symbol && is_open(order.status);
    });
    if (open)
        return;
    watch.verify = false;
    begin_round(now);
}

bool OrderManager::must_go(const Guard& guard, const Order& order, std::int64_t held) {
    if (order.unwanted)
        return true;
    if (planted(Defect::orders_left_behind))
        return false;
    const std::int64_t towards = held * sign(order.terms.side);  // above zero: adds to it
    if (!order.is_entry())
        return towards >= 0;
    return guard.stop_refused || (guard.closing.active && guard.closing.terms.quantity == 0) ||
           towards < 0 || (held == 0 && order.executed() > 0);
}

void OrderManager::cancel_what_must_go(const Guard& guard, std::int64_t held, Instant now) {
    if (watch(guard.symbol).retry_at > now.mono)
        return;
    for (std::size_t i = 0; i < book_.live_size(); ++i) {
        const Order& order = book_.live(i);
        if (order.terms.symbol == guard.symbol && is_settled(order.status) &&
            must_go(guard, order, held))
            send_cancel(order, now);
    }
}

// What is being closed needs no stop any more: by orders that are out, and by the one that is about
// to be sent.
std::int64_t OrderManager::reserved(const Guard& guard, Instant now) const {
    std::int64_t reserved = 0;
    bool entry_open = false;
    for (const Order& order : book_.live()) {
        if (!is_open(order.status) || order.terms.symbol != guard.symbol)
            continue;
        if (order.is_exit())
            reserved += order.remaining();
        entry_open = entry_open || order.is_entry();
    }
    const Watch* watch = find_watch(guard.symbol);
    const auto& terms = guard.closing.terms;
    // An entry that may still fill comes first: its stop is not given up for it.
    const bool waits =
        (watch != nullptr && watch->close_at > now.mono) || (entry_open && terms.quantity == 0);
    if (planted(Defect::exit_beside_stop))
        return reserved;
    if (!guard.closing.active || reserved > 0 || waits || attempt_is_over(guard))
        return reserved;
    const std::int64_t held = std::abs(book_.held(guard.symbol));
    return terms.quantity == 0 ? held : std::min(held, terms.quantity);
}

void OrderManager::keep_protected(const Guard& guard, std::int64_t held, Instant now) {
    const model::Symbol& symbol = guard.symbol;
    if (held == 0 || watch(symbol).retry_at > now.mono)
        return;
    const std::int64_t want = std::max<std::int64_t>(0, std::abs(held) - reserved(guard, now));
    const Stops stops = stops_of(guard, held, want);
    if (want == 0) {
        cancel_stops_but(symbol, nullptr, now);
        return;
    }
    if (!guard.protect || guard.stop_refused || is_for_want_of_a_stop(guard) ||
        held * sign(guard.side) < 0)
        return;
    if (planted(Defect::stop_does_not_grow) && stops.standing > 0)
        return;
    if (stops.exact != nullptr) {
        if (stops.standing > 1)
            cancel_stops_but(symbol, stops.exact, now);
        return;
    }
    // Whatever is under way changes the picture; it is looked at again when it is known.
    if (stops.under_way)
        return;
    if (stops.standing == 0) {
        place_stop(guard, want, now);
        return;
    }
    if (stops.standing > 1) {
        cancel_stops_but(symbol, stops.largest, now);
        return;
    }
    const Order& stop = *stops.largest;
    if (planted(Defect::stop_deleted_first)) {
        send_cancel(stop, now);
        return;
    }
    if (port_.can_replace() && stop.replaceable && stop.replaces < k_replaces_max)
        send_replace(stop, stop.executed() + want, guard.stop, now);
    else if (open_exits(symbol) == 0)
        place_stop(guard, want, now);  // and the old one goes when the new one stands
}

void OrderManager::cancel_stops_but(const model::Symbol& symbol, const Order* kept, Instant now) {
    const model::ClientOrderId kept_id = kept == nullptr ? model::ClientOrderId{} : kept->terms.id;
    for (std::size_t i = 0; i < book_.live_size(); ++i) {
        const Order& order = book_.live(i);
        if (order.is_stop() && order.terms.symbol == symbol && is_settled(order.status) &&
            order.terms.id != kept_id)
            send_cancel(order, now);
    }
}

void OrderManager::place_stop(const Guard& guard, std::int64_t quantity, Instant now) {
    Intended intended;
    auto& terms = intended.terms;
    const model::Symbol symbol = guard.symbol;
    terms.key = guard.cause.strategy.empty()
                    ? own_key("protect", symbol, book_.begun(), model::Purpose::protective_stop)
                    : guard.cause;
    terms.key.leg = model::Purpose::protective_stop;
    terms.key.attempt = book_.attempt(terms.key).value_or(0);
    terms.symbol = symbol;
    terms.side = book_.held(symbol) > 0 ? model::Side::sell : model::Side::buy;
    terms.type = model::OrderType::stop;
    terms.time_in_force = model::TimeInForce::gtc;
    terms.purpose = model::Purpose::protective_stop;
    terms.quantity = quantity;
    terms.stop = guard.stop;
    intended.expected = guard.stop;
    intended.why = label(CloseReason::protective_stop);
    const Decided decided = submit(intended, now);
    if (decided.made())
        return;
    watch(symbol).retry_at = now.mono + k_retry;
    if (decided.refusal == Refusal::risk_gate && protected_quantity(symbol) < quantity)
        stop_failed(symbol, now);
}

// A position without a stop is not held: it is closed, entries end, and an operator is told.
void OrderManager::stop_failed(const model::Symbol& symbol, Instant now) {
    if (book_.guard(symbol)->stop_refused)
        return;
    (void)commit(Blocked{symbol, Block::stop_refused, true, now.utc}, now);
    tell(NoticeKind::stop_failed, now, symbol, {}, 0, book_.held(symbol),
         book_.guard(symbol)->stop);
    watch(symbol).retry_at = watch(symbol).close_at = {};
    close_unprotected(symbol, now);
}

// Said again by every look at a position that has no stop and no other closing of all of it: the
// process may have died between the two records, and an execution may come late.
void OrderManager::close_unprotected(const model::Symbol& symbol, Instant now) {
    ExitBegun terms;
    terms.key = own_key(k_unprotected, symbol, now.utc, model::Purpose::flatten);
    terms.expected = watch(symbol).mark;
    if (!terms.expected && book_.guard(symbol)->protect)
        terms.expected = book_.guard(symbol)->stop;
    terms.why = label(CloseReason::stop_refused);
    terms.at = now.utc;
    (void)begin_closing(terms, now);
}

void OrderManager::watch_nakedness(const Guard& guard, std::int64_t position, Instant now) {
    const model::Symbol& symbol = guard.symbol;
    const std::int64_t held = std::abs(position);
    Watch& watch = this->watch(symbol);
    const bool waits = awaits_price(symbol);
    const bool naked = held != 0 && (guard.protect || guard.closing.active || waits) &&
                       protected_quantity(symbol) < held - working_exits(symbol);
    if (!naked) {
        watch.naked_since.reset();
        watch.naked_told = false;
        return;
    }
    if (!watch.naked_since)
        watch.naked_since = now.mono;
    if (!watch.naked_told && now.mono - *watch.naked_since >= k_naked_max) {
        watch.naked_told = true;
        tell(NoticeKind::unprotected, now, symbol, {}, 0, held);
        const bool pending = book_.live().any([&](const Order& order) {
            return order.is_stop() && order.terms.symbol == symbol && is_open(order.status) &&
                   is_pending(order);
        });
        // What the broker has had for so long without working it is no stop.
        if (pending && !guard.closing.active)
            stop_failed(symbol, now);
    }
    if (waits && is_unpriced(symbol) && !guard.closing.active &&
        now.mono - *watch.naked_since >= k_price_wait)
        stop_failed(symbol, now);
}

// A stop that stays pending beside the one that it was to replace, and a closing that does: they
// are cancelled, and tried again as after every failure.
void OrderManager::give_up_pending(const Guard& guard, Instant now) {
    std::erase_if(pending_, [&](const Pending& pending) {
        const Order* order = book_.find(pending.order);
        return order == nullptr || !is_open(order->status);
    });
    if (watch(guard.symbol).retry_at > now.mono)
        return;
    for (const Pending& pending : pending_) {
        const Order& order = *book_.find(pending.order);
        if (!pending.told || order.terms.symbol != guard.symbol || order.unwanted ||
            !is_settled(order.status) || now.mono - pending.since < k_naked_max)
            continue;
        const model::ClientOrderId id = order.terms.id;
        const bool is_stop = order.is_stop();
        (void)commit(Unwanted{id, now.utc}, now);
        if (is_stop)
            count_taken_stop(guard.symbol, now);
        return;  // the orders of the book have changed
    }
}

// Whether something is held that no stop stands behind, or may be held by the time it is asked for:
// an order that is no stop can be executed whenever it lives.
bool OrderManager::may_be_bare() const {
    const bool may_move = book_.live().any([](const Order& order) {
        return !order.is_stop() || !is_settled(order.status) || order.untold() > 0;
    });
    return may_move ||
           std::any_of(book_.guards().begin(), book_.guards().end(), [&](const Guard& guard) {
               const std::int64_t held = std::abs(book_.held(guard.symbol));
               return protected_quantity(guard.symbol) < held;
           });
}

std::int64_t OrderManager::working_exits(const model::Symbol& symbol) const {
    std::int64_t quantity = 0;
    for (const Order& order : book_.live()) {
        if (order.is_exit() && order.terms.symbol == symbol && !is_pending(order))
            quantity += order.remaining();
    }
    return quantity;
}

std::int64_t OrderManager::open_exits(const model::Symbol& symbol) const {
    std::int64_t quantity = 0;
    for (const Order& order : book_.live()) {
        if (order.is_exit() && order.terms.symbol == symbol)
            quantity += order.remaining();
    }
    return quantity;
}

}  // namespace bullpen::execution
