// CloseReason: why a position was closed where no strategy, limit or clock decided it. The codes
// stand in journals and trades, and enter the hash of a backtest; docs/orders.md has all reasons.
#pragma once

#include <cstdint>
#include <string_view>

#include "worker/execution/record.hpp"

namespace bullpen::execution {

enum class CloseReason : std::uint8_t {
    protective_stop,      // as it was placed first; one that was moved says why it was
    partial,              // a part of it, by the strategy
    unexpected_position,  // nobody here decided on it
    stop_refused,
    turned_over,
    account_stopped,
    closed_elsewhere,  // not by an order of ours
    halted,
    by_operator,
};
inline constexpr std::size_t k_close_reasons = 9;

std::string_view code(CloseReason reason);
// A sentence for people.
std::string_view sentence(CloseReason reason);
// As it stands in records.
Label label(CloseReason reason);

}  // namespace bullpen::execution
