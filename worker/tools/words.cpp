#include "worker/tools/words.hpp"

#include <algorithm>

#include "common/base/errc.hpp"

namespace bullpen::tools {

namespace {

constexpr std::size_t k_date = 10;  // of 2025-03-10

}  // namespace

bool Words::has(std::string_view name) const {
    return std::ranges::any_of(options, [&](const auto& option) { return option.first == name; });
}

std::string Words::value(std::string_view name) const {
    const auto all = values(name);
    return all.empty() ? std::string() : all.back();
}

std::vector<std::string> Words::values(std::string_view name) const {
    std::vector<std::string> found;
    for (const auto& [option, value] : options) {
        if (option == name)
            found.push_back(value);
    }
    return found;
}

Result<std::size_t> Words::count(std::string_view name) const {
    constexpr std::size_t k_digits_max = 9;
    const auto text = value(name);
    if (text.empty() || text.size() > k_digits_max ||
        text.find_first_not_of("0123456789") != std::string::npos)
        return fail(Errc::invalid, std::string(name) + " is a number, not '" + text + "'");
    return std::stoul(text);
}

std::optional<std::chrono::sys_days> Words::day(std::string_view name) const {
    const auto text = value(name);
    const auto midnight = parse_utc(text + "T00:00:00Z");
    if (text.size() != k_date || !midnight)
        return std::nullopt;
    return std::chrono::floor<std::chrono::days>(*midnight);
}

Result<std::optional<UtcTime>> Words::time(std::string_view name) const {
    if (!has(name))
        return std::nullopt;
    const auto text = value(name);
    auto time = parse_utc(text.size() == k_date ? text + "T00:00:00Z" : text);
    if (!time) {
        return fail(Errc::invalid, std::string(name) +
                                       " is a day, as 2025-03-10, or a time of UTC, as "
                                       "2025-03-10T13:30:00Z, not '" +
                                       text + "'");
    }
    return *time;
}

Result<Words> take_words(std::span<const std::string_view> words, std::span<const Known> known,
                         std::size_t operands_max) {
    Words taken;
    for (std::size_t i = 0; i < words.size(); ++i) {
        const auto word = words[i];
        if (word == "--help" || word == "-h") {
            taken.help = true;
            continue;
        }
        const auto option = std::ranges::find(known, word, &Known::name);
        if (option == known.end()) {
            if (word.starts_with('-') || taken.operands.size() == operands_max)
                return fail(Errc::invalid, "'" + std::string(word) + "' is not expected");
            taken.operands.emplace_back(word);
            continue;
        }
        if (!option->takes_value) {
            taken.options.emplace_back(option->name, std::string());
            continue;
        }
        if (i + 1 == words.size() || words[i + 1].empty())
            return fail(Errc::invalid, std::string(word) + " needs a value");
        taken.options.emplace_back(option->name, std::string(words[++i]));
    }
    return taken;
}

}  // namespace bullpen::tools
