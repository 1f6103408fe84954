#include "common/model/position.hpp"

#include <algorithm>
#include <cstdlib>

#include "common/base/assert.hpp"

namespace bullpen::model {

PositionChange apply(const Position& position, Side side, std::int64_t quantity, Price price) {
    BULLPEN_ASSERT(quantity > 0, "a fill has contracts");
    const std::int64_t signed_quantity = sign(side) * quantity;
    PositionChange change{position, 0, 0};
    if (position.quantity * signed_quantity >= 0) {
        change.after.quantity += signed_quantity;
        change.after.cost_ticks += signed_quantity * price.ticks;
        return change;
    }
    const std::int64_t held = std::abs(position.quantity);
    change.closed = std::min(held, quantity);
    // The cost of what is closed, signed as the position; the last contract takes what is left.
    const std::int64_t cost = change.closed == held
                                  ? position.cost_ticks
                                  : position.cost_ticks / held * change.closed +
                                        position.cost_ticks % held * change.closed / held;
    const std::int64_t closed_signed = position.quantity > 0 ? change.closed : -change.closed;
    change.realised_ticks = closed_signed * price.ticks - cost;
    change.after.quantity -= closed_signed;
    change.after.cost_ticks -= cost;
    const std::int64_t opened = quantity - change.closed;
    if (opened > 0) {
        change.after.quantity = sign(side) * opened;
        change.after.cost_ticks = sign(side) * opened * price.ticks;
    }
    return change;
}

std::int64_t open_ticks(const Position& position, Price mark) {
    return position.quantity * mark.ticks - position.cost_ticks;
}

Price average_price(const Position& position) {
    BULLPEN_ASSERT(!position.flat(), "a position that is flat has no price");
    const std::int64_t held = std::abs(position.quantity);
    const std::int64_t cost = position.quantity > 0 ? position.cost_ticks : -position.cost_ticks;
    std::int64_t floor = cost / held;
    if (cost % held < 0)
        --floor;
    const bool exact = floor * held == cost;
    return {position.quantity > 0 && !exact ? floor + 1 : floor};
}

Money value_of_ticks(const Instrument& instrument, std::int64_t ticks_times_contracts) {
    return instrument.tick_value * ticks_times_contracts;
}

}  // namespace bullpen::model
