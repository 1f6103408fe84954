// The words behind `bullpen-worker TOOL`, taken apart: options with their values, and operands.
// Pure.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "common/base/clock.hpp"
#include "common/base/result.hpp"

namespace bullpen::tools {

struct Known {
    std::string_view name;  // "--data"
    bool takes_value = true;
};

struct Words {
    std::vector<std::pair<std::string_view, std::string>> options;  // in their order
    std::vector<std::string> operands;
    bool help = false;

    [[nodiscard]] bool has(std::string_view name) const;
    // Of the last option of that name; empty when there is none.
    [[nodiscard]] std::string value(std::string_view name) const;
    [[nodiscard]] std::vector<std::string> values(std::string_view name) const;
    // A whole number of at most nine digits. Errc::invalid names the option.
    [[nodiscard]] Result<std::size_t> count(std::string_view name) const;
    // A date that stands without a time; none when there is a time, or no such date.
    [[nodiscard]] std::optional<std::chrono::sys_days> day(std::string_view name) const;
    // What --from and --to say: a date or a time, in UTC. Errc::invalid names the option.
    [[nodiscard]] Result<std::optional<UtcTime>> time(std::string_view name) const;
};

// --help and -h are always known. Errc::invalid, naming the word.
Result<Words> take_words(std::span<const std::string_view> words, std::span<const Known> known,
                         std::size_t operands_max = 0);

}  // namespace bullpen::tools
