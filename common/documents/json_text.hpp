// JSON documents from and to text. The library's reader and writer are templates that every file
// which names them compiles anew; here they are compiled once, and every reader has the same limit
// on depth. Pure, any thread.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>

#include "common/base/result.hpp"

namespace bullpen::documents {

// Deeper ones are refused before they are read, for who walks through a document recurses into it.
inline constexpr int k_depth_max = 64;

bool nests_too_deep(std::string_view text, int depth_max = k_depth_max);
// Whether it is one JSON document and nothing else, not nested too deeply.
bool is_json(std::string_view text);

// A discarded value for what is_json() denies.
nlohmann::json parse_json(std::string_view text);
nlohmann::ordered_json parse_ordered_json(std::string_view text);
// Errc::corrupt, and the sentence begins with `what` it was to be: "the count of orders".
Result<nlohmann::json> read_json(std::string_view text, std::string_view what);

// With `indent` blanks for each level, or all in one line without one. Bytes that are not UTF-8
// become U+FFFD.
inline constexpr int k_one_line = -1;
std::string json_text(const nlohmann::json& value, int indent = k_one_line);
std::string json_text(const nlohmann::ordered_json& value, int indent = k_one_line);

}  // namespace bullpen::documents
