// Slippage: how much worse than expected fills were, in ticks. Owned by the risk gate.
#pragma once

#include <cstdint>

#include "common/model/order.hpp"

namespace bullpen::risk {

// Ticks to the disadvantage of the filled side; below zero when the fill was better.
constexpr std::int64_t slippage(model::Side side, model::Price expected, model::Price filled) {
    return (filled - expected).value * model::sign(side);
}

struct SlippageTally {
    std::int64_t fills = 0;
    std::int64_t contracts = 0;
    std::int64_t tick_contracts = 0;  // sum over contracts of the ticks lost
    std::int64_t worst = 0;           // ticks of one fill
    std::int64_t alarms = 0;
    friend bool operator==(const SlippageTally&, const SlippageTally&) = default;
};

}  // namespace bullpen::risk
