// Money: whole millionths of one currency. Adding two currencies is a programmer's error; an amount
// that does not fit is one too, because nine trillion in any currency is not an account of ours.
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

#include "common/base/result.hpp"

namespace bullpen::model {

// An ISO 4217 code: three capital letters.
class Currency {
  public:
    constexpr Currency() = default;
    consteval explicit Currency(const char (&code)[4]) : code_{code[0], code[1], code[2]} {}
    static Result<Currency> parse(std::string_view code);

    [[nodiscard]] std::string_view code() const { return {code_.data(), code_.size()}; }
    friend bool operator==(const Currency&, const Currency&) = default;

  private:
    std::array<char, 3> code_{'U', 'S', 'D'};
};
inline constexpr Currency k_usd{"USD"};
inline constexpr Currency k_inr{"INR"};

struct Money {
    std::int64_t millionths = 0;
    Currency currency = k_usd;
    friend bool operator==(const Money&, const Money&) = default;
};

Money operator+(Money a, Money b);
Money operator-(Money a, Money b);
Money operator-(Money a);
Money operator*(Money a, std::int64_t times);
// Orders amounts of one currency.
std::strong_ordering operator<=>(Money a, Money b);

// "1234.5", "-0.000001": at most six digits after the point. Errc::invalid, Errc::too_large.
Result<Money> money_from_text(std::string_view text, Currency currency);

// At least two digits after the point, at most six: "12.50", "-0.625". Without the currency, which
// has a field of its own wherever amounts are written.
std::string text(Money money);

}  // namespace bullpen::model
