#include "worker/execution/notice.hpp"

#include <array>

namespace bullpen::execution {

namespace {

constexpr std::array<std::string_view, static_cast<std::size_t>(Refusal::count_)> k_refusals{
    "none",          "risk_gate",      "duplicate_intent", "stale_intent",     "wrong_account",
    "not_connected", "not_reconciled", "order_unknown",    "order_open",       "position_open",
    "no_position",   "closing",        "stop_refused",     "mismatch",         "breaker_open",
    "not_recorded",  "silenced",       "invalid_terms",    "exceeds_position", "stop_moves_back"};

struct Kind {
    std::string_view code;
    bool alarm = false;
};

constexpr std::array<Kind, static_cast<std::size_t>(NoticeKind::count_)> k_kinds{{
    {"order_changed"},
    {"denied"},
    {"filled"},
    {"foreign_fill", true},
    {"fill_too_old", true},
    {"position_changed"},
    {"trade_closed"},
    {"stop_placed"},
    {"stop_moved"},
    {"stop_not_moved", true},
    {"stop_failed", true},
    {"unprotected", true},
    {"closing_begun"},
    {"closing_done"},
    {"closing_verified"},
    {"closing_failed"},
    {"closing_stuck", true},
    {"order_unknown"},
    {"order_found"},
    {"order_nowhere", true},
    {"order_lost", true},
    {"order_stray", true},
    {"order_odd", true},
    {"orphan_order", true},
    {"connected"},
    {"disconnected"},
    {"wrong_account", true},
    {"reconciled"},
    {"mismatch", true},
    {"adopted", true},
    {"cannot_trade", true},
    {"breaker_opened", true},
    {"breaker_closed"},
    {"not_recorded", true},
    {"recorded_again"},
}};

}  // namespace

std::string_view code(Refusal refusal) {
    return k_refusals.at(static_cast<std::size_t>(refusal));
}

std::string_view code(NoticeKind kind) {
    return k_kinds.at(static_cast<std::size_t>(kind)).code;
}

bool is_alarm(NoticeKind kind) {
    return k_kinds.at(static_cast<std::size_t>(kind)).alarm;
}

}  // namespace bullpen::execution
