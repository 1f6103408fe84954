// What an operator orders of an account's trading, as the lease protocol says it: the command's
// word, the message that tells the worker, and the beat by which it has done so. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "ipc/message.hpp"

namespace bullpen::ipc {

enum class TradingOrder : std::uint8_t {
    halt,           // flat, and nothing until it is resumed
    reduce,         // no new entries until it is resumed
    flatten,        // both: what is held is closed, and nothing is entered until it is resumed
    resume,         // lift the others
    restart_floor,  // likewise, and let the loss floor begin anew
};

// Whether it is done only when nothing is held: then an account without a worker is given one.
constexpr bool closes(TradingOrder order) {
    return order == TradingOrder::halt || order == TradingOrder::flatten;
}

std::string_view code(TradingOrder order);
std::optional<TradingOrder> trading_order_from(std::string_view command);
// What the worker is told.
Message message_of(TradingOrder order);
// Whether this beat says that it is done.
bool is_done(TradingOrder order, const Heartbeat& beat);

}  // namespace bullpen::ipc
