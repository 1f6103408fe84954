#include "common/log/json_text.hpp"

#include <array>
#include <charconv>
#include <cmath>

namespace bullpen::log {

namespace {

constexpr std::string_view k_replacement = "\xEF\xBF\xBD";  // U+FFFD

// The length of the well-formed UTF-8 character at the start of `text`; 0 when there is none
// (Unicode 15, table 3-7).
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

void append_escaped(std::string& out, char c) {
    constexpr std::string_view digits = "0123456789abcdef";
    switch (c) {
        case '"': out += "\\\""; return;
        case '\\': out += "\\\\"; return;
        case '\n': out += "\\n"; return;
        case '\r': out += "\\r"; return;
        case '\t': out += "\\t"; return;
        default: break;
    }
    const auto byte = static_cast<std::uint8_t>(c);
    if (byte >= 0x20 && byte != 0x7F) {
        out.push_back(c);
        return;
    }
    out += "\\u00";
    out.push_back(digits[byte >> 4U]);
    out.push_back(digits[byte & 0xFU]);
}

}  // namespace

void append_json_text(std::string& out, std::string_view text) {
    out.push_back('"');
    while (!text.empty()) {
        const auto length = character_length(text);
        if (length == 1) {
            append_escaped(out, text.front());
        } else if (length == 0) {
            out += k_replacement;
        } else {
            out += text.substr(0, length);
        }
        text.remove_prefix(length == 0 ? 1 : length);
    }
    out.push_back('"');
}

void append_json_number(std::string& out, double value) {
    if (!std::isfinite(value)) {
        out += "null";
        return;
    }
    std::array<char, 32> text{};
    const auto [end, error] = std::to_chars(text.data(), text.data() + text.size(), value);
    out.append(text.data(), static_cast<std::size_t>(end - text.data()));
}

void append_json_value(std::string& out, const Field::Value& value) {
    struct Writer {
        std::string& out;
        void operator()(std::string_view text) const { append_json_text(out, text); }
        void operator()(std::int64_t number) const { out += std::to_string(number); }
        void operator()(std::uint64_t number) const { out += std::to_string(number); }
        void operator()(double number) const { append_json_number(out, number); }
        void operator()(bool truth) const { out += truth ? "true" : "false"; }
        void operator()(UtcTime time) const { append_json_text(out, format_utc(time)); }
    };
    std::visit(Writer{out}, value);
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

}  // namespace bullpen::log
