// What sync makes of the records, as a table: by what the broker holds, what it does not, and what
// the account's own orders have come to.
#include "worker/jobs/share_sync.hpp"

#include <doctest/doctest.h>

#include "tests/unit/equity/table.hpp"

namespace bullpen::jobs {
namespace {

using equity::test_table::Row;
using equity::test_table::rows_of;
using model::Side;

const std::string k_share = "INFY";
constexpr Nanos k_ghost_after = std::chrono::hours(24);
const UtcTime k_now = *parse_utc("2026-07-08T06:00:00Z");
constexpr std::chrono::days k_day{1};

std::int64_t number(const Row& row, const std::string& column) {
    const auto& text = row.at(column);
    return text == "-" ? 0 : std::stoll(text);
}

// Bought so many for delivery; below nought sold.
void order(ShareWorld& world, std::int64_t quantity, std::chrono::sys_days day,
           matching::Product product = matching::Product::cnc) {
    if (quantity == 0)
        return;
    ipc::ShareOrderTold told;
    told.number = world.orders.size() + 1;
    told.client = share_order_id("TEST", "2026-07-06", k_share, std::to_string(told.number));
    told.symbol = k_share;
    told.side = quantity > 0 ? Side::buy : Side::sell;
    told.product = product;
    told.quantity = told.filled = std::abs(quantity);
    told.day = day;
    told.status = matching::Status::filled;
    world.orders.push_back(told);
}

ShareWorld world_of(const Row& row) {
    ShareWorld world;
    world.at = k_now;
    const auto today = std::chrono::floor<std::chrono::days>(k_now);
    order(world, number(row, "own_before"), today - k_day);
    order(world, number(row, "own_today"), today);
    order(world, number(row, "mis"), today, matching::Product::mis);
    ipc::ShareHeld held;
    held.symbol = k_share;
    held.holding = {number(row, "settled"), number(row, "t1"), number(row, "today")};
    held.sellable = held.holding.all();
    held.intraday = number(row, "mis");
    if (held.sellable != 0 || held.intraday != 0)
        world.held[k_share] = held;
    return world;
}

// The records knew of it a day before, when the own orders of that day were counted.
ShareRecords records_of(const Row& row) {
    ShareRecords records;
    if (row.at("known") == "-")
        return records;
    auto& position = records.positions[k_share];
    position.quantity = number(row, "known");
    position.own_day = format_utc(k_now - k_day).substr(0, 10);
    position.own = number(row, "counted");
    if (row.at("absent") != "-")
        position.absent_since = k_now - std::chrono::hours(number(row, "absent"));
    return records;
}

std::string said(const SyncNews& news) {
    std::string text = !news.added.empty()     ? "added"
                       : !news.changed.empty() ? "changed"
                       : !news.ghosts.empty()  ? "ghost"
                       : !news.removed.empty() ? "removed"
                                               : "-";
    return text + (news.manual.empty() ? "" : "_by_hand");
}

std::string not_ours(const SyncNews& news) {
    if (news.not_ours.empty())
        return "-";
    REQUIRE(news.not_ours.size() == 1);
    return std::to_string(news.not_ours[0].known) + "->" + std::to_string(news.not_ours[0].held);
}

}  // namespace

// known, absent (hours that the broker has denied it) and counted (own orders of the day before
// that were counted then): the records. settled, t1, today, mis: held. own_before, own_today: what
// own orders came to on the day before and today. Then what is said, what no own order explains,
// and how many the records have afterwards.
TEST_CASE("sync's merge of records, holdings, T1, the day's purchases, intraday and ghosts") {
    for (const auto& row : rows_of(R"(
#  known absent counted settled t1 today mis own_before own_today says            not_ours keeps
1  -     -      -       -       -  -     -   -          -         -               -        -
2  -     -      -       -       -  10    -   -          10        added           -        10
3  -     -      -       -       10 -     -   10         -         added           -        10
4  -     -      -       10      -  -     -   -          -         added_by_hand   0->10    10
5  -     -      -       5       -  10    -   -          10        added_by_hand   0->15    15
6  10    -      10      -       10 -     -   10         -         -               -        10
7  10    -      -       10      -  -     -   -          -         -               -        10
8  10    -      10      -       10 20    -   10         20        changed         -        30
9  10    -      -       10      -  20    -   -          -         changed_by_hand 10->30   30
10 10    -      -       4       -  -     -   -          -6        changed         -        4
11 10    -      -       4       -  -     -   -          -         changed_by_hand 10->4    4
12 10    -      -       4       -  -     -   -6         -         changed         -        4
13 10    -      -6      4       -  -     -   -6         -         changed_by_hand 10->4    4
14 -     -      -       -       -  -     50  -          -         -               -        -
15 10    -      -       10      -  -     50  -          -         -               -        10
16 10    -      -       -       -  -     50  -          -10       ghost           -        10
17 10    -      -       -       -  -     -   -          -10       ghost           -        10
18 10    -      -       -       -  -     -   -          -         ghost           10->0    10
19 10    3      -       -       -  -     -   -          -         ghost           -        10
20 10    23     -       -       -  -     -   -          -         ghost           -        10
21 10    24     -       -       -  -     -   -          -         removed         -        -
22 10    30     -       10      -  -     -   -          -         -               -        10
)")) {
        CAPTURE(row.at("#"));
        auto records = records_of(row);
        const auto news = sync_positions(records, world_of(row), k_ghost_after);
        CHECK(said(news) == row.at("says"));
        CHECK(not_ours(news) == row.at("not_ours"));
        const auto found = records.positions.find(k_share);
        CHECK((found == records.positions.end() ? "-" : std::to_string(found->second.quantity)) ==
              row.at("keeps"));
    }
}

TEST_CASE("what no own order explains is told once") {
    Row row = rows_of(
                  "known absent counted settled t1 today mis own_before own_today\n"
                  "10 - - 4 - - - - -")
                  .front();
    auto records = records_of(row);
    const auto world = world_of(row);
    CHECK(sync_positions(records, world, k_ghost_after).not_ours ==
          std::vector<NotOurs>{{k_share, 10, 4}});
    CHECK(sync_positions(records, world, k_ghost_after).not_ours.empty());
}

}  // namespace bullpen::jobs
