#include "common/model/position.hpp"

#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <cstdlib>

namespace bullpen::model {
namespace {

TEST_CASE("what was won and what is open add up to every fill marked at one price") {
    CHECK(rc::check("no tick is lost or made, whatever the fills", [] {
        Position position;
        std::int64_t realised = 0;
        std::int64_t expected = 0;
        const Price mark{*rc::gen::inRange<std::int64_t>(-5'000, 50'000)};
        const auto count = *rc::gen::inRange(0, 40);
        std::int64_t quantity = 0;
        for (int i = 0; i < count; ++i) {
            const auto side = *rc::gen::element(Side::buy, Side::sell);
            const auto contracts = *rc::gen::inRange<std::int64_t>(1, 9);
            const Price price{*rc::gen::inRange<std::int64_t>(-5'000, 50'000)};
            const auto change = apply(position, side, contracts, price);
            RC_ASSERT(change.closed <= std::abs(position.quantity));
            RC_ASSERT(change.closed <= contracts);
            position = change.after;
            realised += change.realised_ticks;
            quantity += sign(side) * contracts;
            expected += sign(side) * contracts * (mark.ticks - price.ticks);
            RC_ASSERT(position.quantity == quantity);
            RC_ASSERT(!position.flat() || position.cost_ticks == 0);
        }
        RC_ASSERT(realised + open_ticks(position, mark) == expected);
    }));
}

}  // namespace
}  // namespace bullpen::model
