#include "common/storage/checksum.hpp"

#include <array>

namespace bullpen::storage {

namespace {

constexpr std::uint32_t k_polynomial_reversed = 0x82F63B78U;

constexpr std::array<std::uint32_t, 256> make_table() {
    std::array<std::uint32_t, 256> table{};
    for (std::uint32_t i = 0; i < table.size(); ++i) {
        std::uint32_t value = i;
        for (int bit = 0; bit < 8; ++bit)
            value = (value >> 1) ^ ((value & 1U) != 0 ? k_polynomial_reversed : 0U);
        table[i] = value;
    }
    return table;
}

constexpr auto k_table = make_table();

}  // namespace

std::uint32_t crc32c(std::string_view data, std::uint32_t seed) {
    std::uint32_t value = ~seed;
    for (const char c : data)
        value = (value >> 8) ^ k_table[(value ^ static_cast<std::uint8_t>(c)) & 0xFFU];
    return ~value;
}

std::string checksum_text(std::uint32_t checksum) {
    constexpr std::string_view digits = "0123456789abcdef";
    std::string text(8, '0');
    for (std::size_t i = 0; i < text.size(); ++i)
        text[i] = digits[(checksum >> (28 - 4 * i)) & 0xFU];
    return text;
}

}  // namespace bullpen::storage
