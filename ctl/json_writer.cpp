#include "ctl/json_writer.hpp"

#include <array>
#include <charconv>

#include "common/base/assert.hpp"
#include "ctl/text.hpp"

namespace bullpen::ctl {

namespace {

// The longest 64-bit integer in decimal, with its sign.
constexpr std::size_t k_digits_max = 21;

template <class Integer>
void append_integer(std::string& out, Integer value) {
    std::array<char, k_digits_max> digits;
    const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), value).ptr;
    out.append(digits.data(), end);
}

// How many bytes at the front are written as they are.
std::size_t plain_run(std::string_view text) {
    std::size_t run = 0;
    while (run < text.size() && text[run] >= 0x20 && text[run] < 0x7f && text[run] != '"' &&
           text[run] != '\\')
        ++run;
    return run;
}

void append_escaped(std::string& out, char c) {
    constexpr std::string_view hex = "0123456789abcdef";
    switch (c) {
        case '"': out += "\\\""; return;
        case '\\': out += "\\\\"; return;
        case '\n': out += "\\n"; return;
        case '\r': out += "\\r"; return;
        case '\t': out += "\\t"; return;
        default: break;
    }
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x20 || byte == 0x7f) {
        out += "\\u00";
        out += hex[byte >> 4];
        out += hex[byte & 0xf];
    } else {
        out += c;
    }
}

}  // namespace

JsonWriter& JsonWriter::open(char bracket) {
    separate();
    BULLPEN_ASSERT(depth_ < k_depth_max, "JSON nests deeper than the writer allows");
    out_ += bracket;
    filled_[++depth_] = false;
    return *this;
}

JsonWriter& JsonWriter::close(char bracket) {
    BULLPEN_ASSERT(depth_ > 0, "a JSON bracket is closed that was not opened");
    out_ += bracket;
    --depth_;
    return *this;
}

void JsonWriter::separate() {
    if (after_key_) {
        after_key_ = false;
        return;
    }
    if (filled_[depth_] && depth_ > 0)
        out_ += ',';
    filled_[depth_] = true;
}

JsonWriter& JsonWriter::key(std::string_view name) {
    string(name);
    out_ += ':';
    after_key_ = true;
    return *this;
}

JsonWriter& JsonWriter::string(std::string_view text) {
    separate();
    out_ += '"';
    while (!text.empty()) {
        const auto plain = plain_run(text);
        out_ += text.substr(0, plain);
        text.remove_prefix(plain);
        if (text.empty())
            break;
        const auto length = utf8_sequence(text);
        if (length == 1)
            append_escaped(out_, text.front());
        else if (length == 0)
            out_ += "\xef\xbf\xbd";
        else
            out_ += text.substr(0, length);
        text.remove_prefix(length == 0 ? 1 : length);
    }
    out_ += '"';
    return *this;
}

JsonWriter& JsonWriter::number(std::int64_t value) {
    separate();
    append_integer(out_, value);
    return *this;
}

JsonWriter& JsonWriter::unsigned_number(std::uint64_t value) {
    separate();
    append_integer(out_, value);
    return *this;
}

JsonWriter& JsonWriter::boolean(bool value) {
    return raw(value ? "true" : "false");
}

JsonWriter& JsonWriter::null() {
    return raw("null");
}

JsonWriter& JsonWriter::seconds(Nanos duration) {
    separate();
    auto millis = std::chrono::duration_cast<Millis>(duration).count();
    if (millis < 0) {
        out_ += '-';
        millis = -millis;
    }
    append_integer(out_, millis / 1000);
    const auto fraction = millis % 1000;
    out_ += '.';
    if (fraction < 100)
        out_ += '0';
    if (fraction < 10)
        out_ += '0';
    append_integer(out_, fraction);
    return *this;
}

JsonWriter& JsonWriter::raw(std::string_view json) {
    separate();
    out_ += json;
    return *this;
}

}  // namespace bullpen::ctl
