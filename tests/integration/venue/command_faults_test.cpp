// Each fault that the venue can play with a command, and what the port makes of it.
#include "tests/support/venue_bench.hpp"

using namespace bullpen;
using namespace bullpen::test;

namespace {

constexpr Nanos k_short = Millis(250);

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
    void short_waits() {
        bench.with([](auto& settings) { settings.answer_wait = settings.query_wait = k_short; });
        bench.connect();
    }
    bool until_connected_again(std::uint64_t connections) {
        return bench.until([&] {
            return bench.port().connected() && bench.venue_port().connections() == connections;
        });
    }
};

}  // namespace

TEST_CASE(
    "a connection that breaks before the execution leaves an unknown order that is not there") {
    Table table;
    table.venue.personality("drop_before = 1\ndrop_before_times = 1\n");
    const auto order = table.limit();
    CHECK(table.bench.outcome(order) == broker::Outcome::unknown);
    REQUIRE(table.until_connected_again(2));
    CHECK(table.bench.orders().empty());
    CHECK(table.bench.answers(order.id).size() == 1);
    CHECK(table.venue.logged("\"broken_off\"") == 1);
}

TEST_CASE("a connection that breaks after the execution leaves an unknown order that is there") {
    Table table;
    table.venue.personality("drop_after = 1\ndrop_after_times = 1\n");
    const auto order = table.limit();
    CHECK(table.bench.outcome(order) == broker::Outcome::unknown);
    REQUIRE(table.until_connected_again(2));
    REQUIRE(table.bench.orders().size() == 1);
    CHECK(table.bench.orders()[0].order == order.id);
    CHECK(table.bench.all<broker::Disconnected>().size() == 1);
    CHECK(!table.bench.all<broker::Disconnected>()[0].final);
}

TEST_CASE("a lost answer is unknown when its time is over, and the order is there") {
    Table table;
    table.short_waits();
    table.venue.personality("lose_answer = 1\nlose_answer_times = 1\n");
    const auto order = table.limit();
    CHECK(!table.bench.venue_port().answer_due());
    const auto sent = table.bench.now().mono;
    table.bench.submit(order);
    CHECK(table.bench.venue_port().answer_due() >= sent + k_short);
    REQUIRE(table.bench.until([&] { return !table.bench.answers(order.id).empty(); }));
    CHECK(table.bench.answers(order.id).back().outcome == broker::Outcome::unknown);
    CHECK(!table.bench.venue_port().answer_due());
    CHECK(table.bench.port().connected());
    CHECK(table.bench.orders().size() == 1);
}

TEST_CASE("an answer that comes too late is not told a second time") {
    Table table;
    table.short_waits();
    table.venue.personality("delay_answer = 1\ndelay_answer_times = 1\nanswer_delay_ms = 3000\n");
    const auto order = table.limit();
    CHECK(table.bench.outcome(order) == broker::Outcome::unknown);
    REQUIRE(table.bench.until([&] { return table.bench.venue_port().late_answers() == 1; }));
    CHECK(table.bench.answers(order.id).size() == 1);
}

TEST_CASE("a page of HTML instead of an answer ends the connection, and the order is unknown") {
    Table table;
    table.venue.personality("garble_answer = 1\ngarble_answer_times = 1\n");
    CHECK(table.bench.outcome(table.limit()) == broker::Outcome::unknown);
    REQUIRE(table.until_connected_again(2));
    CHECK(table.bench.orders().size() == 1);
}

TEST_CASE("a line beyond the limit ends the connection, and the order is unknown") {
    Table table;
    table.venue.personality("oversize_answer = 1\noversize_answer_times = 1\n");
    CHECK(table.bench.outcome(table.limit()) == broker::Outcome::unknown);
    REQUIRE(table.until_connected_again(2));
    CHECK(table.bench.orders().size() == 1);
}

TEST_CASE("a black hole is found by its silence") {
    Table table;
    table.bench.with([](auto& settings) { settings.silence_max = Millis(400); });
    table.bench.connect();
    table.venue.personality("black_hole = 1\nblack_hole_times = 1\n");
    CHECK(table.bench.outcome(table.limit()) == broker::Outcome::unknown);
    CHECK(table.bench.all<broker::Disconnected>().back().text == "the venue has fallen silent");
    REQUIRE(table.until_connected_again(2));
    CHECK(table.bench.orders().empty());
}

TEST_CASE("a refused order is in the book as rejected") {
    Table table;
    table.venue.personality("reject = 1\nonly_purpose = \"protective_stop\"\n");
    CHECK(table.bench.outcome(table.limit()) == broker::Outcome::accepted);
    auto stop = table.bench.terms(model::Side::sell, model::OrderType::stop, 1, 300);
    stop.purpose = model::Purpose::protective_stop;
    CHECK(table.bench.outcome(stop) == broker::Outcome::rejected);
    CHECK(!table.bench.last_answer().text.empty());
    const auto orders = table.bench.orders();
    REQUIRE(orders.size() == 2);
    CHECK(orders[1].status == broker::BrokerStatus::rejected);
}

TEST_CASE("an order may be rejected after it was accepted") {
    Table table;
    table.venue.personality("reject_later = 1\nlater_ms = 20\n");
    const auto order = table.limit();
    CHECK(table.bench.outcome(order) == broker::Outcome::accepted);
    REQUIRE(table.bench.until(
        [&] { return table.bench.status(order.id) == broker::BrokerStatus::rejected; }));
    CHECK(table.bench.answers(order.id).size() == 1);
    table.bench.bar(200, 210, 190, 200);
    CHECK(table.bench.position() == 0);
}

TEST_CASE("an execution that is taken back is undone by another one, and stays so") {
    Table table;
    table.venue.personality("void_fill = 1\nvoid_fill_times = 1\nlater_ms = 20\n");
    const auto order = table.market(2);
    CHECK(table.bench.outcome(order) == broker::Outcome::accepted);
    table.bench.bar(400, 404, 396, 402);
    const auto told = [&] { return table.bench.all<model::Fill>(); };
    REQUIRE(table.bench.until([&] { return told().size() == 2; }));
    CHECK(table.bench.position() == 0);
    const auto made = told().front();
    const auto undone = told().back();
    CHECK(undone.execution == broker::void_of(made.execution));
    CHECK(broker::is_void(undone.execution));
    CHECK(!broker::is_void(made.execution));
    CHECK(undone.order.empty());
    CHECK(undone.side == model::Side::sell);
    CHECK(undone.quantity == made.quantity);
    CHECK(undone.price == made.price);
    CHECK(undone.fee.millionths == -made.fee.millionths);
    table.venue.kill_and_restart();
    table.bench.connect();
    CHECK(table.bench.position() == 0);
    const auto listed = table.bench.fills();
    REQUIRE(listed.size() == 2);
    CHECK(listed.back() == undone);
}

TEST_CASE("an order that stays pending meets no market and can be cancelled") {
    Table table;
    table.venue.personality("pending = 1\npending_times = 1\n");
    const auto order = table.market();
    CHECK(table.bench.outcome(order) == broker::Outcome::accepted);
    table.bench.bar(400, 404, 396, 402);
    CHECK(table.bench.position() == 0);
    CHECK(table.bench.orders().at(0).status == broker::BrokerStatus::pending);
    table.bench.port().cancel(order.id, table.bench.now());
    REQUIRE(table.bench.until(
        [&] { return table.bench.status(order.id) == broker::BrokerStatus::cancelled; }));
}

TEST_CASE("a cancel that loses against the fill is refused, and the fill is told") {
    Table table;
    table.venue.personality("cancel_loses = 1\ncancel_loses_times = 1\n");
    const auto order = table.limit();
    CHECK(table.bench.outcome(order) == broker::Outcome::accepted);
    table.bench.port().cancel(order.id, table.bench.now());
    REQUIRE(table.bench.until([&] { return table.bench.answers(order.id).size() == 2; }));
    CHECK(table.bench.last_answer().outcome == broker::Outcome::rejected);
    REQUIRE(table.bench.until([&] { return table.bench.all<model::Fill>().size() == 1; }));
    CHECK(table.bench.position() == 1);
}

TEST_CASE("a query that is lost ends as unknown and can be asked again") {
    Table table;
    table.short_waits();
    table.venue.personality("lose_query = 1\nlose_query_times = 1\n");
    const auto query = table.bench.port().query_positions(table.bench.now());
    CHECK(!table.bench.asked<broker::PositionsAnswer>(query).positions);
    CHECK(table.bench.position() == 0);
}

TEST_CASE("faults of one command leave the others alone") {
    Table table;
    table.short_waits();
    table.venue.personality("lose_answer = 1\nonly_command = \"cancel\"\n");
    const auto order = table.limit();
    CHECK(table.bench.outcome(order) == broker::Outcome::accepted);
    table.bench.port().cancel(order.id, table.bench.now());
    REQUIRE(table.bench.until([&] { return table.bench.answers(order.id).size() == 2; }));
    CHECK(table.bench.last_answer().outcome == broker::Outcome::unknown);
    CHECK(table.bench.orders().at(0).status == broker::BrokerStatus::cancelled);
}
