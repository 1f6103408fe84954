// What an order to resume comes to, in words, from the beats before and after it. Pure.
#pragma once

#include <optional>
#include <string>

#include "ipc/message.hpp"

namespace bullpen::ipc {

// What such an order would lift, as this beat tells it; empty: nothing.
std::string to_lift(const Heartbeat& before, bool restart_floor);

struct Resumption {
    std::string code;  // "resumed", or "nothing_to_resume"
    std::string text;  // what was lifted, the position, and what still keeps it from entering
};
// `lifted`: of to_lift(); none when it is not known.
Resumption resumption(const std::optional<std::string>& lifted, const Heartbeat& after);

}  // namespace bullpen::ipc
