#include "common/documents/json_text.hpp"

#include <nlohmann/json.hpp>

#include "common/base/errc.hpp"

namespace bullpen::documents {

using nlohmann::json;
using nlohmann::ordered_json;

namespace {

template <class Json>
Json parsed(std::string_view text) {
    if (nests_too_deep(text))
        return Json(Json::value_t::discarded);
    return Json::parse(text.begin(), text.end(), nullptr, false);
}

template <class Json>
std::string printed(const Json& value, int indent) {
    return value.dump(indent, ' ', false, Json::error_handler_t::replace);
}

}  // namespace

bool nests_too_deep(std::string_view text, int depth_max) {
    int depth = 0;
    bool in_text = false;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        if (in_text) {
            if (c == '\\')
                ++i;
            else if (c == '"')
                in_text = false;
        } else if (c == '"') {
            in_text = true;
        } else if (c == '{' || c == '[') {
            if (++depth > depth_max)
                return true;
        } else if (c == '}' || c == ']') {
            --depth;
        }
    }
    return false;
}

bool is_json(std::string_view text) {
    return !nests_too_deep(text) && json::accept(text.begin(), text.end());
}

json parse_json(std::string_view text) {
    return parsed<json>(text);
}

ordered_json parse_ordered_json(std::string_view text) {
    return parsed<ordered_json>(text);
}

Result<json> read_json(std::string_view text, std::string_view what) {
    auto value = parse_json(text);
    if (value.is_discarded()) {
        return fail(Errc::corrupt,
                    std::string(what) + (nests_too_deep(text) ? " cannot be read: nested too deeply"
                                                              : " cannot be read: no whole JSON"));
    }
    return value;
}

std::string json_text(const json& value, int indent) {
    return printed(value, indent);
}

std::string json_text(const ordered_json& value, int indent) {
    return printed(value, indent);
}

}  // namespace bullpen::documents
