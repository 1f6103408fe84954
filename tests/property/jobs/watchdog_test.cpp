// hourly_candle_watchdog over market days that a test sets, killed at every word and with every
// answer lost: judged from the exchange's own book.
#include <doctest/doctest.h>

#include <cmath>

#include "tests/support/watched_share.hpp"

namespace bullpen::jobs {
namespace {

using test::Mishap;
using Watched = test::WatchedShare;

const std::vector<Mishap> k_mishaps{Mishap::dies_before, Mishap::dies_after, Mishap::lost_obeyed,
                                    Mishap::lost_unheard};

}  // namespace

// A range of 2.00 is 2 %: medium. The stop is 3.00 below the highest price, the rest's 4.50;
// targets at 105.00 and 108.00; 40, 30 and 30 of the hundred.
TEST_CASE("bought at 100.00, range 2.00: a table of minutes") {
    struct Minute {
        int number;
        std::int64_t price;
        std::int64_t held;  // afterwards
        std::int64_t stop;  // of the trail
        std::int64_t rest;  // at the broker
    };
    static constexpr Minute k_minutes[] = {
        {1, 10'000, 100, 9'700, 9'550},   // stops stand from the first price on
        {2, 10'200, 100, 9'900, 9'750},   // they rise with it
        {3, 10'000, 100, 9'900, 9'750},   // and stay
        {4, 9'905, 100, 9'900, 9'750},    //
        {5, 9'900, 60, 9'900, 9'750},     // at the stop its tranche is sold: 40
        {6, 9'800, 60, 9'900, 9'750},     // the rest waits, with its stop
        {7, 10'500, 30, 10'200, 10'050},  // first target: 30
        {8, 10'800, 0, 10'500, 10'050},   // second target: all that is left
    };
    Watched f;
    const auto job = f.job(config::JobKind::hourly_candle_watchdog);
    for (const auto& row : k_minutes) {
        CAPTURE(row.number);
        f.broker.price("AAA", row.price);
        // It asks for prices more often than the market moves.
        for (int i = 0; i < 200; ++i) {
            const auto progress = job->step(f.instant());
            REQUIRE(std::holds_alternative<Later>(progress));
            const auto later = std::get<Later>(progress).at;
            if (later > f.now && later != MonoTime::max())
                f.now = later;
        }
        CHECK(f.held("AAA") == row.held);
        const auto known = f.known();
        REQUIRE(known.trail.stop);
        CHECK(known.trail.stop->ticks == row.stop);
        f.check_rest();
        if (row.held > 0) {
            const auto stops = f.stops("AAA");
            CHECK(stops.front().request.first.trigger.ticks == row.rest);
        }
        f.broker.desk().step();
    }
    const std::vector<std::pair<std::int64_t, std::int64_t>> expected = {
        {40, 9'850}, {30, 10'445}, {30, 10'745}};
    CHECK(f.sales() == expected);
}

// Told of AAA in one answer, and never true at the exchange.
void tell_once(Watched& f, std::int64_t paise) {
    f.broker.lie([paise, told = false](const auto& request, auto& answer) mutable {
        if (request.command != ipc::ShareCommand::quotes || std::exchange(told, true))
            return;
        for (auto& quote : answer.reply.quotes)
            quote.last = {paise};
    });
}

TEST_CASE("one freak price raises no stop and sells nothing, by every rule") {
    for (const auto rule :
         {config::WatchRule::atr, config::WatchRule::two_lows, config::WatchRule::previous_low}) {
        for (const std::int64_t freak : {8'000, 9'600, 10'400, 11'900}) {
            CAPTURE(static_cast<int>(rule));
            CAPTURE(freak);
            Watched f;
            f.settings.watch.rule = rule;
            f.watch(130);
            const auto before = f.known();
            const auto stop = f.stops("AAA").front().request.first.trigger;
            tell_once(f, freak);
            f.watch(20);
            CHECK(f.held("AAA") == Watched::k_bought);
            CHECK(f.sales().empty());
            CHECK(f.known().trail == before.trail);
            CHECK(f.stops("AAA").front().request.first.trigger == stop);
            f.check_rest();
            // With one that stays it is otherwise.
            f.prices = {9'200};
            f.minute = 0;
            f.broker.lie({});
            f.watch(10);
            CHECK(f.held("AAA") == 0);
        }
    }
}

TEST_CASE("a run of the watchdog says of which shares it did not believe prices") {
    Watched f;
    f.watch(3);
    f.prices = {10'000};
    auto one = f.job(config::JobKind::hourly_candle_watchdog);
    int looks = 0;
    std::optional<Finished> ended;
    while (!ended && looks < 5'000) {
        if (++looks == 20)
            tell_once(f, 11'900);
        const auto progress = one->step(f.instant());
        if (const auto* finished = std::get_if<Finished>(&progress)) {
            ended = *finished;
            continue;
        }
        const auto later = std::get<Later>(progress).at;
        if (later > f.now && later != MonoTime::max())
            f.now = later;
        if (later > f.now || later == MonoTime::max() || looks % 2 == 0)
            f.next_minute();
    }
    REQUIRE(ended);
    CHECK_MESSAGE(ended->text.find("not believed 1 of the prices of AAA") != std::string::npos,
                  ended->text);
}

TEST_CASE("a stop that fired in a gap and rests is cancelled and sold lower") {
    Watched f;
    f.prices = {10'000, 9'060};
    f.watch(6);
    CHECK(f.held("AAA") == 0);
    // The stop's own order, at 95 % of its trigger, filled nothing.
    CHECK(f.sales() == std::vector<std::pair<std::int64_t, std::int64_t>>{{100, 9'020}});
    f.check_rest();
    CHECK(f.trouble.empty());
}

// No rule is due there: the stop at the broker is all there is, and its fall shows in the price.
TEST_CASE("what a stop left unsold in a gap is sold within seconds, by every rule") {
    for (const auto rule :
         {config::WatchRule::atr, config::WatchRule::two_lows, config::WatchRule::previous_low}) {
        for (const bool doubted : {false, true}) {
            CAPTURE(static_cast<int>(rule));
            CAPTURE(doubted);
            Watched f;
            f.settings.watch.rule = rule;
            f.settings.watch.tranches = true;
            f.prices = {10'000};
            f.watch(3);
            // Below the limit of its order. A price that is far off needs a second look.
            f.prices = {f.stops("AAA").front().request.first.limit.ticks - 20};
            f.settings.price_jump = doubted ? 300 : 2'000;
            f.minute = 0;
            const auto begun = f.now;
            f.watch(12);
            CHECK(f.now - begun < std::chrono::minutes(2));
            CHECK(f.held("AAA") == 0);
            f.check_rest();
        }
    }
}

TEST_CASE("of a sale that fills in parts one stop stands, for no more than is left") {
    for (const std::int64_t theirs : {0, 5}) {
        CAPTURE(theirs);
        Watched f;
        f.settings.watch.tranches = false;
        f.prices = {10'000};
        f.watch(3);
        if (theirs > 0)
            f.manual = f.by_person({0, theirs, 8'000});
        f.watch(3);
        f.most = 7;
        f.minute = 0;
        f.prices.clear();
        for (int i = 0; i < 60; ++i)
            f.prices.push_back(9'680 - i);
        // Two for as long as the new one has come and the old one has not gone yet.
        f.broker.before_each_word([&] { CHECK(f.stops("AAA").size() <= 2); });
        f.watch(60);
        CHECK(f.sales().size() > 3);
        CHECK(f.held("AAA") == theirs);
        CHECK(f.stops("AAA").empty());
        f.check_manual();
    }
}

TEST_CASE(
    "in a gap the sale is priced anew within its budget, then told, and the rest is protected") {
    Watched f;
    f.settings.watch.reprices_max = 3;
    // At its circuit nobody buys.
    f.prices = {10'000, 9'000};
    f.watch(12);
    CHECK(f.held("AAA") == 100);
    std::size_t tried = 0;
    for (const auto& [number, order] : f.broker.book().orders())
        tried += order.request.side == model::Side::sell && order.request.immediate ? 1 : 0;
    CHECK(tried == 4);
    CHECK(f.trouble.find("NOT SOLD: AAA") != std::string::npos);
    const auto stops = f.stops("AAA");
    REQUIRE(stops.size() == 1);
    CHECK(stops.front().request.first.quantity == 100);
    CHECK(stops.front().request.first.trigger.ticks < 9'000);
    // Somebody buys again, but the budget of the day is spent.
    f.prices.push_back(9'300);
    f.watch(4);
    CHECK(f.held("AAA") == 100);
    // The next day has a new one.
    f.facts.trading_day = "2026-07-07";
    f.watch(4);
    CHECK(f.held("AAA") == 0);
}

TEST_CASE("killed or unheard at any word, the watchdog sells once and the rest is protected") {
    const std::vector<std::int64_t> prices = {10'000, 10'200, 10'200, 10'200, 9'890,  9'880,
                                              9'880,  9'880,  9'880,  10'000, 10'000, 10'000,
                                              10'500, 10'500, 10'500, 10'500};
    constexpr std::size_t k_minutes = 20;
    std::size_t first = 0;
    std::size_t last = 0;
    {
        Watched f;
        f.prices = prices;
        first = f.broker.words();
        f.watch(k_minutes);
        last = f.broker.words();
        REQUIRE(f.held("AAA") == 30);
        f.check_rest();
    }
    REQUIRE(last > first + 30);
    for (const auto mishap : k_mishaps) {
        for (auto word = first + 1; word <= last; ++word) {
            CAPTURE(static_cast<int>(mishap));
            CAPTURE(word);
            Watched f;
            f.prices = prices;
            f.broker.plan(word, mishap);
            bool stood = false;
            f.broker.before_each_word([&] {
                stood = stood || !f.stops("AAA").empty();
                CHECK((!stood || !f.stops("AAA").empty() || f.held("AAA") == 0));
            });
            f.watch(k_minutes);
            CHECK(f.held("AAA") == 30);
            CHECK(f.sales().size() == 2);
            f.check_rest();
        }
    }
}

TEST_CASE("a sale whose answer is lost and that is executed late is not sold a second time") {
    const std::vector<std::int64_t> prices = {10'000, 10'200, 10'200, 9'890, 9'880, 9'880, 9'880};
    constexpr std::size_t k_minutes = 9;
    // From before the look that follows to long after it was sent again.
    for (std::size_t late = 1; late <= 12; ++late) {
        CAPTURE(late);
        Watched f;
        f.prices = prices;
        f.broker.late_by(late);
        int sales = 0;
        f.broker.decide_each_word([&](ipc::ShareRequest& request) {
            sales += request.command == ipc::ShareCommand::submit ? 1 : 0;
            const bool first = request.command == ipc::ShareCommand::submit && sales == 1;
            return first ? Mishap::lost_late : Mishap::none;
        });
        f.watch(k_minutes);
        CHECK(sales >= 1);
        CHECK(f.sold() == 40);
        CHECK(f.held("AAA") == 60);
        f.check_rest();
    }
}

TEST_CASE("what is refused when it is sent again is not taken for the end of what is on its way") {
    Watched f;
    f.prices = {10'000, 10'200, 10'200, 9'890, 9'880, 9'880, 9'880, 9'880, 9'880};
    f.broker.late_by(10);
    int sales = 0;
    f.broker.decide_each_word([&](ipc::ShareRequest& request) {
        if (request.command != ipc::ShareCommand::submit)
            return Mishap::none;
        ++sales;
        return sales == 1 ? Mishap::lost_late : sales == 2 ? Mishap::refused : Mishap::none;
    });
    f.watch(12);
    CHECK(sales >= 2);
    CHECK(f.sold() == 40);
    CHECK(f.held("AAA") == 60);
    f.check_rest();
}

TEST_CASE(
    "a fill in part: what is left has a stop of its size, and is sold with the next attempt") {
    Watched f;
    f.settings.watch.rule = config::WatchRule::previous_low;
    // A person has promised a part to an order of their own.
    ipc::ShareRequest by_hand;
    by_hand.command = ipc::ShareCommand::submit;
    by_hand.symbol = "AAA";
    by_hand.side = model::Side::sell;
    by_hand.limit = {10'900};
    by_hand.quantity = 30;
    REQUIRE(f.broker.serve(by_hand).refusal.empty());
    f.settings.watch.poll = std::chrono::seconds(60);
    // An hour at 100.00, then below.
    f.prices.assign(62, 10'000);
    f.prices.push_back(9'990);
    f.watch(70);
    // What is promised is not the watchdog's to sell.
    CHECK(f.sold() == 70);
    CHECK(f.held("AAA") == 30);
    f.check_manual();
}

TEST_CASE("a stop that was set higher is not lowered to the low of the day before") {
    test::ShareAccount f;
    // The day's low is from before the purchase.
    f.broker.price("AAA", 9'300);
    f.broker.price("AAA", 10'000);
    REQUIRE(f.run(config::JobKind::place_orders_daily).ok);
    while (f.broker.desk().step().phase != venue::SharePhase::closes) {
    }
    f.broker.desk().step();
    f.facts.trading_day = "2026-07-07";
    const auto finished = f.run(config::JobKind::update_cnc_stoploss);
    CHECK_MESSAGE(finished.ok, finished.text);
    f.check_protected();
    CHECK(f.stops("AAA").front().request.first.trigger.ticks == 9'500);
}

TEST_CASE("a watchdog without candles says so once, and the share keeps a stop") {
    Watched f;
    REQUIRE(f.files.remove("/candles/AAA_day.csv").has_value());
    f.watch(5);
    CHECK(f.trouble.find("no range of AAA") != std::string::npos);
    CHECK(f.trouble.find('\n') == f.trouble.size() - 1);
    REQUIRE(f.stops("AAA").size() == 1);
    CHECK(f.stops("AAA").front().request.first.trigger.ticks == 9'500);
    CHECK_FALSE(f.known().trail.stop);
}

TEST_CASE("stale candles raise no stop, reach no target and sell nothing, and the run says so") {
    for (const bool stale : {true, false}) {
        CAPTURE(stale);
        Watched f;
        // The last one is of 2026-07-04, a Saturday; one of the day itself is no answer to that.
        f.facts.candles_from = stale ? "2026-07-05" : "2026-07-03";
        auto text = f.files.content("/candles/AAA_day.csv");
        text += "2026-07-06,100.00,101.00,99.00,100.00\n";
        REQUIRE(storage::replace_file(f.files, "/candles/AAA_day.csv", text).has_value());
        // By the candles the first target is 104.00, and the stop 2.00 below the highest price.
        f.prices = {10'050, 10'300, 10'500, 10'200};
        f.watch(10);
        CHECK((f.held("AAA") == Watched::k_bought) == stale);
        CHECK(f.known().trail.stop.has_value() != stale);
        REQUIRE((f.stops("AAA").size() == 1 || !stale));
        const auto said = f.trouble.find("no range of AAA: its candles are STALE");
        CHECK((said != std::string::npos) == stale);
        if (!stale)
            continue;
        CHECK(f.trouble.find('\n') == f.trouble.size() - 1);
        CHECK(f.trouble.find("is of 2026-07-04 and not of 2026-07-05") != std::string::npos);
        f.settings.watch.poll = std::chrono::seconds(60);
        const auto finished = f.watch(1000);
        REQUIRE(finished);
        CHECK(finished->reason == RunReason::candles_stale);
        CHECK_MESSAGE(finished->text.find("STALE: AAA: its last candle is of 2026-07-04") !=
                          std::string::npos,
                      finished->text);
    }
}

TEST_CASE("a stop by fresh candles stays when they are stale on a later day, and sells") {
    Watched f;
    f.facts.candles_from = "2026-07-03";
    f.watch(3);
    const auto stop = f.known().trail.stop;
    REQUIRE(stop);
    f.facts.candles_from = "2026-07-05";
    f.prices = {10'100, 9'900, 9'690};
    f.minute = 0;
    f.watch(5);
    CHECK(f.known().trail.stop == stop);
    CHECK(f.held("AAA") < Watched::k_bought);
}

TEST_CASE("a run of the watchdog ends with its market, and a later one at once") {
    Watched f;
    f.settings.watch.poll = std::chrono::seconds(60);
    const auto finished = f.watch(1000);
    REQUIRE(finished);
    CHECK(finished->ok);
    CHECK(finished->text == "watched 1");
    const auto known = f.known();
    REQUIRE(known.lows.forming());
    CHECK(known.lows.forming()->shut);
    const auto again = f.watch(1);
    REQUIRE(again);
    CHECK(again->text == "the market is shut");
    const auto records =
        load_watch_records(f.files, watch_records_path(f.paths.directory), test::account_id("bob"));
    CHECK_FALSE(records.has_value());
}

TEST_CASE("a watchdog whose records are damaged says so and goes on watching") {
    const auto anna = test::account_id("anna");
    for (const bool both : {false, true}) {
        CAPTURE(both);
        Watched f;
        const auto path = watch_records_path(f.paths.directory);
        f.prices = {10'000, 10'400, 10'400, 10'400};
        REQUIRE_FALSE(f.watch(4).has_value());
        REQUIRE(f.known().trail.stop == model::Price{10'100});
        REQUIRE(storage::replace_file(f.files, path, "garbled").has_value());
        if (both)
            REQUIRE(storage::replace_file(f.files, storage::previous_of(path), "{").has_value());
        REQUIRE_FALSE(f.watch(2).has_value());
        CHECK(f.trouble.find("its records cannot be used") != std::string::npos);
        CHECK((f.trouble.find("for the first time") != std::string::npos) == both);
        CHECK(f.files.content(path + ".damaged") == "garbled");
        CHECK(f.known().trail.stop == model::Price{10'100});
        CHECK(load_watch_records(f.files, path, anna)->trouble.empty());
        f.check_rest();
        f.prices.insert(f.prices.end(), 20, 10'050);
        REQUIRE_FALSE(f.watch(10).has_value());
        CHECK(f.sold() == 40);
    }
}

TEST_CASE("what a person looks after is neither sold nor given a stop by the watchdog") {
    for (const bool manual : {false, true}) {
        Watched w;
        if (manual)
            w.settings.manual_shares = "AAA";
        w.prices = {10'400, 10'300, 9'500, 9'000};
        (void)w.watch(30);
        CHECK((w.sold() == 0) == manual);
        if (manual)
            CHECK(w.stops("AAA").empty());
    }
}

TEST_CASE("a dry run of the watchdog sends nothing and writes nothing") {
    Watched f;
    const auto orders = f.broker.book().orders().size();
    const auto one = f.job(config::JobKind::hourly_candle_watchdog, true);
    const auto finished = f.finish(*one);
    CHECK(finished.ok);
    CHECK(finished.text == "would sell nothing");
    CHECK(f.broker.book().orders().size() == orders);
    CHECK(f.stops("AAA").empty());
    CHECK_FALSE(f.files.read(watch_records_path(f.paths.directory), 1000).has_value());
}

}  // namespace bullpen::jobs
