#include "common/model/position.hpp"

#include <doctest/doctest.h>

using namespace bullpen::model;

TEST_CASE("a position that is opened and closed wins the difference") {
    const auto opened = apply(Position{}, Side::buy, 2, Price{100});
    CHECK(opened.after == Position{2, 200});
    CHECK(opened.realised_ticks == 0);
    CHECK(open_ticks(opened.after, Price{103}) == 6);
    const auto closed = apply(opened.after, Side::sell, 2, Price{103});
    CHECK(closed.after == Position{});
    CHECK(closed.realised_ticks == 6);
    CHECK(closed.closed == 2);
}

TEST_CASE("a fill beyond what is held closes it and opens the other side at its price") {
    const auto turned = apply(Position{1, 100}, Side::sell, 3, Price{90});
    CHECK(turned.realised_ticks == -10);
    CHECK(turned.closed == 1);
    CHECK(turned.after == Position{-2, -180});
    CHECK(open_ticks(turned.after, Price{85}) == 10);
}

TEST_CASE("the parts of a position closed one by one add up to the whole, to the tick") {
    Position position;
    position = apply(position, Side::buy, 1, Price{100}).after;
    position = apply(position, Side::buy, 2, Price{101}).after;  // 302 in all, 100 2/3 each
    std::int64_t won = 0;
    for (int i = 0; i < 3; ++i) {
        const auto change = apply(position, Side::sell, 1, Price{110});
        won += change.realised_ticks;
        position = change.after;
    }
    CHECK(won == 3 * 110 - 302);
    CHECK(position == Position{});
}

TEST_CASE("an average price between two ticks is told to the worse side") {
    CHECK(average_price(Position{3, 302}) == Price{101});
    CHECK(average_price(Position{-3, -302}) == Price{100});
    CHECK(average_price(Position{2, 200}) == Price{100});
    CHECK(average_price(Position{3, -302}) == Price{-100});
    CHECK(average_price(Position{-3, 302}) == Price{-101});
}

TEST_CASE("ticks become money by the instrument alone") {
    const auto* mes = find_instrument("MES").value();
    const auto* es = find_instrument("ES").value();
    CHECK(text(value_of_ticks(*mes, 6)) == "7.50");
    CHECK(text(value_of_ticks(*es, 6)) == "75.00");
}
