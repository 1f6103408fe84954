#include "supervisor/daemon/plans.hpp"

#include <doctest/doctest.h>

namespace bullpen::daemon {

TEST_CASE("who may hold something, or never says, does not leave with its file") {
    const std::optional<bool> never;
    for (const bool foreign : {false, true}) {
        for (const bool runs_on : {false, true}) {
            CHECK(may_hold(false, foreign, runs_on) == "is not known to be flat");
            CHECK(may_hold(true, foreign, runs_on).empty());
        }
    }
    CHECK(may_hold(never, true, true) ==
          "is a program of its own that does not say whether it is flat");
    CHECK(may_hold(never, true, false).empty());  // an operator stopped it
    CHECK(may_hold(never, false, true).empty());
}

}  // namespace bullpen::daemon
