#include "common/config/units.hpp"

#include <array>
#include <charconv>
#include <limits>
#include <span>

#include "common/base/errc.hpp"

namespace bullpen::config {

namespace {

struct Unit {
    std::string_view name;
    std::int64_t factor;
};

constexpr std::array<Unit, 7> k_durations = {{{"d", 86'400'000'000'000},
                                              {"h", 3'600'000'000'000},
                                              {"min", 60'000'000'000},
                                              {"s", 1'000'000'000},
                                              {"ms", 1'000'000},
                                              {"us", 1'000},
                                              {"ns", 1}}};
constexpr std::array<Unit, 5> k_sizes = {{{"TiB", std::int64_t{1} << 40},
                                          {"GiB", std::int64_t{1} << 30},
                                          {"MiB", std::int64_t{1} << 20},
                                          {"KiB", std::int64_t{1} << 10},
                                          {"B", 1}}};
constexpr std::array<Unit, 1> k_percents = {{{"%", 1}}};

// What stands in messages of text that a user wrote; longer text is cut.
constexpr std::size_t k_quoted_length_max = 40;

Unexpected refuse(std::string_view text, std::string_view wanted) {
    std::string shown(text.substr(0, k_quoted_length_max));
    if (shown.size() < text.size())
        shown += "...";
    return fail(Errc::invalid, "'" + shown + "' is not " + std::string(wanted));
}

Result<std::int64_t> parse(std::string_view text, std::span<const Unit> units,
                           std::string_view wanted) {
    std::int64_t number = 0;
    const char* const end = text.data() + text.size();
    const auto [rest, code] = std::from_chars(text.data(), end, number);
    if (code != std::errc() || number < 0)
        return refuse(text, wanted);
    std::string_view name(rest, static_cast<std::size_t>(end - rest));
    if (name.starts_with(' '))
        name.remove_prefix(1);
    if (name.empty() && number == 0)
        return 0;
    for (const Unit& unit : units) {
        if (unit.name != name)
            continue;
        if (number > std::numeric_limits<std::int64_t>::max() / unit.factor)
            return refuse(text, "a value that fits: it is too great");
        return number * unit.factor;
    }
    return refuse(text, wanted);
}

std::string format(std::int64_t value, std::span<const Unit> units, std::string_view zero) {
    if (value == 0)
        return std::string(zero);
    for (const Unit& unit : units) {
        if (value % unit.factor == 0)
            return std::to_string(value / unit.factor) + " " + std::string(unit.name);
    }
    return std::to_string(value);
}

}  // namespace

Result<Nanos> parse_duration(std::string_view text) {
    BULLPEN_TRY(const std::int64_t value,
                parse(text, k_durations,
                      "a duration: a whole number and one of ns, us, ms, s, min, h, d, as in 5 s"));
    return Nanos(value);
}

std::string format_duration(Nanos duration) {
    return format(duration.count(), k_durations, "0 s");
}

Result<std::uint64_t> parse_size(std::string_view text) {
    BULLPEN_TRY(const std::int64_t value,
                parse(text, k_sizes,
                      "a size: a whole number and one of B, KiB, MiB, GiB, TiB, as in 64 MiB"));
    return static_cast<std::uint64_t>(value);
}

std::string format_size(std::uint64_t bytes) {
    return format(static_cast<std::int64_t>(bytes), k_sizes, "0 B");
}

Result<int> parse_percent(std::string_view text) {
    BULLPEN_TRY(const std::int64_t value,
                parse(text, k_percents, "a percentage: a whole number and %, as in 10 %"));
    if (value > std::numeric_limits<int>::max())
        return refuse(text, "a value that fits: it is too great");
    return static_cast<int>(value);
}

std::string format_percent(int percent) {
    return std::to_string(percent) + " %";
}

}  // namespace bullpen::config
