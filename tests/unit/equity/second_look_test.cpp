// Which prices are believed.
#include "worker/equity/second_look.hpp"

#include <doctest/doctest.h>

#include <vector>

namespace bullpen::equity {
namespace {

constexpr int k_band = 300;

// Prices that come two seconds after each other, after one of 100.00 on the day before.
struct Looks {
    SecondLook prices;
    MonoTime at{std::chrono::hours(1)};
    std::optional<std::int64_t> see(std::int64_t paise, Nanos later = std::chrono::seconds(2)) {
        at += later;
        prices.see({paise}, at, {10'000}, k_band);
        if (prices.doubts())
            return std::nullopt;
        return prices.price()->ticks;
    }
};
using Believed = std::vector<std::optional<std::int64_t>>;

constexpr std::nullopt_t k_no = std::nullopt;

TEST_CASE("a table of prices and of what is believed") {
    struct Row {
        int number;
        std::vector<std::int64_t> told;
        Believed believed;
        std::uint64_t discarded;
    };
    const std::vector<Row> k_rows = {
        {1, {10'100, 10'400, 9'990}, {10'100, 10'400, k_no}, 0},   // 3.9 % is beyond
        {2, {10'100, 11'800, 10'120}, {10'100, k_no, 10'120}, 1},  // one freak up
        {3, {10'100, 8'100, 10'120}, {10'100, k_no, 10'120}, 1},   // one freak down
        {4, {10'100, 8'100, 8'120}, {10'100, k_no, 8'120}, 0},     // it has fallen
        {5, {10'100, 11'800, 11'700}, {10'100, k_no, 11'700}, 0},  // it has risen
        {6, {10'100, 9'000, 8'000}, {10'100, k_no, 9'000}, 0},     // it falls: the higher
        {7, {10'100, 8'000, 9'000}, {10'100, k_no, 9'000}, 0},     // the same
        {8, {10'100, 9'000, 8'000, 8'010}, {10'100, k_no, 9'000, 8'010}, 0},
        {9, {10'100, 12'000, 13'000}, {10'100, k_no, k_no}, 1},  // no two agree
        {10, {10'100, 12'000, 8'000, 10'100}, {10'100, k_no, k_no, 10'100}, 2},
        {11, {12'000, 10'100}, {k_no, 10'100}, 1},  // the very first
        {12, {12'000, 12'100}, {k_no, 12'100}, 0},  // it gapped
        {13, {10'300, 10'301}, {10'300, 10'301}, 0},
        {14, {10'301, 10'000}, {k_no, 10'000}, 0},  // one within both bands: it was one
        {15, {10'100, 0, 10'100}, {10'100, 10'100, 10'100}, 0},  // no price
    };
    for (const auto& row : k_rows) {
        CAPTURE(row.number);
        Looks looks;
        Believed believed;
        for (const auto paise : row.told)
            believed.push_back(looks.see(paise));
        CHECK(believed == row.believed);
        CHECK(looks.prices.discarded() == row.discarded);
    }
}

// Every price of a share that costs 100.00, then 85.00 to 115.00, then the same again.
TEST_CASE("of all pairs of prices none is gone by that nothing else agrees with") {
    const auto near = [](std::int64_t price, std::int64_t to) {
        return std::abs(price - to) * 10'000 <= to * k_band;
    };
    constexpr std::int64_t k_from = 8'500;
    constexpr std::int64_t k_to = 11'500;
    constexpr std::int64_t k_step = 20;
    int doubted = 0;
    for (auto first = k_from; first <= k_to; first += k_step) {
        for (auto second = k_from; second <= k_to; second += k_step) {
            Looks looks;
            REQUIRE(looks.see(10'000) == 10'000);
            const auto one = looks.see(first);
            CHECK(one.has_value() == near(first, 10'000));
            const auto two = looks.see(second);
            doubted += one && two ? 0 : 1;
            const auto base = one ? first : 10'000;
            const bool both_fell = !one && first < 10'000 && second < 10'000;
            CHECK(two.has_value() ==
                  (near(second, base) || (!one && near(second, first)) || both_fell));
            // Whatever is gone by, a price within the band of it was there beside it, or it is not
            // the lowest of two that fell.
            if (two && !near(*two, base) && !near(first, second) && !near(second, first)) {
                CHECK(both_fell);
                CHECK(*two == std::max(first, second));
            }
            // And a price is back at once.
            if (!two)
                CHECK(looks.see(base).has_value());
        }
    }
    CHECK(doubted > 1000);
}

TEST_CASE("a price that is told twice of one question does not agree with itself") {
    Looks looks;
    REQUIRE(looks.see(10'000));
    CHECK_FALSE(looks.see(8'000));
    CHECK_FALSE(looks.see(8'000, Nanos{0}));
    CHECK_FALSE(looks.see(8'000, std::chrono::milliseconds(900)));
    CHECK(looks.see(8'000, std::chrono::milliseconds(200)) == 8'000);
    // Nor is what two falling prices agreed on undone by being told again.
    CHECK_FALSE(looks.see(7'000));
    CHECK(looks.see(6'000) == 7'000);
    CHECK(looks.see(6'000, Nanos{0}) == 7'000);
}

TEST_CASE("without a band every price is believed, and without a close the first") {
    SecondLook prices;
    prices.see({10'000}, MonoTime{}, {}, k_band);
    CHECK(prices.price() == model::Price{10'000});
    prices.see({20'000}, MonoTime{}, {}, 0);
    CHECK(prices.price() == model::Price{20'000});
    CHECK(prices.discarded() == 0);
}

}  // namespace
}  // namespace bullpen::equity
