// How large an account is of which shares are taken.
#pragma once

#include <cstdint>

#include "worker/risk/loss_floor.hpp"

namespace bullpen::risk {

// What a balance that counts from zero lacks of the account's size, in millionths.
inline std::int64_t missing_size(const LossFloor& floor) {
    const bool relative = floor.active() && floor.rule().frame == model::BalanceFrame::relative;
    return relative ? floor.rule().nominal.millionths : 0;
}

}  // namespace bullpen::risk
