#include "common/users/number_range.hpp"

#include <algorithm>
#include <array>
#include <charconv>

namespace bullpen::users {

namespace {

std::string_view take_line(std::string_view& text) {
    const auto line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(line.size() + 1, text.size()));
    return line;
}

std::string_view take_field(std::string_view& line) {
    const auto field = line.substr(0, line.find(':'));
    line.remove_prefix(std::min(field.size() + 1, line.size()));
    return field;
}

std::optional<std::uint32_t> number(std::string_view text) {
    std::uint32_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || end != text.data() + text.size())
        return std::nullopt;
    return value;
}

// Three numbers between blanks; none of a line that has others.
std::optional<std::array<std::uint32_t, 3>> three_numbers(std::string_view line) {
    std::array<std::uint32_t, 3> numbers{};
    for (auto& one : numbers) {
        const auto start = std::min(line.find_first_not_of(' '), line.size());
        line.remove_prefix(start);
        const auto word = line.substr(0, line.find(' '));
        line.remove_prefix(word.size());
        const auto value = number(word);
        if (!value)
            return std::nullopt;
        one = *value;
    }
    return numbers;
}

}  // namespace

std::optional<NumberRange> range_in_subuid(std::string_view subuid, std::string_view name,
                                           uid_t user) {
    while (!subuid.empty()) {
        auto line = take_line(subuid);
        const auto owner = take_field(line);
        const auto first = number(take_field(line));
        const auto count = number(line);
        const bool ours = (!name.empty() && owner == name) || number(owner) == user;
        if (ours && first && count && *first > 0 && *count >= k_numbers_min &&
            *count <= UINT32_MAX - *first) {
            const NumberRange range{*first, std::min(*count, k_numbers_max)};
            if (!range.has(user))
                return range;
        }
    }
    return std::nullopt;
}

std::string name_in_passwd(std::string_view passwd, uid_t user) {
    while (!passwd.empty()) {
        auto line = take_line(passwd);
        const auto name = take_field(line);
        take_field(line);
        if (number(take_field(line)) == user)
            return std::string(name);
    }
    return {};
}

std::optional<NumberRange> range_in_map(std::string_view uid_map, uid_t user) {
    bool itself = false;
    std::optional<std::uint32_t> zero;
    std::optional<NumberRange> rest;
    while (!uid_map.empty()) {
        const auto line = three_numbers(take_line(uid_map));
        if (!line)
            return std::nullopt;
        const auto [inside, outside, count] = *line;
        if (inside == user && outside == user && count == 1)
            itself = true;
        else if (inside == 0 && count == 1)
            zero = outside;
        else if (inside == outside)
            rest = NumberRange{inside, count};
    }
    if (!itself || !zero || !rest || *zero + 1 != rest->first)
        return std::nullopt;
    return NumberRange{*zero, rest->count + 1};
}

std::string map_of(uid_t user, const NumberRange& range) {
    const auto line = [](std::uint32_t inside, std::uint32_t outside, std::uint32_t count) {
        return std::to_string(inside) + " " + std::to_string(outside) + " " +
               std::to_string(count) + "\n";
    };
    return line(user, user, 1) + line(0, range.first, 1) +
           line(range.first + 1, range.first + 1, range.count - 1);
}

}  // namespace bullpen::users
