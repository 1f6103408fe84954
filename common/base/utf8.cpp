#include "common/base/utf8.hpp"

#include <cstdint>

namespace bullpen {

std::size_t character_length(std::string_view text) {
    const auto byte = [&](std::size_t i) { return static_cast<std::uint8_t>(text[i]); };
    const auto follows = [&](std::size_t i, std::uint8_t low, std::uint8_t high) {
        return i < text.size() && byte(i) >= low && byte(i) <= high;
    };
    const auto first = byte(0);
    if (first < 0x80)
        return 1;
    if (first >= 0xC2 && first <= 0xDF)
        return follows(1, 0x80, 0xBF) ? 2 : 0;
    if (first >= 0xE0 && first <= 0xEF) {
        const std::uint8_t low = first == 0xE0 ? 0xA0 : 0x80;
        const std::uint8_t high = first == 0xED ? 0x9F : 0xBF;
        return follows(1, low, high) && follows(2, 0x80, 0xBF) ? 3 : 0;
    }
    if (first >= 0xF0 && first <= 0xF4) {
        const std::uint8_t low = first == 0xF0 ? 0x90 : 0x80;
        const std::uint8_t high = first == 0xF4 ? 0x8F : 0xBF;
        return follows(1, low, high) && follows(2, 0x80, 0xBF) && follows(3, 0x80, 0xBF) ? 4 : 0;
    }
    return 0;
}

std::string_view cut_utf8(std::string_view text, std::size_t size_max) {
    if (text.size() <= size_max)
        return text;
    auto size = size_max;
    // Back over continuation bytes, at most as many as a character has.
    for (int i = 0; i < 3 && size > 0 && (static_cast<std::uint8_t>(text[size]) & 0xC0U) == 0x80U;
         ++i) {
        --size;
    }
    return text.substr(0, size);
}

std::string_view cut_for_sign(std::string_view text, std::size_t size_max) {
    return text.size() <= size_max ? text : cut_utf8(text, size_max - k_cut_sign.size());
}

}  // namespace bullpen
