#include "ctl/log_line.hpp"

#include <array>
#include <charconv>

#include "ctl/output.hpp"
#include "ctl/text.hpp"

namespace bullpen::ctl {

namespace {

// Walks over one line of JSON; every step checks what it stands on.
class Scanner {
  public:
    explicit Scanner(std::string_view text) : rest_(text) {}

    void skip_spaces() {
        while (!rest_.empty() && (rest_.front() == ' ' || rest_.front() == '\t'))
            rest_.remove_prefix(1);
    }
    bool take(char c) {
        skip_spaces();
        if (rest_.empty() || rest_.front() != c)
            return false;
        rest_.remove_prefix(1);
        return true;
    }
    [[nodiscard]] bool at(char c) {
        skip_spaces();
        return !rest_.empty() && rest_.front() == c;
    }
    [[nodiscard]] bool at_end() {
        skip_spaces();
        return rest_.empty();
    }
    bool string(std::string& out);
    // A number, a word, or a whole array or object, as it is written.
    bool value(std::string_view& out);

  private:
    bool escape(std::string& out);
    bool code_point(std::string& out);
    std::string_view rest_;
};

void append_utf8(std::string& out, std::uint32_t point) {
    if (point < 0x80) {
        out += static_cast<char>(point);
    } else if (point < 0x800) {
        out += static_cast<char>(0xc0 | point >> 6);
        out += static_cast<char>(0x80 | (point & 0x3f));
    } else if (point < 0x10000) {
        out += static_cast<char>(0xe0 | point >> 12);
        out += static_cast<char>(0x80 | (point >> 6 & 0x3f));
        out += static_cast<char>(0x80 | (point & 0x3f));
    } else {
        out += static_cast<char>(0xf0 | point >> 18);
        out += static_cast<char>(0x80 | (point >> 12 & 0x3f));
        out += static_cast<char>(0x80 | (point >> 6 & 0x3f));
        out += static_cast<char>(0x80 | (point & 0x3f));
    }
}

bool four_hex(std::string_view text, std::uint32_t& out) {
    if (text.size() < 4)
        return false;
    const auto [end, error] = std::from_chars(text.data(), text.data() + 4, out, 16);
    return error == std::errc{} && end == text.data() + 4;
}

bool Scanner::code_point(std::string& out) {
    std::uint32_t point = 0;
    if (!four_hex(rest_, point))
        return false;
    rest_.remove_prefix(4);
    std::uint32_t low = 0;
    const bool pair = point >= 0xd800 && point < 0xdc00 && rest_.starts_with("\\u") &&
                      four_hex(rest_.substr(2), low) && low >= 0xdc00 && low < 0xe000;
    if (pair) {
        rest_.remove_prefix(6);
        point = 0x10000 + ((point - 0xd800) << 10) + (low - 0xdc00);
    } else if (point >= 0xd800 && point < 0xe000) {
        point = 0xfffd;
    }
    append_utf8(out, point);
    return true;
}

bool Scanner::escape(std::string& out) {
    if (rest_.empty())
        return false;
    const char c = rest_.front();
    rest_.remove_prefix(1);
    switch (c) {
        case 'n': out += '\n'; return true;
        case 't': out += '\t'; return true;
        case 'r': out += '\r'; return true;
        case 'b': out += '\b'; return true;
        case 'f': out += '\f'; return true;
        case 'u': return code_point(out);
        case '"':
        case '\\':
        case '/': out += c; return true;
        default: return false;
    }
}

bool Scanner::string(std::string& out) {
    out.clear();
    if (!take('"'))
        return false;
    while (!rest_.empty()) {
        const auto plain = rest_.find_first_of("\"\\");
        if (plain == std::string_view::npos)
            return false;
        out += rest_.substr(0, plain);
        const char c = rest_[plain];
        rest_.remove_prefix(plain + 1);
        if (c == '"')
            return true;
        if (!escape(out))
            return false;
    }
    return false;
}

bool Scanner::value(std::string_view& out) {
    skip_spaces();
    const auto start = rest_;
    std::size_t depth = 0;
    bool quoted = false;
    for (std::size_t i = 0; i < start.size(); ++i) {
        const char c = start[i];
        if (quoted) {
            if (c == '\\')
                ++i;
            else if (c == '"')
                quoted = false;
            continue;
        }
        if (c == '"')
            quoted = true;
        else if (c == '{' || c == '[')
            ++depth;
        const bool closes = c == '}' || c == ']';
        if (depth == 0 && (c == ',' || closes)) {
            out = start.substr(0, i);
            rest_ = start.substr(i);
            return !out.empty();
        }
        if (closes)
            --depth;
    }
    return false;
}

Colour colour_of(std::string_view level) {
    if (level == "error")
        return Colour::red;
    if (level == "warn")
        return Colour::yellow;
    return level == "debug" ? Colour::dim : Colour::none;
}

void append_field(std::string& fields, std::string_view key, std::string_view value, bool text) {
    fields += ' ';
    append_printable(fields, key);
    fields += '=';
    const bool quote = text && (value.empty() || value.find(' ') != std::string_view::npos);
    if (quote)
        fields += '"';
    append_printable(fields, value);
    if (quote)
        fields += '"';
}

}  // namespace

bool visit_fields(std::string_view line, const FieldVisit& visit) {
    Scanner scanner(line);
    if (!scanner.take('{'))
        return false;
    std::string key;
    std::string text;
    for (bool first = true; !scanner.take('}'); first = false) {
        if ((!first && !scanner.take(',')) || !scanner.string(key) || !scanner.take(':'))
            return false;
        std::string_view raw;
        if (scanner.at('"')) {
            if (!scanner.string(text))
                return false;
            visit(key, text, true);
        } else if (scanner.value(raw)) {
            visit(key, raw, false);
        } else {
            return false;
        }
    }
    return scanner.at_end();
}

void append_log_line(std::string& out, std::string_view line, const LineStyle& style) {
    if (style.raw) {
        out.append(line).append("\n");
        return;
    }
    std::string time;
    std::string level;
    std::string event;
    std::string fields;
    const bool object = visit_fields(line, [&](auto key, auto value, bool text) {
        if (key == "ts")
            time = value;
        else if (key == "level")
            level = value;
        else if (key == "event")
            event = value;
        else if (key != "pid" && (key != "account" || style.with_account))
            append_field(fields, key, value, text);
    });
    const auto colour = style.colour ? sequence(object ? colour_of(level) : Colour::none) : "";
    out += colour;
    if (!object || time.empty() || event.empty()) {
        append_printable(out, line);
    } else {
        append_printable(out, spaced_utc(time));
        std::string shown = printable(level);
        for (char& c : shown)
            c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
        shown.resize(std::max<std::size_t>(shown.size(), 5), ' ');
        out.append(" ").append(shown).append(" ");
        append_printable(out, event);
        out += fields;
    }
    if (!colour.empty())
        out += k_colour_end;
    out += '\n';
}

}  // namespace bullpen::ctl
