// What is taken over from the broker: when it was, at what price its stop is reckoned, and what its
// end is called.
#include <doctest/doctest.h>

#include "tests/unit/execution/desk.hpp"

namespace bullpen::execution::test {

namespace {

// Of a market that was replayed, years ago.
constexpr UtcTime k_then{std::chrono::seconds(1'767'623'400)};

void set(Desk& desk, bool own_time, bool told_prices) {
    desk.settings.own_time = own_time;
    desk.settings.told_prices = told_prices;
    desk.build();
}

// Up, and the broker holds what nobody here can explain.
void find(Desk& desk, std::int64_t quantity, std::optional<model::Price> average) {
    REQUIRE(desk.manager->start(Fence{1}, desk.now));
    desk.positions = {{k_mes, quantity, average}};
    desk.connect();
    desk.live(seconds(4));
    REQUIRE(desk.held() == quantity);
}

// The broker does not have it any more.
void gone(Desk& desk) {
    desk.positions.clear();
    desk.event(broker::Disconnected{"", false});
    desk.connect();
    desk.live(seconds(40));
    REQUIRE(desk.held() == 0);
}

}  // namespace

TEST_CASE("what is taken over is dated by a market that has a time of its own") {
    Desk desk(UnexpectedPolicy::adopt);
    set(desk, true, false);
    desk.gate.market = k_then;
    find(desk, 2, model::Price{5000});
    CHECK(desk.manager->book().ledger().find(k_mes)->trade.opened == k_then);
    desk.gate.market = k_then + std::chrono::minutes(7);
    gone(desk);
    REQUIRE(desk.manager->trades().size() == 1);
    const auto& trade = desk.manager->trades()[0];
    CHECK(trade.opened == k_then);
    CHECK(trade.closed == k_then + std::chrono::minutes(7));
}

TEST_CASE("what is taken over in a market of now is dated by the clock") {
    Desk desk(UnexpectedPolicy::adopt);
    set(desk, false, false);
    desk.gate.market = k_then;
    find(desk, 2, model::Price{5000});
    CHECK(desk.manager->book().ledger().find(k_mes)->trade.opened > desk.now.utc - seconds(10));
}

TEST_CASE("what is taken over before the market said its time is dated by the first it says") {
    Desk desk(UnexpectedPolicy::adopt);
    set(desk, true, true);
    find(desk, -1, model::Price{5000});
    const auto& line = *desk.manager->book().ledger().find(k_mes);
    CHECK(line.undated());
    desk.manager->on_market(k_mes, model::Price{4990}, k_then, desk.now);
    desk.live(seconds(1));
    CHECK_FALSE(line.undated());
    CHECK(line.trade.opened == k_then);
    CHECK(average_price(line.position) == model::Price{5000});
}

TEST_CASE("a position that nobody here closed is called closed elsewhere") {
    Desk desk;
    desk.open();
    (void)desk.long_and_protected(2);
    gone(desk);
    REQUIRE(desk.manager->trades().size() == 1);
    CHECK(desk.manager->trades()[0].why.view() == "closed_elsewhere");

    Desk filled;
    filled.open();
    (void)filled.long_and_protected(1);
    model::Fill fill;
    fill.execution = model::ExecutionId::cut("by-hand");
    fill.broker_order = model::BrokerOrderId::cut("B-77");
    fill.symbol = k_mes;
    fill.side = model::Side::sell;
    fill.quantity = 1;
    fill.price = model::Price{5003};
    fill.time = filled.now.utc;
    filled.event(fill);
    REQUIRE(filled.manager->trades().size() == 1);
    CHECK(filled.manager->trades()[0].why.view() == "closed_elsewhere");
}

TEST_CASE("what is closed without the strategy says why by a code") {
    Desk unexpected(UnexpectedPolicy::flatten);
    find(unexpected, 2, model::Price{5000});
    Desk stopped;
    stopped.open();
    (void)stopped.long_and_protected(1);
    (void)stopped.manager->stop(StopPolicy::flatten, stopped.now);
    Desk refused;
    refused.gate.denies = model::Purpose::protective_stop;
    find(refused, 2, model::Price{5000});
    const auto why = [](const Desk& desk) {
        return desk.manager->book().guard(k_mes)->closing.terms.why.view();
    };
    CHECK(why(unexpected) == "unexpected_position");
    CHECK(why(stopped) == "account_stopped");
    CHECK(why(refused) == "stop_refused");
}

TEST_CASE("the stop behind what came in an absence waits for the price of now") {
    Desk desk;
    set(desk, false, true);
    // The last bar that was taken is of before the absence, and so is what the position cost.
    desk.manager->on_mark(k_mes, model::Price{5000});
    find(desk, 2, model::Price{5000});
    CHECK(desk.port.submitted.empty());
    // A recovery does not call it done.
    CHECK(desk.manager->stop(StopPolicy::leave_protected, desk.now) == StopState::under_way);
    desk.live(seconds(7));
    CHECK(desk.told(NoticeKind::unprotected));
    CHECK(desk.port.submitted.empty());
    desk.manager->on_market(k_mes, model::Price{4900}, k_then, desk.now);
    desk.live(seconds(1));
    REQUIRE(desk.last_submitted().purpose == model::Purpose::protective_stop);
    CHECK(desk.last_submitted().stop == model::Price{4860});
    // A bar that was missed and is taken now moves nothing.
    desk.manager->on_mark(k_mes, model::Price{4990});
    desk.live(seconds(1));
    CHECK(desk.port.submitted.size() == 1);
}

TEST_CASE("what came in an absence gets a stop by what is known when nobody tells a price") {
    Desk desk;
    set(desk, false, true);
    desk.manager->on_mark(k_mes, model::Price{4980});
    find(desk, 2, model::Price{5000});
    desk.live(seconds(110));
    CHECK(desk.port.submitted.empty());
    desk.live(seconds(20));
    REQUIRE(desk.port.submitted.size() == 1);
    CHECK(desk.last_submitted().purpose == model::Purpose::protective_stop);
    CHECK(desk.last_submitted().stop == model::Price{4940});
}

TEST_CASE("a price of the session before is none of now") {
    Desk desk;
    set(desk, false, true);
    REQUIRE(desk.manager->start(Fence{1}, desk.now));
    desk.connect();
    desk.answer_all();
    desk.manager->on_market(k_mes, model::Price{5000}, k_then, desk.now);
    desk.positions = {{k_mes, 1, model::Price{5000}}};
    desk.event(broker::Disconnected{"", false});
    desk.connect();
    desk.live(seconds(5));
    CHECK(desk.held() == 1);
    CHECK(desk.port.submitted.empty());
    desk.manager->on_market(k_mes, model::Price{5100}, k_then, desk.now);
    CHECK(desk.last_submitted().stop == model::Price{4960});
}

}  // namespace bullpen::execution::test
