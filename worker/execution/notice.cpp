#include "worker/execution/notice.hpp"

#include <array>

namespace bullpen::execution {

namespace {

constexpr std::array<std::string_view, static_cast<std::size_t>(Refusal::count_)> k_refusals{
    "none",          "risk_gate",      "duplicate_intent", "stale_intent",     "wrong_account",
    "not_connected", "not_reconciled", "order_unknown",    "order_open",       "position_open",
    "no_position",   "closing",        "stop_refused",     "mismatch",         "breaker_open",
    "not_recorded",  "silenced",       "invalid_terms",    "exceeds_position", "stop_moves_back",
    "instrument",    "not_granted",    "no_grant"};

struct Kind {
    std::string_view code;
    std::string_view alarm = {};
};

constexpr std::array<Kind, static_cast<std::size_t>(NoticeKind::count_)> k_kinds{{
    {"order_changed"},
    {"denied"},
    {"filled"},
    {"foreign_fill", "an order that is not ours was filled: find who else trades the account"},
    {"trade_voided", "the broker took an execution back: see that the position is right"},
    {"fill_too_old", "a fill came too late to be counted: compare the broker's statement"},
    {"position_changed"},
    {"trade_closed"},
    {"stop_placed"},
    {"stop_moved"},
    {"stop_not_moved", "the broker refused to move a stop, which stays where it was: watch it"},
    {"stop_failed", "no stop could be placed, the position is being closed: see the log"},
    {"unprotected", "a position has been without a stop for too long: look at the broker"},
    {"closing_begun"},
    {"closing_done"},
    {"closing_verified"},
    {"closing_failed"},
    {"closing_stuck", "the position cannot be closed: close it at the broker"},
    {"order_unknown"},
    {"order_found"},
    {"order_nowhere", "an order never reached the broker: if it happens again, ask the broker"},
    {"order_lost", "the broker lost an order of ours, taken as expired: look at the broker"},
    {"order_stray", "an order came to light at the broker and is cancelled: see that it is gone"},
    {"order_odd", "the broker contradicts itself about an order: look at the broker"},
    {"orphan_order", "an order at the broker is not ours and is cancelled: find who sent it"},
    {"connected"},
    {"disconnected"},
    {"wrong_account", "the broker's session is for another account: correct the credentials"},
    {"reconciled"},
    {"mismatch", "the broker holds what the account does not: see bullpenctl explain"},
    {"adopted", "the broker's position was taken over: see that it is right"},
    {"cannot_trade", "the broker forbids the account to trade: ask the broker"},
    {"breaker_opened", "the broker fails too often, so nothing is entered for a while: look at it"},
    {"breaker_closed"},
    {"not_recorded", "the journal takes no record, so nothing is entered: make room on the disk"},
    {"recorded_again"},
}};

}  // namespace

std::string_view code(Refusal refusal) {
    return k_refusals.at(static_cast<std::size_t>(refusal));
}

std::string_view code(NoticeKind kind) {
    return k_kinds.at(static_cast<std::size_t>(kind)).code;
}

std::string_view alarm(NoticeKind kind) {
    return k_kinds.at(static_cast<std::size_t>(kind)).alarm;
}

}  // namespace bullpen::execution
