// What is paid out of an account, and what its limits make of it.
#include <doctest/doctest.h>

#include <string>

#include "tests/unit/risk/gate_bench.hpp"
#include "worker/risk/risk_gate.hpp"

namespace bullpen::risk {
namespace {

using test_gate::Bench;
using test_gate::dollars;

void use_pack(Bench& bench, const char* name) {
    bench.pack = *model::RulePacks::built_in().find(name);
    bench.settings.hosting_acknowledged = model::k_hosting_acknowledgement;
}

TEST_CASE("a payout of a firm's account fixes its floor, and is no loss of the day") {
    Bench bench;
    use_pack(bench, "topstep_express_50k");
    bench.settings.high_balance = 1'500;
    bench.open();
    bench.gate->on_balance(dollars(1'500), bench.now);
    CHECK(bench.gate->floor().floor() == dollars(-500));
    CHECK(bench.gate->day_end_profit() == dollars(1'500));
    CHECK(bench.gate->check_payout(dollars(500)));
    bench.gate->on_payout(dollars(500));
    CHECK(bench.gate->floor().floor() == dollars(0));
    CHECK(bench.gate->floor().state().locked);
    // The lots of the next entry are those of what is left.
    CHECK(bench.gate->day_end_profit() == dollars(1'000));
    // The broker's word of it changes the equity, and nothing else.
    CHECK(bench.gate->equity() == dollars(1'500));
    bench.gate->on_balance(dollars(1'000), bench.now);
    CHECK(bench.gate->equity() == dollars(1'000));
    CHECK(bench.gate->day_profit() == dollars(0));
    CHECK(bench.gate->day().worst == dollars(0));
    CHECK_FALSE(bench.gate->latch());
    // It is so after a restart as well, and no day lets it fall.
    const auto saved = bench.gate->save();
    bench.open();
    REQUIRE(bench.gate->restore(saved));
    bench.now += std::chrono::hours(24);
    bench.show_session();
    CHECK(bench.gate->floor().floor() == dollars(0));
    bench.gate->on_balance(dollars(0), bench.now);
    REQUIRE(bench.gate->latch());
    CHECK(bench.gate->latch()->limit == Limit::loss_floor);
}

TEST_CASE("a payout that would leave the equity at the firm's floor is refused") {
    Bench bench;
    use_pack(bench, "topstep_50k");
    bench.open();
    bench.gate->on_balance(dollars(50'000), bench.now);
    const auto refused = bench.gate->check_payout(dollars(500));
    REQUIRE_FALSE(refused);
    CHECK(refused.error().message().find("50000.00") != std::string::npos);
}

TEST_CASE(
    "what is paid out of an account of one's own is no drawdown, told before it or after it") {
    for (const bool told_first : {true, false}) {
        for (const auto model : {config::DrawdownModel::fixed, config::DrawdownModel::end_of_day,
                                 config::DrawdownModel::intraday}) {
            CAPTURE(told_first);
            Bench bench;
            bench.settings.start_balance = 50'000;
            bench.settings.drawdown_max = 2'000;
            bench.settings.drawdown_model = model;
            bench.open();
            bench.gate->on_balance(dollars(50'000), bench.now);
            if (told_first) {
                REQUIRE(bench.gate->check_payout(dollars(3'000)));
                bench.gate->on_payout(dollars(3'000));
                bench.gate->on_balance(dollars(47'000), bench.now);
            } else {
                bench.gate->on_balance(dollars(47'000), bench.now);
                REQUIRE(bench.gate->latch());
                // Whoever stops here knows it afterwards.
                const auto saved = bench.gate->save();
                bench.open();
                REQUIRE(bench.gate->restore(saved));
                REQUIRE(bench.gate->check_payout(dollars(3'000)));
                bench.gate->on_payout(dollars(3'000));
            }
            CHECK_FALSE(bench.gate->latch());
            CHECK(bench.gate->floor().floor() == dollars(45'000));
            bench.gate->on_balance(dollars(45'000), bench.now);
            CHECK(bench.gate->latch());
        }
    }
}

TEST_CASE("a payout that is told a day late, or mistyped, leaves the day its limit of a percent") {
    for (const int dollars_paid : {30'000, 900'000}) {
        CAPTURE(dollars_paid);
        Bench bench;
        bench.settings.daily_loss_percent = 2;
        bench.settings.start_balance = 50'000;
        bench.open();
        bench.gate->on_balance(dollars(20'000), bench.now);
        REQUIRE(bench.gate->daily_loss_limit() == dollars(400));
        REQUIRE(bench.gate->check_payout(dollars(dollars_paid)));
        bench.gate->on_payout(dollars(dollars_paid));
        CHECK(bench.gate->daily_loss_limit() == dollars(400));
    }
}

TEST_CASE("a payout of more than an account with a floor ever had is refused") {
    Bench firm;
    use_pack(firm, "topstep_express_50k");
    firm.open();
    firm.gate->on_balance(dollars(1'500), firm.now);
    CHECK(firm.gate->check_payout(dollars(1'000)));
    CHECK_FALSE(firm.gate->check_payout(dollars(60'000)));
    // What it won today it had, although the broker's balance is less again.
    Bench own;
    own.settings.start_balance = 50'000;
    own.settings.drawdown_max = 2'000;
    own.settings.drawdown_model = config::DrawdownModel::fixed;
    own.open();
    own.gate->on_balance(dollars(50'000), own.now);
    own.realise(15'000);
    own.realise(15'000);
    own.gate->on_balance(dollars(28'000), own.now);
    CHECK(own.gate->check_payout(dollars(52'000)));
    CHECK_FALSE(own.gate->check_payout(dollars(100'000)));
}

TEST_CASE("a floor that the market reached stays reached, whatever is paid out") {
    Bench bench;
    bench.settings.start_balance = 50'000;
    bench.settings.drawdown_max = 2'000;
    bench.settings.drawdown_model = config::DrawdownModel::fixed;
    bench.open();
    bench.gate->on_balance(dollars(50'000), bench.now);
    bench.realise(-2'000);
    REQUIRE(bench.gate->latch());
    CHECK_FALSE(bench.gate->check_payout(dollars(60'000)));
    bench.gate->on_payout(dollars(3'000));
    CHECK(bench.gate->latch());
}

}  // namespace
}  // namespace bullpen::risk
