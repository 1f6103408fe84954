// Faults of what is told unasked, and rules that differ from broker to broker.
#include "tests/support/venue_bench.hpp"

using namespace bullpen;
using namespace bullpen::test;

namespace {

struct Table {
    VenueProcess venue;
    VenueBench bench{venue};
    Table() { bench.connect(); }

    model::OrderTerms limit() {
        return bench.terms(model::Side::buy, model::OrderType::limit, 1, 300);
    }
    model::OrderTerms market(std::int64_t quantity = 1) {
        return bench.terms(model::Side::buy, model::OrderType::market, quantity);
    }
};

}  // namespace

TEST_CASE("a fill that is not told is in the answer to a query") {
    Table table;
    table.venue.personality("omit_fill = 1\n");
    CHECK(table.bench.outcome(table.market()) == broker::Outcome::accepted);
    table.bench.bar(400, 404, 396, 402);
    CHECK(table.bench.position() == 1);
    CHECK(table.bench.all<model::Fill>().empty());
    CHECK(table.bench.fills().size() == 1);
    CHECK(table.bench.orders().at(0).status == broker::BrokerStatus::filled);
}

TEST_CASE("an event that is told twice is the same event") {
    Table table;
    table.venue.personality("duplicate = 1\n");
    CHECK(table.bench.outcome(table.market()) == broker::Outcome::accepted);
    table.bench.bar(400, 404, 396, 402);
    REQUIRE(table.bench.until([&] { return table.bench.all<model::Fill>().size() == 2; }));
    CHECK(table.bench.all<model::Fill>()[0] == table.bench.all<model::Fill>()[1]);
    CHECK(table.bench.position() == 1);
}

TEST_CASE("an execution may be told before the answer to its order") {
    Table table;
    REQUIRE(
        table.venue.admin("open", R"({"open":"100","high":"101","low":"99","close":"100"})").ok);
    table.venue.personality("reorder = 1\nreorder_times = 1\n");
    table.bench.events.clear();
    CHECK(table.bench.outcome(table.market()) == broker::Outcome::accepted);
    REQUIRE(table.bench.all<model::Fill>().size() == 1);
    CHECK(place_of<model::Fill>(table.bench) < place_of<broker::Answer>(table.bench));
}

TEST_CASE("an order fills in parts") {
    Table table;
    table.venue.personality("first_part = 1\n");
    const auto order = table.market(3);
    CHECK(table.bench.outcome(order) == broker::Outcome::accepted);
    table.bench.bar(400, 404, 396, 402);
    REQUIRE(table.bench.until([&] { return table.bench.all<model::Fill>().size() == 2; }));
    CHECK(table.bench.all<model::Fill>()[0].quantity == 1);
    CHECK(table.bench.all<model::Fill>()[1].quantity == 2);
    REQUIRE(table.bench.until(
        [&] { return table.bench.status(order.id) == broker::BrokerStatus::filled; }));
}

TEST_CASE("latency comes before the execution, and the delay of events after it") {
    Table table;
    table.venue.personality("latency_ms = 60\nevent_delay_ms = 60\n");
    const auto begin = table.bench.now().mono;
    const auto order = table.limit();
    CHECK(table.bench.outcome(order) == broker::Outcome::accepted);
    CHECK(table.bench.now().mono - begin >= Millis(60));
    REQUIRE(table.bench.until([&] { return table.bench.status(order.id).has_value(); }));
    CHECK(table.bench.now().mono - begin >= Millis(120));
}

TEST_CASE("more commands in a second than allowed are as good as not sent") {
    Table table;
    table.venue.personality("rate_max = 2\n");
    CHECK(table.bench.outcome(table.limit()) == broker::Outcome::accepted);
    std::size_t refused = 0;
    for (int i = 0; i < 8; ++i)
        refused += table.bench.outcome(table.limit()) == broker::Outcome::not_sent ? 1 : 0;
    CHECK(refused > 0);
    // A refused command was not executed.
    CHECK(table.bench.orders().size() == 9 - refused);
    CHECK(table.venue.logged("\"rate_limited\"") == refused);
}

TEST_CASE("a newer session of the account closes the older one, which stays away for a while") {
    Table table;
    VenueBench other(table.venue);
    other.connect();
    REQUIRE(table.bench.until([&] { return !table.bench.port().connected(); }));
    // It takes the session back once, by itself, but not at once, or until it is told to connect.
    CHECK_FALSE(table.bench.all<broker::Disconnected>().back().final);
    CHECK(table.bench.venue_port().trouble().ended);
    CHECK(other.port().connected());
    CHECK(table.bench.venue_port().connections() == 1);
    table.bench.connect();
    REQUIRE(other.until([&] { return !other.port().connected(); }));
}

TEST_CASE("a newer session of the account is refused where the rule is so") {
    Table table;
    table.venue.personality("second_session = \"refuse\"\n");
    VenueBench other(table.venue);
    other.port().connect(other.now());
    REQUIRE(other.until([&] { return !other.all<broker::Disconnected>().empty(); }));
    CHECK(other.all<broker::Disconnected>().back().final);
    CHECK(table.bench.position() == 0);
}

TEST_CASE("there are no more sessions than allowed") {
    Table table;
    table.venue.personality("sessions_max = 1\n");
    VenueBench other(table.venue, "ACC2");
    other.port().connect(other.now());
    REQUIRE(other.until([&] { return !other.all<broker::Disconnected>().empty(); }));
    CHECK(other.all<broker::Disconnected>().back().final);
}

TEST_CASE("an account that may not trade says so, and may cancel") {
    Table table;
    const auto order = table.limit();
    CHECK(table.bench.outcome(order) == broker::Outcome::accepted);
    table.venue.personality("may_trade = false\n");
    CHECK(table.bench.outcome(table.limit()) == broker::Outcome::rejected);
    auto& port = table.bench.port();
    CHECK(
        !table.bench.asked<broker::BalanceAnswer>(port.query_balance(table.bench.now())).may_trade);
    port.cancel(order.id, table.bench.now());
    REQUIRE(table.bench.until(
        [&] { return table.bench.status(order.id) == broker::BrokerStatus::cancelled; }));
}

TEST_CASE("a venue without changes in place says so, and refuses them") {
    VenueProcess venue(VenueProcess::k_manual, "can_replace = false\n");
    VenueBench bench(venue);
    bench.connect();
    CHECK(!bench.port().can_replace());
    const auto order = bench.terms(model::Side::buy, model::OrderType::limit, 1, 300);
    CHECK(bench.outcome(order) == broker::Outcome::accepted);
    bench.port().replace(order.id, 2, {310}, bench.now());
    REQUIRE(bench.until([&] { return bench.answers(order.id).size() == 2; }));
    CHECK(bench.last_answer().outcome == broker::Outcome::rejected);
    CHECK(bench.orders().at(0).limit.ticks == 300);
}

TEST_CASE("a stop that the market has passed is executed, or refused where the rule is so") {
    Table table;
    table.bench.bar(400, 404, 396, 402);
    table.venue.personality("refuse_passed_stops = true\n");
    const auto refused = table.bench.terms(model::Side::buy, model::OrderType::stop, 1, 300);
    CHECK(table.bench.outcome(refused) == broker::Outcome::rejected);
    table.venue.personality("refuse_passed_stops = false\n");
    const auto taken = table.bench.terms(model::Side::buy, model::OrderType::stop, 1, 300);
    CHECK(table.bench.outcome(taken) == broker::Outcome::accepted);
    table.bench.bar(402, 404, 400, 402);
    CHECK(table.bench.position() == 1);
}

TEST_CASE("an exit never does more than that where the rule is so") {
    Table table;
    table.venue.personality("exits_only_reduce = true\n");
    auto exit = table.market();
    exit.purpose = model::Purpose::exit;
    CHECK(table.bench.outcome(exit) == broker::Outcome::accepted);
    table.bench.bar(400, 404, 396, 402);
    CHECK(table.bench.position() == 0);
    CHECK(table.bench.status(exit.id) == broker::BrokerStatus::cancelled);
}

TEST_CASE("a market that is mute says nothing while everything else is answered") {
    Table table;
    table.bench.bar(400, 404, 396, 402);
    REQUIRE(table.bench.until([&] { return table.venue.logged("closed") > 0; }));
    auto steps = table.bench.venue_port().take_steps();
    REQUIRE(steps.size() >= 2);
    CHECK(steps.front().phase == ipc::MarketPhase::open);
    CHECK(steps.front().open == "100");
    CHECK(steps.front().high.empty());
    CHECK(steps.back().phase == ipc::MarketPhase::closed);
    CHECK(steps.back().high == "101");
    table.venue.personality("mute_feed = true\n");
    table.bench.bar(400, 404, 396, 402);
    CHECK(table.bench.position() == 0);
    CHECK(table.bench.venue_port().take_steps().empty());
}

TEST_CASE("a broker's clock may be wrong") {
    Table table;
    table.venue.personality("clock_skew_ms = -3600000\n");
    CHECK(table.bench.outcome(table.market()) == broker::Outcome::accepted);
    table.bench.bar(400, 404, 396, 402);
    REQUIRE(table.bench.until([&] { return !table.bench.all<model::Fill>().empty(); }));
    const UtcTime start{std::chrono::sys_days{std::chrono::year(2025) / 4 / 7}};
    CHECK(table.bench.all<model::Fill>()[0].time == start - std::chrono::hours(1));
}

TEST_CASE("somebody else with the password trades by hand") {
    Table table;
    REQUIRE(table.venue
                .admin("order", R"({"account":"ACC1","side":"sell","kind":"market","quantity":2})")
                .ok);
    table.bench.bar(400, 404, 396, 402);
    CHECK(table.bench.position() == -2);
    REQUIRE(table.bench.until([&] { return table.bench.all<model::Fill>().size() == 1; }));
    CHECK(table.bench.all<model::Fill>()[0].order.empty());
    REQUIRE(table.venue.admin("kick", R"({"account":"ACC1","yes":false})").ok);
    REQUIRE(table.bench.until([&] { return table.bench.venue_port().connections() == 2; }));
}

TEST_CASE("what is gathered comes in one piece") {
    Table table;
    table.venue.personality("gather_ms = 200\n");
    RawClient raw(table.venue.socket());
    raw.hello("ACC2");
    REQUIRE(raw.reply().has_value());
    for (int i = 0; i < 3; ++i) {
        ipc::VenueRequest request;
        request.kind = ipc::VenueRequestKind::submit;
        request.account = "ACC2";
        request.order = model::ClientOrderId::make("RAW1", Fence{1}, static_cast<unsigned>(i) + 1);
        request.symbol = model::Symbol::cut("MES");
        request.side = model::Side::buy;
        request.type = model::OrderType::market;
        request.time_in_force = model::TimeInForce::gtc;
        request.quantity = 1;
        raw.say(request);
    }
    table.bench.bar(400, 404, 396, 402);
    std::size_t pieces = 0;
    std::size_t fills = 0;
    while (fills < 3) {
        char buffer[65536];
        const auto got = ::recv(raw.fd(), buffer, sizeof buffer, 0);
        REQUIRE(got > 0);
        const std::string_view piece(buffer, static_cast<std::size_t>(got));
        std::size_t here = 0;
        for (auto at = piece.find("\"type\":\"fill\""); at != std::string_view::npos;
             at = piece.find("\"type\":\"fill\"", at + 1))
            ++here;
        fills += here;
        pieces += here > 0 ? 1 : 0;
    }
    CHECK(fills == 3);
    CHECK(pieces == 1);
}

TEST_CASE("every fault that strikes is in the venue's log") {
    Table table;
    table.venue.personality("reject = 1\nreject_times = 1\n");
    CHECK(table.bench.outcome(table.limit()) == broker::Outcome::rejected);
    table.venue.personality("pending = 1\npending_times = 1\n");
    CHECK(table.bench.outcome(table.limit()) == broker::Outcome::accepted);
    table.venue.personality("cancel_loses = 1\nreject_later = 1\nreject_later_times = 1\n");
    const auto order = table.limit();
    CHECK(table.bench.outcome(order) == broker::Outcome::accepted);
    table.venue.personality("void_fill = 1\nvoid_fill_times = 1\n");
    const auto market = table.market();
    CHECK(table.bench.outcome(market) == broker::Outcome::accepted);
    table.bench.bar(400, 404, 396, 402);
    for (const auto* fault : {"reject", "pending", "reject_later", "void_fill"}) {
        CAPTURE(fault);
        CHECK(table.venue.logged("\"text\":\"" + std::string(fault) + "\"") == 1);
    }
}
