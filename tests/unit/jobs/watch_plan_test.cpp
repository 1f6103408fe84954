// The steps of a watched share, each from what the broker says.
#include "worker/jobs/watch_plan.hpp"

#include <doctest/doctest.h>

#include "common/base/errc.hpp"
#include "tests/support/temporary.hpp"

namespace bullpen::jobs {
namespace {

const UtcTime k_now = *parse_utc("2026-07-06T05:00:00Z");

struct Fixture {
    std::string symbol = "AAA";
    std::string day = "2026-07-06";
    config::WatchSettings settings;
    ShareWorld world;
    StopRecords stops;
    WatchedShare share;

    Fixture() {
        settings.rule = config::WatchRule::atr;
        settings.tranches = false;
        world.at = k_now;
        world.open = true;
        world.held["AAA"] = {"AAA", {100, 0, 0}, 100, 0};
        world.quotes["AAA"] = {"AAA", {9'700}, {9'000}, {11'000}, {5}, {9'600}, {10'000}};
        stop(7, 100);
        share.base = share.left = 100;
        share.trail = {{10'000}, model::Price{9'700}, model::Price{9'550}};
    }
    void stop(std::uint64_t number, std::int64_t quantity) {
        ipc::ShareTriggerTold trigger;
        trigger.number = number;
        trigger.symbol = "AAA";
        trigger.side = model::Side::sell;
        trigger.status = matching::TriggerStatus::active;
        trigger.first = {{9'500}, {9'025}, quantity};
        world.triggers.push_back(trigger);
        stops.own.insert(number);
    }
    void remove_stop(std::uint64_t number) {
        std::erase_if(world.triggers, [&](const auto& one) { return one.number == number; });
    }
    ipc::ShareOrderTold& order(const std::string& client, matching::Status status,
                               std::int64_t filled) {
        auto& order = world.orders.emplace_back();
        order.number = world.orders.size();
        order.client = model::ClientOrderId::parse(client).value();
        order.symbol = "AAA";
        order.side = model::Side::sell;
        order.quantity = 100;
        order.filled = filled;
        order.status = status;
        order.day = std::chrono::floor<std::chrono::days>(k_now);
        return order;
    }
    [[nodiscard]] WatchView view() const {
        return {world, settings, symbol, day, "TEST", stops, std::nullopt, false};
    }
    WatchStep exit() { return next_exit(share, view()); }
};

TEST_CASE_FIXTURE(Fixture, "a sale is under way until the broker says that it has ended") {
    const auto first = exit();
    const auto* sale = std::get_if<WatchSell>(&first);
    REQUIRE(sale != nullptr);
    CHECK(sale->quantity == 100);
    CHECK(sale->limit.ticks == 9'650);
    const auto client = share.exit->client;
    CHECK(client == sale->client);
    // Taken, and not ended: nothing is sent, however often it is looked at.
    auto& known = order(client, matching::Status::working, 0);
    world.held["AAA"].sellable = 0;
    for (int i = 0; i < 3; ++i)
        CHECK(std::holds_alternative<WatchWait>(exit()));
    CHECK(share.exit->client == client);
    // A part was bought: the same sale goes on with what is left, under an id of its own, after a
    // stop of that size.
    known.status = matching::Status::cancelled;
    known.filled = 60;
    world.held["AAA"] = {"AAA", {40, 0, 0}, 40, 0};
    const auto cover = exit();
    REQUIRE(std::holds_alternative<PlaceStop>(cover));
    CHECK(std::get<PlaceStop>(cover).intent.quantity == 40);
    CHECK(share.exit->sold == 60);
    stop(8, 40);
    // The one for all of it would sell more than there is.
    CHECK(exit() == WatchStep{DeleteStop{7}});
    remove_stop(7);
    CHECK(std::holds_alternative<WatchWait>(exit()));
    world.at += settings.reprice_after;
    const auto second = exit();
    REQUIRE(std::holds_alternative<WatchSell>(second));
    CHECK(std::get<WatchSell>(second).quantity == 40);
    CHECK(std::get<WatchSell>(second).client != client);
    CHECK(std::get<WatchSell>(second).limit.ticks == 9'600);
    CHECK(share.exit->sold == 60);
}

TEST_CASE_FIXTURE(Fixture, "an order that rests is cancelled after its time") {
    REQUIRE(std::holds_alternative<WatchSell>(exit()));
    const auto number = order(share.exit->client, matching::Status::working, 0).number;
    world.at += settings.reprice_after;
    const auto step = exit();
    REQUIRE(std::holds_alternative<WatchCancel>(step));
    CHECK(std::get<WatchCancel>(step).order == number);
}

TEST_CASE_FIXTURE(Fixture,
                  "an order that the broker does not know is sent again under its own id") {
    REQUIRE(std::holds_alternative<WatchSell>(exit()));
    const auto client = share.exit->client;
    // Also when a stop fires meanwhile, and on another day.
    for (int i = 0; i < 3; ++i) {
        day = i < 2 ? "2026-07-06" : "2026-07-07";
        const auto again = exit();
        REQUIRE(std::holds_alternative<WatchSell>(again));
        CHECK(std::get<WatchSell>(again).client == client);
        CHECK(std::get<WatchSell>(again).quantity == 100);
        CHECK(share.exit->attempts == 0);
        CHECK(share.exit->unheard);
    }
    // It shows at last, with a part of it executed: the rest is another order.
    order(client, matching::Status::cancelled, 60);
    world.held["AAA"] = {"AAA", {40, 0, 0}, 40, 0};
    stop(8, 40);
    remove_stop(7);
    world.at += settings.reprice_after;
    const auto rest = exit();
    REQUIRE(std::holds_alternative<WatchSell>(rest));
    CHECK(std::get<WatchSell>(rest).client != client);
    CHECK(std::get<WatchSell>(rest).quantity == 40);
    CHECK(share.exit->sold == 60);
    CHECK_FALSE(share.exit->unheard);
}

TEST_CASE_FIXTURE(Fixture, "nothing is sold of what is not held, promised, or without a price") {
    world.held["AAA"].sellable = 0;
    CHECK(std::holds_alternative<WatchDone>(exit()));
    world.held.clear();
    CHECK(std::holds_alternative<WatchDone>(exit()));
    world.held["AAA"] = {"AAA", {100, 0, 0}, 100, 0};
    world.quotes.clear();
    CHECK(std::holds_alternative<WatchDone>(exit()));
    CHECK_FALSE(share.exit);
}

TEST_CASE_FIXTURE(Fixture, "while the market is shut a sale waits") {
    world.open = false;
    CHECK(std::holds_alternative<WatchDone>(exit()));
    world.open = true;
    REQUIRE(std::holds_alternative<WatchSell>(exit()));
    order(share.exit->client, matching::Status::cancelled, 0);
    world.open = false;
    CHECK(std::holds_alternative<WatchWait>(exit()));
}

TEST_CASE_FIXTURE(Fixture, "a stop whose order was refused is sold by the watchdog") {
    world.triggers.front().status = matching::TriggerStatus::triggered;
    auto& known = order("S1", matching::Status::rejected, 0);
    known.client = {};
    known.trigger = 7;
    known.limit = {9'025};
    known.refusal = "outside_circuit";
    world.quotes["AAA"].last = {9'400};
    stops.own.insert(7);
    auto step = exit();
    // What can stand below the price comes first, then the sale.
    REQUIRE(std::holds_alternative<PlaceStop>(step));
    stop(8, 100);
    step = exit();
    REQUIRE(std::holds_alternative<WatchSell>(step));
    CHECK(share.exit->leg == equity::Leg::rest);
    CHECK(std::get<WatchSell>(step).quantity == 100);
}

TEST_CASE_FIXTURE(Fixture,
                  "upkeep: a stop where there is none, moved up, made to fit, taken away") {
    world.quotes["AAA"].last = {10'000};
    share.trail = {{10'000}, model::Price{9'700}, model::Price{9'550}};
    settings.tranches = true;
    // 9550 is more than a quarter of a percent above 9500.
    auto step = next_upkeep(share, view());
    REQUIRE(std::holds_alternative<PlaceStop>(step));
    CHECK(std::get<PlaceStop>(step).intent.levels.trigger.ticks == 9'550);
    stop(8, 100);
    world.triggers.back().first = {{9'550}, {9'070}, 100};
    step = next_upkeep(share, view());
    REQUIRE(std::holds_alternative<DeleteStop>(step));
    CHECK(std::get<DeleteStop>(step).number == 7);
    world.triggers.erase(world.triggers.begin());
    // A small rise is not worth two orders.
    share.trail.rest = model::Price{9'570};
    CHECK(std::holds_alternative<WatchDone>(next_upkeep(share, view())));
    share.trail.rest = model::Price{9'575};
    CHECK(std::holds_alternative<PlaceStop>(next_upkeep(share, view())));
    share.trail.rest = model::Price{9'550};
    world.held["AAA"] = {"AAA", {60, 0, 0}, 60, 0};
    step = next_upkeep(share, view());
    REQUIRE(std::holds_alternative<PlaceStop>(step));
    CHECK(std::get<PlaceStop>(step).intent.quantity == 60);
    CHECK(std::get<PlaceStop>(step).intent.levels.trigger.ticks == 9'550);
    world.held.clear();
    CHECK(std::holds_alternative<DeleteStop>(next_upkeep(share, view())));
    world.triggers.clear();
    world.held["AAA"] = {"AAA", {60, 0, 0}, 60, 0};
    share.trail.rest.reset();
    step = next_upkeep(share, view());
    REQUIRE(std::holds_alternative<PlaceStop>(step));
    CHECK(std::get<PlaceStop>(step).intent.levels.trigger.ticks == 9'600);
}

TEST_CASE("the watchdog's records are read as they were written") {
    WatchedShare share;
    share.entry = {10'000};
    share.base = 100;
    share.left = 60;
    share.trail = {{10'500}, model::Price{10'200}, std::nullopt};
    share.done = {equity::Leg::stop};
    share.sold = 40;
    share.handled = 12;
    share.orders = 3;
    share.exit = WatchExit{equity::Leg::rest, {9'000}, WatchExit::k_all, 5, "2026-07-06", 2, k_now,
                           "TESTX",           true,    "nobody bought"};
    share.resting = RestingStop{9, k_now};
    share.absent_since = k_now;
    for (int minute = 0; minute < 130; ++minute)
        share.lows.add(*parse_utc("2026-07-06T03:45:00Z") + std::chrono::minutes(minute),
                       {10'000 - minute}, std::chrono::floor<std::chrono::days>(k_now),
                       std::chrono::floor<std::chrono::days>(k_now) - std::chrono::days(3));
    REQUIRE(share.lows.before_previous());
    const WatchRecords records{{"AAA", share}, {"M&M", {}}};
    const auto account = test::account_id("anna");
    const auto again = decode_watch_records(encode(records, account), account);
    REQUIRE(again.has_value());
    CHECK(*again == records);
    CHECK(decode_watch_records(encode(records, account), test::account_id("bob")).error().code() ==
          Errc::wrong_account);
    CHECK_FALSE(decode_watch_records("{}", account));
    CHECK_FALSE(decode_watch_records("[", account));
}

}  // namespace
}  // namespace bullpen::jobs
