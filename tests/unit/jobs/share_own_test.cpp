// Which shares are the account's own, by orders that jobs, stops and a person sent.
#include "worker/jobs/share_own.hpp"

#include <doctest/doctest.h>

#include "common/base/random.hpp"
#include "tests/support/seed.hpp"
#include "worker/jobs/share_rest.hpp"

using namespace bullpen;
using namespace bullpen::jobs;
using model::Side;

namespace {

const std::string k_share = "INFY";
constexpr std::uint64_t k_stop = 70;

struct Account {
    Account() { records.stops[k_share].own.insert(k_stop); }

    void by_job(Side side, std::int64_t quantity) { order(side, quantity, true, 0); }
    void by_stop(std::int64_t quantity) { order(Side::sell, quantity, false, k_stop); }
    void by_person(Side side, std::int64_t quantity) { order(side, quantity, false, 0); }
    // What is counted as own, after a look.
    std::int64_t own() {
        (void)count_own(records, world);
        const auto found = records.own.find(k_share);
        return found == records.own.end() ? 0 : found->second;
    }
    void stop(std::uint64_t number, std::int64_t quantity, std::int64_t trigger) {
        world.triggers.push_back({number,
                                  k_share,
                                  Side::sell,
                                  matching::TriggerStatus::active,
                                  {{trigger}, {trigger - 500}, quantity},
                                  std::nullopt,
                                  0,
                                  {}});
        records.stops[k_share].own.insert(number);
    }
    void quote(std::int64_t last) {
        world.quotes[k_share] = {k_share, {last}, {last / 2}, {last * 2}, {5}, {last / 2}, {last}};
    }

    ShareWorld world;
    ShareRecords records;

  private:
    void order(Side side, std::int64_t quantity, bool job, std::uint64_t trigger) {
        ipc::ShareOrderTold told;
        told.number = world.orders.size() + 1;
        if (job)
            told.client =
                share_order_id("TEST", "2026-07-06", k_share, std::to_string(told.number));
        told.symbol = k_share;
        told.side = side;
        told.quantity = quantity;
        told.filled = quantity;
        told.value = quantity * 10'000;
        told.status = matching::Status::filled;
        told.trigger = trigger;
        world.orders.push_back(told);
        auto& held = world.held[k_share];
        held.symbol = k_share;
        held.holding.today += side == Side::buy ? quantity : -quantity;
        held.sellable = held.holding.all();
    }
};

}  // namespace

TEST_CASE("a stop that sold what a person bought leaves no debt for what a job buys next") {
    Account account;
    account.by_person(Side::buy, 500);
    CHECK(account.own() == 0);
    account.by_stop(500);
    CHECK(account.own() == 0);
    account.by_job(Side::buy, 90);
    CHECK(account.own() == 90);
}

TEST_CASE("what a person sold of a job's shares is not the account's when it is bought again") {
    Account account;
    account.by_job(Side::buy, 68);
    CHECK(account.own() == 68);
    account.by_person(Side::sell, 60);
    CHECK(account.own() == 8);
    account.by_person(Side::buy, 60);
    CHECK(account.own() == 8);
    CHECK(own_quantity(account.records, account.world, k_share) == 8);
}

TEST_CASE("a person's sale is of the person's own shares first") {
    Account account;
    account.by_job(Side::buy, 68);
    account.by_person(Side::buy, 60);
    CHECK(account.own() == 68);
    account.by_person(Side::sell, 60);
    CHECK(account.own() == 68);
    account.by_person(Side::sell, 10);
    CHECK(account.own() == 58);
}

TEST_CASE("orders that one look brings together are counted as one, in whatever order") {
    Account account;
    account.by_job(Side::buy, 40);
    account.by_stop(40);
    account.by_job(Side::buy, 30);
    std::swap(account.world.orders[0], account.world.orders[1]);
    CHECK(account.own() == 30);
    CHECK(account.own() == 30);
}

TEST_CASE("the order of a stop that nobody has heard of yet waits until it is known whose it is") {
    Account account;
    account.by_job(Side::buy, 40);
    CHECK(account.own() == 40);
    account.records.stops[k_share] = {};
    account.records.stops[k_share].intent = StopRecords::Intent{};
    account.by_stop(40);
    CHECK(account.own() == 40);
    account.records.stops[k_share].intent.reset();
    account.records.stops[k_share].own.insert(k_stop);
    const auto fills = count_own(account.records, account.world);
    REQUIRE(fills.size() == 1);
    CHECK(fills.front().trigger == k_stop);
    CHECK(account.own() == 0);
}

TEST_CASE("records of an earlier program that owe shares are made good") {
    Account account;
    account.records.own[k_share] = -500;
    account.by_job(Side::buy, 90);
    CHECK(account.own() == 90);
}

TEST_CASE("whatever jobs, stops and a person trade, what is own was bought by jobs and is held") {
    SeededRandom random(test::seed("own shares"));
    for (int run = 0; run < 300; ++run) {
        Account account;
        std::int64_t own = 0;
        std::int64_t others = 0;
        for (int step = 0; step < 40; ++step) {
            const auto quantity = random.between(1, 20);
            const auto held = own + others;
            switch (random.below(4)) {
                case 0:
                    account.by_job(Side::buy, quantity);
                    own += quantity;
                    break;
                case 1:
                    account.by_person(Side::buy, quantity);
                    others += quantity;
                    break;
                case 2:
                    if (quantity > held)
                        continue;
                    account.by_stop(quantity);
                    others -= std::max<std::int64_t>(quantity - own, 0);
                    own = std::max<std::int64_t>(own - quantity, 0);
                    break;
                default:
                    if (quantity > held)
                        continue;
                    account.by_person(Side::sell, quantity);
                    own -= std::max<std::int64_t>(quantity - others, 0);
                    others = std::max<std::int64_t>(others - quantity, 0);
            }
            CAPTURE(run);
            CAPTURE(step);
            REQUIRE(account.own() == own);
        }
    }
}

TEST_CASE("a stop that would sell more than is held protects nothing, and another one is placed") {
    Account account;
    account.by_job(Side::buy, 89);
    account.stop(71, 89, 9'700);
    account.quote(10'000);
    CHECK(account.own() == 89);
    CHECK(naked_of(account.records, account.world).empty());
    CHECK(std::holds_alternative<AtRest>(
        next_rest(account.records, account.world, RestPolicy::cover, {}, {})));
    account.by_person(Side::sell, 44);
    CHECK(account.own() == 45);
    CHECK(naked_of(account.records, account.world) == std::vector<Naked>{{k_share, 45}});
    // Where the old one was, which stands until the new one does.
    auto step = next_rest(account.records, account.world, RestPolicy::cover, {}, {});
    REQUIRE(std::holds_alternative<RestProtects>(step));
    const auto& intent = std::get<RestProtects>(step).intent;
    CHECK(intent.levels.trigger == model::Price{9'700});
    CHECK(intent.quantity == 45);
    account.stop(72, 45, 9'700);
    CHECK(naked_of(account.records, account.world).empty());
    step = next_rest(account.records, account.world, RestPolicy::cover, {}, {});
    CHECK(std::get<RestTakesStop>(step) == RestTakesStop{71});
}

TEST_CASE("beside a stop too near to the price, a person's is left its part, or one is for all") {
    Account account;
    account.by_job(Side::buy, 104);
    account.stop(71, 20, 9'990);
    account.stop(72, 4, 9'000);
    account.records.stops[k_share].own.erase(72);  // a person's
    account.quote(10'000);
    CHECK(account.own() == 104);
    const auto quantity = [&] {
        const auto step = next_rest(account.records, account.world, RestPolicy::cover, {}, {});
        const auto* stop = std::get_if<RestProtects>(&step);
        return stop == nullptr ? 0 : stop->intent.quantity;
    };
    CHECK(naked_of(account.records, account.world) == std::vector<Naked>{{k_share, 80}});
    CHECK(quantity() == 80);
    // A job of an earlier day placed what ours had left bare: with the person's that is too much.
    account.stop(73, 84, 9'500);
    CHECK(naked_of(account.records, account.world) == std::vector<Naked>{{k_share, 20}});
    CHECK(quantity() == 104);
    account.stop(74, 104, 9'500);
    CHECK(naked_of(account.records, account.world).empty());
    CHECK(quantity() == 0);
}

TEST_CASE("what is for the account's own stops is what a person's do not sell when it falls") {
    struct Row {
        std::vector<std::int64_t> theirs;
        std::int64_t ours;  // left to us of a hundred
    };
    for (const auto& [theirs, ours] :
         {Row{{}, 100}, Row{{30}, 70}, Row{{30, 20}, 50}, Row{{60, 40}, 0}, Row{{100}, 0},
          Row{{100, 30}, 0}, Row{{70, 60}, 100}, Row{{130}, 100}, Row{{130, 30}, 100}}) {
        CAPTURE(ours);
        Account account;
        account.by_job(Side::buy, 100);
        account.quote(10'000);
        CHECK(account.own() == 100);
        std::uint64_t number = 80;
        for (const auto quantity : theirs) {
            account.stop(++number, quantity, 9'000);
            account.records.stops[k_share].own.erase(number);
        }
        // Ours takes nothing from itself.
        account.stop(71, 50, 9'700);
        CHECK(beside_person(account.records.stops[k_share], account.world, k_share) == ours);
        // One that fires when the price rises stops no fall.
        account.stop(90, 100, 12'000);
        account.records.stops[k_share].own.erase(90);
        account.world.triggers.back().last_price = {10'000};
        CHECK(beside_person(account.records.stops[k_share], account.world, k_share) == ours);
    }
}

TEST_CASE("what a person has for sale gets no stop, however often it is looked at") {
    Account account;
    account.by_job(Side::buy, 58);
    account.stop(71, 57, 9'700);
    account.quote(10'000);
    CHECK(account.own() == 58);
    account.world.held[k_share].sellable = 57;
    CHECK(naked_of(account.records, account.world) == std::vector<Naked>{{k_share, 1}});
    CHECK(next_rest(account.records, account.world, RestPolicy::cover, {}, {}) ==
          RestStep{AtRest{}});
    // The sale is taken back: now a stop for all of it can be placed.
    account.world.held[k_share].sellable = 58;
    const auto step = next_rest(account.records, account.world, RestPolicy::cover, {}, {});
    REQUIRE(std::holds_alternative<RestProtects>(step));
    CHECK(std::get<RestProtects>(step).intent.quantity == 58);
}

TEST_CASE("a stop whose shares a person sold is left over, and one of a person's is not ours") {
    Account account;
    account.by_job(Side::buy, 97);
    account.stop(71, 97, 9'700);
    CHECK(account.own() == 97);
    CHECK(left_over(account.records, account.world) == 0);
    account.by_person(Side::sell, 97);
    CHECK(account.own() == 0);
    CHECK(left_over(account.records, account.world) == 71);
    account.records.stops[k_share].own.erase(71);
    CHECK(left_over(account.records, account.world) == 0);
}
