#include "worker/jobs/day_loss.hpp"

#include <doctest/doctest.h>

#include "tests/support/temporary.hpp"

using namespace bullpen;
using namespace bullpen::jobs;

namespace {

constexpr std::int64_t k_rupee = 1'000'000;
const UtcTime k_at = parse_utc("2026-11-20T06:00:00.000Z").value();
const auto k_day = std::chrono::floor<std::chrono::days>(k_at);

model::Money rupees(std::int64_t amount) {
    return {amount * k_rupee, model::k_inr};
}

// A hundred shares that closed at 100.00 rupees, and 90,000 in cash.
ShareWorld world(std::int64_t paise) {
    ShareWorld world;
    world.at = k_at;
    world.open = true;
    world.available = rupees(90'000);
    world.held["INFY"].holding.settled = 100;
    auto& quote = world.quotes["INFY"];
    quote.last = {paise};
    quote.close_before = {10'000};
    return world;
}

}  // namespace

TEST_CASE("a day's loss is reached at the limit and not before, and stays for the day") {
    const LossRules rules{500, 0};
    ShareRecords records;
    CHECK_FALSE(judge_loss(records, world(9'501), rules, k_day));
    CHECK_FALSE(records.loss.has_value());
    CHECK(judge_loss(records, world(9'500), rules, k_day));
    REQUIRE(records.loss.has_value());
    CHECK(records.loss->day == "2026-11-20");
    CHECK(records.loss->loss == rupees(500));
    CHECK(records.loss->limit == rupees(500));
    CHECK(is_loss_reached(records, "2026-11-20"));
    CHECK_FALSE(is_loss_reached(records, "2026-11-23"));
    CHECK(text_of(*records.loss).starts_with("daily_loss_reached: on 2026-11-20"));
    // Neither a better price nor another limit lifts it, nor does another process.
    const auto before = records;
    CHECK_FALSE(judge_loss(records, world(12'000), rules, k_day));
    CHECK_FALSE(judge_loss(records, world(12'000), LossRules{}, k_day));
    CHECK(records == before);
    const auto id = test::account_id("anna");
    CHECK(*decode_share_records(encode(records, id), id) == records);
}

TEST_CASE("the next trading day begins without the loss of the one before") {
    const LossRules rules{500, 0};
    ShareRecords records;
    CHECK(judge_loss(records, world(9'000), rules, k_day));
    // A run that began on the day before says nothing of today's.
    CHECK_FALSE(judge_loss(records, world(10'000), rules, k_day - std::chrono::days(1)));
    CHECK(records.loss.has_value());
    CHECK(judge_loss(records, world(10'000), rules, k_day + std::chrono::days(3)));
    CHECK_FALSE(records.loss.has_value());
}

TEST_CASE("of amount and percentage of the account's worth the stricter one counts") {
    const auto fell = rupees(-1'000);
    CHECK_FALSE(loss_limit({}, world(9'000), fell).has_value());
    CHECK(loss_limit({2'000, 0}, world(9'000), fell) == rupees(2'000));
    // It was worth 90,000 and a hundred shares of 100 when the day began.
    CHECK(loss_limit({0, 1}, world(9'000), fell) == rupees(1'000));
    CHECK(loss_limit({2'000, 1}, world(9'000), fell) == rupees(1'000));
    CHECK(loss_limit({300, 1}, world(9'000), fell) == rupees(300));
    // What nobody knows is no percentage of anything.
    CHECK_FALSE(loss_limit({0, 1}, world(9'000), std::nullopt).has_value());
}

TEST_CASE("a day whose profit is not known reaches no limit") {
    auto unknown = world(1);
    unknown.quotes.clear();
    ShareRecords records;
    CHECK_FALSE(judge_loss(records, unknown, {1, 1}, k_day));
    CHECK_FALSE(records.loss.has_value());
}
