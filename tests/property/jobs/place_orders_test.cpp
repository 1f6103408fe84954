// What place_orders_daily says of itself is what it did: judged from the exchange's own book.
#include <doctest/doctest.h>

#include <set>

#include "tests/support/share_account.hpp"

namespace bullpen::jobs {
namespace {

using Fixture = test::ShareAccount;

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

}  // namespace bullpen::jobs
