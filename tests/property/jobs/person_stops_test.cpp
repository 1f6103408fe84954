// What a person's stop is for the jobs of the account leave to it: quantities add up to what is
// held.
#include <doctest/doctest.h>

#include <set>

#include "tests/support/watched_share.hpp"

namespace bullpen::jobs {
namespace {

using Fixture = test::ShareAccount;
using Watched = test::WatchedShare;

}  // namespace

TEST_CASE(
    "what a person's stop is for the watchdog neither sells nor protects, and adds up with it") {
    for (const std::int64_t theirs : {30, 100, 130}) {
        CAPTURE(theirs);
        // More than is held sells nothing, and protects nothing.
        const auto ours = theirs > Watched::k_bought ? Watched::k_bought : 100 - theirs;
        Watched f;
        f.settings.watch.rule = config::WatchRule::previous_low;
        f.settings.watch.poll = std::chrono::seconds(60);
        f.manual = f.by_person({0, theirs, 9'300});
        f.prices.assign(62, 10'000);
        f.prices.push_back(9'990);
        f.watch(70);
        CHECK(f.sold() == ours);
        CHECK(f.stops("AAA").empty());
        f.check_manual();
        // It fires, and what it is for is there.
        f.broker.price("AAA", 9'250);
        CHECK(f.sold() == (theirs > Watched::k_bought ? ours : Watched::k_bought));
    }
}

TEST_CASE("a person's stop that comes and goes changes what the account's own one is for") {
    Watched f;
    f.watch(5);
    REQUIRE(f.stops("AAA").size() == 1);
    CHECK(f.stops("AAA").front().request.first.quantity == 100);
    f.manual = f.by_person({0, 40, 8'000});
    f.watch(10);
    REQUIRE(f.stops("AAA").size() == 1);
    CHECK(f.stops("AAA").front().request.first.quantity == 60);
    f.check_manual();
    f.by_person({f.manual, 0});
    f.watch(10);
    REQUIRE(f.stops("AAA").size() == 1);
    CHECK(f.stops("AAA").front().request.first.quantity == 100);
    // One above the price takes a profit, and stops no fall.
    f.manual = f.by_person({0, 40, 12'000});
    f.watch(10);
    REQUIRE(f.stops("AAA").size() == 1);
    CHECK(f.stops("AAA").front().request.first.quantity == 100);
}

TEST_CASE("stops of the account and of a person add up to what is held, as theirs come and go") {
    Fixture f;
    // Holdings with stops from the day before, whose low was below.
    REQUIRE(f.run(config::JobKind::place_orders_daily).ok);
    f.broker.price("AAA", 9'700);
    f.broker.price("AAA", 10'000);
    while (f.broker.desk().step().phase != venue::SharePhase::closes) {
    }
    f.broker.desk().step();
    f.facts.trading_day = "2026-07-07";
    f.facts.market_time = f.broker.desk().market().at();
    REQUIRE(f.run(config::JobKind::update_cnc_stoploss).ok);
    const auto held = f.held("BBB");
    const auto place = [&](std::int64_t quantity) {
        ipc::ShareRequest request;
        request.command = ipc::ShareCommand::place_trigger;
        request.symbol = "BBB";
        request.side = model::Side::sell;
        request.first = {{15'000}, {14'000}, quantity};
        request.last_price = {20'000};
        return f.broker.serve(request).number;
    };
    const auto ours = [&](std::set<std::uint64_t> theirs) {
        std::int64_t all = 0;
        for (const auto& stop : f.stops("BBB"))
            all += theirs.contains(stop.number) ? 0 : stop.request.first.quantity;
        return all;
    };
    const auto first = place(2);
    auto finished = f.run(config::JobKind::update_cnc_stoploss);
    CHECK(finished.text.find("; left to a person's stop: AAA 7, BBB 2") != std::string::npos);
    CHECK(ours({first}) == held - 2);
    // Now a person looks after all of it.
    const auto second = place(held - 2);
    finished = f.run(config::JobKind::update_cnc_stoploss);
    CHECK(finished.ok);
    CHECK(ours({first, second}) == 0);
    ipc::ShareRequest request;
    request.command = ipc::ShareCommand::delete_trigger;
    request.number = second;
    REQUIRE(f.broker.serve(request).refusal.empty());
    REQUIRE(f.run(config::JobKind::update_cnc_stoploss).ok);
    CHECK(ours({first}) == held - 2);
    CHECK(f.broker.book().triggers().at(first).status == matching::TriggerStatus::active);
}

}  // namespace bullpen::jobs
