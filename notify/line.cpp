#include "notify/line.hpp"

#include <nlohmann/json.hpp>

#include "common/documents/json_text.hpp"

namespace bullpen::notify {

namespace {

using nlohmann::json;

// A list or an object tells nobody anything, and to write one out takes as much stack as it is
// deep.
std::string plain(const json& value) {
    if (value.is_string())
        return value.get<std::string>();
    if (value.is_null() || value.is_structured())
        return {};
    return documents::json_text(value);
}

}  // namespace

std::optional<LogLine> parse_line(std::string_view text) {
    const auto parsed = documents::parse_json(text);
    if (!parsed.is_object())
        return std::nullopt;
    LogLine line;
    for (const auto& [key, value] : parsed.items()) {
        if (key == "ts") {
            const auto at = parse_utc(plain(value));
            if (!at)
                return std::nullopt;
            line.at = *at;
        } else if (key == "level") {
            line.level = plain(value);
        } else if (key == "event") {
            line.event = plain(value);
        } else if (key == "shadow") {
            line.shadow = value == json(true);
        } else {
            line.fields.emplace(key, plain(value));
        }
    }
    if (line.event.empty() || line.at == UtcTime{})
        return std::nullopt;
    return line;
}

}  // namespace bullpen::notify
