// What is shown of an account of shares, and the count of its orders, as they are written and read.
#include "worker/jobs/holdings.hpp"

#include <doctest/doctest.h>

#include "common/base/errc.hpp"
#include "common/storage/file_system.hpp"
#include "tests/support/temporary.hpp"
#include "worker/jobs/budget_records.hpp"

namespace bullpen::jobs {
namespace {

const UtcTime k_now = *parse_utc("2026-07-06T05:00:00Z");
const auto k_today = std::chrono::floor<std::chrono::days>(k_now);

ShareWorld world() {
    ShareWorld world;
    world.at = k_now;
    world.open = true;
    world.available = {5'000'000'000, model::k_inr};
    world.held["AAA"] = {"AAA", {100, 0, 0}, 100, 0};
    world.held["BBB"] = {"BBB", {0, 0, 0}, 0, -10};
    world.quotes["AAA"] = {"AAA", {9'700}, {9'000}, {11'000}, {5}, {9'600}, {10'000}};
    world.quotes["BBB"] = {"BBB", {2'000}, {1'000}, {3'000}, {5}, {1'900}, {2'000}};
    return world;
}

}  // namespace

TEST_CASE("a day of shares is told in rupees: what is held, and what the day brought") {
    ShareRecords records;
    records.own["AAA"] = 40;
    auto seen = world();
    seen.held.erase("BBB");
    Holdings holdings;
    take(holdings, records, seen, k_today);
    REQUIRE(holdings.lines.size() == 1);
    CHECK(holdings.lines[0] == HoldingLine{"AAA", 100, 0, 40, 9'700});
    REQUIRE(holdings.days.size() == 1);
    CHECK(holdings.days[0].day == "2026-07-06");
    REQUIRE(holdings.days[0].pnl);
    // A hundred shares, three rupees below the close before.
    CHECK(*holdings.days[0].pnl == model::Money{-300'000'000, model::k_inr});
    CHECK(holdings.days[0].value == model::Money{9'700'000'000, model::k_inr});
    // Later on the day, and on the next one.
    const auto before = holdings;
    seen.quotes["AAA"].last = {10'100};
    take(holdings, records, seen, k_today);
    CHECK(holdings.days.size() == 1);
    CHECK(*holdings.days[0].pnl == model::Money{100'000'000, model::k_inr});
    CHECK_FALSE(holds_other(holdings, before));
    seen.held["AAA"].holding.settled = 90;
    take(holdings, records, seen, k_today + std::chrono::days(1));
    CHECK(holdings.days.size() == 2);
    CHECK(holds_other(holdings, before));
}

TEST_CASE("holdings are read as they were written, and by their own account alone") {
    Holdings holdings;
    take(holdings, {}, world(), k_today);
    REQUIRE(holdings.lines.size() == 2);
    CHECK(holdings.days[0].value.millionths == 9'500'000'000);
    const auto account = test::account_id("anna");
    const auto text = encode(holdings, account, k_now);
    const auto again = decode_holdings(text, account);
    REQUIRE(again.has_value());
    CHECK(*again == holdings);
    CHECK(decode_holdings(text, test::account_id("bob")).error().code() == Errc::wrong_account);
    CHECK_FALSE(decode_holdings("{}", account));
    test::TemporaryDirectory place;
    storage::SystemFileSystem files;
    CHECK(load_holdings(files, holdings_path(place.path()), account).error().code() ==
          Errc::not_found);
}

TEST_CASE("the count of orders is read as it was written, and by its own account alone") {
    broker::ShareBudget::Kept kept;
    kept.day = k_today;
    kept.sent = 4'321;
    kept.refused = {3, 0, 7};
    kept.recent = {k_now, k_now + Millis(250)};
    const auto account = test::account_id("anna");
    const auto again = decode_budget(encode(kept, account), account);
    REQUIRE(again.has_value());
    CHECK(*again == kept);
    CHECK(decode_budget(encode(kept, account), test::account_id("bob")).error().code() ==
          Errc::wrong_account);
    CHECK_FALSE(decode_budget("{}", account));
    CHECK_FALSE(decode_budget("[", account));
    test::TemporaryDirectory place;
    storage::SystemFileSystem files;
    const auto path = budget_path(place.path());
    CHECK(load_budget(files, path, account).value() == broker::ShareBudget::Kept{});
    REQUIRE(save(files, path, account, kept).has_value());
    CHECK(load_budget(files, path, account).value() == kept);
}

}  // namespace bullpen::jobs
