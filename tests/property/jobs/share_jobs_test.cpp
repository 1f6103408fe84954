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
    const auto planned = [&] {
        const auto name = f.files.list(f.paths.orders).value().at(0);
        const auto text = f.files.read(f.paths.orders + "/" + name, 1 << 20).value();
        const auto at = text.find("\"available_capital\"");
        REQUIRE(at != std::string::npos);
        return text.substr(at, text.find('\n', at) - at);
    };
    const auto before = planned();
    for (int again = 0; again < 3; ++again) {
        const auto finished = f.run(config::JobKind::place_orders_daily);
        CHECK(finished.ok);
        CHECK(finished.text.starts_with("nothing new, for signals.csv was planned from at "));
        CHECK(f.broker.book().orders().size() == orders);
    }
    CHECK(f.bought() == bought);
    f.check_protected();
    CHECK(f.files.list(f.paths.orders)->size() == 1);
    CHECK(planned() == before);
}

TEST_CASE("what own orders have come to is told once, also when the process is begun anew") {
    Fixture f;
    REQUIRE(f.run(config::JobKind::place_orders_daily).ok);
    std::map<std::string, std::int64_t> told;
    for (const auto& fill : f.ledger->take_fills()) {
        CHECK(fill.side == model::Side::buy);
        CHECK(fill.trigger == 0);
        told[fill.symbol] += fill.quantity;
    }
    CHECK(told == f.bought());
    REQUIRE(f.run(config::JobKind::sync).ok);
    CHECK(f.ledger->take_fills().empty());
    f.ledger.reset();
    REQUIRE(f.run(config::JobKind::sync).ok);
    CHECK(f.ledger->take_fills().empty());
    // Its stop fires; what a person's is for is left to that one.
    f.broker.price("AAA", 9'450);
    REQUIRE(f.run(config::JobKind::sync).ok);
    const auto fills = f.ledger->take_fills();
    REQUIRE(fills.size() == 1);
    CHECK(fills.front().symbol == "AAA");
    CHECK(fills.front().side == model::Side::sell);
    CHECK(fills.front().quantity == told["AAA"] - f.left_to_person("AAA"));
    CHECK(fills.front().average.ticks == 9'450);
    CHECK(fills.front().trigger != 0);
}

TEST_CASE("a dry run sends nothing and writes nothing") {
    Fixture f;
    const auto orders = f.broker.book().orders().size();
    auto job = f.job(config::JobKind::place_orders_daily, true);
    const auto finished = f.finish(*job);
    CHECK(finished.ok);
    CHECK(finished.text.find("AAA 165 at 100.50 rupees") != std::string::npos);
    CHECK(f.broker.book().orders().size() == orders);
    CHECK(f.files.list(f.paths.orders)->empty());
    CHECK(!f.files.status(share_records_path(f.paths.directory)).has_value());
}

TEST_CASE("F26: killed or unheard at any word: everything is bought once and is protected") {
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
            CHECK((f.held(symbol) == f.left_to_person(symbol)) == closes);
        // A person's stop is for 7 of 165.
        CHECK((finished.text.find("UNPROTECTED: AAA 158") != std::string::npos) == !closes);
        const auto told = finished.text.find("; closed, for no stop could be placed:");
        CHECK((told != std::string::npos) == closes);
        for (const auto* symbol : {" AAA", " BBB", " CCC"})
            CHECK((finished.text.find(symbol, std::min(told, finished.text.size())) !=
                   std::string::npos) == closes);
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

TEST_CASE("F25: what was sold today is not bought again, whatever died and the records say") {
    Fixture f;
    REQUIRE(f.run(config::JobKind::place_orders_daily).ok);
    f.broker.price("CCC", 47'000);
    f.broker.desk().step();
    REQUIRE(f.held("CCC") == 0);
    const auto bought = f.bought();
    const auto records = share_records_path(f.paths.directory);
    for (const auto& path : {records, storage::previous_of(records)})
        REQUIRE(f.files.remove(path).has_value());
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

TEST_CASE("nothing is bought before the wait after the opening is over") {
    Fixture f;
    f.facts.day_opens = f.broker.desk().market().at();
    f.facts.day_closes = f.facts.day_opens + std::chrono::hours(6);
    f.settings.place_orders.open_wait = std::chrono::minutes(20);
    const auto begins = f.facts.day_opens + std::chrono::minutes(20);
    f.broker.decide_each_word([&](const ipc::ShareRequest& request) {
        if (request.command == ipc::ShareCommand::submit)
            CHECK(f.broker.desk().market().at() == begins);
        return Mishap::none;
    });
    const auto finished = f.run(config::JobKind::place_orders_daily);
    CHECK_MESSAGE(finished.ok, finished.text);
    CHECK(f.bought().size() == 3);
    f.check_protected();
}

TEST_CASE("before the close of the day what has not filled is cancelled") {
    Fixture f;
    f.broker.price("BBB", 22'000);
    f.facts.day_opens = f.broker.desk().market().at();
    f.facts.day_closes = f.facts.day_opens + std::chrono::minutes(30);
    f.settings.place_orders.open_wait = Nanos{0};
    f.settings.place_orders.fill_wait = std::chrono::hours(5);
    f.settings.place_orders.cancel_before_close = std::chrono::minutes(5);
    const auto finished = f.run(config::JobKind::place_orders_daily);
    CHECK_MESSAGE(finished.ok, finished.text);
    CHECK(f.broker.desk().market().at() == f.facts.day_opens + std::chrono::minutes(25));
    CHECK(f.bought().at("BBB") == 0);
    for (const auto& [number, order] : f.broker.book().orders())
        CHECK(order.status != matching::Status::working);
    CHECK(f.stops("AAA").size() == 1);
}

TEST_CASE(
    "a run that comes too late on the day buys nothing, and leaves the file for another one") {
    Fixture f;
    f.facts.day_opens = f.broker.desk().market().at() - std::chrono::hours(1);
    f.facts.day_closes = f.broker.desk().market().at() + std::chrono::minutes(5);
    const auto orders = f.broker.book().orders().size();
    const auto finished = f.run(config::JobKind::place_orders_daily);
    CHECK_FALSE(finished.ok);
    CHECK(finished.text.find("too late on this day") != std::string::npos);
    CHECK(f.broker.book().orders().size() == orders);
    f.settings.place_orders.cancel_before_close = Nanos{0};
    CHECK(f.run(config::JobKind::place_orders_daily).ok);
    f.check_protected();
}

TEST_CASE("a run whose time is over cancels what has not filled, and protects what has") {
    Fixture f;
    f.broker.price("BBB", 22'000);
    f.settings.place_orders.fill_wait = std::chrono::hours(5);
    auto job = f.job(config::JobKind::place_orders_daily);
    // Until it waits for BBB alone.
    while (f.broker.book().orders().size() < 3 || f.stops("CCC").empty()) {
        const auto progress = job->step(f.instant());
        REQUIRE(std::holds_alternative<Later>(progress));
        const auto later = std::get<Later>(progress).at;
        if (later == MonoTime::max())
            f.broker.desk().step();
        else
            f.now = std::max(f.now, later);
    }
    REQUIRE(job->wind_up());
    const auto at = f.broker.desk().market().at();
    const auto finished = f.finish(*job);
    CHECK_MESSAGE(finished.ok, finished.text);
    CHECK(f.broker.desk().market().at() == at);
    CHECK(f.bought().at("BBB") == 0);
    for (const auto& [number, order] : f.broker.book().orders())
        CHECK(is_final(order.status));
    CHECK(f.stops("AAA").size() == 1);
    CHECK(f.stops("CCC").size() == 1);
}

TEST_CASE("killed or unheard at any word, and out of time at any other: nothing is sent any more") {
    for (const auto mishap : {Mishap::lost_obeyed, Mishap::lost_unheard, Mishap::lost_late}) {
        for (std::size_t word = 1; word <= 20; ++word) {
            CAPTURE(static_cast<int>(mishap));
            CAPTURE(word);
            Fixture f;
            f.broker.price("BBB", 22'000);
            f.settings.place_orders.fill_wait = std::chrono::hours(5);
            f.broker.plan(word, mishap);
            auto job = f.job(config::JobKind::place_orders_daily);
            bool over = false;
            f.broker.decide_each_word([&](const ipc::ShareRequest& request) {
                CHECK_FALSE((over && request.command == ipc::ShareCommand::submit));
                return Mishap::none;
            });
            while (f.broker.words() < word) {
                if (std::holds_alternative<Finished>(job->step(f.instant())))
                    break;
            }
            over = job->wind_up();
            REQUIRE(over);
            (void)f.finish(*job);
            for (const auto& [symbol, quantity] : f.bought()) {
                if (quantity > 0)
                    CHECK(f.stops(symbol).size() == 1);
            }
            // What came late is cancelled by whoever comes by.
            (void)f.rest(RestPolicy::cover);
            f.settings.place_orders.fill_wait = Nanos{1};
            f.broker.desk().step();
            CHECK(f.rest(RestPolicy::cover).ok);
            for (const auto& [number, order] : f.broker.book().orders())
                CHECK(is_final(order.status));
            f.check_manual();
        }
    }
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

TEST_CASE("a file is bought from once, on whatever day, until it is written anew") {
    Fixture f;
    REQUIRE(f.run(config::JobKind::place_orders_daily).ok);
    REQUIRE(f.rest(RestPolicy::flatten).ok);
    next_day(f);
    const auto orders = f.broker.book().orders().size();
    const auto again = f.run(config::JobKind::place_orders_daily);
    CHECK(again.ok);
    CAPTURE(again.text);
    CHECK(again.text.starts_with("nothing new"));
    CHECK(f.broker.book().orders().size() == orders);
    f.files.set_modified(f.paths.inbox + "/signals.csv", test::k_written + std::chrono::minutes(1));
    CHECK(f.run(config::JobKind::place_orders_daily).ok);
    CHECK(f.held("AAA") > 0);
    f.check_protected();
}

TEST_CASE("the level of a stop is settled once for each run, however the price rises meanwhile") {
    Fixture f;
    REQUIRE(f.run(config::JobKind::place_orders_daily).ok);
    // So near its low that the stop goes by the price.
    f.broker.price("AAA", 10'000);
    next_day(f);
    f.broker.price("AAA", 10'050);
    std::int64_t price = 10'050;
    f.broker.before_each_word([&] {
        price += 5;
        f.broker.price("AAA", price);
    });
    const auto finished = f.run(config::JobKind::update_cnc_stoploss);
    CAPTURE(finished.text);
    CHECK(finished.ok);
    CHECK(price < 10'400);
    f.check_protected();
    f.check_manual();
}

TEST_CASE("a file without a signal that can be used fails the run, which names the rows") {
    Fixture f;
    const auto path = f.paths.inbox + "/signals.csv";
    const auto write = [&](const std::string& rows) {
        REQUIRE(
            storage::replace_file(f.files, path, "Ticker,Entry_Price,Stop_Loss,Target1\n" + rows)
                .has_value());
        f.files.set_modified(path, test::k_written);
    };
    write("");
    auto finished = f.run(config::JobKind::place_orders_daily);
    CHECK_FALSE(finished.ok);
    CHECK(finished.text.starts_with("signals.csv has no signal that can be used"));
    write("AAA,100,95,120\na a,1,2,3\nBBB,x,1,2\n");
    finished = f.run(config::JobKind::place_orders_daily);
    CAPTURE(finished.text);
    CHECK(finished.ok);
    for (const char* part : {"ordered 1, filled 1, of signals.csv", "; row 3: ", "; row 4: "})
        CHECK(finished.text.find(part) != std::string::npos);
}

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

TEST_CASE("F27: sync takes over what the broker has, and removes a ghost at the second word") {
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
    auto records = load_share_records(f.files, path, account).value().records;
    CHECK(records.positions.size() == 4);
    CHECK(records.positions.at("AAA").quantity == f.held("AAA"));
    CHECK_FALSE(records.positions.at("AAA").manual);
    CHECK(records.positions.at("DDD").manual);
    CHECK(finished.text.find("WITHOUT A STOP: DDD") != std::string::npos);

    by_hand.side = model::Side::sell;
    REQUIRE(f.broker.serve(by_hand).refusal.empty());
    finished = f.run(config::JobKind::sync);
    CHECK(finished.text.find("denied by the broker: DDD") != std::string::npos);
    CHECK(load_share_records(f.files, path, account)->records.positions.contains("DDD"));
    for (int minute = 0; minute < 10; ++minute)
        f.broker.desk().step();
    finished = f.run(config::JobKind::sync);
    CHECK(finished.text.find("removed: DDD") != std::string::npos);
    CHECK_FALSE(load_share_records(f.files, path, account)->records.positions.contains("DDD"));
    CHECK(load_share_records(f.files, path, account)->records.positions.size() == 3);
}

TEST_CASE("a broker that does not answer is no broker that has nothing") {
    Fixture f;
    REQUIRE(f.run(config::JobKind::place_orders_daily).ok);
    REQUIRE(f.run(config::JobKind::sync).ok);
    const auto path = share_records_path(f.paths.directory);
    const auto account = test::account_id("anna");
    const auto before = load_share_records(f.files, path, account).value().records;
    f.broker.plan(f.broker.words() + 1, Mishap::lost_unheard);
    REQUIRE(f.run(config::JobKind::sync).ok);
    CHECK(load_share_records(f.files, path, account).value().records == before);
}

}  // namespace bullpen::jobs
