// A text without the blanks at its ends; a view into the same characters. Pure, any thread.
#pragma once

#include <string_view>

namespace bullpen {

constexpr std::string_view trimmed(std::string_view text, std::string_view blanks = " \t\r\n\f\v") {
    const auto first = text.find_first_not_of(blanks);
    if (first == std::string_view::npos)
        return {};
    return text.substr(first, text.find_last_not_of(blanks) - first + 1);
}

}  // namespace bullpen
