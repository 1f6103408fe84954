// Decimal text, exactly: what prices and amounts of money are read from. Internal to the model.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "common/base/result.hpp"

namespace bullpen::model {

struct Decimal {
    bool negative = false;
    std::int64_t whole = 0;       // at most k_whole_max
    std::int64_t billionths = 0;  // the first nine digits after the point
    bool more = false;            // a digit other than 0 follows those nine
};
inline constexpr std::int64_t k_decimal_whole_max = 9'000'000'000;
// Longer text is no number that anybody meant.
inline constexpr std::size_t k_decimal_length_max = 48;

// Digits with at most one point and one sign; Errc::invalid, Errc::too_large.
Result<Decimal> parse_decimal(std::string_view text);

// Writes whole and billionths with at least `digits_min` digits after the point.
std::string decimal_text(bool negative, std::uint64_t whole, std::uint64_t billionths,
                         int digits_min);

}  // namespace bullpen::model
