// Tick: one message of a market: a trade, or a change of the best bid or ask.
#pragma once

#include <cstdint>

#include "common/base/clock.hpp"
#include "common/model/price.hpp"

namespace bullpen::model {

enum class TickKind : std::uint8_t { trade, bid, ask };

struct Tick {
    UtcTime time{};              // by the exchange, not by arrival
    std::uint64_t sequence = 0;  // orders ticks of the same time; 0 where the source has none
    Price price;
    std::int64_t size = 0;  // contracts
    TickKind kind = TickKind::trade;

    friend bool operator==(const Tick&, const Tick&) = default;
};

// A trade, and the best bid and ask that it met.
struct QuotedTrade {
    UtcTime time{};
    Price price;
    std::int64_t size = 0;  // contracts
    Price bid;
    Price ask;

    friend bool operator==(const QuotedTrade&, const QuotedTrade&) = default;
};

}  // namespace bullpen::model
