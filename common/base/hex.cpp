#include "common/base/hex.hpp"

#include <cstdint>

namespace bullpen {

namespace {

constexpr std::string_view k_digits = "0123456789abcdef";

}  // namespace

std::string hex(std::string_view bytes) {
    std::string text;
    text.reserve(2 * bytes.size());
    for (const char c : bytes) {
        text.push_back(k_digits[static_cast<std::uint8_t>(c) >> 4U]);
        text.push_back(k_digits[static_cast<std::uint8_t>(c) & 0xFU]);
    }
    return text;
}

std::optional<std::string> bytes_from_hex(std::string_view text) {
    if (text.size() % 2 != 0)
        return std::nullopt;
    std::string bytes;
    bytes.reserve(text.size() / 2);
    for (std::size_t i = 0; i < text.size(); i += 2) {
        const auto high = k_digits.find(text[i]);
        const auto low = k_digits.find(text[i + 1]);
        if (high == k_digits.npos || low == k_digits.npos)
            return std::nullopt;
        bytes.push_back(static_cast<char>(high << 4U | low));
    }
    return bytes;
}

}  // namespace bullpen
