#include "worker/strategy/decisions.hpp"

#include <array>

#include "common/base/assert.hpp"

namespace bullpen::strategy {

namespace {

struct ExitText {
    std::string_view code;
    std::string_view sentence;
};

constexpr std::array<ExitText, k_exit_reasons> k_exits = {{
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

constexpr std::array<std::string_view, k_move_reasons> k_moves = {"break_even", "trailing",
                                                                  "momentum", "time_decay"};

}  // namespace

std::string_view code(ExitReason reason) {
    return k_exits.at(static_cast<std::size_t>(reason)).code;
}

std::string_view sentence(ExitReason reason) {
    return k_exits.at(static_cast<std::size_t>(reason)).sentence;
}

std::string_view code(MoveReason reason) {
    return k_moves.at(static_cast<std::size_t>(reason));
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
