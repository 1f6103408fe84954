#include "common/alerts/unsold.hpp"

#include <doctest/doctest.h>

namespace bullpen::alerts {

TEST_CASE("which share a text says was not sold") {
    CHECK(unsold_symbol(unsold_sentence("M&M", "nobody bought: it fell")) == "M&M");
    CHECK(unsold_symbol("watched 3, sold TCS 4; " + unsold_sentence("INFY", "") + "; x") == "INFY");
    CHECK(unsold_symbol(unsold_sentence("A", "x") + "; " + unsold_sentence("B", "y")) == "A");
    CHECK(unsold_symbol("NOT SOLD: A").compare("A") == 0);
    CHECK(unsold_symbol("NOT SOLD: ").empty());
    CHECK(unsold_symbol("watched 3, sold TCS 4").empty());
    CHECK(unsold_symbol("").empty());
}

}  // namespace bullpen::alerts
