#include <algorithm>
#include <array>
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

// What stands for one while the text is read, and no text of anybody's is.
constexpr std::string_view k_marker = "\"\\u0000no number\"";
constexpr std::string_view k_marked{"\0no number", 10};

struct NoNumber {
    std::size_t at = 0;
    std::string_view word;
};

// Where NaN, Infinity and -Infinity stand in the text, outside of what is quoted.
std::vector<NoNumber> no_numbers(std::string_view text) {
    constexpr std::array<std::string_view, 3> k_words{"NaN", "-Infinity", "Infinity"};
    const auto in_word = [&](std::size_t at) {
        const char c = at < text.size() ? text[at] : ' ';
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               c == '_' || c == '-' || c == '+' || c == '.';
    };
    std::vector<NoNumber> found;
    bool quoted = false;
    for (std::size_t at = 0; at < text.size(); ++at) {
        if (text[at] == '"')
            quoted = !quoted;
        else if (quoted && text[at] == '\\')
            ++at;
        if (quoted || (text[at] != 'N' && text[at] != 'I' && text[at] != '-'))
            continue;
        for (const auto word : k_words) {
            if (!text.substr(at).starts_with(word) || in_word(at + word.size()) ||
                (at > 0 && in_word(at - 1)))
                continue;
            found.push_back({at, word});
            at += word.size() - 1;
            break;
        }
    }
    return found;
}

std::string place_of(std::string_view text, std::size_t at) {
    const auto before = text.substr(0, std::min(at, text.size()));
    const auto line = std::count(before.begin(), before.end(), '\n') + 1;
    const auto begin = before.rfind('\n') + 1;  // 0 where there is none
    return "line " + std::to_string(line) + ", column " + std::to_string(before.size() - begin + 1);
}

std::string_view without_mark(std::string_view text) {
    if (text.starts_with("\xEF\xBB\xBF"))
        text.remove_prefix(3);
    return text;
}

constexpr std::int64_t k_whole_max = 1'000'000'000'000;
constexpr std::size_t k_shown_max = 60;

}  // namespace

Result<Json> parse_json(std::string_view text) {
    if (text.size() > k_json_size_max)
        return fail(Errc::corrupt, "it is larger than 8 MiB");
    text = without_mark(text);
    const auto odd = no_numbers(text);
    std::string marked;
    for (std::size_t i = 0, from = 0; i < odd.size(); ++i) {
        marked.append(text.substr(from, odd[i].at - from)).append(k_marker);
        from = odd[i].at + odd[i].word.size();
        if (i + 1 == odd.size())
            marked.append(text.substr(from));
    }
    bool deep = false;
    bool odd_name = false;
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
            odd_name = odd_name || name == k_marked;
            if (!names.back().insert(name).second)
                twice = name;
        } else if (event == Event::value && !odd.empty() && parsed.is_string() &&
                   parsed.get_ref<const std::string&>() == k_marked) {
            parsed = std::numeric_limits<double>::quiet_NaN();
        }
        return !deep;
    };
    // Too deep is cut off as it is read, so that nothing recurses into it.
    Json value(Json::value_t::discarded);
    std::string where;
    try {
        value = Json::parse(odd.empty() ? text : std::string_view(marked), watch);
    } catch (const Json::parse_error& error) {
        auto at = std::max<std::size_t>(error.byte, 1) - 1;
        for (const auto& one : odd) {
            if (one.at + k_marker.size() <= at)
                at -= k_marker.size() - one.word.size();
        }
        where = ": " + place_of(text, at);
    } catch (const Json::exception&) {
        // A number beyond all measure; the library does not say where.
    }
    if (deep)
        return fail(Errc::corrupt, "it is nested too deeply");
    if (value.is_discarded() || odd_name)
        return fail(Errc::corrupt, "it is not JSON, or cut short" + where);
    if (!twice.empty())
        return fail(Errc::corrupt, "'" + twice + "' is there twice in one object");
    return value;
}

std::string no_numbers_in(std::string_view json_text) {
    const auto text = without_mark(json_text);
    const auto found = no_numbers(text);
    if (found.empty())
        return {};
    return std::string(found.front().word) + " in " + place_of(text, found.front().at) +
           (found.size() > 1 ? ", and " + std::to_string(found.size() - 1) + " more of its kind"
                             : "") +
           ": no number, taken as null";
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
    return value.is_number() && number_of(value) ? documents::json_text(value) : std::string();
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
    if (value.is_number_float() && !number_of(value))
        return "NaN";
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
