// Orders against single ticks.
#include "tests/unit/matching/scenario.hpp"

using namespace bullpen;
using bullpen::test::scenario;

TEST_CASE("a market order waits for a first price, then buys at the ask and sells at the bid") {
    scenario(R"(
        order A buy 1 market
        trade 100
        => A buy 1 @ 100
        bid 99.75
        ask 100.25
        order B buy 1 market
        => B buy 1 @ 100.25
        order C sell 2 market
        => C sell 2 @ 99.75
        position 0
    )");
}

TEST_CASE("a trade reaches stops; the fill is no better than the trade or the quote") {
    scenario(R"(
        hold 1 @ 100
        trade 100
        order A sell 1 stop 95
        bid 94.75
        =>
        trade 95
        => A sell 1 @ 94.75
        hold -1 @ 100
        order B buy 1 stop 105
        ask 104
        trade 106
        => B buy 1 @ 106
    )");
}

TEST_CASE("a limit fills by a trade at its price or a quote that crosses it, at its price") {
    scenario(R"(
        trade 100
        order A buy 1 limit 95
        bid 94
        ask 95.25
        =>
        ask 95
        => A buy 1 @ 95
        order B sell 1 limit 105
        trade 104.75
        =>
        trade 105
        => B sell 1 @ 105
        order C sell 1 limit 90
        => C sell 1 @ 94
    )");
}

TEST_CASE("a part fills with one tick and the rest with the next") {
    scenario(R"(
        trade 100
        order A buy 3 market first 1
        => A buy 1 @ 100
        trade 101
        => A buy 2 @ 101
        position 3
    )");
}
