// The program: its book survives it, there is one of it, and it ends as it is told to.
#include "common/base/exit_code.hpp"
#include "tests/support/venue_bench.hpp"

using namespace bullpen;
using namespace bullpen::test;

namespace {

Outcome run_venue(const std::string& home, std::vector<std::string> more = {}) {
    std::vector<std::string> words{program("bullpen-venue"), "run", "--home", home};
    words.insert(words.end(), more.begin(), more.end());
    return run(words);
}

// Everything a worker can ask for, as one text.
std::string whole(VenueBench& bench) {
    std::string text;
    for (const auto& order : bench.orders()) {
        text += order.order.str() + " " + order.broker_order.str() + " " +
                std::to_string(order.quantity) + "/" + std::to_string(order.filled) + " " +
                std::to_string(static_cast<int>(order.status)) + " " +
                std::to_string(order.limit.ticks) + " " + std::to_string(order.stop.ticks) + "\n";
    }
    for (const auto& fill : bench.fills()) {
        text += fill.execution.str() + " " + std::to_string(fill.quantity) + " " +
                std::to_string(fill.price.ticks) + " " + model::text(fill.fee) + "\n";
    }
    return text + std::to_string(bench.position()) + " " + model::text(bench.balance());
}

}  // namespace

TEST_CASE("what was acknowledged survives a kill, and a restart, and a snapshot") {
    VenueProcess venue;
    VenueBench bench(venue);
    bench.connect();
    const auto entry = bench.terms(model::Side::buy, model::OrderType::market, 2);
    CHECK(bench.outcome(entry) == broker::Outcome::accepted);
    bench.bar(400, 404, 396, 402);
    const auto stop = bench.terms(model::Side::sell, model::OrderType::stop, 2, 380);
    CHECK(bench.outcome(stop) == broker::Outcome::accepted);
    const auto before = whole(bench);

    venue.kill_and_restart();
    REQUIRE(bench.until([&] { return bench.venue_port().connections() == 2; }));
    CHECK(whole(bench) == before);

    CHECK(venue.end(SIGTERM) == value(ExitCode::done));
    venue.start();
    REQUIRE(bench.until([&] { return bench.venue_port().connections() == 3; }));
    CHECK(whole(bench) == before);

    // It goes on: the stop works, and an id of an earlier life is used.
    CHECK(bench.outcome(entry) == broker::Outcome::rejected);
    bench.bar(400, 404, 370, 402);
    CHECK(bench.position() == 0);
    const auto after = whole(bench);
    REQUIRE(venue.admin("snapshot").ok);
    venue.kill_and_restart();
    REQUIRE(bench.until([&] { return bench.venue_port().connections() == 4; }));
    CHECK(whole(bench) == after);
}

TEST_CASE("a venue that dies with a command under way leaves it unknown") {
    VenueProcess venue;
    VenueBench bench(venue);
    bench.connect();
    venue.personality("latency_ms = 60000\n");
    const auto order = bench.terms(model::Side::buy, model::OrderType::market, 1);
    bench.submit(order);
    REQUIRE(eventually([&] { return venue.logged(order.id.view()) > 0; }));
    venue.kill_and_restart();
    REQUIRE(bench.until([&] { return !bench.answers(order.id).empty(); }));
    CHECK(bench.answers(order.id)[0].outcome == broker::Outcome::unknown);
    REQUIRE(bench.until([&] { return bench.port().connected(); }));
    CHECK(bench.orders().empty());
}

TEST_CASE("one home has one venue") {
    VenueProcess venue;
    const auto second = run_venue(venue.home().path());
    CHECK(second.code == value(ExitCode::held_elsewhere));
    CHECK(second.err.find(std::to_string(venue.pid())) != std::string::npos);
    CHECK(venue.admin("account", R"({"account":"nobody"})").ok == false);
}

TEST_CASE("a venue that is told to end leaves no socket and says that all is well") {
    VenueProcess venue;
    CHECK(venue.end(SIGINT) == value(ExitCode::done));
    CHECK(::access(venue.socket().c_str(), F_OK) != 0);
    const auto log = read_text(venue.home().path() + "/services/bullpen-venue/logs/venue.log");
    CHECK(log.find("\"venue_stopped\"") != std::string::npos);
}

TEST_CASE("wrong settings, a wrong personality, a wrong home: each ends with its code") {
    const TemporaryHome home;
    write_text(home.path() + "/venue.toml", "[market.a]\nsource = \"nowhere\"\n");
    auto outcome = run_venue(home.path());
    CHECK(outcome.code == value(ExitCode::config));
    CHECK(outcome.err.find("line 2: market.a.source must be one of") != std::string::npos);

    write_text(home.path() + "/venue.toml", "");
    write_text(home.path() + "/odd.toml", "reject = 7\n");
    outcome = run_venue(home.path(), {"--personality", home.path() + "/odd.toml"});
    CHECK(outcome.code == value(ExitCode::config));
    CHECK(outcome.err.find("line 1") != std::string::npos);

    const TemporaryDirectory empty;
    CHECK(run_venue(empty.path()).code == value(ExitCode::config));
    CHECK(run_venue(home.path(), {"--nonsense"}).code == value(ExitCode::usage));
    CHECK(run({program("bullpen-venue")}).code == value(ExitCode::usage));
    CHECK(run({program("bullpen-venue"), "version"}).code == 0);
}

TEST_CASE("without settings the markets are those of the home's paper accounts") {
    VenueProcess venue("");
    venue.home().account(account_id("anna"),
                         "trading = \"on\"\n[feed]\ninstrument = \"MES\"\nseed = 3\nspeed = 600\n");
    VenueBench bench(venue, "anna");
    bench.connect();
    // A bar is a tenth of a second: the market moves by itself.
    std::vector<ipc::VenueStep> steps;
    REQUIRE(bench.until([&] {
        for (auto& step : bench.venue_port().take_steps())
            steps.push_back(std::move(step));
        return steps.size() >= 6;
    }));
    CHECK(std::is_sorted(steps.begin(), steps.end(), [](const auto& a, const auto& b) {
        return a.bar < b.bar || (a.bar == b.bar && a.step < b.step);
    }));
    const auto order = bench.terms(model::Side::buy, model::OrderType::market, 1);
    CHECK(bench.outcome(order) == broker::Outcome::accepted);
    REQUIRE(bench.until([&] { return bench.all<model::Fill>().size() == 1; }));
}

TEST_CASE("a market in lockstep waits for its followers, and goes on where it was after a kill") {
    VenueProcess venue("lockstep_accounts = [\"ACC1\"]\n[market.mes]\npace = \"lockstep\"\n");
    VenueBench bench(venue);
    bench.with([](auto& settings) { settings.lockstep = true; });
    bench.connect();
    std::uint64_t closed = 0;
    std::optional<std::uint64_t> last;
    const auto follow = [&](std::uint64_t bars) {
        return bench.until([&] {
            for (const auto& step : bench.venue_port().take_steps()) {
                if (step.phase == ipc::MarketPhase::closed && last != step.bar) {
                    // None is left out and none comes twice.
                    CHECK(step.bar == closed);
                    last = step.bar;
                    closed = step.bar + 1;
                }
                bench.venue_port().step_done(step.step, bench.now());
            }
            return closed >= bars;
        });
    };
    REQUIRE(follow(50));
    venue.kill_and_restart();
    REQUIRE(bench.until([&] { return bench.venue_port().connections() == 2; }));
    REQUIRE(follow(100));
    // Nobody says that a step is done: nothing moves.
    (void)bench.venue_port().take_steps();
    CHECK(bench.position() == 0);
    const auto waiting = bench.venue_port().take_steps();
    CHECK(waiting.size() <= 1);
}

TEST_CASE("a step that a session died with waits for the next session of its account") {
    VenueProcess venue("lockstep_accounts = [\"ACC1\"]\n[market.mes]\npace = \"lockstep\"\n");
    std::uint64_t last = 0;
    for (int life = 0; life < 4; ++life) {
        VenueBench bench(venue);
        bench.with([](auto& settings) { settings.lockstep = true; });
        bench.connect();
        std::uint64_t step = 0;
        REQUIRE(bench.until([&] {
            for (const auto& told : bench.venue_port().take_steps()) {
                step = told.step;
                if (life == 0 && step < 5)
                    bench.venue_port().step_done(step, bench.now());
            }
            return step >= 5;
        }));
        // However often somebody comes and goes without having said that it is done.
        CHECK((last == 0 || step == last));
        last = step;
    }
}
