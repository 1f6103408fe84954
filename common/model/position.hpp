// Position: what is held of one instrument, and what it cost, exactly: the average price of a
// position is a fraction, so the sum of prices is kept and never the average.
#pragma once

#include <cstdint>

#include "common/model/instrument.hpp"
#include "common/model/order.hpp"

namespace bullpen::model {

struct Position {
    std::int64_t quantity = 0;    // contracts: above zero long, below zero short
    std::int64_t cost_ticks = 0;  // sum over the held contracts of their prices in ticks, signed
                                  // as the quantity

    [[nodiscard]] bool flat() const { return quantity == 0; }
    // Of a position that is not flat.
    [[nodiscard]] Side side() const { return quantity > 0 ? Side::buy : Side::sell; }
    friend bool operator==(const Position&, const Position&) = default;
};

struct PositionChange {
    Position after;
    // Ticks times contracts won by the part that was closed, before fees. Closing takes the average
    // cost of what is held; the remainder of the division stays with what is still held, so that
    // the sum over a position's life is exact.
    std::int64_t realised_ticks = 0;
    std::int64_t closed = 0;  // contracts
};

// A fill that turns the position closes it first and opens the rest at the fill's price.
PositionChange apply(const Position& position, Side side, std::int64_t quantity, Price price);

// Ticks times contracts that closing at `mark` would win, before fees.
std::int64_t open_ticks(const Position& position, Price mark);

// Average price of a position that is not flat, rounded to a tick to its worse side: up for a long,
// down for a short.
Price average_price(const Position& position);

// Ticks times contracts as money of the instrument.
Money value_of_ticks(const Instrument& instrument, std::int64_t ticks_times_contracts);

}  // namespace bullpen::model
