#include "ipc/json_reader.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

#include "common/base/errc.hpp"
#include "common/base/utf8.hpp"

namespace bullpen::ipc {

namespace {

void append_utf8(std::string* out, unsigned point) {
    const auto put = [&](unsigned byte) { out->push_back(static_cast<char>(byte)); };
    if (point < 0x80U) {
        put(point);
    } else if (point < 0x800U) {
        put(0xC0U | (point >> 6U));
        put(0x80U | (point & 0x3FU));
    } else if (point < 0x10000U) {
        put(0xE0U | (point >> 12U));
        put(0x80U | ((point >> 6U) & 0x3FU));
        put(0x80U | (point & 0x3FU));
    } else {
        put(0xF0U | (point >> 18U));
        put(0x80U | ((point >> 12U) & 0x3FU));
        put(0x80U | ((point >> 6U) & 0x3FU));
        put(0x80U | (point & 0x3FU));
    }
}

// Objects with more fields are checked for doubles by sorting.
constexpr std::size_t k_keys_compared_max = 32;

// The bytes of a text that need no second look: ASCII without controls, quote and backslash.
constexpr auto k_plain = [] {
    std::array<bool, 256> plain{};
    for (std::size_t c = 0x20; c < 0x80; ++c)
        plain[c] = c != '"' && c != '\\';
    return plain;
}();

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

}  // namespace

// Recursive descent; its depth is bounded by the limits, its errors by the first one.
class JsonParser {
  public:
    JsonParser(JsonDocument* document, std::string_view source, int depth_max)
        : document_(*document), source_(source), depth_max_(depth_max) {}

    Result<void> parse() {
        skip_blanks();
        if (peek() != '{')
            return fail(Errc::invalid, "a message is one JSON object");
        if (value(0)) {
            skip_blanks();
            if (at_ == source_.size())
                return {};
            wrong("more text after the object");
        }
        return fail(Errc::invalid, "not JSON at byte " + std::to_string(at_) + ": " + error_);
    }

  private:
    [[nodiscard]] char peek() const { return at_ < source_.size() ? source_[at_] : '\0'; }

    bool wrong(std::string_view sentence) {
        if (error_.empty())
            error_ = sentence;
        return false;
    }

    void skip_blanks() {
        while (at_ < source_.size() && (source_[at_] == ' ' || source_[at_] == '\t' ||
                                        source_[at_] == '\n' || source_[at_] == '\r'))
            ++at_;
    }

    bool literal(std::string_view word) {
        if (source_.substr(at_, word.size()) != word)
            return wrong("a value was expected");
        at_ += word.size();
        return true;
    }

    bool value(int depth) {
        const std::size_t index = document_.nodes_.size();
        document_.nodes_.emplace_back();
        document_.nodes_[index].begin = static_cast<std::uint32_t>(at_);
        bool good = false;
        switch (peek()) {
            case '{': good = object(index, depth); break;
            case '[': good = array(index, depth); break;
            case '"':
                document_.nodes_[index].kind = JsonKind::text;
                good = text(&document_.nodes_[index].text);
                break;
            case 't':
                document_.nodes_[index].kind = JsonKind::boolean;
                document_.nodes_[index].boolean = true;
                good = literal("true");
                break;
            case 'f':
                document_.nodes_[index].kind = JsonKind::boolean;
                good = literal("false");
                break;
            case 'n': good = literal("null"); break;
            default: good = number(&document_.nodes_[index]); break;
        }
        document_.nodes_[index].end = static_cast<std::uint32_t>(at_);
        document_.nodes_[index].next = static_cast<std::uint32_t>(document_.nodes_.size());
        return good;
    }

    bool object(std::size_t index, int depth) {
        document_.nodes_[index].kind = JsonKind::object;
        if (depth >= depth_max_)
            return wrong("nested too deeply");
        ++at_;
        skip_blanks();
        if (peek() == '}') {
            ++at_;
            return true;
        }
        for (;;) {
            skip_blanks();
            if (!key())
                return false;
            skip_blanks();
            if (peek() != ':')
                return wrong("':' was expected");
            ++at_;
            skip_blanks();
            if (!value(depth + 1))
                return false;
            skip_blanks();
            if (peek() == ',') {
                ++at_;
                continue;
            }
            if (peek() != '}')
                return wrong("',' or '}' was expected");
            ++at_;
            return keys_differ(index);
        }
    }

    bool key() {
        if (peek() != '"')
            return wrong("a field's name was expected");
        JsonNode node;
        node.kind = JsonKind::text;
        if (!text(&node.text))
            return false;
        node.whole = fingerprint(node.text);
        node.next = static_cast<std::uint32_t>(document_.nodes_.size()) + 1;
        document_.nodes_.push_back(node);
        return true;
    }

    // A field twice would be read as one thing here and as another elsewhere.
    bool keys_differ(std::size_t object) {
        const auto& nodes = document_.nodes_;
        keys_.clear();
        for (std::size_t i = object + 1; i < nodes.size(); i = nodes[i + 1].next)
            keys_.push_back({nodes[i].whole, nodes[i].text});
        if (keys_.size() > k_keys_compared_max)
            std::sort(keys_.begin(), keys_.end());
        for (std::size_t i = 1; i < keys_.size(); ++i) {
            const std::size_t from = keys_.size() > k_keys_compared_max ? i - 1 : 0;
            for (std::size_t j = from; j < i; ++j) {
                if (keys_[i].first == keys_[j].first && keys_[i].second == keys_[j].second)
                    return wrong("field '" + excerpt(keys_[i].second) + "' comes twice");
            }
        }
        return true;
    }

    bool array(std::size_t index, int depth) {
        document_.nodes_[index].kind = JsonKind::array;
        if (depth >= depth_max_)
            return wrong("nested too deeply");
        ++at_;
        skip_blanks();
        if (peek() == ']') {
            ++at_;
            return true;
        }
        for (;;) {
            skip_blanks();
            if (!value(depth + 1))
                return false;
            skip_blanks();
            if (peek() == ',') {
                ++at_;
                continue;
            }
            if (peek() != ']')
                return wrong("',' or ']' was expected");
            ++at_;
            return true;
        }
    }

    bool number(JsonNode* node) {
        const std::size_t begin = at_;
        const auto digits = [&] {
            const std::size_t from = at_;
            while (is_digit(peek()))
                ++at_;
            return at_ - from;
        };
        if (peek() == '-')
            ++at_;
        const bool zero = peek() == '0';
        const std::size_t count = digits();
        if (count == 0 || (zero && count > 1))
            return wrong("a value was expected");
        node->kind = JsonKind::whole;
        if (peek() == '.') {
            ++at_;
            node->kind = JsonKind::real;
            if (digits() == 0)
                return wrong("a digit was expected");
        }
        if (peek() == 'e' || peek() == 'E') {
            ++at_;
            node->kind = JsonKind::real;
            if (peek() == '+' || peek() == '-')
                ++at_;
            if (digits() == 0)
                return wrong("a digit was expected");
        }
        if (node->kind == JsonKind::whole) {
            const auto parsed =
                std::from_chars(source_.data() + begin, source_.data() + at_, node->whole);
            if (parsed.ec != std::errc())
                node->kind = JsonKind::real;
        }
        return true;
    }

    bool text(std::string_view* out) {
        ++at_;
        const std::size_t begin = at_;
        for (;;) {
            while (at_ < source_.size() && k_plain[static_cast<unsigned char>(source_[at_])])
                ++at_;
            if (at_ == source_.size())
                break;
            const char c = source_[at_];
            if (c == '"') {
                *out = source_.substr(begin, at_ - begin);
                ++at_;
                return true;
            }
            if (c == '\\')
                return escaped_text(begin, out);
            if (!character())
                return false;
        }
        return wrong("a text does not end");
    }

    // Steps over one character that is no quote and no backslash.
    bool character() {
        const auto c = static_cast<unsigned char>(source_[at_]);
        if (c < 0x20U)
            return wrong("a control character in a text");
        if (c < 0x80U) {
            ++at_;
            return true;
        }
        const std::size_t length = character_length(source_.substr(at_, 4));
        if (length == 0)
            return wrong("a text is not UTF-8");
        at_ += length;
        return true;
    }

    bool escaped_text(std::size_t begin, std::string_view* out) {
        std::string& result = document_.unescaped_.emplace_back(source_.substr(begin, at_ - begin));
        while (at_ < source_.size()) {
            const char c = source_[at_];
            if (c == '"') {
                ++at_;
                *out = result;
                return true;
            }
            if (c == '\\') {
                if (!escape(&result))
                    return false;
                continue;
            }
            const std::size_t from = at_;
            if (!character())
                return false;
            result += source_.substr(from, at_ - from);
        }
        return wrong("a text does not end");
    }

    bool escape(std::string* out) {
        ++at_;
        const char c = peek();
        ++at_;
        switch (c) {
            case '"':
            case '\\':
            case '/': out->push_back(c); return true;
            case 'b': out->push_back('\b'); return true;
            case 'f': out->push_back('\f'); return true;
            case 'n': out->push_back('\n'); return true;
            case 'r': out->push_back('\r'); return true;
            case 't': out->push_back('\t'); return true;
            case 'u': return unicode_escape(out);
            default: at_ = std::min(at_, source_.size()); return wrong("an unknown escape");
        }
    }

    bool four_digits(unsigned* unit) {
        const auto hex = source_.substr(at_, 4);
        const auto parsed = std::from_chars(hex.data(), hex.data() + hex.size(), *unit, 16);
        if (hex.size() != 4 || parsed.ec != std::errc() || parsed.ptr != hex.data() + 4)
            return wrong("\\u is followed by four hex digits");
        at_ += 4;
        return true;
    }

    bool unicode_escape(std::string* out) {
        unsigned unit = 0;
        if (!four_digits(&unit))
            return false;
        if (unit >= 0xDC00U && unit <= 0xDFFFU)
            return wrong("half of a surrogate pair");
        if (unit >= 0xD800U && unit <= 0xDBFFU) {
            unsigned low = 0;
            if (source_.substr(at_, 2) != "\\u")
                return wrong("half of a surrogate pair");
            at_ += 2;
            if (!four_digits(&low))
                return false;
            if (low < 0xDC00U || low > 0xDFFFU)
                return wrong("half of a surrogate pair");
            unit = 0x10000U + ((unit - 0xD800U) << 10U) + (low - 0xDC00U);
        }
        append_utf8(out, unit);
        return true;
    }

    JsonDocument& document_;
    std::string_view source_;
    int depth_max_;
    std::size_t at_ = 0;
    std::string error_;
    std::vector<std::pair<std::int64_t, std::string_view>> keys_;
};

Result<JsonDocument> JsonDocument::parse(std::string_view source, JsonLimits limits) {
    if (source.size() > limits.size_max) {
        return fail(Errc::too_large, "a message of " + std::to_string(source.size()) +
                                         " bytes, at most " + std::to_string(limits.size_max) +
                                         " are taken");
    }
    JsonDocument document;
    document.source_ = source;
    document.nodes_.reserve(std::min<std::size_t>(source.size() / 6 + 8, 1024));
    BULLPEN_CHECK(JsonParser(&document, source, limits.depth_max).parse());
    return document;
}

}  // namespace bullpen::ipc
