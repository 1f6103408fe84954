#include "worker/strategy/spread.hpp"

#include <doctest/doctest.h>

namespace bullpen::strategy {
namespace {

Quote quote(std::int64_t spread, std::int64_t bid_size = 50, std::int64_t ask_size = 50) {
    return {{1000}, {1000 + spread}, bid_size, ask_size};
}

// Twenty quotes of four ticks, in the given hour.
SpreadAnalyser ready(bool by_hour = false, int hour = 10) {
    SpreadAnalyser spreads(2.0, by_hour, false);
    for (int i = 0; i < 20; ++i)
        spreads.add(quote(4), hour);
    return spreads;
}

TEST_CASE("a quote is valid when its prices and sizes can be") {
    CHECK(is_valid(quote(0), false));
    CHECK(is_valid({{1000}, {1001}, {}, {}}, false));
    CHECK_FALSE(is_valid(quote(-1), false));
    CHECK_FALSE(is_valid(quote(1, 0), false));
    CHECK_FALSE(is_valid(quote(1, 1, 0), false));
    CHECK_FALSE(is_valid({{0}, {1}, {}, {}}, false));
    CHECK_FALSE(is_valid({{-2}, {-1}, {}, {}}, false));
    CHECK(is_valid({{-2}, {-1}, {}, {}}, true));
}

TEST_CASE("an imbalance is one size more than three times the other") {
    CHECK(imbalance(quote(1, 30, 10)) == Imbalance::none);
    CHECK(imbalance(quote(1, 31, 10)) == Imbalance::bid_heavy);
    CHECK(imbalance(quote(1, 10, 31)) == Imbalance::ask_heavy);
    CHECK(imbalance({{1}, {2}, 31, {}}) == Imbalance::none);
}

TEST_CASE("nothing is said before twenty quotes, and a quote that cannot be is passed over") {
    SpreadAnalyser spreads(2.0, false, false);
    for (int i = 0; i < 19; ++i)
        spreads.add(quote(4), 10);
    spreads.add(quote(-4), 10);
    CHECK_FALSE(spreads.ratio().has_value());
    CHECK(spreads.market() == MarketClass::unknown);
    CHECK_FALSE(spreads.abnormal());
    spreads.add(quote(4), 10);
    CHECK(spreads.ratio() == 1);
    CHECK(spreads.market() == MarketClass::normal);
}

TEST_CASE("the market's class by the last spread against the mean") {
    struct Row {
        std::int64_t spread;
        std::int64_t size;
        MarketClass market;
        bool abnormal;
    };
    // The mean holds the last spread, too: (20 * 4 + spread) / 21.
    for (const Row& row :
         {Row{4, 50, MarketClass::normal, false}, Row{5, 50, MarketClass::wide, false},  // 1.24
          Row{8, 50, MarketClass::wide, false},                                          // 1.91
          Row{9, 50, MarketClass::unsteady, true},                                       // 2.12
          Row{9, 10, MarketClass::unsteady, true}, Row{9, 9, MarketClass::illiquid, true},
          Row{14, 50, MarketClass::stressed, true},  // 3.13
          Row{14, 9, MarketClass::stressed, true}}) {
        CAPTURE(row.spread);
        SpreadAnalyser spreads = ready();
        spreads.add(quote(row.spread, row.size, 50), 10);
        CHECK(code(spreads.market()) == code(row.market));
        CHECK(spreads.abnormal() == row.abnormal);
    }
}

TEST_CASE("widening is three spreads in a row, each wider than the one before") {
    SpreadAnalyser spreads = ready();
    spreads.add(quote(5), 10);
    CHECK_FALSE(spreads.widening());
    spreads.add(quote(6), 10);
    CHECK(spreads.widening());
    spreads.add(quote(6), 10);
    CHECK_FALSE(spreads.widening());
}

TEST_CASE("only the last hundred spreads count") {
    SpreadAnalyser spreads = ready();
    for (int i = 0; i < 99; ++i)
        spreads.add(quote(8), 10);
    CHECK(spreads.ratio() == doctest::Approx(8 / 7.96));
    spreads.add(quote(8), 10);
    CHECK(spreads.ratio() == 1);
}

TEST_CASE("by hour, a spread is compared with its own hour as soon as there are enough") {
    SpreadAnalyser spreads = ready(true);
    for (int i = 0; i < 19; ++i)
        spreads.add(quote(8), 11);
    CHECK(spreads.ratio() == doctest::Approx(8 / (232.0 / 39)));
    spreads.add(quote(8), 11);
    CHECK(spreads.ratio() == 1);
    spreads.add(quote(4), 10);
    CHECK(spreads.ratio() == 1);
}

TEST_CASE("an absurd spread does not overflow") {
    SpreadAnalyser spreads = ready();
    spreads.add({{1}, {1'000'000'000}, {}, {}}, 10);
    CHECK(spreads.market() == MarketClass::stressed);
}

}  // namespace
}  // namespace bullpen::strategy
