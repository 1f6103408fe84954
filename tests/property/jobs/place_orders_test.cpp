// What place_orders_daily says of itself is what it did: judged from the exchange's own book.
#include <doctest/doctest.h>

#include <set>

#include "tests/support/share_account.hpp"
#include "worker/jobs/orders_file.hpp"

namespace bullpen::jobs {
namespace {

using Fixture = test::ShareAccount;
using test::SimulatedDisk;

}  // namespace

TEST_CASE("a dry run says nothing is ordered where a real run orders nothing, and why") {
    const auto dry = [](Fixture& f) {
        auto job = f.job(config::JobKind::place_orders_daily, true);
        return f.finish(*job);
    };
    {
        Fixture f;
        REQUIRE(f.run(config::JobKind::place_orders_daily).ok);
        const auto finished = dry(f);
        CHECK(finished.ok);
        CHECK(finished.reason == RunReason::nothing_new);
        CHECK(finished.text.starts_with("would order nothing new, for signals.csv was planned"));
    }
    {
        Fixture f;
        f.facts.day_opens = f.broker.desk().market().at() - std::chrono::hours(1);
        f.facts.day_closes = f.broker.desk().market().at() + std::chrono::minutes(5);
        const auto finished = dry(f);
        CHECK_FALSE(finished.ok);
        CHECK(finished.reason == RunReason::too_late);
        CHECK(finished.text.starts_with("would order nothing: it is too late"));
    }
    {
        Fixture f;
        while (f.broker.desk().market().is_open())
            f.broker.desk().step();
        const auto finished = dry(f);
        CHECK(finished.ok);
        CHECK(finished.reason == RunReason::market_shut);
        CHECK(finished.text.starts_with("would order nothing before the market opens"));
    }
    {
        Fixture f;
        const auto path = f.paths.inbox + "/signals.csv";
        REQUIRE(storage::replace_file(f.files, path,
                                      "Ticker,Entry_Price,Stop_Loss,Target1\nBBB,x,1,2\n")
                    .has_value());
        f.files.set_modified(path, test::k_written);
        const auto finished = dry(f);
        CHECK_FALSE(finished.ok);
        CHECK(finished.reason == RunReason::signals_unusable);
        CHECK(finished.text.find("row 2: Entry_Price 'x'") != std::string::npos);
    }
}

TEST_CASE("a dry run looks at a price again that is far off the close before, as a real run does") {
    Fixture f;
    f.broker.price("AAA", 10'500);
    auto job = f.job(config::JobKind::place_orders_daily, true);
    const auto finished = f.finish(*job);
    CHECK_MESSAGE(finished.text.find(" AAA ") != std::string::npos, finished.text);
    CHECK_MESSAGE(finished.text.find("no_price") == std::string::npos, finished.text);
}

TEST_CASE("an orders file of the day that cannot be read stops a run before it buys anything") {
    const std::string name = "orders_old_20260706_093000.json";
    for (const bool torn : {true, false}) {
        CAPTURE(torn);
        Fixture f;
        const auto write = [&](std::string_view text) {
            REQUIRE(storage::replace_file(f.files, f.paths.orders + "/" + name, text).has_value());
        };
        write(torn ? R"({"orders":[{"ticker":"AAA","order_succ)" : R"({"orders":{"AAA":5}})");
        for (const bool dry : {true, false}) {
            auto job = f.job(config::JobKind::place_orders_daily, dry);
            const auto finished = f.finish(*job);
            CHECK_FALSE(finished.ok);
            CHECK(finished.reason == RunReason::orders_file_unreadable);
            CHECK_MESSAGE(finished.text.find(name) != std::string::npos, finished.text);
        }
        CHECK(f.bought().empty());
        // One that can be read is heeded, by the next attempt.
        write(R"({"orders":[{"ticker":"AAA","order_success":true,"position_size":5}]})");
        const auto finished = f.run(config::JobKind::place_orders_daily);
        CHECK_MESSAGE(finished.ok, finished.text);
        CHECK(f.bought().size() == 2);
        CHECK_FALSE(f.bought().contains("AAA"));
    }
}

TEST_CASE("an orders file that breaks when all was planned keeps nothing from being protected") {
    Fixture f;
    // Nobody sells: it waits for its fill.
    f.broker.price("BBB", 22'000);
    auto job = f.job(config::JobKind::place_orders_daily);
    for (int i = 0; i < 50; ++i, f.now += std::chrono::seconds(1))
        REQUIRE(std::holds_alternative<Later>(job->step(f.instant())));
    job.reset();
    f.ledger.reset();
    REQUIRE(storage::replace_file(f.files, f.paths.orders + "/orders_old_20260706_093000.json", "{")
                .has_value());
    const auto finished = f.run(config::JobKind::place_orders_daily);
    CHECK_MESSAGE(finished.ok, finished.text);
    for (const auto& [symbol, quantity] : f.bought()) {
        CAPTURE(symbol);
        CHECK(f.stops(symbol).size() == (quantity > 0 ? 1 : 0));
    }
}

TEST_CASE("what has filled gets its stop before any price is asked for again") {
    Fixture f;
    std::vector<ipc::ShareCommand> words;
    f.broker.decide_each_word([&](const auto& request) {
        words.push_back(request.command);
        return test::Mishap::none;
    });
    CHECK(f.run(config::JobKind::place_orders_daily).ok);
    CHECK(f.bought().size() == 3);
    f.check_protected();
    int bought = 0;
    for (std::size_t i = 0; i < words.size(); ++i) {
        if (words[i] != ipc::ShareCommand::submit)
            continue;
        ++bought;
        const auto after = [&](ipc::ShareCommand command) {
            return std::find(words.begin() + static_cast<std::ptrdiff_t>(i), words.end(), command);
        };
        CHECK(after(ipc::ShareCommand::place_trigger) < after(ipc::ShareCommand::quotes));
    }
    CHECK(bought == 3);
}

TEST_CASE("a stop by old prices that is refused is asked for by new ones, and is no refusal") {
    Fixture f;
    int refused = 0;
    f.broker.decide_each_word([&](const auto& request) {
        const bool stop = request.command == ipc::ShareCommand::place_trigger;
        return stop && ++refused % 2 == 1 ? test::Mishap::refused : test::Mishap::none;
    });
    CHECK(f.run(config::JobKind::place_orders_daily).ok);
    CHECK(refused == 6);
    f.check_protected();
    for (const auto& [client, order] : f.ledger->records().orders)
        CHECK(order.stop_refusals == 0);
}

TEST_CASE(
    "a price that falls through the stop before it is there is sold, and no stop lies above") {
    Fixture f;
    f.broker.decide_each_word([&](const auto& request) {
        if (request.command == ipc::ShareCommand::place_trigger && request.symbol == "AAA")
            f.broker.price("AAA", 9'300);
        return test::Mishap::none;
    });
    const auto finished = f.run(config::JobKind::place_orders_daily);
    CAPTURE(finished.text);
    CHECK(finished.reason == RunReason::closed_unprotected);
    CHECK(f.held("AAA") == f.left_to_person("AAA"));
    CHECK(f.stops("AAA").empty());
    CHECK(f.stops("BBB").size() == 1);
}

// Each share's price is told once as so many hundredths of what it is, in the answer of that
// number.
void tell_once(Fixture& f, int hundredths, int number) {
    f.broker.lie([hundredths, number, told = 0](const auto& request, auto& answer) mutable {
        if (request.command != ipc::ShareCommand::quotes || ++told != number)
            return;
        for (auto& quote : answer.reply.quotes)
            quote.last = {quote.last.ticks * hundredths / 100 / 5 * 5};
    });
}

TEST_CASE("one freak price closes nothing that was bought, and is no loss of the day") {
    for (const int hundredths : {70, 85, 115}) {
        for (int number = 1; number < 12; ++number) {
            CAPTURE(hundredths);
            CAPTURE(number);
            Fixture f;
            f.facts.loss = {3'000, 0};
            tell_once(f, hundredths, number);
            const auto finished = f.run(config::JobKind::place_orders_daily);
            CHECK_MESSAGE(finished.ok, finished.text);
            CHECK(f.bought().size() == 3);
            for (const auto& [symbol, quantity] : f.bought())
                CHECK(f.held(symbol) == quantity);
            f.check_protected();
        }
    }
}

TEST_CASE("after the loss of a day nothing is bought, what is held is protected, also begun anew") {
    Fixture f;
    f.facts.loss = {1'000, 0};
    REQUIRE(f.run(config::JobKind::place_orders_daily).ok);
    const auto bought = f.bought();
    REQUIRE(bought.size() == 3);
    // What was bought today is worth less by now, and another file comes.
    f.broker.price("AAA", 9'600);
    f.broker.price("BBB", 19'200);
    f.broker.price("CCC", 48'500);
    const auto path = f.paths.inbox + "/signals.csv";
    REQUIRE(storage::replace_file(f.files, path,
                                  "Ticker,Entry_Price,Stop_Loss,Target1\nDDD,100,95,120\n")
                .has_value());
    f.files.set_modified(path, test::k_written);
    const auto orders = f.broker.book().orders().size();
    for (const bool anew : {false, true}) {
        CAPTURE(anew);
        if (anew) {
            f.ledger.reset();
            f.broker.price("AAA", 11'000);
            f.broker.price("CCC", 55'000);
        }
        const auto finished = f.run(config::JobKind::place_orders_daily);
        CHECK_FALSE(finished.ok);
        CHECK(finished.reason == RunReason::daily_loss_reached);
        CHECK(finished.text.starts_with("daily_loss_reached: on 2026-07-06"));
        CHECK(f.broker.book().orders().size() == orders);
        f.check_protected();
        auto dry = f.job(config::JobKind::place_orders_daily, true);
        CHECK(f.finish(*dry).reason == RunReason::daily_loss_reached);
    }
    CHECK(f.bought() == bought);
    // Exits go on.
    CHECK(f.rest(RestPolicy::flatten).ok);
    CHECK(f.held("AAA") == 0);
}

TEST_CASE(
    "when the loss of a day is reached within a run, what works is cancelled and the rest kept") {
    int stopped = 0;
    for (int at = 1; at < 40; ++at) {
        CAPTURE(at);
        Fixture f;
        f.facts.loss = {1, 0};
        int words = 0;
        f.broker.before_each_word([&] {
            if (++words != at)
                return;
            f.broker.price("AAA", 9'700);
            f.broker.price("BBB", 19'300);
            f.broker.price("CCC", 48'300);
        });
        const auto finished = f.run(config::JobKind::place_orders_daily);
        CAPTURE(finished.text);
        for (const auto& [number, order] : f.broker.book().orders())
            CHECK(is_final(order.status));
        if (finished.reason != RunReason::daily_loss_reached)
            continue;
        CHECK_FALSE(finished.ok);
        stopped += f.bought().size() < 3 ? 1 : 0;
        for (const auto& [symbol, quantity] : f.bought()) {
            REQUIRE(f.stops(symbol).size() == 1);
            CHECK(f.stops(symbol).front().request.first.quantity ==
                  quantity - f.left_to_person(symbol));
        }
    }
    CHECK(stopped > 0);
}

TEST_CASE("a file that was just written and is cut short is not taken, and is when it is whole") {
    Fixture f;
    const auto path = f.paths.inbox + "/signals.csv";
    const std::string rows = "Ticker,Entry_Price,Stop_Loss,Target1\nAAA,100,95,120\nBBB,200,1";
    REQUIRE(storage::replace_file(f.files, path, rows).has_value());
    f.files.set_modified(path, f.instant().utc - std::chrono::seconds(3));
    auto finished = f.run(config::JobKind::place_orders_daily);
    CHECK_FALSE(finished.ok);
    CHECK(finished.reason == RunReason::signals_unusable);
    CHECK(finished.text.find("is not taken yet") != std::string::npos);
    CHECK(f.bought().empty());
    REQUIRE(storage::replace_file(f.files, path, rows + "90,230\n").has_value());
    f.files.set_modified(path, f.instant().utc - std::chrono::seconds(3));
    finished = f.run(config::JobKind::place_orders_daily);
    CHECK_MESSAGE(finished.ok, finished.text);
    CHECK(f.bought().size() == 2);
}

TEST_CASE("a signal file of the future is passed over and told, and alone it is no file of today") {
    const std::string head = "Ticker,Entry_Price,Stop_Loss,Target1\n";
    Fixture f;
    const auto later = f.paths.inbox + "/unpacked.csv";
    REQUIRE(storage::replace_file(f.files, later, head + "CCC,500,480,530\n").has_value());
    f.files.set_modified(later, f.instant().utc + std::chrono::days(30));
    const auto finished = f.run(config::JobKind::place_orders_daily);
    CHECK(finished.ok);
    CHECK_MESSAGE(finished.text.find("unpacked.csv is passed over") != std::string::npos,
                  finished.text);
    CHECK(f.bought().size() == 3);

    Fixture alone;
    const auto only = alone.paths.inbox + "/signals.csv";
    alone.files.set_modified(only, alone.instant().utc + std::chrono::days(30));
    const auto failed = alone.run(config::JobKind::place_orders_daily);
    CHECK_FALSE(failed.ok);
    CHECK(failed.reason == RunReason::signals_too_old);
    CHECK_MESSAGE(failed.text.find("has a time in the future") != std::string::npos, failed.text);
    CHECK(alone.bought().empty());
}

// What another program reads of the account while its job writes, or after the power was cut.
TEST_CASE("F5: an orders file is there whole or not at all, whenever the power is cut") {
    const auto orders_in = [](Fixture& f) {
        std::size_t orders = 0;
        const auto names = f.files.list(f.paths.orders);
        for (const auto& name : names ? *names : std::vector<std::string>()) {
            if (!name.starts_with("orders_") || !name.ends_with(".json"))
                continue;
            const auto read = read_orders_file(f.files.content(f.paths.orders + "/" + name));
            REQUIRE_MESSAGE(read.has_value(), name);
            orders += read->size();
        }
        return orders;
    };
    int cuts = 0;
    int without = 0;
    for (SimulatedDisk::Step at = 1;; ++at) {
        Fixture f;
        f.files.cut_power_at(f.files.steps() + at);
        bool cut = false;
        try {
            const auto finished = f.run(config::JobKind::place_orders_daily);
            CHECK(finished.ok);
        } catch (const test::PowerCut&) {
            cut = true;
        }
        if (!cut) {
            CHECK(orders_in(f) == 3);
            break;
        }
        ++cuts;
        f.ledger.reset();
        f.files.restart(at);
        const auto found = orders_in(f);
        CHECK((found == 0 || found == 3));
        without += found == 0 ? 1 : 0;
        // The next attempt brings it to its end, and buys nothing twice.
        CHECK(f.run(config::JobKind::place_orders_daily).ok);
        CHECK(orders_in(f) >= 3);
        CHECK(f.bought().size() == 3);
        f.check_protected();
    }
    MESSAGE(cuts << " cuts, " << without << " of them before there was a file");
    CHECK(without > 0);
    CHECK(without < cuts);
}

TEST_CASE("whenever a run's time ends, each order of its plan is bought or named with its fate") {
    std::set<RunReason> reasons;
    for (const bool fills : {true, false}) {
        for (std::size_t word = 1;; ++word) {
            Fixture f;
            f.settings.place_orders.fill_wait = std::chrono::minutes(30);
            // At its circuit nobody sells.
            if (!fills)
                f.broker.price("BBB", 22'000);
            auto job = f.job(config::JobKind::place_orders_daily);
            std::size_t words = 0;
            f.broker.before_each_word([&] {
                if (++words == word)
                    job->wind_up();
            });
            const auto finished = f.finish(*job);
            f.broker.before_each_word({});
            CAPTURE(word);
            CAPTURE(finished.text);
            reasons.insert(finished.reason);
            const auto bought = f.bought();
            const auto orders = f.files.list(f.paths.orders).value();
            const auto text =
                orders.empty()
                    ? std::string()
                    : f.files.read(f.paths.orders + "/" + orders.front(), 1 << 20).value();
            for (const char* symbol : {"AAA", "BBB", "CCC"}) {
                const bool planned =
                    text.find("\"" + std::string(symbol) + "\"") != std::string::npos;
                const auto found = bought.find(symbol);
                const bool sent = found != bought.end();
                const bool has = sent && found->second > 0;
                const bool named =
                    finished.text.find(" " + std::string(symbol)) != std::string::npos;
                CHECK(named == (planned && !has));
                if (planned && !sent) {
                    CHECK(finished.reason == RunReason::partly_sent);
                    CHECK_FALSE(finished.ok);
                    CHECK(text.find("not sent: it was too late") != std::string::npos);
                } else if (planned && !has) {
                    CHECK(text.find("\"not filled\"") != std::string::npos);
                }
            }
            if (words < word)
                break;
        }
    }
    // All of these were met.
    CHECK(reasons.contains(RunReason::done));
    CHECK(reasons.contains(RunReason::too_late));
    CHECK(reasons.contains(RunReason::partly_sent));
    CHECK(reasons.contains(RunReason::partly_filled));
}

TEST_CASE("what the account sold is not bought again before its cooldown, restarted or not") {
    for (const bool restarted : {false, true}) {
        Fixture f;
        REQUIRE(f.run(config::JobKind::place_orders_daily).ok);
        REQUIRE(f.rest(RestPolicy::flatten).ok);
        const auto sold_at = f.broker.desk().market().at();
        int written = 0;
        const auto again = [&] {
            if (restarted)
                f.ledger.reset();
            f.files.set_modified(f.paths.inbox + "/signals.csv",
                                 test::k_written + std::chrono::minutes(++written));
            return f.run(config::JobKind::place_orders_daily).text;
        };
        CHECK(again().find("skipped: 3 cooling") != std::string::npos);
        while (f.broker.desk().market().at() < sold_at + std::chrono::hours(2))
            f.broker.desk().step();
        // On the day of a trade it is not bought all the same.
        CHECK(again().find("skipped: 3 ordered") != std::string::npos);
        f.settings.place_orders.cooldown = std::chrono::days(3);
        CHECK(again().find("skipped: 3 cooling") != std::string::npos);
        f.settings.place_orders.cooldown = Nanos{0};
        CHECK(again().find("skipped: 3 ordered") != std::string::npos);
        CHECK(f.held("AAA") == 0);
    }
}

TEST_CASE("shares that a person looks after are not bought, and their stops are left alone") {
    Fixture f;
    f.settings.manual_shares = " BBB ,CCC";
    const auto finished = f.run(config::JobKind::place_orders_daily);
    CHECK_MESSAGE(finished.ok, finished.text);
    CHECK(finished.text.find("skipped: 2 manual") != std::string::npos);
    CHECK(f.bought().size() == 1);
    REQUIRE(f.stops("AAA").size() == 1);
    const auto stop = f.stops("AAA").front().number;
    f.broker.price("AAA", 9'900);
    f.broker.price("AAA", 10'000);
    f.settings.manual_shares = "AAA";
    CHECK(f.run(config::JobKind::update_cnc_stoploss).text.starts_with("placed 0, removed 0"));
    REQUIRE(f.stops("AAA").size() == 1);
    CHECK(f.stops("AAA").front().number == stop);
}

}  // namespace bullpen::jobs
