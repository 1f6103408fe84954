// The prior-day-low rule as a table, and a stop that is moved against the exchange's book: the job
// dies at any step, answers are lost, the user places and deletes triggers by hand, prices move.
#include "worker/jobs/stop_plan.hpp"

#include <doctest/doctest.h>

#include <sstream>
#include <string>

#include "common/base/random.hpp"
#include "common/matching/shares.hpp"
#include "tests/support/seed.hpp"
#include "tests/unit/equity/table.hpp"

namespace bullpen::jobs {
namespace {

using equity::test_table::price;
using equity::test_table::rows_of;
using matching::ShareBook;
using matching::TriggerStatus;

// Rupees; "-" is no stop. Of a low that is above 99 % of the last price it is 95 % of that price;
// the limit is 95 % of the trigger, and both are rounded down to the tick.
TEST_CASE("the stop is the low of the day before, or 95 percent where that is too near") {
    for (const auto& row : rows_of(R"(
#  low     last    tick trigger limit
1  97.03   100.00  5    97.00   92.15
2  99.00   100.00  5    99.00   94.05
3  99.05   100.00  5    95.00   90.25
4  99.04   100.00  5    99.00   94.05
5  120.00  100.03  5    95.00   90.25
6  97.03   100.00  10   97.00   92.10
7  0.11    100.00  5    0.10    0.05
8  0.05    100.00  5    -       -
9  0.00    0.00    5    -       -
)")) {
        CAPTURE(row.at("#"));
        const auto levels = prior_day_low(*price(row.at("low")), *price(row.at("last")),
                                          {std::stol(row.at("tick"))});
        CHECK((levels ? std::optional(levels->trigger) : std::nullopt) == price(row.at("trigger")));
        CHECK((levels ? std::optional(levels->limit) : std::nullopt) == price(row.at("limit")));
    }
}

const StopLevels k_wanted{{9'500}, {9'025}};
const StopLevels k_other{{9'000}, {8'550}};
const UtcTime k_at = *parse_utc("2026-07-06T05:00:00Z");

TEST_CASE("what the broker does not say changes nothing") {
    const StopRecords none;
    const std::vector<SellTrigger> active;
    CHECK(std::holds_alternative<StopUnknown>(next_step(none, std::nullopt, active, k_wanted)));
    CHECK(std::holds_alternative<StopUnknown>(next_step(none, 10, std::nullopt, k_wanted)));
    StopRecords sent;
    sent.intent = StopRecords::Intent{k_wanted, 10, {}};
    CHECK(std::holds_alternative<StopUnknown>(next_step(sent, 10, active, k_wanted)));
}

TEST_CASE("the new stop is there before the old one goes") {
    StopRecords records;
    records.own = {1};
    std::vector<SellTrigger> active = {{1, k_other, 10}, {2, k_other, 10}};
    const auto first = next_step(records, 10, active, k_wanted);
    REQUIRE(std::holds_alternative<PlaceStop>(first));
    CHECK((std::get<PlaceStop>(first).intent == StopRecords::Intent{k_wanted, 10, {1, 2}}));
    records.own.insert(3);
    active.push_back({3, k_wanted, 10});
    CHECK((next_step(records, 10, active, k_wanted) == StopStep(DeleteStop{1})));
    active.erase(active.begin());
    // The second is the user's.
    CHECK((next_step(records, 10, active, k_wanted) == StopStep(StopDone{})));
}

TEST_CASE("a stop for another quantity is replaced, and one too many is deleted") {
    StopRecords records;
    records.own = {1, 2};
    const std::vector<SellTrigger> active = {{1, k_wanted, 10}, {2, k_wanted, 10}};
    CHECK(std::holds_alternative<PlaceStop>(next_step(records, 15, active, k_wanted)));
    CHECK((next_step(records, 10, active, k_wanted) == StopStep(DeleteStop{2})));
}

TEST_CASE("an exchange takes a trigger a quarter of a percent below the price, and no nearer") {
    CHECK(may_place({9'975}, {10'000}));
    CHECK_FALSE(may_place({9'980}, {10'000}));
    CHECK_FALSE(may_place({10'000}, {10'000}));
    CHECK_FALSE(may_place({10'100}, {10'000}));
    CHECK(may_place({1}, {10'000}));
}

// Those of ours that stand, as quantity@rupees; what is held; what is done with a price too near to
// 95.00, and 90.00 as the rule's own level.
TEST_CASE("too near to the price the standing stops stay, and what they leave bare gets another") {
    for (const auto& row : rows_of(R"(
#  standing              held does
1  10@95.00              13   place:3
2  10@95.00,3@90.00      13   done
3  10@95.00,3@90.00      16   place:3
4  10@95.00              10   done
5  10@95.00              7    place:7
6  10@95.00,7@90.00      7    delete:1
7  10@95.00,3@90.00      11   place:11
8  10@95.00,11@90.00     11   delete:1
9  10@94.00,10@93.00     10   delete:2
10 -                     5    place:5
11 10@95.00              0    delete:1
)")) {
        CAPTURE(row.at("#"));
        StopRecords records;
        std::vector<SellTrigger> active;
        std::istringstream all(row.at("standing"));
        for (std::string one; std::getline(all, one, ',') && one != "-";) {
            const auto at = one.find('@');
            const std::uint64_t number = active.size() + 1;
            records.own.insert(number);
            active.push_back(
                {number, {*price(one.substr(at + 1)), {8'000}}, std::stol(one.substr(0, at))});
        }
        // A person's covers nothing for us, and is never touched.
        active.push_back({99, k_other, 3});
        const auto highest = never_lower(k_other, records, active);
        const auto step = next_step(records, std::stol(row.at("held")), active, highest, k_other);
        std::string does = "done";
        if (const auto* stop = std::get_if<PlaceStop>(&step)) {
            does = "place:" + std::to_string(stop->intent.quantity);
            CHECK((stop->intent.levels == k_other));
        } else if (const auto* old = std::get_if<DeleteStop>(&step)) {
            does = "delete:" + std::to_string(old->number);
        }
        CHECK(does == row.at("does"));
    }
}

TEST_CASE("what is not held any more needs no stop of ours") {
    StopRecords records;
    records.own = {1};
    const std::vector<SellTrigger> active = {{1, k_wanted, 10}, {2, k_wanted, 10}};
    CHECK((next_step(records, 0, active, k_wanted) == StopStep(DeleteStop{1})));
    CHECK((next_step(records, 0, std::vector<SellTrigger>{{2, k_wanted, 10}}, k_wanted) ==
           StopStep(StopDone{})));
}

TEST_CASE(
    "a trigger whose answer was lost is known again, and a user's like it is not taken for it") {
    StopRecords records;
    records.intent = StopRecords::Intent{k_wanted, 10, {7}};
    adopt(records, {{7, k_wanted, 10}, {8, k_other, 10}, {9, k_wanted, 5}}, false, k_at);
    CHECK(records.own.empty());
    CHECK(records.intent);
    adopt(records, {{7, k_wanted, 10}, {12, k_wanted, 10}}, false, k_at);
    CHECK(records.own == std::set<std::uint64_t>{12});
    CHECK_FALSE(records.intent);
    records.intent = StopRecords::Intent{k_wanted, 10, {7, 12}};
    adopt(records, {{7, k_wanted, 10}, {12, k_wanted, 10}}, true, k_at);
    CHECK_FALSE(records.intent);
    CHECK(records.own == std::set<std::uint64_t>{12});
}

// A trigger below the lower circuit cannot fire today, and its limit stays as it is (6).
TEST_CASE("a limit is never below the lower circuit of a day on which its trigger can fire") {
    for (const auto& row : rows_of(R"(
#  trigger limit  circuit tick becomes
1  95.00   90.25  90.00   5    90.25
2  95.00   90.25  90.25   5    90.25
3  95.00   90.25  91.00   5    91.00
4  95.00   90.25  91.01   5    91.05
5  95.00   90.25  95.00   5    95.00
6  95.00   90.25  95.05   5    90.25
7  95.00   90.20  91.01   10   91.10
)")) {
        CAPTURE(row.at("#"));
        const StopLevels before{*price(row.at("trigger")), *price(row.at("limit"))};
        const auto levels =
            within_circuit(before, *price(row.at("circuit")), {std::stol(row.at("tick"))});
        CHECK(levels.trigger == before.trigger);
        CHECK(levels.limit == *price(row.at("becomes")));
    }
}

TEST_CASE("a trigger that comes late after a lost answer is ours, also when another was placed") {
    StopRecords records;
    records.intent = StopRecords::Intent{k_wanted, 10, {7}, true};
    // The broker has nothing of it: it is placed again, and that one is answered.
    adopt(records, {{7, k_wanted, 10}}, true, k_at);
    CHECK_FALSE(records.intent);
    REQUIRE(records.late.size() == 1);
    records.own.insert(8);
    const auto later = k_at + std::chrono::minutes(5);
    adopt(records, {{7, k_wanted, 10}, {8, k_wanted, 10}}, true, later);
    CHECK(records.own == std::set<std::uint64_t>{8});
    adopt(records, {{7, k_wanted, 10}, {8, k_wanted, 10}, {9, k_wanted, 10}}, true, later);
    CHECK(records.own == std::set<std::uint64_t>{8, 9});
    CHECK(records.late.empty());
    // One too many, which goes; that of before the intent is a person's.
    CHECK((
        next_step(records, 10,
                  std::vector<SellTrigger>{{7, k_wanted, 10}, {8, k_wanted, 10}, {9, k_wanted, 10}},
                  k_wanted) == StopStep(DeleteStop{9})));
}

TEST_CASE("the last price that a stop is placed with is none that the market has") {
    struct Row {
        std::int64_t trigger;
        std::int64_t last;
        std::int64_t tick;
        std::int64_t said;
    };
    static constexpr Row k_rows[] = {
        {9'500, 10'000, 5, 10'001},   // the real one is above 105 % of the trigger
        {9'900, 10'000, 5, 10'401},   // 105 %, which is above the real one
        {9'905, 10'000, 10, 10'416},  // another one between its ticks
        {9'901, 10'000, 1, 10'399},   // a tick is the least there is: one of fifty above
        {9'990, 10'000, 1, 10'531},
    };
    for (const auto& row : k_rows) {
        CAPTURE(row.trigger);
        const auto said = price_to_say({row.trigger}, {row.last}, {row.tick});
        CHECK(said.ticks == row.said);
        CHECK((row.tick == 1 || said.ticks % row.tick != 0));
        CHECK(said.ticks >= row.last);
        CHECK(said.ticks * 100 > row.trigger * 105);
    }
}

TEST_CASE("a trigger of a person's with the very values of ours is not taken for it") {
    const auto said = price_to_say(k_wanted.trigger, {10'000}, {5});
    const SellTrigger persons{8, k_wanted, 10, {10'000}};
    StopRecords records;
    records.intent = StopRecords::Intent{k_wanted, 10, {7}, true, said};
    // Placed while the answer is awaited, and when it has been given up for late.
    adopt(records, {persons}, false, k_at);
    CHECK(records.own.empty());
    adopt(records, {persons}, true, k_at);
    REQUIRE(records.late.size() == 1);
    adopt(records, {persons}, true, k_at + std::chrono::minutes(5));
    CHECK(records.own.empty());
    // Ours comes beside it.
    adopt(records, {persons, {9, k_wanted, 10, said}}, true, k_at + std::chrono::minutes(6));
    CHECK(records.own == std::set<std::uint64_t>{9});
    CHECK(records.late.empty());
}

TEST_CASE("what was never sent is not waited for, nor what is like it and a person's") {
    StopRecords records;
    // Its process died before, or the broker's no was heard.
    records.intent = StopRecords::Intent{k_wanted, 10, {}};
    adopt(records, {}, true, k_at);
    CHECK(records.late.empty());
    records.intent = StopRecords::Intent{k_wanted, 10, {}, true};
    adopt(records, {}, true, k_at);
    // Other values; another quantity; more of them than are waited for.
    adopt(records, {{1, k_other, 10}, {2, k_wanted, 5}}, true, k_at);
    adopt(records, {{3, k_wanted, 10}, {4, k_wanted, 10}}, true, k_at);
    CHECK(records.own.empty());
    REQUIRE(records.late.size() == 1);
    // After half an hour it does not come any more.
    adopt(records, {{3, k_wanted, 10}}, true, k_at + std::chrono::minutes(31));
    CHECK(records.own.empty());
    CHECK(records.late.empty());
}

TEST_CASE("of several that are late each is known, and no more of them are remembered than some") {
    StopRecords records;
    for (std::size_t i = 0; i < StopRecords::k_late_count_max + 3; ++i) {
        records.intent = StopRecords::Intent{k_wanted, 10, {}, true};
        adopt(records, {}, true, k_at);
    }
    CHECK(records.late.size() == StopRecords::k_late_count_max);
    adopt(records, {{1, k_wanted, 10}, {2, k_wanted, 10}}, true, k_at);
    CHECK(records.own == std::set<std::uint64_t>{1, 2});
    CHECK(records.late.size() == StopRecords::k_late_count_max - 2);
}

TEST_CASE("a person's stop is left its part where there is room for it beside ours") {
    StopRecords records;
    records.own = {1};
    const auto bare = [&](std::int64_t persons) {
        return bare_beside(records, 104, {{1, k_wanted, 20}, {2, k_other, persons}});
    };
    CHECK(bare(0) == 84);
    CHECK(bare(4) == 80);
    CHECK(bare(84) == 0);
    // With that much nothing is left to go by but ours.
    CHECK(bare(85) == 84);
    CHECK(bare_beside(records, 20, {{1, k_wanted, 20}, {2, k_other, 4}}) == 0);
}

// One holding over many days, and the job that runs on each of them.
class World {
  public:
    explicit World(std::uint64_t seed)
        : random_(seed),
          book_({1'000'000'000'000, model::k_inr}, {}),
          share_(book_.add_share("S")) {
        book_.add_holding(share_, 10);
    }

    void live() {
        auto day = std::chrono::sys_days(std::chrono::year(2026) / 7 / 1);
        for (int d = 0; d < 60; ++d) {
            day += std::chrono::days(1);
            book_.open_day(day, {matching::share_day({price_}, 20, {5})});
            move();
            run_job();
            for (int i = 0; i < 5; ++i)
                move();
            low_ = price_;
            book_.close_day();
            if (book_.holding(share_).all() < 5 && random_.chance(0.5))
                book_.add_holding(share_, 10);
            else if (random_.chance(0.3))
                book_.add_holding(share_, 3);
        }
    }
    [[nodiscard]] int moved() const { return moved_; }
    [[nodiscard]] int died() const { return died_; }
    // How often the price was too near to what stood for another one there.
    [[nodiscard]] int near() const { return near_; }

  private:
    void move() {
        price_ = std::clamp<std::int64_t>(
            (price_ + random_.between(-price_ / 60, price_ / 60)) / 5 * 5, 2'000, 50'000);
        book_.on_price(share_, {price_});
    }
    [[nodiscard]] std::vector<SellTrigger> active() const {
        std::vector<SellTrigger> all;
        for (const auto& [number, trigger] : book_.triggers()) {
            if (trigger.status == TriggerStatus::active)
                all.push_back({number,
                               {trigger.request.first.trigger, trigger.request.first.limit},
                               trigger.request.first.quantity});
        }
        return all;
    }
    [[nodiscard]] std::size_t protections() const {
        std::size_t count = 0;
        for (const auto& one : active())
            count += sent_.contains(one.number) ? 1U : 0U;
        return count;
    }
    std::uint64_t place(const StopLevels& levels, std::int64_t quantity) {
        return book_
            .place_trigger(
                {share_, model::Side::sell, {levels.trigger, levels.limit, quantity}, {}})
            .number;
    }
    // Anything but a trigger with the very values of one that is on its way.
    void user_acts() {
        if (random_.chance(0.1) && !records_.intent)
            if (const auto number =
                    place({{price_ * 9 / 10 / 5 * 5}, {price_ * 8 / 10 / 5 * 5}}, 10))
                by_hand_.insert(number);
        if (random_.chance(0.05) && !records_.intent && wanted_)
            if (const auto number = place(*wanted_, 10))
                by_hand_.insert(number);
    }

    void run_job() {
        wanted_ = prior_day_low({low_}, {price_}, {5});
        REQUIRE(wanted_);
        for (int looks = 0; looks < 200; ++looks) {
            user_acts();
            const auto protected_before = protections();
            const auto held = book_.holding(share_).all();
            const auto seen = random_.chance(0.1) ? std::optional<std::vector<SellTrigger>>()
                                                  : std::optional(active());
            if (seen)
                adopt(records_, *seen, random_.chance(0.3), k_at);
            auto wanted = *wanted_;
            std::optional<StopLevels> beside;
            if (seen) {
                wanted = never_lower(wanted, records_, *seen);
                if (!may_place(wanted.trigger, {price_})) {
                    beside = wanted_;
                    near_ += held > 0 && not_covered(records_, held, *seen) > 0 ? 1 : 0;
                }
            }
            const auto step = next_step(records_, held, seen, wanted, beside);
            if (std::holds_alternative<StopDone>(step))
                return finished(held);
            if (const auto* stop = std::get_if<PlaceStop>(&step)) {
                records_.intent = stop->intent;
                // Dies before it is sent, or with the answer on its way.
                if (random_.chance(0.2)) {
                    ++died_;
                    continue;
                }
                const auto number = place(stop->intent.levels, stop->intent.quantity);
                REQUIRE(number != 0);
                sent_.insert(number);
                if (random_.chance(0.2)) {
                    ++died_;
                    continue;
                }
                records_.own.insert(number);
                records_.intent.reset();
                ++moved_;
            } else if (const auto* old = std::get_if<DeleteStop>(&step)) {
                REQUIRE_FALSE(by_hand_.contains(old->number));
                REQUIRE(sent_.contains(old->number));
                (void)book_.delete_trigger(old->number);
            }
            // Once there is a stop there is one at every instant.
            if (held > 0)
                REQUIRE(protections() >= std::min<std::size_t>(protected_before, 1));
        }
        FAIL("the stop does not come to rest");
    }
    void finished(std::int64_t held) {
        std::int64_t covered = 0;
        for (const auto& one : active())
            covered += sent_.contains(one.number) ? one.quantity : 0;
        REQUIRE(covered == held);
        for (const auto number : by_hand_)
            REQUIRE(book_.triggers().at(number).status != TriggerStatus::deleted);
    }

    SeededRandom random_;
    ShareBook book_;
    matching::ShareRef share_;
    std::int64_t price_ = 10'000;
    std::int64_t low_ = 9'800;
    StopRecords records_;
    std::optional<StopLevels> wanted_;
    std::set<std::uint64_t> sent_;
    std::set<std::uint64_t> by_hand_;
    int moved_ = 0;
    int died_ = 0;
    int near_ = 0;
};

TEST_CASE(
    "a stop is moved without an unprotected instant, whatever dies, and no manual one is touched") {
    SeededRandom seeds(test::seed("moved stops"));
    int moved = 0;
    int died = 0;
    int near = 0;
    for (int world = 0; world < 100; ++world) {
        CAPTURE(world);
        World one(seeds.next());
        one.live();
        moved += one.moved();
        died += one.died();
        near += one.near();
    }
    MESSAGE(moved << " stops moved, " << died << " deaths on the way, " << near
                  << " times too near to the price");
    CHECK(near > 0);
    CHECK(moved > 1000);
    CHECK(died > 300);
}

}  // namespace
}  // namespace bullpen::jobs
