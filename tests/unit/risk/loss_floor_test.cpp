// The loss floors of prop firms, with the numbers of their own examples computed by hand.
#include "worker/risk/loss_floor.hpp"

#include <doctest/doctest.h>

#include <string>
#include <utility>
#include <vector>

#include "common/model/rule_pack.hpp"

namespace bullpen::risk {
namespace {

model::Money dollars(std::int64_t whole) {
    return {whole * 1'000'000, model::k_usd};
}

LossFloor of(const char* pack) {
    return LossFloor((*model::RulePacks::built_in().find(pack))->floor);
}

std::string floor(const LossFloor& loss_floor) {
    return model::text(loss_floor.floor());
}

TEST_CASE("Combine 50K: the floor follows the best day's end up to 50,000 and stays there") {
    auto combine = of("topstep_50k");
    CHECK(floor(combine) == "48000.00");
    combine.on_day_end(dollars(50'500));
    CHECK(floor(combine) == "48500.00");
    // A losing day does not bring it down.
    combine.on_day_end(dollars(49'900));
    CHECK(floor(combine) == "48500.00");
    combine.on_day_end(dollars(51'999));
    CHECK(floor(combine) == "49999.00");
    CHECK_FALSE(combine.state().locked);
    combine.on_day_end(dollars(52'500));
    CHECK(floor(combine) == "50000.00");
    CHECK(combine.state().locked);
    combine.on_day_end(dollars(60'000));
    CHECK(floor(combine) == "50000.00");
}

TEST_CASE("the floors of all three sizes begin their allowance below, and lock at the start") {
    for (const auto& [pack, begins, locks_from, locked] :
         {std::tuple{"topstep_50k", "48000.00", 52'000, "50000.00"},
          std::tuple{"topstep_100k", "97000.00", 103'000, "100000.00"},
          std::tuple{"topstep_150k", "145500.00", 154'500, "150000.00"}}) {
        const std::string name = pack;
        CAPTURE(name);
        auto combine = of(name.c_str());
        CHECK(floor(combine) == begins);
        combine.on_day_end(dollars(locks_from - 1));
        CHECK_FALSE(combine.state().locked);
        combine.on_day_end(dollars(locks_from));
        CHECK(combine.state().locked);
        CHECK(floor(combine) == locked);
    }
}

TEST_CASE("Express Funded 50K counts from zero: -2,000 to 0, and 0 after a payout") {
    auto express = of("topstep_express_50k");
    CHECK(floor(express) == "-2000.00");
    express.on_day_end(dollars(500));
    CHECK(floor(express) == "-1500.00");
    express.on_day_end(dollars(2'500));
    CHECK(floor(express) == "0.00");
    CHECK(express.state().locked);

    auto paid = of("topstep_express_50k");
    paid.on_day_end(dollars(1'600));
    paid.fix(dollars(700));
    CHECK(floor(paid) == "0.00");
    paid.on_day_end(dollars(900));
    CHECK(floor(paid) == "0.00");
    CHECK(paid.on_equity(dollars(0)));
}

TEST_CASE("it is watched during the day, open losses included, but moves only between days") {
    auto combine = of("topstep_50k");
    CHECK_FALSE(combine.on_equity(dollars(51'500)));
    CHECK(floor(combine) == "48000.00");
    CHECK_FALSE(combine.on_equity({48'000'000'001, model::k_usd}));
    CHECK_FALSE(combine.breached());
    // Reaching it is enough.
    CHECK(combine.on_equity(dollars(48'000)));
    CHECK(combine.breached());
    // And coming back does not undo it.
    CHECK_FALSE(combine.on_equity(dollars(49'000)));
    CHECK(combine.breached());
}

TEST_CASE("an intraday floor follows every new high of the equity") {
    model::FloorRule rule;
    rule.model = model::FloorModel::intraday_trailing;
    rule.nominal = dollars(50'000);
    rule.allowance = dollars(2'500);
    rule.lock_above = dollars(100);
    LossFloor intraday(rule);
    CHECK(floor(intraday) == "47500.00");
    CHECK_FALSE(intraday.on_equity(dollars(51'000)));
    CHECK(floor(intraday) == "48500.00");
    CHECK_FALSE(intraday.on_equity(dollars(49'000)));
    CHECK(floor(intraday) == "48500.00");
    CHECK_FALSE(intraday.on_equity(dollars(52'600)));
    CHECK(floor(intraday) == "50100.00");
    CHECK(intraday.state().locked);
    CHECK_FALSE(intraday.on_equity(dollars(60'000)));
    CHECK(floor(intraday) == "50100.00");

    rule.locks = false;
    LossFloor without_end(rule);
    CHECK_FALSE(without_end.on_equity(dollars(60'000)));
    CHECK(floor(without_end) == "57500.00");
}

TEST_CASE("a fixed floor stays, and without a model there is none") {
    model::FloorRule rule;
    rule.model = model::FloorModel::fixed;
    rule.nominal = dollars(10'000);
    rule.allowance = dollars(1'000);
    LossFloor fixed(rule);
    fixed.on_day_end(dollars(20'000));
    CHECK_FALSE(fixed.on_equity(dollars(20'000)));
    CHECK(floor(fixed) == "9000.00");
    CHECK(fixed.on_equity(dollars(9'000)));

    LossFloor none(model::FloorRule{});
    CHECK_FALSE(none.active());
    CHECK_FALSE(none.on_equity(dollars(-1)));
    CHECK(none.plausible(dollars(-1'000'000)));
}

TEST_CASE("a balance of the other frame is not taken for one of this account") {
    const auto combine = of("topstep_50k");
    CHECK(combine.plausible(dollars(50'000)));
    CHECK(combine.plausible(dollars(48'001)));
    CHECK_FALSE(combine.plausible(dollars(600)));
    CHECK_FALSE(combine.plausible(dollars(-500)));
    const auto express = of("topstep_express_50k");
    CHECK(express.plausible(dollars(600)));
    CHECK(express.plausible(dollars(-1'900)));
    CHECK_FALSE(express.plausible(dollars(50'600)));
}

TEST_CASE("models and frames are found by their codes") {
    using model::BalanceFrame;
    using model::FloorModel;
    for (const auto model : {FloorModel::none, FloorModel::fixed, FloorModel::end_of_day_trailing,
                             FloorModel::intraday_trailing})
        CHECK(model::floor_model_from(code(model)) == model);
    for (const auto frame : {BalanceFrame::absolute, BalanceFrame::relative})
        CHECK(model::balance_frame_from(code(frame)) == frame);
    CHECK_FALSE(model::floor_model_from("trailing").has_value());
    CHECK_FALSE(model::balance_frame_from("").has_value());
}

}  // namespace
}  // namespace bullpen::risk
