#include <doctest/doctest.h>

#include "tests/unit/risk/gate_bench.hpp"

namespace bullpen::risk::test_gate {

TEST_CASE("what refuses each entry for the day or for good is known before one is decided on") {
    Bench bench;
    bench.settings.trades_max = 2;
    bench.settings.orders_of_day = 3;
    SUBCASE("the trades of the day, until the next one") {
        bench.open();
        CHECK_FALSE(bench.gate->standing_denial());
        bench.realise(1);
        bench.realise(1);
        CHECK(bench.gate->standing_denial() == DenialCode::trades_reached);
        CHECK(bench.ask() == "trades_reached");
        bench.now += std::chrono::days(1);
        bench.show_session();
        CHECK_FALSE(bench.gate->standing_denial());
    }
    SUBCASE("its orders") {
        bench.open();
        for (int i = 0; i < 3; ++i)
            CHECK(bench.ask() == "approved");
        CHECK(bench.gate->standing_denial() == DenialCode::orders_of_day);
    }
    SUBCASE("too little left above the loss floor for any trade, until it begins anew") {
        bench.settings.drawdown_max = 400;
        bench.open();
        bench.gate->on_balance(dollars(50'000), bench.now);
        CHECK_FALSE(bench.gate->standing_denial());
        bench.gate->on_balance(dollars(49'603), bench.now);
        CHECK_FALSE(bench.gate->latch());
        CHECK(bench.gate->standing_denial() == DenialCode::loss_floor_headroom);
        CHECK(bench.ask() == "loss_floor_headroom");
        // What is held may win it back.
        bench.fill(model::Side::buy, 1, k_market);
        CHECK_FALSE(bench.gate->standing_denial());
        bench.fill(model::Side::sell, 1, k_market);
        CHECK(bench.gate->standing_denial() == DenialCode::loss_floor_headroom);
        bench.gate->restart_floor();
        CHECK_FALSE(bench.gate->standing_denial());
    }
    SUBCASE("too little left of the day, until the next one") {
        bench.settings.daily_loss_max = 100;
        bench.open();
        bench.gate->on_balance(dollars(50'000), bench.now);
        CHECK_FALSE(bench.gate->standing_denial());
        bench.realise(-95);
        CHECK(bench.gate->standing_denial() == DenialCode::daily_loss_headroom);
        bench.now += std::chrono::days(1);
        bench.show_session();
        CHECK_FALSE(bench.gate->standing_denial());
    }
    SUBCASE("a broker that forbids it, until it does not") {
        bench.open();
        bench.gate->on_balance(dollars(50'000), bench.now, false);
        CHECK(bench.gate->standing_denial() == DenialCode::broker_locked);
        bench.gate->on_balance(dollars(50'000), bench.now, true);
        CHECK_FALSE(bench.gate->standing_denial());
    }
    SUBCASE("a pack that forbids servers, without the sentence") {
        bench.pack = *model::RulePacks::built_in().find("topstep_50k");
        bench.open();
        CHECK(bench.gate->standing_denial() == DenialCode::hosting_unacknowledged);
    }
    SUBCASE("a balance that cannot be one of the pack") {
        bench.pack = *model::RulePacks::built_in().find("topstep_50k");
        bench.settings.hosting_acknowledged = model::k_hosting_acknowledgement;
        bench.open();
        bench.gate->on_balance(dollars(120), bench.now);
        CHECK(bench.gate->standing_denial() == DenialCode::loss_floor_frame);
    }
}

}  // namespace bullpen::risk::test_gate
