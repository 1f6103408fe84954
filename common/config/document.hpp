// The text of a settings file as a flat list of what it says, with places; the only door to TOML.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "common/base/result.hpp"

namespace bullpen::config {

enum class Found : std::uint8_t {
    boolean,
    integer,
    number,
    text,
    texts,  // an array of nothing but strings
    array,  // any other array
    date,   // a date, a time or both
    empty_table,
};
// "text", "a whole number", ...: for "must be a duration, not ...".
std::string_view name(Found found);

// A place in a text, from 1, columns in characters.
struct Place {
    int line = 0;
    int column = 0;
    friend auto operator<=>(const Place&, const Place&) = default;
};

using Content =
    std::variant<std::monostate, bool, std::int64_t, double, std::string, std::vector<std::string>>;

// One `key = value`, wherever its table was opened.
struct Leaf {
    std::string path;   // dotted; a part that is no bare key stands in quotes
    std::string table;  // the path without its last part
    std::string name;   // the last part without quotes
    Found found = Found::empty_table;
    Content content;
    Place place;        // of the key
    Place value_begin;  // of the value,
    Place value_end;    // and behind it
};

struct SyntaxError {
    Place place;
    std::string message;
};

struct Document {
    std::vector<Leaf> leaves;  // by place
    std::vector<SyntaxError> errors;
    // False when the errors leave open what belongs to which table, so that `leaves` must not be
    // looked at.
    bool readable = true;
};

// More errors of one file than this are not looked for.
inline constexpr std::size_t k_syntax_errors_max = 20;

// Parses all of it: after a syntax error the line is left out and the rest is read, so that every
// error is found and not only the first.
Document parse_document(std::string_view text);

// Puts `value`, in TOML's own writing, in the place of the value of a top-level key, or adds a line
// `key = value` behind the last top-level one. Every other character stays as it is. An error when
// the text cannot be parsed or would mean something else afterwards.
Result<std::string> replace_top_level(std::string_view text, std::string_view key,
                                      std::string_view value, bool add_missing);

// `name` as a part of a path: as it is where it is a bare key, else in quotes.
std::string path_part(std::string_view name);
// `text` as TOML writes it, in double quotes.
std::string quoted(std::string_view text);

}  // namespace bullpen::config
