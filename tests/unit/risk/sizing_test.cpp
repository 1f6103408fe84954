// How large an entry may be, and what leaves no contract.
#include <doctest/doctest.h>

#include <functional>
#include <string>
#include <vector>

#include "tests/unit/risk/gate_bench.hpp"
#include "worker/risk/risk_gate.hpp"

namespace bullpen::risk {
namespace {

using model::Side;
using test_gate::Bench;
using test_gate::dollars;
using test_gate::k_market;
using test_gate::size_at;

TEST_CASE("an entry's size is what the stop may cost, rounded down, never above the cap") {
    Bench bench;
    bench.open();
    // 1.2 % of 50,000 is 600; a tick of MES is 1.25.
    CHECK(size_at(bench, 160) == 3);
    CHECK(size_at(bench, 161) == 2);
    CHECK(size_at(bench, 240) == 2);
    CHECK(size_at(bench, 241) == 1);
    CHECK(size_at(bench, 480) == 1);
    CHECK(size_at(bench, 481) == 0);
    CHECK(size_at(bench, 11) == 3);
    // A stop that is none has no size.
    CHECK(size_at(bench, 0) == 0);
    CHECK(size_at(bench, -11) == 0);
    CHECK(bench.gate->size(Side::sell, {k_market}, {k_market + 240}).contracts == 2);
}

TEST_CASE("a micro's size is computed with its own tick value") {
    Bench bench;
    bench.settings.contracts_max = 25;
    bench.settings.margin_percent = 0;
    bench.open();
    CHECK(size_at(bench, 40) == 12);
    Bench big;
    big.instrument = *model::find_instrument("ES");
    big.settings.contracts_max = 25;
    big.settings.margin_percent = 0;
    big.gate = std::make_unique<RiskGate>(*big.instrument, big.settings, *big.pack);
    big.show_session();
    CHECK(size_at(big, 40) == 1);
    CHECK(size_at(big, 49) == 0);
}

TEST_CASE("margin limits the size, in shares of a big contract for micros") {
    Bench bench;
    bench.settings.contracts_max = 25;
    bench.settings.daily_loss_max = 0;
    bench.open();
    bench.gate->on_balance(dollars(1'200), bench.now);
    // Half of 1,200 holds five micros at 120 each; the stop of 1 tick could be 11 contracts.
    CHECK(size_at(bench, 1) == 5);
    CHECK(size_at(bench, 2) == 5);
    CHECK(size_at(bench, 3) == 3);
}

TEST_CASE("what an exchange takes at the stop stays above the floor, its whole ticks included") {
    Bench bench;
    bench.instrument = *model::find_instrument("ES");
    bench.settings.per_trade_percent = 10;
    bench.settings.margin_percent = 0;
    bench.settings.daily_loss_max = 0;
    bench.settings.drawdown_max = 540;
    bench.terms.symbol = model::Symbol::cut("ES");
    bench.open();
    // A contract loses 11 ticks, 2 of slippage in each fill that is expected to slip by 1.5, and
    // two commissions: 190 dollars. With three ticks for both fills three would seem to fit.
    CHECK(size_at(bench, 11) == 2);
    bench.terms.quantity = 3;
    CHECK(bench.ask() == "loss_floor_headroom");
    bench.terms.quantity = 2;
    CHECK(bench.ask() == "approved");
}

TEST_CASE("near the daily loss, scaled entries shrink step by step and stop at the limit") {
    struct Row {
        std::int64_t lost;
        std::int64_t contracts;
    };
    // Of 20 contracts. A stop of one tick and its costs are 7.47 a contract, which binds at the
    // end.
    for (const Row& row : {Row{0, 20}, Row{595, 20}, Row{600, 18}, Row{695, 18}, Row{700, 16},
                           Row{800, 13}, Row{900, 8}, Row{950, 4}, Row{990, 1}, Row{995, 0}}) {
        CAPTURE(row.lost);
        Bench bench;
        bench.settings.contracts_max = 20;
        bench.settings.approach = config::ApproachMode::scale;
        bench.open();
        bench.realise(-row.lost);
        CHECK(size_at(bench, 1) == row.contracts);
    }
}

TEST_CASE("size() never says more than check() lets pass") {
    Bench bench;
    bench.settings.contracts_max = 25;
    bench.open();
    const std::int64_t contracts = size_at(bench, 40);
    bench.situation.plan->stop = {k_market - 40};
    bench.terms.quantity = contracts;
    CHECK(bench.ask() == "approved");
    bench.terms.quantity = contracts + 1;
    CHECK(bench.ask() == "risk_per_trade");
}

// A situation in which no contract fits.
struct None {
    std::string denial;
    std::int64_t stop_ticks;
    std::int64_t have;
    std::int64_t limit;
    std::function<void(Bench&)> settings;
    std::function<void(Bench&)> happens;
};

std::vector<None> nones() {
    const auto off = [](Bench& bench) { bench.settings.approach = config::ApproachMode::off; };
    const auto lost = [](std::int64_t money) {
        return [money](Bench& bench) { bench.realise(-money); };
    };
    const auto has = [](std::int64_t money) {
        return [money](Bench& bench) { bench.gate->on_balance(dollars(money), bench.now); };
    };
    const auto nothing = [](Bench& /*bench*/) {};
    // The stop, the slippage of two fills and two commissions.
    const auto& mes = **model::find_instrument("MES");
    const std::int64_t loss =
        (mes.tick_value * 11 + model::slippage_cost(mes, 1, 2) + mes.commission * 2).millionths;
    return {
        {"risk_per_trade", 481, 601'250'000, 600'000'000, nothing, nothing},
        // Of one contract 90 % are none.
        {"contracts_max", 11, 1, 0,
         [](Bench& bench) {
             bench.settings.contracts_max = 1;
             bench.settings.approach = config::ApproachMode::scale;
         },
         lost(600)},
        {"daily_loss_headroom", 11, loss, 10'000'000, off, lost(990)},
        {"daily_loss_reached", 11, 1'000'000'000, 1'000'000'000, off, lost(1'000)},
        {"loss_floor_headroom", 11, loss, 10'000'000,
         [](Bench& bench) {
             bench.settings.drawdown_max = 500;
             bench.settings.daily_loss_max = 0;
         },
         lost(490)},
        {"margin", 11, 120'000'000, 100'000'000,
         [](Bench& bench) {
             bench.settings.per_trade_percent = 10;
             bench.settings.daily_loss_max = 0;
         },
         has(200)},
        {"stop_wrong_side", -11, k_market + 11, k_market, nothing, nothing},
        {"equity_spent", 11, 0, 0, nothing, has(0)},
    };
}

TEST_CASE("where no contract fits, it says which limit has no room for one, and by how much") {
    for (const None& none : nones()) {
        CAPTURE(none.denial);
        Bench bench;
        none.settings(bench);
        bench.open();
        none.happens(bench);
        const model::Price stop{k_market - none.stop_ticks};
        const auto sizing = bench.gate->size(Side::buy, {k_market}, stop);
        CHECK(sizing.contracts == 0);
        REQUIRE(sizing.denial);
        CHECK(code(sizing.denial->code) == none.denial);
        CHECK(sizing.denial->have == none.have);
        CHECK(sizing.denial->limit == none.limit);
        // As the order itself would be told.
        bench.situation.plan->stop = stop;
        CHECK(bench.ask() == none.denial);
    }
}

TEST_CASE("what has a size is denied nothing") {
    Bench bench;
    bench.open();
    CHECK_FALSE(bench.gate->size(Side::buy, {k_market}, {k_market - 11}).denial);
}

}  // namespace
}  // namespace bullpen::risk
