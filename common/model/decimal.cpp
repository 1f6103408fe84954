#include "common/model/decimal.hpp"

#include <array>

#include "common/base/errc.hpp"

namespace bullpen::model {

namespace {

constexpr int k_fraction_digits = 9;
constexpr std::array<std::int64_t, 10> k_powers_of_ten{
    1, 10, 100, 1'000, 10'000, 100'000, 1'000'000, 10'000'000, 100'000'000, 1'000'000'000};

Unexpected not_a_number(std::string_view text) {
    return fail(Errc::invalid, "'" + std::string(text.substr(0, k_decimal_length_max)) +
                                   "' is not a decimal number");
}

bool digit(char c) {
    return c >= '0' && c <= '9';
}

}  // namespace

Result<Decimal> parse_decimal(std::string_view text) {
    Decimal decimal;
    std::size_t at = 0;
    if (text.size() > k_decimal_length_max)
        return not_a_number(text);
    if (at < text.size() && (text[at] == '-' || text[at] == '+'))
        decimal.negative = text[at++] == '-';
    std::size_t digits = 0;
    for (; at < text.size() && digit(text[at]); ++at, ++digits) {
        decimal.whole = decimal.whole * 10 + (text[at] - '0');
        if (decimal.whole > k_decimal_whole_max)
            return fail(Errc::too_large, "'" + std::string(text) + "' is too great a number");
    }
    if (at < text.size() && text[at] == '.') {
        ++at;
        int places = 0;
        for (; at < text.size() && digit(text[at]); ++at, ++digits) {
            if (places < k_fraction_digits) {
                decimal.billionths = decimal.billionths * 10 + (text[at] - '0');
                ++places;
            } else if (text[at] != '0') {
                decimal.more = true;
            }
        }
        decimal.billionths *= k_powers_of_ten[static_cast<std::size_t>(k_fraction_digits - places)];
    }
    if (digits == 0 || at != text.size())
        return not_a_number(text);
    return decimal;
}

std::string decimal_text(bool negative, std::uint64_t whole, std::uint64_t billionths,
                         int digits_min) {
    std::string fraction = std::to_string(billionths);
    fraction.insert(0, static_cast<std::size_t>(k_fraction_digits) - fraction.size(), '0');
    while (fraction.size() > static_cast<std::size_t>(digits_min) && fraction.back() == '0')
        fraction.pop_back();
    std::string text = negative && (whole != 0 || billionths != 0) ? "-" : "";
    text += std::to_string(whole);
    if (!fraction.empty())
        text += "." + fraction;
    return text;
}

}  // namespace bullpen::model
