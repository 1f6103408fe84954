#include "worker/jobs/share_edits.hpp"

#include <doctest/doctest.h>

#include <algorithm>

#include "common/base/errc.hpp"
#include "tests/support/temporary.hpp"

using namespace bullpen;
using namespace bullpen::jobs;

namespace {

const UtcTime k_at = parse_utc("2026-11-20T10:00:00.000Z").value();
constexpr const char* k_day = "2026-11-20";

ShareState known() {
    ShareState state;
    auto& records = state.records;
    const auto order = [&](const char* client, const char* symbol, MeantState is,
                           std::optional<std::int64_t> filled) {
        auto& one = records.orders[client];
        one.day = k_day;
        one.signal = {symbol, {150'000}, {140'000}, {180'000}};
        one.quantity = 10;
        one.state = is;
        one.filled = filled;
    };
    order("A1", "INFY", MeantState::over, 10);
    order("A2", "TCS", MeantState::over, 0);
    order("A3", "SBIN", MeantState::planned, 0);
    records.own["INFY"] = 10;
    records.positions["INFY"].quantity = 10;
    records.stops["INFY"].own = {17};
    records.sold["LT"] = k_at;
    records.planned = PlannedFrom{k_day, "signals.csv", "crc", k_at};
    state.watch["INFY"].base = 10;
    return state;
}

Holdings held(const std::string& symbol, std::int64_t quantity) {
    Holdings holdings;
    holdings.at = k_at;
    if (quantity != 0)
        holdings.lines.push_back({symbol, quantity, 0, 0, 0});
    holdings.days.push_back({k_day, std::nullopt, {}});
    return holdings;
}

bool holds(const std::vector<std::string>& lines, const std::string& words) {
    return std::any_of(lines.begin(), lines.end(), [&](const std::string& line) {
        return line.find(words) != std::string::npos;
    });
}

}  // namespace

TEST_CASE("a share that the broker holds, or may hold, is not removed without a word") {
    const auto has = plan_remove(known(), "INFY", held("INFY", 10));
    REQUIRE(has.has_value());
    REQUIRE(has->doubts.size() == 1);
    CHECK(has->doubts.front().find("its broker holds 10 of it") != std::string::npos);
    const auto not_known = plan_remove(known(), "INFY", std::nullopt);
    REQUIRE(not_known.has_value());
    CHECK(holds(not_known->doubts, "is not known"));
    const auto gone = plan_remove(known(), "INFY", held("TCS", 3));
    REQUIRE(gone.has_value());
    CHECK(gone->doubts.empty());
    CHECK(plan_remove(known(), "NONE", held("TCS", 3)).error().code() == Errc::not_found);
}

TEST_CASE("a share that is removed is forgotten, but for the numbers of its stops") {
    const auto edit = plan_remove(known(), "INFY", held("INFY", 0));
    REQUIRE(edit.has_value());
    const auto& after = edit->after;
    CHECK_FALSE(after.records.own.contains("INFY"));
    CHECK_FALSE(after.records.positions.contains("INFY"));
    CHECK_FALSE(after.watch.contains("INFY"));
    CHECK(after.records.stops.at("INFY").own == std::set<std::uint64_t>{17});
    CHECK(holds(edit->changes, "INFY: 10 of its shares are the account's own no more"));
    // An order that was bought stays on the day, one that was only planned is not sent.
    CHECK(after.records.orders.at("A1") == known().records.orders.at("A1"));
    const auto planned = plan_remove(known(), "SBIN", held("INFY", 0));
    REQUIRE(planned.has_value());
    CHECK(planned->after.records.orders.at("A3").state == MeantState::rejected);
}

TEST_CASE("an order that may work at the broker speaks against whatever forgets it") {
    auto before = known();
    before.records.orders.at("A3").state = MeantState::sent;
    before.records.positions["SBIN"].quantity = 4;
    const auto removed = plan_remove(before, "SBIN", held("INFY", 0));
    REQUIRE(removed.has_value());
    CHECK(holds(removed->doubts, "SBIN: its order A3 may still work"));
    const auto reset = plan_reset_day(before, held("INFY", 10));
    REQUIRE(reset.has_value());
    CHECK(holds(reset->doubts, "SBIN: its order A3 may still work"));
    CHECK(reset->after.records.orders.at("A3").state == MeantState::sent);
}

TEST_CASE("a stop or a sale that may be on its way speaks against an edit of its share") {
    auto before = known();
    before.records.stops["INFY"].intent = StopRecords::Intent{};
    before.watch["INFY"].exit = WatchExit{};
    for (const auto& edit : {plan_remove(before, "INFY", held("INFY", 0)),
                             plan_set(before, "INFY", {.own = 4}, held("INFY", 10), "TEST")}) {
        REQUIRE(edit.has_value());
        CHECK(holds(edit->doubts, "INFY: a stop of it may be on its way"));
        CHECK(holds(edit->doubts, "INFY: the watchdog's sale of it is under way"));
    }
}

TEST_CASE("a day that is reset forgets what came to nothing, and nothing that was bought") {
    auto before = known();
    const auto marked = plan_set(before, "WIPRO", {.traded = true}, held("INFY", 10), "TEST");
    REQUIRE(marked.has_value());
    CHECK(holds(marked->changes, "WIPRO: traded on 2026-11-20"));
    const auto edit = plan_reset_day(marked->after, held("INFY", 10));
    REQUIRE(edit.has_value());
    CHECK(edit->doubts.empty());
    const auto& after = edit->after.records;
    CHECK_FALSE(after.planned.has_value());
    CHECK(after.sold.empty());
    CHECK(after.orders.size() == 3);
    CHECK(after.orders.at("A1") == before.records.orders.at("A1"));
    // Kept as refused: a new attempt gets an id of its own.
    CHECK(after.orders.at("A2").state == MeantState::rejected);
    CHECK(after.orders.at("A3").state == MeantState::rejected);
    CHECK(after.own == before.records.own);
    CHECK(after.stops == before.records.stops);
    CHECK(holds(edit->changes, "WIPRO: may be bought on 2026-11-20 again"));
    CHECK(holds(edit->changes, "LT: cools no more"));
    const auto again = plan_reset_day(edit->after, held("INFY", 10));
    REQUIRE(again.has_value());
    CHECK(again->changes.empty());
    CHECK(plan_reset_day({}, std::nullopt).error().code() == Errc::not_found);
}

TEST_CASE("what of a share is the account's own can be set, up to what the broker holds") {
    const auto less = plan_set(known(), "INFY", {.own = 4}, held("INFY", 10), "TEST");
    REQUIRE(less.has_value());
    CHECK(less->doubts.empty());
    CHECK(less->after.records.own.at("INFY") == 4);
    CHECK(less->after.records.positions.at("INFY").quantity == 10);
    CHECK_FALSE(less->after.watch.contains("INFY"));
    const auto more = plan_set(known(), "INFY", {.own = 11}, held("INFY", 10), "TEST");
    REQUIRE(more.has_value());
    CHECK(holds(more->doubts, "INFY: its broker holds 10 of it"));
    const auto none = plan_set(known(), "INFY", {.own = 0}, held("INFY", 10), "TEST");
    REQUIRE(none.has_value());
    CHECK_FALSE(none->after.records.own.contains("INFY"));
    const auto same = plan_set(known(), "INFY", {.own = 10}, held("INFY", 10), "TEST");
    REQUIRE(same.has_value());
    CHECK(same->after == known());
}

TEST_CASE("a trigger is one share's stop, and can be given to the account and taken from it") {
    const auto given = plan_set(known(), "TCS", {.gtt = 18}, held("TCS", 1), "TEST");
    REQUIRE(given.has_value());
    CHECK(given->after.records.stops.at("TCS").own.contains(18));
    CHECK(plan_set(known(), "TCS", {.gtt = 17}, held("TCS", 1), "TEST").error().code() ==
          Errc::refused);
    const auto taken = plan_set(known(), "INFY", {.no_gtt = 17}, held("INFY", 10), "TEST");
    REQUIRE(taken.has_value());
    CHECK(taken->after.records.stops.at("INFY").own.empty());
    CHECK(plan_set(known(), "INFY", {.no_gtt = 99}, held("INFY", 10), "TEST").error().code() ==
          Errc::refused);
    CHECK(plan_set(known(), "no name", {.own = 1}, std::nullopt, "TEST").error().code() ==
          Errc::invalid);
}
