// A copy of the status board as bytes, for who asks from another host: the records as they lie on
// the board (docs/protocol.md), and what only a process of the board's own host can tell. Pure.
#pragma once

#include <string>
#include <string_view>

#include "common/base/clock.hpp"
#include "common/base/result.hpp"
#include "ipc/status_board.hpp"

namespace bullpen::ipc {

struct FarBoard {
    Board board;
    Instant taken;     // by the clocks of the board's host, which its times are of
    std::string home;  // the directory there, for people
};

std::string board_bytes(const FarBoard& far);
// Records of another length are read as far as known, as on the board.
Result<FarBoard> board_from(std::string_view bytes);

}  // namespace bullpen::ipc
