// Which commands of the control protocol a client of another host may give, by its right. What is
// not named here nobody may: what concerns the daemon as a whole, or secrets, is given on its host.
// Pure.
#pragma once

#include <optional>
#include <string_view>

#include "ipc/allow_list.hpp"

namespace bullpen::remote {

// The one command that the daemon does not know: a copy of the status board.
inline constexpr std::string_view k_board = "board";

// The right that the command takes; nothing when it is given on the host alone.
std::optional<ipc::Right> right_for(std::string_view command);

}  // namespace bullpen::remote
