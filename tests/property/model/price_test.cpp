#include "common/model/price.hpp"

#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <string>

#include "common/model/instrument.hpp"
#include "common/model/money.hpp"

namespace bullpen::model {
namespace {

rc::Gen<TickSize> any_tick() {
    return rc::gen::map(rc::gen::inRange<std::size_t>(0, instruments().size()),
                        [](std::size_t i) { return instruments()[i].tick; });
}

TEST_CASE("a price written as text is read back as the same price") {
    CHECK(rc::check("text and ticks are inverse", [] {
        const TickSize tick = *any_tick();
        const Price price{
            *rc::gen::inRange<std::int64_t>(-k_price_ticks_max / 2000, k_price_ticks_max / 2000)};
        RC_ASSERT(price_from_text(text(price, tick), tick, Rounding::exact) == price);
        RC_ASSERT(price_from_double(to_double(price, tick), tick, Rounding::exact) == price);
    }));
}

TEST_CASE("rounding down and up enclose a number within one tick, and nearest is one of them") {
    CHECK(rc::check("down <= nearest <= up <= down + 1", [] {
        const TickSize tick = *any_tick();
        const auto billionths =
            *rc::gen::inRange<std::int64_t>(-9'000'000'000'000, 9'000'000'000'000);
        // The number as text, built from its digits.
        const std::int64_t magnitude = std::abs(billionths);
        std::string digits = std::to_string(magnitude % k_billion);
        digits.insert(0, 9 - digits.size(), '0');
        const std::string number =
            (billionths < 0 ? "-" : "") + std::to_string(magnitude / k_billion) + "." + digits;
        const auto down = price_from_text(number, tick, Rounding::down);
        const auto up = price_from_text(number, tick, Rounding::up);
        const auto nearest = price_from_text(number, tick, Rounding::nearest);
        const auto exact = price_from_text(number, tick, Rounding::exact);
        RC_ASSERT((down.has_value() && up.has_value() && nearest.has_value()));
        RC_ASSERT(down->ticks * tick.billionths <= billionths);
        RC_ASSERT(up->ticks * tick.billionths >= billionths);
        RC_ASSERT(up->ticks - down->ticks == (exact ? 0 : 1));
        RC_ASSERT((*nearest == *down || *nearest == *up));
        RC_ASSERT(2 * std::abs(nearest->ticks * tick.billionths - billionths) <= tick.billionths);
    }));
}

TEST_CASE("an amount of money written as text is read back as the same amount") {
    CHECK(rc::check("text and millionths are inverse", [] {
        const Money money{
            *rc::gen::inRange<std::int64_t>(-9'000'000'000'000'000, 9'000'000'000'000'000), k_usd};
        RC_ASSERT(money_from_text(text(money), k_usd) == money);
    }));
}

}  // namespace
}  // namespace bullpen::model
