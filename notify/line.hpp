// LogLine: one line of a log of the home, as far as alerts are made of it. Pure.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "common/base/clock.hpp"

namespace bullpen::notify {

struct LogLine {
    UtcTime at{};
    std::string level;
    std::string event;
    bool shadow = false;
    std::map<std::string, std::string, std::less<>> fields;  // a number or flag as it is written

    // Empty when there is none.
    [[nodiscard]] std::string text(std::string_view key) const {
        const auto found = fields.find(key);
        return found == fields.end() ? std::string() : found->second;
    }
};

// Nothing when it is none, or not whole.
std::optional<LogLine> parse_line(std::string_view text);

}  // namespace bullpen::notify
