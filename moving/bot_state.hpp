// The state file of the old futures bot, bot_state.json, which was written in two shapes and
// expected in a third. Each is told apart by what it has; anything else is refused with a sentence,
// for a position that is read wrongly is worse than one that is not read. Pure.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/result.hpp"

namespace bullpen::moving {

enum class BotStateShape : std::uint8_t {
    position,  // one record: symbol, active, side, quantity, entry_price, ...
    whole,     // the bot's whole state: a member `position`, or one member a symbol that has it
    summary    // timestamp, position, equity
};
std::string_view word(BotStateShape shape);

// What was held when the file was written. The broker's word counts, not this one.
struct OldPosition {
    std::string symbol;         // empty: the file does not say
    std::int64_t quantity = 0;  // contracts, negative when short
    std::string entry_price;    // as the file has them; empty: none
    std::string stop_price;
    std::string target_price;
    friend bool operator==(const OldPosition&, const OldPosition&) = default;
};

struct BotState {
    BotStateShape shape = BotStateShape::position;
    std::vector<OldPosition> open;  // none: it was flat
};

// Errc::corrupt for what is no JSON, Errc::invalid for an unknown shape or a record that
// contradicts itself (active without a side, a quantity that is no whole number).
Result<BotState> parse_bot_state(std::string_view text);

}  // namespace bullpen::moving
