#include "common/model/money.hpp"

#include <doctest/doctest.h>

#include <limits>
#include <ostream>

#include "common/base/errc.hpp"

namespace bullpen::model {
namespace {

TEST_CASE("amounts are read and written as decimal strings without loss") {
    for (const char* written :
         {"0.00", "12.50", "-0.625", "0.000001", "-0.000001", "1234567.89", "9000000000.00"}) {
        const auto money = money_from_text(written, k_usd);
        REQUIRE(money.has_value());
        CHECK(text(*money) == written);
    }
    CHECK(money_from_text("15.625", k_usd)->millionths == 15'625'000);
    CHECK(money_from_text("-3", k_inr) == Money{-3'000'000, k_inr});
    CHECK(text(Money{std::numeric_limits<std::int64_t>::min(), k_usd}) == "-9223372036854.775808");
}

TEST_CASE("an amount finer than a millionth or no number at all is refused") {
    CHECK(money_from_text("0.0000001", k_usd).error().code() == Errc::invalid);
    CHECK(money_from_text("1.2345678901", k_usd).error().code() == Errc::invalid);
    CHECK(money_from_text("", k_usd).error().code() == Errc::invalid);
    CHECK(money_from_text("12,50", k_usd).error().code() == Errc::invalid);
    CHECK(money_from_text("9000000001", k_usd).error().code() == Errc::too_large);
    CHECK(money_from_text("1.500000000000", k_usd)->millionths == 1'500'000);
}

TEST_CASE("amounts of one currency add, subtract, multiply and compare") {
    const Money a{1'500'000, k_usd};
    const Money b{-500'000, k_usd};
    CHECK((a + b).millionths == 1'000'000);
    CHECK((a - b).millionths == 2'000'000);
    CHECK((-a).millionths == -1'500'000);
    CHECK((a * -3).millionths == -4'500'000);
    CHECK(b < a);
    CHECK(a > b);
}

TEST_CASE("a currency is three capital letters") {
    CHECK(Currency::parse("INR") == k_inr);
    CHECK(Currency::parse("INR")->code() == "INR");
    CHECK_FALSE(Currency::parse("usd").has_value());
    CHECK_FALSE(Currency::parse("US").has_value());
    CHECK_FALSE(Currency::parse("USDT").has_value());
    CHECK(Currency() == k_usd);
}

}  // namespace
}  // namespace bullpen::model
