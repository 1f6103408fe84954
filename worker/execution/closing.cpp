// Closing: cancel what could get in its way, wait until it ended, close what is held and not more,
// and for a flattening have the broker confirm that nothing is left.
#include <algorithm>
#include <array>
#include <cstdlib>

#include "common/base/assert.hpp"
#include "worker/execution/order_manager.hpp"
#include "worker/execution/planted.hpp"

namespace bullpen::execution {

namespace {

// Between attempts; the last for all further ones.
constexpr std::array<Nanos, 5> k_attempt_waits{std::chrono::seconds(1), std::chrono::seconds(2),
                                               std::chrono::seconds(3), std::chrono::seconds(4),
                                               std::chrono::seconds(15)};
constexpr std::uint32_t k_attempts_told = 5;  // an operator is told that it does not succeed

}  // namespace

// An order that closes ended. What it did not close is tried again, later each time.
void OrderManager::attempt_ended(const Guard& guard, const Order& order, Instant now) {
    if (!guard.closing.active || guard.closing.order != order.terms.id ||
        book_.held(guard.symbol) == 0)
        return;
    const std::uint32_t attempts = std::max<std::uint32_t>(guard.closing.attempts, 1);
    Watch& watch = this->watch(guard.symbol);
    watch.close_at =
        now.mono + k_attempt_waits.at(std::min<std::size_t>(attempts, k_attempt_waits.size()) - 1);
    if (attempts >= k_attempts_told && !watch.stuck_told) {
        watch.stuck_told = true;
        tell(NoticeKind::closing_stuck, now, guard.symbol, guard.closing.order, 0,
             book_.held(guard.symbol));
    }
}

// Only what closes all at any price is tried again; a part, or a price that was not had, is for
// the strategy to decide on anew.
bool OrderManager::attempt_is_over(const Guard& guard) const {
    const Order* order = book_.find(guard.closing.order);
    return order != nullptr && !is_open(order->status) &&
           (guard.closing.terms.quantity != 0 || guard.closing.terms.limited);
}

void OrderManager::close(const model::Symbol& symbol, Instant now) {
    const Guard& guard = *book_.guard(symbol);
    if (!guard.closing.active)
        return;
    if (open_exits(symbol) > 0)
        return;
    const std::int64_t held = book_.held(symbol);
    if (attempt_is_over(guard)) {
        const Order* order = book_.find(guard.closing.order);
        const bool done = order->status == Status::filled || held == 0;
        watch(symbol).retry_at = watch(symbol).close_at = {};
        end_closing(symbol, done ? ExitEnd::done : ExitEnd::failed, now);
        return;
    }
    if (held == 0) {
        const bool open = book_.live().any([&](const Order& order) {
            return order.terms.symbol == symbol && is_open(order.status);
        });
        if (open)
            return;
        if (guard.closing.terms.key.leg == model::Purpose::flatten)
            verify_closing(symbol, now);
        else
            end_closing(symbol, ExitEnd::done, now);
        return;
    }
    watch(symbol).verified_by = 0;
    if (watch(symbol).retry_at <= now.mono && watch(symbol).close_at <= now.mono)
        send_closing(guard, now);
}

void OrderManager::send_closing(const Guard& guard, Instant now) {
    const auto closing = guard.closing.terms;
    const bool all = closing.quantity == 0;
    const std::int64_t held = book_.held(guard.symbol);
    const std::int64_t wanted = all ? std::abs(held) : std::min(std::abs(held), closing.quantity);
    std::int64_t stopped = 0;
    for (const Order& order : book_.live()) {
        if (order.terms.symbol != guard.symbol || !is_open(order.status))
            continue;
        // Nothing may be under way, and nothing may be left that would close the same contracts.
        if (!is_settled(order.status) || (all && order.is_entry()))
            return;
        if (order.is_stop())
            stopped += order.remaining();
    }
    if (stopped > std::abs(held) - wanted && !planted(Defect::exit_beside_stop))
        return;
    Intended intended;
    auto& terms = intended.terms;
    terms.key = closing.key;
    terms.key.attempt = guard.closing.attempts;
    terms.symbol = guard.symbol;
    terms.side = held > 0 ? model::Side::sell : model::Side::buy;
    terms.type = closing.limited ? model::OrderType::limit : model::OrderType::market;
    terms.time_in_force = closing.limited ? model::TimeInForce::ioc : model::TimeInForce::day;
    terms.purpose = closing.key.leg;
    terms.quantity = wanted;
    terms.limit = closing.limited ? closing.limit : model::Price{};
    intended.expected = closing.expected;
    intended.why = closing.why;
    BULLPEN_ASSERT((terms.quantity > 0 && terms.quantity + stopped <= std::abs(held)) ||
                       planted(Defect::exit_beside_stop),
                   "never more is closed than is held");
    const model::Symbol symbol = guard.symbol;
    const Decided decided = submit(intended, now);
    if (decided.made())
        return;
    if (decided.refusal == Refusal::risk_gate && closing.key.leg != model::Purpose::flatten)
        end_closing(symbol, ExitEnd::failed, now);
    else
        watch(symbol).close_at = now.mono + k_closing_retry;
}

void OrderManager::end_closing(const model::Symbol& symbol, ExitEnd how, Instant now) {
    (void)commit(ExitEnded{symbol, how, now.utc}, now);
    const auto kind = how == ExitEnd::verified ? NoticeKind::closing_verified
                      : how == ExitEnd::failed ? NoticeKind::closing_failed
                                               : NoticeKind::closing_done;
    tell(kind, now, symbol, {}, static_cast<std::uint16_t>(how), book_.held(symbol));
}

// Flat by our own count, and no order left: asked once more, both of them after that was so.
void OrderManager::verify_closing(const model::Symbol& symbol, Instant now) {
    Watch& watch = this->watch(symbol);
    if (watch.verified_by == 0) {
        begin_round(now);
        watch.verified_by = round_;
        return;
    }
    // The round compares both sides; it ends when they agree, or when what differs was taken over.
    if (round_agreed_ >= watch.verified_by)
        end_closing(symbol, ExitEnd::verified, now);
}

}  // namespace bullpen::execution
