// Orders against candles. Each case is a table that a trader can check by hand; the language is
// explained in scenario.hpp.
#include "tests/unit/matching/scenario.hpp"

using bullpen::test::scenario;

TEST_CASE("a market order fills at the next open, worse by the slippage, and pays its commission") {
    scenario(R"(
        bar 100 101 99 100
        order A buy 2 market
        bar 103 104 102 103
        => A buy 2 @ 103
        costs slippage 1 commission 0.37
        order B sell 2 market
        bar 104 105 103 104
        => B sell 2 @ 103.75
        position 0
        cash 6.76
    )");
}

TEST_CASE("a stop fills at its price, and at the open when the market opens beyond it") {
    scenario(R"(
        hold 1 @ 100
        order A sell 1 stop 95
        bar 100 101 95.25 100
        =>
        bar 100 101 95 100
        => A sell 1 @ 95
        hold 1 @ 100
        order B sell 1 stop 95
        bar 93 96 92 95
        => B sell 1 @ 93
        hold -1 @ 100
        order C buy 1 stop 105
        bar 100 105 99 100
        => C buy 1 @ 105
        hold -1 @ 100
        order D buy 1 stop 105
        bar 107 108 101 104
        => D buy 1 @ 107
    )");
}

TEST_CASE("slippage makes a stop worse and never a limit") {
    scenario(R"(
        costs slippage 2
        hold 1 @ 100
        order A sell 1 stop 95
        bar 100 101 94 100
        => A sell 1 @ 94.5
        hold 1 @ 100
        order B sell 1 limit 105
        bar 100 106 99 100
        => B sell 1 @ 105
    )");
}

TEST_CASE("a limit fills at its price or better, when touched or when passed as the rule says") {
    scenario(R"(
        order A buy 1 limit 95
        bar 100 101 95.25 100
        =>
        bar 100 101 95 100
        => A buy 1 @ 95
        order B buy 1 limit 95
        bar 93 96 92 95
        => B buy 1 @ 93
        costs through 1
        order C sell 1 limit 105
        bar 100 105 99 100
        =>
        bar 100 105.25 99 100
        => C sell 1 @ 105
    )");
}

TEST_CASE("of a stop and a target that one bar reached, the stop fills first, for both sides") {
    scenario(R"(
        hold 1 @ 100
        order S sell 1 stop 95
        order T sell 1 limit 105
        on S cancel T
        bar 100 106 94 101
        => S sell 1 @ 95; T cancelled
        position 0
        hold -1 @ 100
        order U buy 1 stop 105
        order V buy 1 limit 95
        on U cancel V
        bar 100 106 94 101
        => U buy 1 @ 105; V cancelled
        position 0
    )");
}

TEST_CASE("a target fills when the bar did not reach the stop") {
    scenario(R"(
        hold 1 @ 100
        order S sell 1 stop 95
        order T sell 1 limit 105
        on T cancel S
        bar 100 106 96 101
        => T sell 1 @ 105; S cancelled
        position 0
    )");
}

TEST_CASE("nobody cancels the other leg, so the target opens a position, as at a real exchange") {
    scenario(R"(
        hold 1 @ 100
        order S sell 1 stop 95
        order T sell 1 limit 105
        bar 100 106 94 101
        => S sell 1 @ 95; T sell 1 @ 105
        position -1
    )");
}

TEST_CASE("an order that may only reduce never does more, and goes when nothing is held") {
    scenario(R"(
        hold 1 @ 100
        order S sell 1 stop 95 reduce
        order T sell 1 limit 105 reduce
        bar 100 106 94 101
        => S sell 1 @ 95; T cancelled
        position 0
        hold 2 @ 100
        order A sell 5 market reduce
        bar 100 101 99 100
        => A sell 2 @ 100; A cancelled
        position 0
    )");
}

TEST_CASE("the stop of an entry works from the fill on, in the same bar") {
    scenario(R"(
        order E buy 1 market
        on E order S sell 1 stop 95
        bar 100 106 94 101
        => E buy 1 @ 100; S sell 1 @ 95
        position 0
    )");
}

TEST_CASE("an entry on the way turns the bar against the new position") {
    scenario(R"(
        order E buy 1 stop 103
        on E order S sell 1 stop 97
        on E order T sell 1 limit 105
        on S cancel T
        bar 100 106 94 101
        => E buy 1 @ 103; S sell 1 @ 97; T cancelled
        order F buy 1 limit 96
        on F order G sell 1 stop 95
        bar 100 106 94 101
        => F buy 1 @ 96; G sell 1 @ 95
    )");
}

TEST_CASE("a stop moved within the bar works from where the bar is") {
    scenario(R"(
        hold 2 @ 100
        order T sell 1 limit 103
        order S sell 2 stop 95
        on T replace S 1 100
        bar 100 106 99 99.5
        => T sell 1 @ 103; S sell 1 @ 100
        position 0
        bar 100 101 99 100
        =>
    )");
}

TEST_CASE("stops on one side fill in the order in which the price reaches them") {
    scenario(R"(
        hold 3 @ 100
        order A sell 1 stop 94
        order B sell 1 stop 96
        order C sell 1 stop 95
        bar 100 101 93 100
        => B sell 1 @ 96; C sell 1 @ 95; A sell 1 @ 94
    )");
}

TEST_CASE("a cancel between two fills of one bar is in time") {
    scenario(R"(
        hold 1 @ 100
        order A sell 1 stop 95
        order B sell 1 stop 94
        on A cancel B
        bar 100 101 93 100
        => A sell 1 @ 95; B cancelled
    )");
}

TEST_CASE("what comes within a bar meets the price of the moment") {
    scenario(R"(
        hold 1 @ 100
        order S sell 1 stop 95
        on S order M buy 1 market
        on M order L sell 1 limit 94
        bar 100 101 93 100
        => S sell 1 @ 95; M buy 1 @ 95; L sell 1 @ 95
    )");
}

TEST_CASE("a part fills first, and the rest at the next step") {
    scenario(R"(
        order A buy 3 market first 1
        on A order S sell 1 stop 95
        bar 100 106 96 101
        => A buy 1 @ 100; A buy 2 @ 100
        position 3
        cancel S
        => S cancelled
        order B sell 3 limit 105 first 2
        bar 100 105 99 100
        => B sell 2 @ 105; B sell 1 @ 105
        position 0
    )");
}

TEST_CASE("an order that is filled in part and then cancelled leaves a position") {
    scenario(R"(
        order A buy 3 market first 1
        on A cancel A
        bar 100 106 96 101
        => A buy 1 @ 100; A cancelled
        position 1
    )");
}

TEST_CASE("ioc orders take what they get at once or go") {
    scenario(R"(
        order A buy 1 limit 95 ioc
        bar 100 101 94 100
        => A cancelled
        order B buy 1 limit 100 ioc
        bar 100 101 94 100
        => B buy 1 @ 100
    )");
}

TEST_CASE("day orders end with the day, others do not") {
    scenario(R"(
        order A buy 1 limit 95 day
        order B buy 1 limit 95
        expire_day
        => A expired
        bar 95 96 94 95
        => B buy 1 @ 95
    )");
}

TEST_CASE("a pending order meets no market before it is released") {
    scenario(R"(
        order A buy 1 market held
        bar 100 101 94 100
        =>
        release A
        bar 101 102 99 100
        => A buy 1 @ 101
        order B buy 1 market held
        cancel B
        => B cancelled
    )");
}

TEST_CASE("what cannot be an order is rejected with its reason") {
    scenario(R"(
        order A buy 0 market
        => A rejected bad_quantity
        order A buy 1 market
        => A rejected duplicate_id
        order B buy 1 limit -5
        => B rejected bad_price
        costs passed refused
        bar 100 101 99 100
        order C sell 1 stop 101
        => C rejected stop_passed
        costs passed executed
        order D sell 1 stop 101
        bar 100 101 99 100
        => D sell 1 @ 100
        cancel D
        => D too_late
        replace D 1 99
        => D too_late
    )");
}

TEST_CASE("a replacement keeps what is filled and is executed when it crosses the market") {
    scenario(R"(
        order A buy 2 limit 95
        replace A 3 97
        bar 100 101 96 100
        => A buy 3 @ 97
        order B sell 1 limit 120
        replace B 1 99
        bar 100 101 99 100
        => B sell 1 @ 100
        order C sell 3 limit 101 first 1
        on C replace C 1 103
        bar 100 101 99 100
        => C sell 1 @ 101; C bad_quantity; C sell 2 @ 101
    )");
}
