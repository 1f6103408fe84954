// An account of shares is brought to rest: killed at every word, judged from the exchange's book.
// And two jobs of one account at once, each of which keeps the records that the other one made.
#include <doctest/doctest.h>

#include "tests/support/share_account.hpp"
#include "tests/support/temporary.hpp"
#include "worker/jobs/share_own.hpp"

namespace bullpen::jobs {
namespace {

using config::JobKind;
using test::Mishap;
using Fixture = test::ShareAccount;

const std::vector<Mishap> k_mishaps{Mishap::dies_before, Mishap::dies_after, Mishap::lost_obeyed,
                                    Mishap::lost_unheard};

// By a person, in another program.
std::uint64_t by_hand(Fixture& f, const std::string& symbol, model::Side side,
                      std::int64_t quantity) {
    ipc::ShareRequest request;
    request.command = ipc::ShareCommand::submit;
    request.symbol = symbol;
    request.side = side;
    request.market = true;
    request.protection_percent = -1;
    request.quantity = quantity;
    const auto reply = f.broker.serve(request);
    REQUIRE(reply.refusal.empty());
    f.broker.desk().step();
    return reply.number;
}

// Three shares that jobs bought, and one that a person did.
void prepare(Fixture& f) {
    REQUIRE(f.run(JobKind::place_orders_daily).ok);
    f.broker.price("DDD", 3'000);
    by_hand(f, "DDD", model::Side::buy, 3);
    by_hand(f, "AAA", model::Side::buy, 5);
}

ShareRecords records_of(Fixture& f) {
    const auto path = share_records_path(f.paths.directory);
    return load_share_records(f.files, path, test::account_id("anna")).value().records;
}

}  // namespace

TEST_CASE("flattening sells what jobs bought, once, and nothing that a person did") {
    std::size_t first = 0;
    std::size_t last = 0;
    std::map<std::string, std::int64_t> bought;
    {
        Fixture f;
        prepare(f);
        bought = f.bought();
        first = f.broker.words();
        const auto rested = f.rest(RestPolicy::flatten);
        CHECK_MESSAGE(rested.ok, rested.text);
        last = f.broker.words();
    }
    CHECK(last > first);
    for (const auto mishap : k_mishaps) {
        for (auto word = first + 1; word <= last; ++word) {
            CAPTURE(static_cast<int>(mishap));
            CAPTURE(word);
            Fixture f;
            prepare(f);
            f.broker.plan(word, mishap);
            const auto rested = f.rest(RestPolicy::flatten);
            CHECK_MESSAGE(rested.ok, rested.text);
            CHECK(f.held("AAA") == 5);
            CHECK(f.held("BBB") == 0);
            CHECK(f.held("CCC") == 0);
            CHECK(f.held("DDD") == 3);
            CHECK(f.bought() == bought);
            CHECK(f.stops("BBB").empty());
            CHECK(f.stops("CCC").empty());
            f.check_manual();
        }
    }
}

TEST_CASE("what a person holds is no reason not to be flat; what a job bought is") {
    Fixture f;
    prepare(f);
    const auto day = std::chrono::sys_days(std::chrono::year(2026) / 7 / 6);
    REQUIRE(f.rest(RestPolicy::protect).ok);
    auto standing = standing_of(f.ledger->records(), f.ledger->seen()->world, day);
    CHECK_FALSE(standing.flat);
    CHECK(standing.symbols == 4);
    CHECK(standing.naked.empty());
    REQUIRE(f.rest(RestPolicy::flatten).ok);
    standing = standing_of(f.ledger->records(), f.ledger->seen()->world, day);
    CHECK(standing.flat);
    CHECK(standing.symbols == 2);
}

TEST_CASE("protecting puts a stop where there is none, and it is told while there is none") {
    Fixture f;
    f.settings.place_orders.unprotected = config::Unprotected::alarm;
    f.broker.refuse_stops();
    CHECK_FALSE(f.run(JobKind::place_orders_daily).ok);
    const auto day = std::chrono::sys_days(std::chrono::year(2026) / 7 / 6);
    auto standing = standing_of(f.ledger->records(), f.ledger->seen()->world, day);
    CHECK(standing.naked == std::vector<Naked>{{"AAA", 158}, {"BBB", 82}, {"CCC", 33}});
    CHECK(text_of(standing) == "280 of 3 shares, 3 UNPROTECTED");
    auto rested = f.rest(RestPolicy::protect);
    CHECK_FALSE(rested.ok);
    CHECK(rested.text.find("AAA 158") != std::string::npos);
    f.broker.refuse_stops(false);
    rested = f.rest(RestPolicy::protect);
    CHECK_MESSAGE(rested.ok, rested.text);
    f.check_protected();
}

TEST_CASE("covering puts a stop where there is none, and leaves what is under way alone") {
    Fixture f;
    // Nobody sells: it waits for its fill.
    f.broker.price("BBB", 22'000);
    auto placing = f.job(JobKind::place_orders_daily);
    for (int i = 0; i < 50; ++i, f.now += std::chrono::seconds(1))
        REQUIRE(std::holds_alternative<Later>(placing->step(f.instant())));
    REQUIRE(f.stops("AAA").size() == 1);
    ipc::ShareRequest taken;
    taken.command = ipc::ShareCommand::delete_trigger;
    taken.number = f.stops("AAA").front().number;
    REQUIRE(f.broker.serve(taken).refusal.empty());
    const auto covered = f.rest(RestPolicy::cover);
    CHECK_MESSAGE(covered.ok, covered.text);
    REQUIRE(f.stops("AAA").size() == 1);
    CHECK(f.stops("AAA").front().request.first.quantity == f.held("AAA") - f.left_to_person("AAA"));
    const auto& orders = f.broker.book().orders();
    CHECK(std::count_if(orders.begin(), orders.end(), [](const auto& one) {
              return one.second.status == matching::Status::working;
          }) == 1);
    f.check_manual();
}

TEST_CASE("a stop whose limit would be below the day's circuit has it there, and sells") {
    Fixture f;
    REQUIRE(storage::replace_file(f.files, f.paths.inbox + "/signals.csv",
                                  "Ticker,Entry_Price,Stop_Loss,Target1\nAAA,100,92,120\n")
                .has_value());
    f.files.set_modified(f.paths.inbox + "/signals.csv", test::k_written);
    REQUIRE(f.run(JobKind::place_orders_daily).ok);
    // 95 % of 92.00 are 87.40, and the circuit is at 90.00.
    REQUIRE(f.stops("AAA").size() == 1);
    CHECK(f.stops("AAA").front().request.first.trigger.ticks == 9'200);
    CHECK(f.stops("AAA").front().request.first.limit.ticks == 9'000);
    const auto theirs = f.left_to_person("AAA");
    f.broker.price("AAA", 9'150);
    CHECK(f.held("AAA") == theirs);
}

TEST_CASE("a stop whose limit a later day's circuit has overtaken gets another one") {
    Fixture f;
    REQUIRE(storage::replace_file(f.files, f.paths.inbox + "/signals.csv",
                                  "Ticker,Entry_Price,Stop_Loss,Target1\nAAA,100,98,120\n")
                .has_value());
    f.files.set_modified(f.paths.inbox + "/signals.csv", test::k_written);
    REQUIRE(f.run(JobKind::place_orders_daily).ok);
    CHECK(f.stops("AAA").front().request.first.limit.ticks == 9'310);
    // The next day's circuit is from 94.50 on; the low of this day is below the stop.
    f.broker.price("AAA", 10'500);
    while (f.broker.desk().step().phase != venue::SharePhase::closes) {
    }
    f.broker.desk().step();
    f.facts.trading_day = "2026-07-07";
    f.facts.market_time = f.broker.desk().market().at();
    f.broker.price("AAA", 10'400);
    REQUIRE(f.run(JobKind::update_cnc_stoploss).ok);
    const auto stops = f.stops("AAA");
    REQUIRE(stops.size() == 1);
    const auto& leg = stops.front().request.first;
    CHECK(leg.trigger.ticks >= 9'800);
    CHECK(leg.limit.ticks >= 9'450);
    f.check_manual();
}

TEST_CASE("a stop that the broker places late is known again, whoever looks, and goes") {
    for (const std::size_t late_by : {2U, 40U}) {
        CAPTURE(late_by);
        Fixture f;
        f.broker.late_by(late_by);
        int stops = 0;
        f.broker.decide_each_word([&](auto& request) {
            const bool first = request.command == ipc::ShareCommand::place_trigger && ++stops == 1;
            return first ? Mishap::lost_late : Mishap::none;
        });
        REQUIRE(f.run(JobKind::place_orders_daily).ok);
        // Looks alone, until it is there; then whoever moves stops takes the one too many.
        for (int i = 0; i < 20; ++i)
            REQUIRE(f.run(JobKind::sync).ok);
        REQUIRE(f.run(JobKind::update_cnc_stoploss).ok);
        for (const auto* symbol : {"AAA", "BBB", "CCC"})
            CHECK(f.stops(symbol).size() == 1);
        for (const auto& [symbol, records] : records_of(f).stops)
            CHECK(records.late.empty());
        f.check_protected();
    }
}

TEST_CASE("while nobody buys, what is to be sold keeps its stop and is sold when somebody does") {
    Fixture f;
    prepare(f);
    // At the lower circuit.
    f.broker.price("CCC", 45'000);
    f.broker.desk().step();
    auto rest = make_rest({f.grounds(), f.broker, f.broker, f.broker, "TEST"}, RestPolicy::flatten);
    for (int i = 0; i < 200; ++i) {
        const auto progress = rest->step(f.instant());
        REQUIRE(std::holds_alternative<Later>(progress));
        f.now = std::max(f.now,
                         std::min(std::get<Later>(progress).at, f.now + std::chrono::seconds(1)));
    }
    CHECK(f.held("CCC") == 33);
    CHECK(f.held("BBB") == 0);
    // It is asked less and less often.
    CHECK(f.broker.book().orders().size() < 30);
    f.broker.price("CCC", 46'000);
    f.now += std::chrono::minutes(2);
    CHECK(f.finish(*rest).ok);
    CHECK(f.held("CCC") == 0);
}

TEST_CASE("a job that runs while another one waits loses none of its records") {
    Fixture f;
    // Nobody sells: it waits for its fill.
    f.broker.price("BBB", 22'000);
    auto placing = f.job(JobKind::place_orders_daily);
    for (int i = 0; i < 50; ++i, f.now += std::chrono::seconds(1))
        REQUIRE(std::holds_alternative<Later>(placing->step(f.instant())));
    REQUIRE(records_of(f).orders.size() == 3);
    const auto stops = records_of(f).stops;
    CHECK(f.run(JobKind::sync).ok);
    CHECK(f.finish(*placing).ok);
    const auto records = records_of(f);
    CHECK(records.positions.size() == 2);
    CHECK(records.orders.size() == 3);
    CHECK(records.stops == stops);
}

TEST_CASE("two jobs at once never decide by what the other one is changing") {
    Fixture f;
    REQUIRE(f.run(JobKind::place_orders_daily).ok);
    auto one = f.job(JobKind::update_cnc_stoploss);
    auto other = f.job(JobKind::update_cnc_stoploss);
    std::optional<Finished> first;
    std::optional<Finished> second;
    for (int i = 0; i < 10'000 && (!first || !second); ++i) {
        for (auto* pair : {&one, &other}) {
            auto& done = pair == &one ? first : second;
            if (done)
                continue;
            const auto progress = (*pair)->step(f.instant());
            if (const auto* finished = std::get_if<Finished>(&progress))
                done = *finished;
        }
    }
    REQUIRE(first);
    REQUIRE(second);
    CHECK(first->ok);
    CHECK(second->ok);
    f.check_protected();
}

TEST_CASE("the day's profit is what the book has gained since the close before") {
    Fixture f;
    const auto worth = [&f] {
        auto paise = f.broker.book().cash().millionths / 10'000 +
                     f.broker.book().unsettled().millionths / 10'000;
        for (std::uint32_t i = 0; i < f.broker.book().shares(); ++i)
            paise += f.broker.book().holding({i}).all() * f.broker.book().last_price({i})->ticks;
        return paise;
    };
    prepare(f);
    while (f.broker.desk().step().phase != venue::SharePhase::closes) {
    }
    const auto before = worth();
    f.broker.desk().step();
    f.facts.trading_day = "2026-07-07";
    f.facts.market_time = f.broker.desk().market().at();
    f.broker.price("AAA", 10'350);
    by_hand(f, "DDD", model::Side::sell, 3);
    f.broker.price("BBB", 19'900);
    by_hand(f, "BBB", model::Side::buy, 7);
    f.broker.price("BBB", 20'100);
    REQUIRE(f.rest(RestPolicy::protect).ok);
    const auto day = std::chrono::sys_days(std::chrono::year(2026) / 7 / 7);
    const auto standing = standing_of(f.ledger->records(), f.ledger->seen()->world, day);
    REQUIRE(standing.day_pnl);
    CHECK(standing.day_pnl->millionths / 10'000 == worth() - before);
    CHECK(standing.day_pnl->millionths != 0);
}

}  // namespace bullpen::jobs
