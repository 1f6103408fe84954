// What an operator orders of an account's trading, and when a worker has done so. Pure.
#pragma once

#include <optional>
#include <string_view>

#include "ipc/message.hpp"
#include "supervisor/daemon/outcome.hpp"
#include "supervisor/fleet/view.hpp"

namespace bullpen::daemon {

enum class TradingOrder : std::uint8_t {
    halt,           // flat, and nothing until it is resumed
    reduce,         // no new entries until it is resumed
    flatten,        // both: what is held is closed, and nothing is entered until it is resumed
    resume,         // lift the others
    restart_floor,  // likewise, and let the loss floor begin anew
};

std::optional<TradingOrder> trading_order_from(std::string_view command);
// What the worker is told.
ipc::Message message_of(TradingOrder order);
// Whether this beat says that it is done.
bool is_done(TradingOrder order, const ipc::Heartbeat& beat);
// The outcome for an account of which this is known; none while it is on its way. `beat`: the
// newest of the worker that was told, none before one came.
std::optional<Outcome> judge(TradingOrder order, const fleet::AccountView& view,
                             const ipc::Heartbeat* beat);
Outcome too_late(TradingOrder order, const fleet::AccountView& view, const ipc::Heartbeat* beat);

}  // namespace bullpen::daemon
