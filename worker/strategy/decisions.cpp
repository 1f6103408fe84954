#include "worker/strategy/decisions.hpp"

#include <algorithm>
#include <array>

#include "common/base/assert.hpp"

namespace bullpen::strategy {

namespace {

struct Text {
    std::string_view code;
    std::string_view sentence;
};

constexpr std::array<Text, k_exit_reasons> k_exits = {{
    {"market_closed", "the market is shut, or the time to be flat by has passed"},
    {"event", "an event's blackout began, and the account wants to be flat in it"},
    {"last_minutes", "nothing may be held in a moment"},
    {"friday_profit", "a profit on a Friday afternoon"},
    {"flatten_profit", "flatten time, and a profit"},
    {"flatten_midpoint", "flatten time, and half the way to the stop was gone"},
    {"profit_before_flatten", "a profit shortly before flatten time"},
    {"loss_before_flatten", "a small loss shortly before flatten time"},
    {"early_loss", "a loss late in the day that was still small"},
    {"target", "the target was reached"},
    {"tightened_target", "the nearer target of the late day was reached"},
    {"stop", "the price stood beyond the stop"},
    {"proactive_stop", "flatten time, and the stop was near"},
    {"final_partial", "the profit for the last part was reached"},
    {"stop_passed", "the price had passed the place where the stop belonged"},
    {"holding_time", "the position was held as long as it may be"},
    {"reversal", "the price was beyond the entry band of the other side"},
}};

constexpr std::array<Text, k_move_reasons> k_moves = {{
    {"break_even", "the profit was large enough to give nothing of the entry back any more"},
    {"trailing", "it follows the best price that was seen"},
    {"momentum", "the last bars closed against the position"},
    {"time_decay",
     "so much of the time that a position may be held was over, and it was in profit"},
}};

}  // namespace

std::string_view code(ExitReason reason) {
    return k_exits.at(static_cast<std::size_t>(reason)).code;
}

std::string_view sentence(ExitReason reason) {
    return k_exits.at(static_cast<std::size_t>(reason)).sentence;
}

std::string_view code(MoveReason reason) {
    return k_moves.at(static_cast<std::size_t>(reason)).code;
}

std::string_view sentence(MoveReason reason) {
    return k_moves.at(static_cast<std::size_t>(reason)).sentence;
}

std::optional<MoveReason> move_reason_from(std::string_view code) {
    const auto* const found = std::find_if(k_moves.begin(), k_moves.end(),
                                           [&](const Text& one) { return one.code == code; });
    if (found == k_moves.end())
        return std::nullopt;
    return static_cast<MoveReason>(found - k_moves.begin());
}

std::string_view code(Notice notice) {
    switch (notice) {
        case Notice::held_long: return "held_long";
    }
    return "";
}

void Decisions::act(const Action& action) {
    BULLPEN_ASSERT(none(), "a strategy takes one action in a call");
    action_ = action;
}

}  // namespace bullpen::strategy
