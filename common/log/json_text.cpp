#include "common/log/json_text.hpp"

#include <array>
#include <charconv>
#include <cmath>

#include "common/base/utf8.hpp"

namespace bullpen::log {

namespace {

constexpr std::string_view k_replacement = "\xEF\xBF\xBD";  // U+FFFD

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

void append_json_fields(std::string& out, std::span<const Field> fields) {
    for (const auto& field : fields) {
        if (&field != fields.data())
            out.push_back(',');
        append_json_text(out, field.key());
        out.push_back(':');
        append_json_value(out, field.value());
    }
}

void append_json_object(std::string& out, std::span<const Field> fields) {
    out.push_back('{');
    append_json_fields(out, fields);
    out.push_back('}');
}

}  // namespace bullpen::log
