#include "common/model/price.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <limits>
#include <ostream>
#include <string>

#include "common/base/errc.hpp"

namespace bullpen::model {
namespace {

constexpr TickSize k_quarter{250'000'000};
constexpr TickSize k_tenth{100'000'000};
constexpr TickSize k_sixty_fourth{15'625'000};
constexpr TickSize k_euro{50'000};

std::int64_t ticks(std::string_view text, TickSize tick, Rounding rounding = Rounding::exact) {
    const auto price = price_from_text(text, tick, rounding);
    REQUIRE_MESSAGE(price.has_value(), std::string(text));
    return price->ticks;
}

TEST_CASE("decimal text on the grid becomes ticks and comes back as the same text") {
    CHECK(ticks("4891.25", k_quarter) == 19565);
    CHECK(ticks("110.015625", k_sixty_fourth) == 7041);
    CHECK(ticks("1.08345", k_euro) == 21669);
    CHECK(ticks("-37.5", k_quarter) == -150);
    CHECK(ticks("+.5", k_quarter) == 2);
    CHECK(ticks("4891.", k_quarter) == 19564);
    CHECK(ticks("6218.0000000000000", k_quarter) == 24872);
    CHECK(text(Price{19565}, k_quarter) == "4891.25");
    CHECK(text(Price{19564}, k_quarter) == "4891");
    CHECK(text(Price{7041}, k_sixty_fourth) == "110.015625");
    CHECK(text(Price{-1}, k_euro) == "-0.00005");
    CHECK(text(Price{0}, k_quarter) == "0");
}

TEST_CASE("text off the grid is refused, or rounded the way that is asked for") {
    const auto refused = price_from_text("4891.60", k_quarter, Rounding::exact);
    REQUIRE_FALSE(refused.has_value());
    CHECK(refused.error().code() == Errc::invalid);
    CHECK(refused.error().message().find("0.25") != std::string::npos);
    CHECK(ticks("4891.60", k_quarter, Rounding::down) == 19566);
    CHECK(ticks("4891.60", k_quarter, Rounding::up) == 19567);
    CHECK(ticks("4891.60", k_quarter, Rounding::nearest) == 19566);
    CHECK(ticks("4891.625", k_quarter, Rounding::nearest) == 19567);
    CHECK(ticks("4891.6250000001", k_quarter, Rounding::nearest) == 19567);
    CHECK(ticks("4891.6249999999", k_quarter, Rounding::nearest) == 19566);
    // Down is towards minus infinity, and a half goes away from zero.
    CHECK(ticks("-0.10", k_quarter, Rounding::down) == -1);
    CHECK(ticks("-0.10", k_quarter, Rounding::up) == 0);
    CHECK(ticks("-0.125", k_quarter, Rounding::nearest) == -1);
    CHECK(ticks("-0.1249", k_quarter, Rounding::nearest) == 0);
    // A digit beyond the ninth place is not forgotten.
    CHECK_FALSE(price_from_text("0.2500000000001", k_quarter, Rounding::exact).has_value());
    CHECK(ticks("0.2500000000001", k_quarter, Rounding::up) == 2);
    CHECK(ticks("-0.2500000000001", k_quarter, Rounding::down) == -2);
}

TEST_CASE("what is no plain decimal number is refused") {
    for (const char* text : {"", "-", ".", "nan", "inf", "1e3", "1,5", "1.2.3", "--1", "1 ", " 1",
                             "0x10", "4891.25junk"}) {
        const auto price = price_from_text(text, k_quarter, Rounding::nearest);
        REQUIRE_FALSE_MESSAGE(price.has_value(), text);
        CHECK(price.error().code() == Errc::invalid);
    }
    CHECK_FALSE(price_from_text(std::string(4000, '1'), k_quarter, Rounding::exact).has_value());
}

TEST_CASE("a price beyond a billion ticks is refused") {
    CHECK(ticks("250000000", k_quarter) == k_price_ticks_max);
    for (const char* text :
         {"250000000.25", "-250000000.25", "1000000001", "99999999999999999999"}) {
        const auto price = price_from_text(text, k_quarter, Rounding::exact);
        REQUIRE_FALSE(price.has_value());
        CHECK(price.error().code() == Errc::too_large);
    }
    CHECK(price_from_double(3e8, k_quarter, Rounding::down).error().code() == Errc::too_large);
}

TEST_CASE("a double that binary cannot write exactly still finds its tick") {
    for (std::int64_t tick = 1; tick < 100'000; tick += 7) {
        const double value = static_cast<double>(tick) / 10;
        for (const Rounding rounding :
             {Rounding::exact, Rounding::down, Rounding::up, Rounding::nearest}) {
            const auto price = price_from_double(value, k_tenth, rounding);
            REQUIRE(price.has_value());
            CHECK(price->ticks == tick);
        }
    }
}

TEST_CASE("a double off the grid goes the way that is asked for") {
    CHECK(price_from_double(4891.6, k_quarter, Rounding::down)->ticks == 19566);
    CHECK(price_from_double(4891.6, k_quarter, Rounding::up)->ticks == 19567);
    CHECK(price_from_double(4891.6, k_quarter, Rounding::nearest)->ticks == 19566);
    CHECK(price_from_double(4891.625, k_quarter, Rounding::nearest)->ticks == 19567);
    CHECK(price_from_double(-4891.625, k_quarter, Rounding::nearest)->ticks == -19567);
    CHECK(price_from_double(-0.1, k_quarter, Rounding::down)->ticks == -1);
    CHECK(price_from_double(-0.1, k_quarter, Rounding::up)->ticks == 0);
    CHECK_FALSE(price_from_double(4891.6, k_quarter, Rounding::exact).has_value());
    for (const double odd : {std::nan(""), std::numeric_limits<double>::infinity(),
                             -std::numeric_limits<double>::infinity()})
        CHECK(price_from_double(odd, k_quarter, Rounding::nearest).error().code() == Errc::invalid);
}

TEST_CASE("prices and distances add up in ticks") {
    const Price price{100};
    CHECK(price + Ticks{5} == Price{105});
    CHECK(price - Ticks{5} == Price{95});
    CHECK(Price{105} - price == Ticks{5});
    CHECK(to_double(Price{19565}, k_quarter) == 4891.25);
}

}  // namespace
}  // namespace bullpen::model
