#include "common/model/money.hpp"

#include "common/base/assert.hpp"
#include "common/base/errc.hpp"
#include "common/model/decimal.hpp"

namespace bullpen::model {

namespace {

constexpr std::int64_t k_million = 1'000'000;
constexpr std::int64_t k_billionths_in_a_millionth = 1000;
constexpr int k_digits_shown_min = 2;

void same_currency(const Money& a, const Money& b) {
    BULLPEN_ASSERT(a.currency == b.currency, "amounts of two currencies are never mixed");
}

}  // namespace

Result<Currency> Currency::parse(std::string_view code) {
    Currency currency;
    if (code.size() != currency.code_.size())
        return fail(Errc::invalid, "a currency is three capital letters, such as USD");
    for (std::size_t i = 0; i < code.size(); ++i) {
        if (code[i] < 'A' || code[i] > 'Z')
            return fail(Errc::invalid, "a currency is three capital letters, such as USD");
        currency.code_[i] = code[i];
    }
    return currency;
}

Money operator+(Money a, Money b) {
    same_currency(a, b);
    Money sum{0, a.currency};
    const bool overflow = __builtin_add_overflow(a.millionths, b.millionths, &sum.millionths);
    BULLPEN_ASSERT(!overflow, "an amount of money fits 64 bits");
    return sum;
}

Money operator-(Money a, Money b) {
    same_currency(a, b);
    Money difference{0, a.currency};
    const bool overflow =
        __builtin_sub_overflow(a.millionths, b.millionths, &difference.millionths);
    BULLPEN_ASSERT(!overflow, "an amount of money fits 64 bits");
    return difference;
}

Money operator-(Money a) {
    return Money{0, a.currency} - a;
}

Money operator*(Money a, std::int64_t times) {
    Money product{0, a.currency};
    const bool overflow = __builtin_mul_overflow(a.millionths, times, &product.millionths);
    BULLPEN_ASSERT(!overflow, "an amount of money fits 64 bits");
    return product;
}

std::strong_ordering operator<=>(Money a, Money b) {
    same_currency(a, b);
    return a.millionths <=> b.millionths;
}

Result<Money> money_from_text(std::string_view what, Currency currency) {
    BULLPEN_TRY(const Decimal decimal, parse_decimal(what));
    if (decimal.more || decimal.billionths % k_billionths_in_a_millionth != 0)
        return fail(Errc::invalid,
                    "'" + std::string(what) + "' has more than six digits after the point");
    const std::int64_t amount =
        decimal.whole * k_million + decimal.billionths / k_billionths_in_a_millionth;
    return Money{decimal.negative ? -amount : amount, currency};
}

std::string text(Money money) {
    const bool negative = money.millionths < 0;
    // The magnitude through unsigned arithmetic, since the least integer has no positive.
    const auto bits = static_cast<std::uint64_t>(money.millionths);
    const std::uint64_t amount = negative ? ~bits + 1 : bits;
    return decimal_text(negative, amount / k_million,
                        amount % k_million * k_billionths_in_a_millionth, k_digits_shown_min);
}

}  // namespace bullpen::model
