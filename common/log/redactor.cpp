#include "common/log/redactor.hpp"

#include <algorithm>
#include <array>
#include <cctype>

#include "common/log/json_text.hpp"

namespace bullpen::log {

namespace {

// Looked for in names from which '_', '-', '.' and blanks were taken and which were made lower
// case.
constexpr std::array<std::string_view, 10> k_secret_words = {
    "token",  "password",      "passwd",     "passphrase", "secret",
    "apikey", "authorization", "credential", "privatekey", "cookie"};
// The longest name looked at in free text.
constexpr std::size_t k_key_length_max = 48;

bool is_key_character(char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || c == '-' || c == '.';
}

bool is_blank(char c) {
    return c == ' ' || c == '\t';
}

bool ends_value(char c) {
    return std::isspace(static_cast<unsigned char>(c)) != 0 || c == '"' || c == '\'' || c == ',' ||
           c == ';' || c == '&' || c == '}' || c == ')' || c == ']';
}

bool equal_ignoring_case(std::string_view a, std::string_view b) {
    if (a.size() != b.size())
        return false;
    for (std::size_t i = 0; i < a.size(); ++i) {
        if (std::tolower(static_cast<unsigned char>(a[i])) != b[i])
            return false;
    }
    return true;
}

// Where the value that starts at `at` ends. An authentication scheme ("Bearer abc") is a part of
// the value; a quoted value ends with its quote.
std::size_t end_of_value(std::string_view text, std::size_t at) {
    if (at < text.size() && (text[at] == '"' || text[at] == '\'')) {
        const auto close = text.find(text[at], at + 1);
        return close == std::string_view::npos ? text.size() : close;
    }
    const auto word_end = [&](std::size_t from) {
        while (from < text.size() && !ends_value(text[from]))
            ++from;
        return from;
    };
    auto end = word_end(at);
    const auto word = text.substr(at, end - at);
    for (const std::string_view scheme : {"bearer", "basic", "digest", "token"}) {
        if (equal_ignoring_case(word, scheme) && end < text.size() && is_blank(text[end]))
            return word_end(end + 1);
    }
    return end;
}

// If a value follows the key that ends at `at`, as in `key=value`, `key: value`, `"key":"value"`:
// where it starts; otherwise npos.
std::size_t start_of_value(std::string_view text, std::size_t at) {
    if (at < text.size() && (text[at] == '"' || text[at] == '\''))
        ++at;
    while (at < text.size() && is_blank(text[at]))
        ++at;
    if (at >= text.size() || (text[at] != '=' && text[at] != ':'))
        return std::string_view::npos;
    ++at;
    while (at < text.size() && is_blank(text[at]))
        ++at;
    return at < text.size() ? at : std::string_view::npos;
}

std::string mask_named_values(std::string_view text) {
    std::string out;
    out.reserve(text.size());
    std::size_t at = 0;
    while (at < text.size()) {
        if (!is_key_character(text[at])) {
            out.push_back(text[at++]);
            continue;
        }
        auto end = at;
        while (end < text.size() && is_key_character(text[end]))
            ++end;
        out += text.substr(at, end - at);
        const auto name_start = end - at > k_key_length_max ? end - k_key_length_max : at;
        const auto value = Redactor::is_secret_key(text.substr(name_start, end - name_start))
                               ? start_of_value(text, end)
                               : std::string_view::npos;
        if (value == std::string_view::npos) {
            at = end;
            continue;
        }
        const bool quoted = text[value] == '"' || text[value] == '\'';
        out += text.substr(end, value - end + (quoted ? 1 : 0));
        out += Redactor::k_mask;
        at = end_of_value(text, value);
    }
    return out;
}

void replace_all(std::string& text, std::string_view what, std::string_view with) {
    for (auto at = text.find(what); at != std::string::npos; at = text.find(what, at)) {
        text.replace(at, what.size(), with);
        at += with.size();
    }
}

}  // namespace

void Redactor::add(std::string_view value) {
    if (value.size() < k_secret_length_min)
        return;
    Secret added{std::string(value)};
    if (std::any_of(values_.begin(), values_.end(),
                    [&added](const Secret& known) { return same_bytes(known, added); }))
        return;
    // The longer ones first: one may be a part of another.
    const auto place = std::find_if(values_.begin(), values_.end(), [&added](const Secret& known) {
        return known.size() < added.size();
    });
    values_.insert(place, std::move(added));
}

bool Redactor::is_secret_key(std::string_view key) {
    std::array<char, k_key_length_max> buffer{};
    std::size_t size = 0;
    // The end of a long name counts: that is where the noun stands.
    if (key.size() > buffer.size())
        key.remove_prefix(key.size() - buffer.size());
    for (const char c : key) {
        if (c != '_' && c != '-' && c != '.' && c != ' ')
            buffer[size++] = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    }
    const std::string_view name(buffer.data(), size);
    for (const auto word : k_secret_words) {
        if (name.find(word) != std::string_view::npos)
            return true;
    }
    return false;
}

std::string Redactor::clean(std::string_view text) const {
    return hide_known(mask_named_values(text));
}

std::string Redactor::hide_known(std::string text) const {
    for (const auto& value : values_) {
        replace_all(text, value.reveal(), k_mask);
        std::string quoted;
        append_json_text(quoted, value.reveal());
        replace_all(text, std::string_view(quoted).substr(1, quoted.size() - 2), k_mask);
        wipe(quoted);
    }
    return text;
}

}  // namespace bullpen::log
