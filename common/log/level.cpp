#include "common/log/level.hpp"

#include <array>

namespace bullpen::log {

namespace {

constexpr std::array<std::string_view, 4> k_codes = {"debug", "info", "warn", "error"};

}  // namespace

std::string_view code(Level level) {
    return k_codes.at(static_cast<std::size_t>(level));
}

std::optional<Level> level_from(std::string_view code) {
    for (std::size_t i = 0; i < k_codes.size(); ++i) {
        if (k_codes[i] == code)
            return static_cast<Level>(i);
    }
    return std::nullopt;
}

}  // namespace bullpen::log
