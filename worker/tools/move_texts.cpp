#include "worker/tools/move_texts.hpp"

#include <array>
#include <cstddef>

#include "worker/strategy/decisions.hpp"

namespace bullpen::tools {

namespace {

// In the order of strategy::MoveReason.
constexpr std::array<std::string_view, strategy::k_move_reasons> k_sentences = {
    "the profit was large enough to give nothing of the entry back any more",
    "it follows the best price that was seen",
    "the last bars closed against the position",
    "so much of the time that a position may be held was over, and it was in profit",
};

}  // namespace

std::string_view move_sentence(std::string_view code) {
    for (std::size_t i = 0; i < k_sentences.size(); ++i) {
        if (strategy::code(static_cast<strategy::MoveReason>(i)) == code)
            return k_sentences.at(i);
    }
    return {};
}

}  // namespace bullpen::tools
