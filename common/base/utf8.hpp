// UTF-8 by the character: where one ends, and how to cut a text without cutting one. Pure.
#pragma once

#include <cstddef>
#include <string_view>

namespace bullpen {

// The length of the well-formed character at the start of a text that is not empty; 0 when there is
// none (Unicode 15, table 3-7).
std::size_t character_length(std::string_view text);

// The longest prefix of `text` of at most `size_max` bytes that does not cut a character.
std::string_view cut_utf8(std::string_view text, std::size_t size_max);

// Stands at the end of a text for people that was cut.
inline constexpr std::string_view k_cut_sign = "\u2026";
// `text` where it has at most `size_max` bytes; otherwise what of it leaves room for k_cut_sign.
// `size_max` is at least that sign's size.
std::string_view cut_for_sign(std::string_view text, std::size_t size_max);

}  // namespace bullpen
