// Notices: what the order manager tells its caller: for the log, the audit, the trading mode and
// whoever is to be alarmed. They carry codes and numbers; texts are made where they are shown.
#pragma once

#include <cstdint>
#include <string_view>

#include "common/model/order.hpp"
#include "worker/execution/record.hpp"

namespace bullpen::execution {

// Why this side made no order.
enum class Refusal : std::uint16_t {
    none,
    risk_gate,         // the gate's own code is beside it
    duplicate_intent,  // the decision has an order already
    stale_intent,      // older than the decisions that are remembered
    wrong_account,     // context, intent and broker session are not for one account
    not_connected,     // no link to the broker
    not_reconciled,    // connected, and both sides are not compared yet
    order_unknown,     // nobody knows whether an order of the instrument is at the broker
    order_open,        // an order of the instrument has not ended
    position_open,     // the instrument is held already
    no_position,       // there is nothing to close or protect
    closing,           // the instrument is being closed
    stop_refused,      // a protective stop could not be placed; until resume()
    mismatch,          // the broker's position is not ours
    breaker_open,      // the broker's side fails too often
    not_recorded,      // the journal takes no record
    silenced,          // sending was forbidden
    invalid_terms,     // quantity, side, price or key make no sense
    exceeds_position,  // more than is held
    stop_moves_back,   // a stop only ever comes closer
    instrument,        // the broker's instrument is not ours, or not known to be
    not_granted,       // another account of the owner stands against it
    no_grant,          // nobody answered whether one does
    count_
};
std::string_view code(Refusal refusal);

enum class NoticeKind : std::uint8_t {
    order_changed,     // `order` has the status `detail`
    denied,            // an order was not made: `detail` is a Refusal
    filled,            // `quantity` contracts at `price`
    foreign_fill,      // of an order that this side does not know
    trade_voided,      // the broker took an execution back: `quantity` at `price` undo it
    fill_too_old,      // refused: nobody can say whether it had counted
    position_changed,  // `quantity` is held now
    trade_closed,      // trade() has it
    stop_placed,       // the position is protected at `price`
    stop_moved,        // likewise, in place or by another stop
    stop_not_moved,    // the change was refused; protected at `price` as before
    stop_failed,       // a stop cannot be placed: the position is being closed
    unprotected,       // a position has been without a live stop for too long
    closing_begun,
    closing_done,      // flat, and no order left
    closing_verified,  // likewise, and the broker says so too
    closing_failed,    // an exit was not filled; the position is protected again
    closing_stuck,     // flattening failed repeatedly, and goes on
    order_unknown,     // orders of the instrument are blocked until it is known
    order_found,       // the unknown order is at the broker, or ended there
    order_nowhere,     // asked for long enough: it was never placed
    order_lost,        // the broker had it and does not know it any more: counted as expired
    order_stray,       // counted as not placed, and at the broker after all: cancelled
    order_odd,         // the broker contradicts itself or us
    orphan_order,      // at the broker and not ours: cancelled when it has an id
    connected,
    disconnected,   // `detail` 1: for good
    wrong_account,  // the session is for another account: nothing is sent
    reconciled,     // both sides were compared and agree
    mismatch,       // the broker holds `quantity`, and we do not
    adopted,        // the broker's number was taken over: `quantity`
    cannot_trade,   // the broker forbids the account to trade
    breaker_opened,
    breaker_closed,
    not_recorded,  // the journal takes no record; no entries until it does
    recorded_again,
    count_
};
std::string_view code(NoticeKind kind);
// What an operator is told at once, and what to do about it; empty where nobody need be.
std::string_view alarm(NoticeKind kind);
// Whether trading in the account is to be halted.
constexpr bool halts(NoticeKind kind) {
    return kind == NoticeKind::stop_failed || kind == NoticeKind::wrong_account ||
           kind == NoticeKind::closing_stuck;
}

struct Notice {
    NoticeKind kind{};
    std::uint16_t detail = 0;
    std::uint16_t denial = 0;  // the risk gate's code
    model::Symbol symbol;
    model::ClientOrderId order;
    std::int64_t quantity = 0;
    model::Price price;
    std::int64_t slippage_ticks = 0;  // of a fill: ticks times contracts lost
    UtcTime at{};
};

}  // namespace bullpen::execution
