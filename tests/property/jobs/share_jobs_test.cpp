// The jobs that act at a broker of shares, killed at every word they say, and with every answer
// lost: judged from the exchange's own book.
#include <doctest/doctest.h>

#include <map>

#include "tests/support/share_account.hpp"
#include "tests/support/temporary.hpp"

namespace bullpen::jobs {
namespace {

using test::Mishap;
using Fixture = test::ShareAccount;

const std::vector<Mishap> k_mishaps{Mishap::dies_before, Mishap::dies_after, Mishap::lost_obeyed,
                                    Mishap::lost_unheard};

}  // namespace

TEST_CASE("the signals are bought for equal parts of the cash, and each has its stop") {
    Fixture f;
    const auto finished = f.run(config::JobKind::place_orders_daily);
    CHECK_MESSAGE(finished.ok, finished.text);
    // Half of 100,000 in three parts of 16,666.66, at half a percent above the last price.
    CHECK(f.bought() ==
          std::map<std::string, std::int64_t>{{"AAA", 165}, {"BBB", 82}, {"CCC", 33}});
    f.check_protected();
    CHECK(f.stops("CCC").front().request.first.trigger.ticks == 48'000);
    CHECK(f.stops("CCC").front().request.first.limit.ticks == 45'600);
    CHECK(f.files.list(f.paths.orders)->size() == 1);
}

TEST_CASE("a run begun anew orders nothing twice, and leaves the orders file as it is") {
    Fixture f;
    REQUIRE(f.run(config::JobKind::place_orders_daily).ok);
    const auto bought = f.bought();
    const auto orders = f.broker.book().orders().size();
    for (int again = 0; again < 3; ++again) {
        CHECK(f.run(config::JobKind::place_orders_daily).ok);
        CHECK(f.broker.book().orders().size() == orders);
    }
    CHECK(f.bought() == bought);
    f.check_protected();
    CHECK(f.files.list(f.paths.orders)->size() == 1);
}

TEST_CASE("a dry run sends nothing and writes nothing") {
    Fixture f;
    const auto orders = f.broker.book().orders().size();
    auto job = f.job(config::JobKind::place_orders_daily, true);
    const auto finished = f.finish(*job);
    CHECK(finished.ok);
    CHECK(finished.text.find("AAA 165 at 10050 paise") != std::string::npos);
    CHECK(f.broker.book().orders().size() == orders);
    CHECK(f.files.list(f.paths.orders)->empty());
    CHECK(!f.files.status(share_records_path(f.paths.directory)).has_value());
}

TEST_CASE("killed or unheard at any word: everything is bought once and is protected") {
    std::size_t words = 0;
    std::map<std::string, std::int64_t> wanted;
    {
        Fixture f;
        REQUIRE(f.run(config::JobKind::place_orders_daily).ok);
        words = f.broker.words();
        wanted = f.bought();
    }
    REQUIRE(words > 20);
    for (const auto mishap : k_mishaps) {
        for (std::size_t word = 1; word <= words; ++word) {
            CAPTURE(static_cast<int>(mishap));
            CAPTURE(word);
            Fixture f;
            f.broker.plan(word, mishap);
            const auto finished = f.run(config::JobKind::place_orders_daily);
            CHECK_MESSAGE(finished.ok, finished.text);
            CHECK(f.bought() == wanted);
            f.check_protected();
        }
    }
}

TEST_CASE("a purchase whose answer is lost and that is executed late is bought once") {
    std::map<std::string, std::int64_t> wanted;
    {
        Fixture f;
        REQUIRE(f.run(config::JobKind::place_orders_daily).ok);
        wanted = f.bought();
    }
    for (int which = 1; which <= 3; ++which) {
        for (std::size_t late = 1; late <= 12; ++late) {
            CAPTURE(which);
            CAPTURE(late);
            Fixture f;
            f.broker.late_by(late);
            int orders = 0;
            f.broker.decide_each_word([&](ipc::ShareRequest& request) {
                const bool order = request.command == ipc::ShareCommand::submit;
                orders += order ? 1 : 0;
                return order && orders == which ? Mishap::lost_late : Mishap::none;
            });
            const auto finished = f.run(config::JobKind::place_orders_daily);
            CHECK_MESSAGE(finished.ok, finished.text);
            CHECK(finished.text.find("duplicate") == std::string::npos);
            CHECK(f.bought() == wanted);
            f.check_protected();
        }
    }
}

TEST_CASE("what gets no stop is closed, or is told, as the settings say") {
    for (const auto policy : {config::Unprotected::close, config::Unprotected::alarm}) {
        Fixture f;
        f.settings.place_orders.unprotected = policy;
        f.broker.refuse_stops();
        const auto finished = f.run(config::JobKind::place_orders_daily);
        CAPTURE(finished.text);
        const bool closes = policy == config::Unprotected::close;
        CHECK(finished.ok == closes);
        for (const auto* symbol : {"AAA", "BBB", "CCC"})
            CHECK((f.held(symbol) == 0) == closes);
        CHECK((finished.text.find("UNPROTECTED: AAA 165") != std::string::npos) == !closes);
        CHECK(f.bought().at("AAA") == 165);
        f.check_manual();
    }
}

TEST_CASE(
    "what falls below its stop before it has one is closed, and no trigger waits for a rise") {
    Fixture f;
    bool fell = false;
    f.broker.before_each_word([&] {
        if (!fell && f.held("CCC") > 0) {
            fell = true;
            f.broker.price("CCC", 47'000);
        }
    });
    const auto finished = f.run(config::JobKind::place_orders_daily);
    REQUIRE(fell);
    CHECK_MESSAGE(finished.ok, finished.text);
    CHECK(f.held("CCC") == 0);
    CHECK(f.bought().at("CCC") == 33);
    CHECK(f.stops("CCC").empty());
    CHECK(f.stops("AAA").size() == 1);
    f.check_manual();
}

TEST_CASE("what was sold today is not bought again, whatever died and whatever the records say") {
    Fixture f;
    REQUIRE(f.run(config::JobKind::place_orders_daily).ok);
    f.broker.price("CCC", 47'000);
    f.broker.desk().step();
    REQUIRE(f.held("CCC") == 0);
    const auto bought = f.bought();
    REQUIRE(f.files.remove(share_records_path(f.paths.directory)).has_value());
    const auto names = f.files.list(f.paths.orders).value();
    for (const auto& name : names)
        REQUIRE(f.files.remove(f.paths.orders + "/" + name).has_value());
    f.ledger.reset();
    f.broker.price("CCC", 50'000);
    const auto finished = f.run(config::JobKind::place_orders_daily);
    CHECK_MESSAGE(finished.ok, finished.text);
    CHECK(finished.text.find("1 ordered") != std::string::npos);
    CHECK(f.bought() == bought);
}

TEST_CASE("an order that does not fill is cancelled after its time, and needs no stop") {
    Fixture f;
    // At its circuit: nobody sells.
    f.broker.price("BBB", 22'000);
    const auto begun = f.broker.desk().market().at();
    const auto finished = f.run(config::JobKind::place_orders_daily);
    CHECK_MESSAGE(finished.ok, finished.text);
    CHECK(f.bought().at("BBB") == 0);
    CHECK(f.broker.desk().market().at() - begun >= f.settings.place_orders.fill_wait);
    for (const auto& [number, order] : f.broker.book().orders())
        CHECK(order.status != matching::Status::working);
    CHECK(f.stops("BBB").empty());
    CHECK(f.stops("AAA").size() == 1);
}

namespace {

// The next morning, with other lows behind it.
void next_day(Fixture& f) {
    while (f.broker.desk().step().phase != venue::SharePhase::closes) {
    }
    f.broker.desk().step();
    f.facts.trading_day = "2026-07-07";
    f.facts.market_time = f.broker.desk().market().at();
}

// Holdings with stops from the day before, whose low was below.
void prepare_holdings(Fixture& f) {
    REQUIRE(f.run(config::JobKind::place_orders_daily).ok);
    f.broker.price("AAA", 9'700);
    f.broker.price("AAA", 10'000);
    next_day(f);
}

}  // namespace

TEST_CASE("stops are moved to the low of the day before, and the person's is left alone") {
    Fixture f;
    prepare_holdings(f);
    const auto finished = f.run(config::JobKind::update_cnc_stoploss);
    CHECK_MESSAGE(finished.ok, finished.text);
    f.check_protected();
    CHECK(f.stops("AAA").front().request.first.trigger.ticks == 9'700);
    // Its low is above 99 % of the last price.
    CHECK(f.stops("BBB").front().request.first.trigger.ticks == 19'000);
}

TEST_CASE("killed or unheard at any word, no holding is without a stop for an instant") {
    std::size_t first = 0;
    std::size_t last = 0;
    {
        Fixture f;
        prepare_holdings(f);
        first = f.broker.words();
        REQUIRE(f.run(config::JobKind::update_cnc_stoploss).ok);
        last = f.broker.words();
    }
    for (const auto mishap : k_mishaps) {
        for (auto word = first + 1; word <= last; ++word) {
            CAPTURE(static_cast<int>(mishap));
            CAPTURE(word);
            Fixture f;
            prepare_holdings(f);
            const auto before = f.broker.log().size();
            f.broker.plan(word, mishap);
            CHECK(f.run(config::JobKind::update_cnc_stoploss).ok);
            f.check_protected();
            // In the exchange's timeline: never fewer stops of a share than one.
            std::map<std::string, int> active{{"AAA", 1}, {"BBB", 1}, {"CCC", 1}};
            for (auto i = before; i < f.broker.log().size(); ++i) {
                const auto& line = f.broker.log()[i];
                for (auto& [symbol, count] : active) {
                    if (line.find(" " + symbol + " ") == std::string::npos)
                        continue;
                    count += line.starts_with("trigger_placed") ? 1 : 0;
                    count -= line.starts_with("trigger_deleted") ? 1 : 0;
                    CHECK(count >= 1);
                }
            }
        }
    }
}

TEST_CASE("sync takes over what the broker has, and removes a ghost at the second word") {
    Fixture f;
    REQUIRE(f.run(config::JobKind::place_orders_daily).ok);
    ipc::ShareRequest by_hand;
    by_hand.command = ipc::ShareCommand::submit;
    by_hand.symbol = "DDD";
    by_hand.side = model::Side::buy;
    by_hand.market = true;
    by_hand.protection_percent = -1;
    by_hand.quantity = 3;
    f.broker.price("DDD", 3'000);
    REQUIRE(f.broker.serve(by_hand).refusal.empty());
    f.broker.desk().step();
    auto finished = f.run(config::JobKind::sync);
    CHECK_MESSAGE(finished.ok, finished.text);
    const auto path = share_records_path(f.paths.directory);
    const auto account = test::account_id("anna");
    auto records = load_share_records(f.files, path, account).value();
    CHECK(records.positions.size() == 4);
    CHECK(records.positions.at("AAA").quantity == f.held("AAA"));
    CHECK_FALSE(records.positions.at("AAA").manual);
    CHECK(records.positions.at("DDD").manual);
    CHECK(finished.text.find("WITHOUT A STOP: DDD") != std::string::npos);

    by_hand.side = model::Side::sell;
    REQUIRE(f.broker.serve(by_hand).refusal.empty());
    finished = f.run(config::JobKind::sync);
    CHECK(finished.text.find("denied by the broker: DDD") != std::string::npos);
    CHECK(load_share_records(f.files, path, account)->positions.contains("DDD"));
    for (int minute = 0; minute < 10; ++minute)
        f.broker.desk().step();
    finished = f.run(config::JobKind::sync);
    CHECK(finished.text.find("removed: DDD") != std::string::npos);
    CHECK_FALSE(load_share_records(f.files, path, account)->positions.contains("DDD"));
    CHECK(load_share_records(f.files, path, account)->positions.size() == 3);
}

TEST_CASE("a broker that does not answer is no broker that has nothing") {
    Fixture f;
    REQUIRE(f.run(config::JobKind::place_orders_daily).ok);
    REQUIRE(f.run(config::JobKind::sync).ok);
    const auto path = share_records_path(f.paths.directory);
    const auto account = test::account_id("anna");
    const auto before = load_share_records(f.files, path, account).value();
    f.broker.plan(f.broker.words() + 1, Mishap::lost_unheard);
    REQUIRE(f.run(config::JobKind::sync).ok);
    CHECK(load_share_records(f.files, path, account).value() == before);
}

}  // namespace bullpen::jobs
