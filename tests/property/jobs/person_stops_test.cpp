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

// A look is not of one instant: the stop fires after the account was asked and before the prices.
TEST_CASE("what a stop has just sold is not sold once more of what a person holds") {
    for (const bool tranches : {false, true}) {
        for (int nth = 1; nth <= 8; ++nth) {
            CAPTURE(tranches);
            CAPTURE(nth);
            Watched f;
            f.settings.watch.tranches = tranches;
            f.settings.price_jump = 2'000;  // no price is doubted
            f.prices = {10'000};
            f.watch(3);
            REQUIRE(f.stops("AAA").size() == 1);
            const auto stop = f.stops("AAA").front().request.first.trigger.ticks;
            f.buy_by_hand("AAA", Watched::k_bought, 10'000);
            f.manual = f.by_person({0, Watched::k_bought, 8'000});
            // First to where a part is due, then through the stop at the broker as well.
            f.prices = {9'695};
            f.minute = 0;
            int asked = 0;
            f.broker.decide_each_word([&](const ipc::ShareRequest& request) {
                if (request.command == ipc::ShareCommand::quotes && f.minute > 0 && ++asked == nth)
                    f.broker.price("AAA", stop - 50);
                return test::Mishap::none;
            });
            f.watch(20);
            CHECK(asked >= nth);
            CHECK(f.sold() == Watched::k_bought);
            CHECK(f.held("AAA") == Watched::k_bought);
            f.check_manual();
        }
    }
}

TEST_CASE("a run that buys sells nothing of a person's when its stop has just fired") {
    // From the second question on the account's stops fit what the person has done.
    for (int nth = 2; nth <= 5; ++nth) {
        CAPTURE(nth);
        Fixture f;
        f.settings.price_jump = 2'000;  // no price is doubted
        int asked = 0;
        std::int64_t bought = 0;
        f.broker.decide_each_word([&](const ipc::ShareRequest& request) {
            // One that does not fill keeps the run going.
            if (request.command == ipc::ShareCommand::submit && request.symbol == "CCC")
                f.broker.price("CCC", 52'000);
            if (bought == 0 && f.stops("AAA").size() == 1) {
                bought = f.held("AAA");
                f.buy_by_hand("AAA", bought, 10'000);
                ipc::ShareRequest theirs;
                theirs.command = ipc::ShareCommand::place_trigger;
                theirs.symbol = "AAA";
                theirs.side = model::Side::sell;
                theirs.first = {{8'900}, {8'800}, bought - 7};  // beside that of seven
                theirs.last_price = {10'000};
                REQUIRE(f.broker.serve(theirs).refusal.empty());
            } else if (bought > 0 && request.command == ipc::ShareCommand::quotes &&
                       ++asked == nth) {
                f.broker.price("AAA", 9'450);
            }
            return test::Mishap::none;
        });
        f.run(config::JobKind::place_orders_daily);
        REQUIRE(asked >= nth);
        CHECK(bought > 7);
        CHECK(f.held("AAA") == bought);
    }
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
