// Differences between two runs, with amounts that a pencil gives.
#include "worker/report/compare.hpp"

#include <doctest/doctest.h>

#include "tests/support/programs.hpp"
#include "tests/support/temporary.hpp"
#include "tests/unit/report/small_run.hpp"

using namespace bullpen;
using namespace bullpen::report;
using test::dollars;

namespace {

// Decided on the minute before it opened.
test::SmallRun decided() {
    test::SmallRun small;
    for (auto& trade : small.run.trades) {
        trade.entry.strategy = model::Symbol::cut("vwap_bounce");
        trade.entry.symbol = trade.symbol;
        trade.entry.signal_bar = trade.opened - std::chrono::minutes(1);
    }
    return small;
}

model::Money sum(const Comparison& c) {
    return c.by_size + c.by_entry + c.by_exit + c.by_fees + c.by_left_only + c.by_right_only;
}

std::string text(const Comparison& c, const RunRecord& left, const RunRecord& right) {
    return comparison_text(c, left, right, "paper", "backtest");
}

bool has(const std::string& all, const std::string& part) {
    return all.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("a run compared with itself has no difference") {
    const auto left = decided();
    const auto right = decided();
    const auto c = compare(left.run, right.run);
    CHECK(c.same());
    CHECK(c.equal == 3);
    CHECK(c.total() == dollars(0));
    CHECK(has(text(c, left.run, right.run), "3 trades, all equal"));
}

TEST_CASE("a worse entry and a better exit each have their amount") {
    auto left = decided();
    const auto right = decided();
    auto& trade = left.run.trades[0];
    // Two MES long at 1.25 USD a tick: 3 ticks more paid in all, 8 more received, a dollar of fees.
    trade.entry_ticks += 3;
    trade.exit_ticks += 8;
    trade.gross = trade.gross + model::Money{5 * 1'250'000, model::k_usd};
    trade.fees = trade.fees + dollars(1);
    const auto c = compare(left.run, right.run);
    CHECK_FALSE(c.same());
    CHECK(c.differing == 1);
    CHECK(c.by_entry == model::Money{-3'750'000, model::k_usd});
    CHECK(c.by_exit == dollars(10));
    CHECK(c.by_fees == dollars(-1));
    CHECK(c.total() == model::Money{5'250'000, model::k_usd});
    CHECK(sum(c) == c.total());
    const auto told = text(c, left.run, right.run);
    CHECK(has(told, "entry: 5000.625 in the paper, 5000.25 in the backtest: -3.75 USD"));
    CHECK(has(told, "fees: 3.00 in the paper, 2.00 in the backtest: -1.00 USD"));
    CHECK(has(told, "by exit prices: 10.00 USD"));
}

TEST_CASE("for a short a higher entry is worth something") {
    auto left = decided();
    auto right = decided();
    for (auto* run : {&left.run, &right.run})
        run->trades[1].side = model::Side::sell;
    left.run.trades[1].entry_ticks += 4;
    left.run.trades[1].gross = left.run.trades[1].gross + dollars(5);
    const auto c = compare(left.run, right.run);
    CHECK(c.by_entry == dollars(5));
    CHECK(c.by_exit == dollars(0));
}

TEST_CASE("half the size loses half of what the other won") {
    auto left = decided();
    const auto right = decided();
    auto& trade = left.run.trades[0];
    trade.quantity = 1;
    trade.entry_ticks = 20'001;
    trade.exit_ticks = 20'043;
    trade.gross = dollars(51);
    trade.fees = dollars(1);
    const auto c = compare(left.run, right.run);
    CHECK(c.by_size == dollars(-51));
    CHECK(c.by_entry == dollars(0));
    CHECK(c.by_exit == dollars(0));
    CHECK(c.by_fees == dollars(1));
    CHECK(sum(c) == c.total());
}

TEST_CASE("trades that only one side has are told with what they brought") {
    auto left = decided();
    auto right = decided();
    left.run.trades.erase(left.run.trades.begin());
    right.run.trades.pop_back();
    const auto c = compare(left.run, right.run);
    CHECK(c.equal == 1);
    CHECK(c.left_only == 1);
    CHECK(c.right_only == 1);
    CHECK(c.by_left_only == dollars(-42));
    CHECK(c.by_right_only == dollars(-100));
    CHECK(sum(c) == c.total());
    const auto told = text(c, left.run, right.run);
    CHECK(has(told, "only in the backtest"));
    CHECK(has(told, "only in the paper"));
    CHECK(c.pairs.front().right.has_value());
}

TEST_CASE("a trade of another bar is the same one when the two overlap") {
    auto left = decided();
    const auto right = decided();
    auto& trade = left.run.trades[1];
    trade.opened += std::chrono::minutes(2);
    trade.entry.signal_bar += std::chrono::minutes(2);
    // One that nobody decided on has no such bar at all.
    left.run.trades[2].entry = {};
    const auto c = compare(left.run, right.run);
    CHECK(c.left_only == 0);
    CHECK(c.differing == 1);
    REQUIRE(c.pairs[1].differing.size() == 1);
    CHECK(c.pairs[1].differing[0].what == Difference::opened);
    CHECK(c.total() == dollars(0));
    CHECK_FALSE(c.same());
}

TEST_CASE("another direction is another trade, and a reason is a difference without an amount") {
    auto left = decided();
    const auto right = decided();
    left.run.trades[1].side = model::Side::sell;
    left.run.trades[0].why = execution::Label::cut("tightened_target");
    const auto c = compare(left.run, right.run);
    CHECK(c.left_only == 1);
    CHECK(c.right_only == 1);
    CHECK(c.differing == 1);
    REQUIRE(c.pairs[0].differing.size() == 1);
    CHECK(c.pairs[0].differing[0].what == Difference::reason);
    CHECK(sum(c) == c.total());
}

TEST_CASE("every key of a comparison's JSON is in the document") {
    auto left = decided();
    const auto right = decided();
    left.run.trades[0].entry_ticks += 3;
    const auto c = compare(left.run, right.run);
    const auto json = comparison_json(c, left.run, right.run, "paper", "backtest");
    const auto document = test::read_text(test::source_directory() + "/docs/json.md");
    CHECK(has(json, "\"same\":false"));
    for (auto at = json.find("\":"); at != std::string::npos; at = json.find("\":", at + 1)) {
        const auto begin = json.rfind('"', at - 1);
        const auto key = json.substr(begin + 1, at - begin - 1);
        CHECK_MESSAGE(has(document, "`" + key + "`"), key);
    }
}
