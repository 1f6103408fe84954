// What a worker says of itself, as the board shows it.
#pragma once

#include "ipc/message.hpp"
#include "ipc/status_board.hpp"

namespace bullpen::ipc {

// All that a beat says; when it came, and what the machine measures, is its listener's to put.
void put_report(BoardSlot& slot, const Heartbeat& beat);
// Of an account without a worker. What was known of its position stays.
void clear_report(BoardSlot& slot);

}  // namespace bullpen::ipc
