#include "ipc/json_writer.hpp"

#include <charconv>
#include <utility>

#include "common/base/utf8.hpp"

namespace bullpen::ipc {

void append_json_text(std::string* out, std::string_view text, std::size_t size_max) {
    static constexpr char k_digits[] = "0123456789abcdef";
    out->push_back('"');
    std::size_t written = 0;
    for (std::size_t i = 0; i < text.size();) {
        const auto c = static_cast<unsigned char>(text[i]);
        const std::size_t length = c < 0x80U ? 1 : character_length(text.substr(i, 4));
        const std::size_t taken = length == 0 ? 1 : length;
        if (taken > size_max - written)
            break;
        written += taken;
        if (length == 0 || c == 0) {
            out->push_back('?');
        } else if (c == '"' || c == '\\') {
            out->push_back('\\');
            out->push_back(static_cast<char>(c));
        } else if (c == '\n') {
            out->append("\\n");
        } else if (c == '\t') {
            out->append("\\t");
        } else if (c < 0x20U) {
            out->append("\\u00");
            out->push_back(k_digits[c >> 4U]);
            out->push_back(k_digits[c & 15U]);
        } else {
            out->append(text.substr(i, length));
        }
        i += taken;
    }
    out->push_back('"');
}

void JsonWriter::comma() {
    if (!std::exchange(first_, false))
        out_.push_back(',');
}

void JsonWriter::key(std::string_view name) {
    comma();
    out_.push_back('"');
    out_.append(name);
    out_.append("\":");
    first_ = true;
}

void JsonWriter::open(char bracket) {
    comma();
    out_.push_back(bracket);
    first_ = true;
}

void JsonWriter::close(char bracket) {
    out_.push_back(bracket);
    first_ = false;
}

void JsonWriter::text(std::string_view name, std::string_view value, std::size_t size_max) {
    key(name);
    append_json_text(&out_, value, size_max);
    first_ = false;
}

void JsonWriter::element(std::string_view value) {
    comma();
    append_json_text(&out_, value);
}

void JsonWriter::element(std::int64_t value) {
    comma();
    char digits[24];
    const auto end = std::to_chars(digits, digits + sizeof digits, value).ptr;
    out_.append(digits, end);
}

void JsonWriter::integer(std::string_view name, std::int64_t value) {
    key(name);
    element(value);
}

void JsonWriter::number(std::string_view name, std::uint64_t value) {
    text(name, std::to_string(value));
}

void JsonWriter::boolean(std::string_view name, bool value) {
    raw(name, value ? "true" : "false");
}

void JsonWriter::utc(std::string_view name, UtcTime value) {
    key(name);
    out_.push_back('"');
    out_.append(format_utc(value));
    out_.push_back('"');
    first_ = false;
}

void JsonWriter::raw(std::string_view name, std::string_view value) {
    key(name);
    out_.append(value);
    first_ = false;
}

JsonLine::JsonLine(std::string_view event) {
    json_.open_object();
    json_.text("event", event);
}

JsonLine::JsonLine(std::string_view event, const AccountId& account) : JsonLine(event) {
    json_.text("account", account.str());
}

std::string JsonLine::end() {
    json_.close_object();
    return json_.take() + "\n";
}

}  // namespace bullpen::ipc
