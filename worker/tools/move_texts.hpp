// Why a strategy moved a stop, as a sentence.
#pragma once

#include <string_view>

namespace bullpen::tools {

// Of the code of a strategy::MoveReason; empty for any other text.
std::string_view move_sentence(std::string_view code);

}  // namespace bullpen::tools
