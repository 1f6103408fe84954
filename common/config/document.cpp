#include "common/config/document.hpp"

#include <algorithm>
#include <optional>
#include <utility>

#include "common/base/errc.hpp"
#include "common/config/toml_plusplus.inc"

namespace bullpen::config {

namespace {

constexpr std::string_view k_byte_order_mark = "\xEF\xBB\xBF";

bool is_bare_key(std::string_view part) {
    return !part.empty() && std::all_of(part.begin(), part.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               c == '_' || c == '-';
    });
}

Place place_of(const toml::source_position& position) {
    return {static_cast<int>(position.line), static_cast<int>(position.column)};
}

// All strings of an array, or nothing when there is anything else in it.
bool read_texts(const toml::array& array, std::vector<std::string>& texts) {
    for (const toml::node& element : array) {
        const auto* text = element.as_string();
        if (text == nullptr)
            return false;
        texts.push_back(text->get());
    }
    return true;
}

void read_value(const toml::node& node, Leaf& leaf) {
    if (const auto* flag = node.as_boolean()) {
        leaf.found = Found::boolean;
        leaf.content = flag->get();
    } else if (const auto* integer = node.as_integer()) {
        leaf.found = Found::integer;
        leaf.content = integer->get();
    } else if (const auto* number = node.as_floating_point()) {
        leaf.found = Found::number;
        leaf.content = number->get();
    } else if (const auto* text = node.as_string()) {
        leaf.found = Found::text;
        leaf.content = text->get();
    } else if (const auto* array = node.as_array()) {
        std::vector<std::string> texts;
        const bool only_texts = read_texts(*array, texts);
        leaf.found = only_texts ? Found::texts : Found::array;
        if (only_texts)
            leaf.content = std::move(texts);
    } else {
        leaf.found = node.is_table() ? Found::empty_table : Found::date;
    }
}

void flatten(const toml::table& table, const std::string& path, std::vector<Leaf>& leaves) {
    for (const auto& [key, node] : table) {
        Leaf leaf;
        leaf.name = std::string(key.str());
        leaf.table = path;
        leaf.path = path.empty() ? "" : path + ".";
        leaf.path += path_part(leaf.name);
        if (const auto* inner = node.as_table(); inner != nullptr && !inner->empty()) {
            flatten(*inner, leaf.path, leaves);
            continue;
        }
        leaf.place = place_of(key.source().begin);
        leaf.value_begin = place_of(node.source().begin);
        leaf.value_end = place_of(node.source().end);
        read_value(node, leaf);
        leaves.push_back(std::move(leaf));
    }
}

void replace_in(std::string& text, std::string_view what, std::string_view by) {
    if (const auto at = text.find(what); at != std::string::npos)
        text.replace(at, what.size(), by);
}

// The library's message in the words of someone who writes a settings file.
std::string in_plain_words(std::string_view description) {
    static constexpr std::string_view k_start = "Error while parsing ";
    std::string message(description);
    if (description.find("unescaped control characters") != std::string_view::npos)
        return "the text has no closing quote on its line, or holds a control character";
    if (message.starts_with(k_start))
        message = "in this " + message.substr(k_start.size());
    replace_in(message, "'\\n'", "the end of the line");
    replace_in(message, "'\\r'", "the end of the line");
    for (const std::string_view sign :
         {"expected 'nan'", "expected 'true'", "expected 'false'", "could not determine value"}) {
        if (message.find(sign) != std::string::npos)
            return "this value is neither text in quotes, nor a number, nor true or false";
    }
    return message;
}

// The byte offset at which line `line` starts; the length of the text when there is no such line.
std::size_t line_start(std::string_view text, int line) {
    std::size_t at = 0;
    for (int i = 1; i < line; ++i) {
        const auto end = text.find('\n', at);
        if (end == std::string_view::npos)
            return text.size();
        at = end + 1;
    }
    return at;
}

std::size_t offset_of(std::string_view text, Place place) {
    std::size_t at = line_start(text, place.line);
    if (place.line == 1 && text.starts_with(k_byte_order_mark))
        at += k_byte_order_mark.size();
    for (int column = 1; column < place.column && at < text.size(); ++column) {
        ++at;
        while (at < text.size() && (static_cast<unsigned char>(text[at]) & 0xC0) == 0x80)
            ++at;
    }
    return at;
}

// Makes the line a blank one; false when there is nothing in it to take away.
bool blank_line(std::string& text, int line) {
    bool changed = false;
    for (std::size_t at = line_start(text, line);
         at < text.size() && text[at] != '\n' && text[at] != '\r'; ++at) {
        changed = changed || text[at] != ' ';
        text[at] = ' ';
    }
    return changed;
}

// Whether the line may open a table, so that without it the lines below would be read as part of
// another one.
bool may_open_table(std::string_view text, int line) {
    const std::size_t begin = line_start(text, line);
    std::string_view content = text.substr(begin, text.find('\n', begin) - begin);
    content.remove_prefix(std::min(content.find_first_not_of(" \t"), content.size()));
    const bool braces = content.find('{') != std::string_view::npos;
    return content.starts_with('[') || (braces && content.find('}') == std::string_view::npos);
}

// The same keys with the same values in both, but for `key`, which has to be in `after`.
bool same_but_for(const Document& before, const Document& after, std::string_view key) {
    const auto others = [key](const Document& document) {
        std::vector<std::pair<std::string, const Content*>> found;
        for (const Leaf& leaf : document.leaves) {
            if (leaf.path != key)
                found.emplace_back(leaf.path, &leaf.content);
        }
        std::sort(found.begin(), found.end(),
                  [](const auto& a, const auto& b) { return a.first < b.first; });
        return found;
    };
    const auto a = others(before);
    const auto b = others(after);
    return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](const auto& x, const auto& y) {
        return x.first == y.first && *x.second == *y.second;
    });
}

// Behind the last line of a top-level key, or behind the comments at the head of the file: both are
// outside of every table.
std::size_t insertion_point(std::string_view text, const Document& document) {
    int line = 0;
    for (const Leaf& leaf : document.leaves) {
        if (leaf.table.empty() && leaf.found != Found::empty_table)
            line = std::max(line, leaf.value_end.line);
    }
    if (line > 0)
        return line_start(text, line + 1);
    std::size_t at = text.starts_with(k_byte_order_mark) ? k_byte_order_mark.size() : 0;
    while (at < text.size() && text[at] == '#') {
        const auto end = text.find('\n', at);
        at = end == std::string_view::npos ? text.size() : end + 1;
    }
    return at;
}

std::string insert_line(std::string_view text, std::size_t at, const std::string& line) {
    const std::string end = text.find("\r\n") != std::string_view::npos ? "\r\n" : "\n";
    std::string out(text.substr(0, at));
    if (at > 0 && out.back() != '\n' && out != k_byte_order_mark)
        out += end;
    out += line + end;
    out += text.substr(at);
    return out;
}

// Whether the library gives up on the first `lines` lines; it reads from front to back.
bool gives_up_within(std::string_view text, int lines) {
    try {
        (void)toml::parse(text.substr(0, line_start(text, lines + 1)));
    } catch (const toml::parse_error&) {
        return false;
    } catch (const LibraryGaveUp&) {
        return true;
    }
    return false;
}

// The line that the library gives up in, which it does not tell.
int find_surrender(std::string_view text) {
    int before = 0;
    int within = 1 + static_cast<int>(std::count(text.begin(), text.end(), '\n'));
    while (before + 1 < within) {
        const int middle = before + (within - before) / 2;
        (gives_up_within(text, middle) ? within : before) = middle;
    }
    return within;
}

// The leaves of a text without an error, else its first error.
std::optional<SyntaxError> parse_once(std::string_view text, std::vector<Leaf>& leaves) {
    try {
        flatten(toml::parse(text), "", leaves);
        return std::nullopt;
    } catch (const toml::parse_error& error) {
        return SyntaxError{place_of(error.source().begin), in_plain_words(error.description())};
    } catch (const LibraryGaveUp&) {
        leaves.clear();
        return SyntaxError{{find_surrender(text), 1}, "this line makes no sense"};
    }
}

}  // namespace

std::string_view name(Found found) {
    switch (found) {
        case Found::boolean: return "true or false";
        case Found::integer: return "a whole number";
        case Found::number: return "a number";
        case Found::text: return "text";
        case Found::texts:
        case Found::array: return "a list";
        case Found::date: return "a date or time";
        case Found::empty_table: return "a table";
    }
    return "something else";
}

Document parse_document(std::string_view text) {
    Document document;
    std::string rest(text);
    while (auto error = parse_once(rest, document.leaves)) {
        const int line = error->place.line;
        document.errors.push_back(std::move(*error));
        std::vector<Leaf> ignored;
        const bool first_of_statement =
            !parse_once(std::string_view(rest).substr(0, line_start(rest, line)), ignored);
        if (may_open_table(rest, line))
            document.readable = false;
        // Within something that spans lines, what the next line means is a guess.
        if (!first_of_statement || document.errors.size() == k_syntax_errors_max ||
            !blank_line(rest, line)) {
            document.readable = false;
            document.leaves.clear();
            return document;
        }
    }
    std::sort(document.leaves.begin(), document.leaves.end(),
              [](const Leaf& a, const Leaf& b) { return a.place < b.place; });
    return document;
}

Result<std::string> replace_top_level(std::string_view text, std::string_view key,
                                      std::string_view value, bool add_missing) {
    const Document before = parse_document(text);
    if (!before.errors.empty()) {
        return fail(Errc::invalid, "line " + std::to_string(before.errors[0].place.line) + ": " +
                                       before.errors[0].message);
    }
    const auto leaf = std::find_if(before.leaves.begin(), before.leaves.end(),
                                   [key](const Leaf& candidate) { return candidate.path == key; });
    std::string out;
    if (leaf != before.leaves.end()) {
        const std::size_t begin = offset_of(text, leaf->value_begin);
        const std::size_t end = offset_of(text, leaf->value_end);
        out =
            std::string(text.substr(0, begin)) + std::string(value) + std::string(text.substr(end));
    } else if (add_missing) {
        out = insert_line(text, insertion_point(text, before),
                          std::string(key) + " = " + std::string(value));
    } else {
        return std::string(text);
    }
    const Document after = parse_document(out);
    if (!after.errors.empty() || !same_but_for(before, after, key)) {
        return fail(Errc::invalid, "the line of " + std::string(key) +
                                       " is written in a way that only an editor should change");
    }
    return out;
}

std::string path_part(std::string_view name) {
    return is_bare_key(name) ? std::string(name) : quoted(name);
}

std::string quoted(std::string_view text) {
    static constexpr char k_digits[] = "0123456789ABCDEF";
    std::string out = "\"";
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        switch (c) {
            case '"': out += "\\\""; break;
            case '\\': out += "\\\\"; break;
            case '\n': out += "\\n"; break;
            case '\r': out += "\\r"; break;
            case '\t': out += "\\t"; break;
            default:
                if (byte < 0x20 || byte == 0x7F) {
                    out += "\\u00";
                    out += k_digits[byte >> 4];
                    out += k_digits[byte & 15];
                } else {
                    out += c;
                }
        }
    }
    return out + "\"";
}

}  // namespace bullpen::config
