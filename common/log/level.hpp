// Levels by consequence: error - a promise is broken or the process must end; warn - an operator
// should act; info - a change of state, rare; debug - everything else, off by default.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace bullpen::log {

enum class Level : std::uint8_t { debug, info, warn, error };

std::string_view code(Level level);
std::optional<Level> level_from(std::string_view code);

}  // namespace bullpen::log
