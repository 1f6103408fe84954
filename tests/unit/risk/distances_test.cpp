#include <doctest/doctest.h>

#include <string>

#include "tests/unit/risk/gate_bench.hpp"
#include "worker/risk/risk_gate.hpp"

namespace bullpen::risk {
namespace {

using model::Side;
using test_gate::Bench;
using test_gate::dollars;
using test_gate::k_market;

TEST_CASE("distances say what is used of each limit and what is left") {
    Bench bench;
    bench.pack = *model::RulePacks::built_in().find("topstep_50k");
    bench.settings.hosting_acknowledged = model::k_hosting_acknowledgement;
    bench.settings.trades_max = 10;
    bench.open();
    bench.gate->on_balance(dollars(50'000), bench.now);
    bench.realise(-250);
    CHECK(bench.ask() == "approved");
    std::string all;
    for (const Distance& each : bench.gate->distances(bench.now))
        all += std::string(each.name) + " " + std::to_string(each.used) + "/" +
               std::to_string(each.limit) + " " + std::to_string(each.left()) + "\n";
    CHECK(all ==
          "daily_loss 250000000/1000000000 750000000\n"
          "near_daily_loss 250000000/800000000 550000000\n"
          "loss_floor 250000000/2000000000 1750000000\n"
          "contracts 0/3 3\n"
          "margin 0/24875000000 24875000000\n"
          "trades 1/10 9\n"
          "orders 1/500 499\n"
          "order_rate 1/30 29\n");
}

TEST_CASE("the loss at which the approach to the daily limit ends entries has its own distance") {
    using config::ApproachMode;
    struct Row {
        ApproachMode approach;
        std::int64_t limit;  // dollars; -1: not told
    };
    for (const Row& row : {Row{ApproachMode::none, 800}, Row{ApproachMode::scale, 950},
                           Row{ApproachMode::off, -1}}) {
        Bench bench;
        bench.settings.approach = row.approach;
        bench.open();
        bench.realise(-600);
        std::int64_t limit = -1;
        for (const Distance& each : bench.gate->distances(bench.now)) {
            if (each.name == "near_daily_loss") {
                limit = each.limit / 1'000'000;
                CHECK(each.used == 600'000'000);
            }
        }
        CHECK(limit == row.limit);
    }
    // Where it has nothing left, nothing is entered.
    Bench bench;
    bench.open();
    bench.realise(-800);
    const auto distances = bench.gate->distances(bench.now);
    REQUIRE(distances.size > 1);
    CHECK(distances.items[1].name == "near_daily_loss");
    CHECK(distances.items[1].left() == 0);
    CHECK(bench.ask() == "near_daily_loss");
}

TEST_CASE("the distance to the margin follows what is held, that to the order rate the minute") {
    Bench bench;
    bench.open();
    bench.gate->on_balance(dollars(50'000), bench.now);
    const auto used = [&](std::string_view name) {
        for (const Distance& each : bench.gate->distances(bench.now)) {
            if (each.name == name)
                return each.used;
        }
        return std::int64_t{-1};
    };
    CHECK(bench.ask() == "approved");
    bench.fill(Side::buy, 2, k_market);
    // Two micros are a fifth of a contract of 1,200 dollars.
    CHECK(used("margin") == 240'000'000);
    CHECK(used("order_rate") == 1);
    bench.now += std::chrono::minutes(1);
    CHECK(used("order_rate") == 0);
    CHECK(used("margin") == 240'000'000);
    bench.settings.margin_percent = bench.settings.orders_per_minute = 0;
    bench.open();
    CHECK(used("margin") == -1);
    CHECK(used("order_rate") == -1);
}

}  // namespace
}  // namespace bullpen::risk
