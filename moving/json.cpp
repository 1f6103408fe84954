#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <limits>
#include <set>
#include <vector>

#include "common/base/errc.hpp"
#include "common/base/trimmed.hpp"
#include "common/documents/json_text.hpp"
#include "moving/drafting.hpp"
#include "moving/json_impl.hpp"
#include "moving/text_files.hpp"

namespace bullpen::moving {

namespace {

constexpr std::int64_t k_whole_max = 1'000'000'000'000;
constexpr std::size_t k_shown_max = 60;

}  // namespace

Result<Json> parse_json(std::string_view text) {
    if (text.size() > k_json_size_max)
        return fail(Errc::corrupt, "it is larger than 8 MiB");
    if (text.starts_with("\xEF\xBB\xBF"))
        text.remove_prefix(3);
    bool deep = false;
    std::string twice;
    std::vector<std::set<std::string>> names;
    const auto watch = [&](int depth, Json::parse_event_t event, Json& parsed) {
        using Event = Json::parse_event_t;
        deep = deep || depth > k_json_depth_max;
        if (event == Event::object_start)
            names.emplace_back();
        else if (event == Event::object_end)
            names.pop_back();
        else if (event == Event::key && !names.empty()) {
            const auto& name = parsed.get_ref<const std::string&>();
            if (!names.back().insert(name).second)
                twice = name;
        }
        return !deep;
    };
    // Too deep is cut off as it is read, so that nothing recurses into it.
    Json value = Json::parse(text, watch, false);
    if (deep)
        return fail(Errc::corrupt, "it is nested too deeply");
    if (value.is_discarded())
        return fail(Errc::corrupt, "it is not JSON, or cut short");
    if (!twice.empty())
        return fail(Errc::corrupt, "'" + twice + "' is there twice in one object");
    return value;
}

std::string print_json(const Json& value) {
    return documents::json_text(value, 2) + "\n";
}

const Json& member(const Json& object, std::string_view name) {
    static const Json null;
    if (!object.is_object())
        return null;
    const auto found = object.find(std::string(name));
    return found == object.end() ? null : *found;
}

std::string text_of(const Json& object, std::string_view name) {
    const auto& value = member(object, name);
    if (value.is_string())
        return std::string(trimmed(value.get_ref<const std::string&>()));
    return value.is_number() ? documents::json_text(value) : std::string();
}

std::optional<double> number_of(const Json& value) {
    if (value.is_number()) {
        const auto number = value.get<double>();
        return std::isfinite(number) ? std::optional(number) : std::nullopt;
    }
    if (!value.is_string())
        return std::nullopt;
    const std::string text(trimmed(value.get_ref<const std::string&>()));
    if (text.empty() || text.find_first_not_of("0123456789.+-eE") != std::string::npos)
        return std::nullopt;
    char* end = nullptr;
    const double number = std::strtod(text.c_str(), &end);
    if (*end != '\0' || !std::isfinite(number))
        return std::nullopt;
    return number;
}

std::optional<std::int64_t> whole_of(const Json& value) {
    const auto number = number_of(value);
    if (!number || *number != std::floor(*number) ||
        std::abs(*number) > static_cast<double>(k_whole_max))
        return std::nullopt;
    return static_cast<std::int64_t>(*number);
}

std::optional<bool> flag_of(const Json& value) {
    if (value.is_boolean())
        return value.get<bool>();
    if (const auto number = whole_of(value))
        return *number == 0 || *number == 1 ? std::optional(*number == 1) : std::nullopt;
    if (!value.is_string())
        return std::nullopt;
    const auto text = lower(trimmed(value.get_ref<const std::string&>()));
    if (text == "true" || text == "yes" || text == "on")
        return true;
    if (text == "false" || text == "no" || text == "off")
        return false;
    return std::nullopt;
}

bool is_secret_json(std::string_view name, const Json& value) {
    if (value.is_string())
        return is_secret_member(name, value.get_ref<const std::string&>());
    return !value.is_boolean() && is_secret_name(name);
}

Json without_secrets(const Json& value) {
    if (!value.is_structured())
        return value;
    Json out = value.is_array() ? Json::array() : Json::object();
    for (const auto& [name, inner] : value.items()) {
        if (is_secret_json(value.is_array() ? "" : name, inner))
            continue;
        if (value.is_array())
            out.push_back(without_secrets(inner));
        else
            out[name] = without_secrets(inner);
    }
    return out;
}

std::string shown(const Json& value) {
    if (value.is_string() && is_secret_value(value.get_ref<const std::string&>()))
        return std::string(k_not_shown);
    std::string text = value.is_string() ? value.get_ref<const std::string&>()
                                         : documents::json_text(without_secrets(value));
    for (char& c : text)
        c = static_cast<unsigned char>(c) < 0x20 ? ' ' : c;
    if (text.size() > k_shown_max) {
        auto end = k_shown_max;
        while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U)
            --end;
        text.resize(end);
        text += "...";
    }
    return text;
}

std::string plain(double value) {
    for (int digits = 6; digits < std::numeric_limits<double>::max_digits10; ++digits) {
        char buffer[64];
        std::snprintf(buffer, sizeof buffer, "%.*g", digits, value);
        if (std::strtod(buffer, nullptr) == value)
            return buffer;
    }
    return documents::json_text(Json(value));
}

}  // namespace bullpen::moving
