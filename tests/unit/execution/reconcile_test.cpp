// Both sides compared: what is unknown changes nothing, what is under way is waited for, and what
// is confirmed is acted upon by the account's policy.
#include "desk.hpp"

using namespace bullpen;
using namespace bullpen::execution;
using namespace bullpen::execution::test;
using broker::BrokerStatus;
using broker::OrderCommand;
using broker::Outcome;

namespace {

// A new session, whose comparison begins.
void reconnect(Desk& desk) {
    desk.event(broker::Disconnected{"gone", false});
    desk.port.queries.clear();
    desk.live(seconds(3));
    desk.connect();
}

}  // namespace

TEST_CASE("F7: a query that fails changes no state and sends no order") {
    Desk desk;
    desk.open();
    desk.long_and_protected(2);
    const auto before = desk.manager->book().ledger();
    reconnect(desk);
    desk.live(seconds(60), false);
    CHECK(desk.manager->book().ledger() == before);
    CHECK(desk.held() == 2);
    CHECK(desk.port.commands.empty());
    CHECK_FALSE(desk.manager->reconciled());
    CHECK(desk.enter(1, 1).refusal == Refusal::not_reconciled);
}

TEST_CASE("F8: a position that an order under way explains is not touched") {
    Desk desk;
    desk.open();
    const auto decided = desk.enter(2);
    desk.accept(decided.order);
    reconnect(desk);
    desk.orders = {desk.make_report(decided.order, BrokerStatus::working)};
    // The broker holds it already, and its events are slow.
    desk.positions = {{k_mes, 2, model::Price{5000}}};
    desk.live(seconds(20));
    CHECK(desk.port.commands.size() == 1);  // the entry
    CHECK(desk.held() == 0);
    CHECK_FALSE(desk.told(NoticeKind::adopted));
    desk.fill(decided.order, 1, 5000);
    desk.fill(decided.order, 1, 5000);
    CHECK(desk.held() == 2);
    desk.report(decided.order, BrokerStatus::filled, 2);
    desk.accept(desk.last_submitted().id);
    desk.orders.clear();
    desk.live(seconds(10));
    CHECK_FALSE(desk.told(NoticeKind::adopted));
    CHECK(desk.commands(OrderCommand::cancel) == 0);
}

TEST_CASE("F8: the same fill told three times is one position, and closes nothing") {
    Desk desk;
    desk.open();
    const auto decided = desk.enter(1);
    desk.accept(decided.order);
    const auto fill = desk.make_fill(decided.order, 1, 5000);
    for (int i = 0; i < 3; ++i)
        desk.event(fill);
    CHECK(desk.held() == 1);
    CHECK(desk.port.submitted.size() == 2);
    CHECK(desk.journal.count<Filled>() == 1);
}

TEST_CASE("held here and flat there is confirmed twice before it is believed") {
    Desk desk;
    desk.open();
    const auto stop = desk.long_and_protected(2);
    desk.orders = {desk.make_report(stop, BrokerStatus::working)};
    reconnect(desk);
    desk.answer_all();
    CHECK(desk.held() == 2);
    CHECK(desk.enter(1, 1).refusal == Refusal::not_reconciled);
    desk.live(milliseconds(1500));
    CHECK(desk.held() == 2);
    desk.live(seconds(4));
    CHECK(desk.held() == 0);
    CHECK(desk.told(NoticeKind::mismatch));
    CHECK(desk.told(NoticeKind::adopted));
    // What protected it is an order of nothing.
    REQUIRE(desk.commands(OrderCommand::cancel) == 1);
    CHECK(desk.port.commands.back().order == stop);
}

TEST_CASE("a position seen as flat once, and held the next time, stays as it is") {
    Desk desk;
    desk.open();
    const auto stop = desk.long_and_protected(2);
    desk.orders = {desk.make_report(stop, BrokerStatus::working)};
    reconnect(desk);
    desk.answer_all();
    desk.positions = {{k_mes, 2, model::Price{5000}}};
    desk.live(seconds(10));
    CHECK(desk.held() == 2);
    CHECK_FALSE(desk.told(NoticeKind::adopted));
    CHECK(desk.manager->reconciled());
    CHECK(desk.port.commands.empty());
}

TEST_CASE("an unexpected position follows the account's policy") {
    Desk alert(UnexpectedPolicy::alert);
    Desk adopt(UnexpectedPolicy::adopt);
    Desk protect(UnexpectedPolicy::protect);
    Desk flatten(UnexpectedPolicy::flatten);
    for (Desk* desk : {&alert, &adopt, &protect, &flatten}) {
        REQUIRE(desk->manager->start(Fence{1}, desk->now));
        desk->positions = {{k_mes, -3, model::Price{5000}}};
        desk->connect();
        desk->live(seconds(5));
        CHECK(desk->told(NoticeKind::mismatch));
    }
    CHECK(alert.held() == 0);
    CHECK(alert.port.commands.empty());
    CHECK(alert.enter(1).refusal == Refusal::mismatch);
    CHECK(adopt.held() == -3);
    CHECK(adopt.port.commands.empty());
    CHECK(protect.held() == -3);
    CHECK(protect.last_submitted().purpose == model::Purpose::protective_stop);
    CHECK(protect.last_submitted().side == model::Side::buy);
    CHECK(protect.last_submitted().stop == model::Price{5040});
    CHECK(protect.last_submitted().quantity == 3);
    CHECK(flatten.last_submitted().purpose == model::Purpose::flatten);
    CHECK(flatten.last_submitted().quantity == 3);
    // What an operator closed by hand is seen, and entries are free again.
    alert.positions.clear();
    reconnect(alert);
    alert.live(seconds(5));
    CHECK(alert.enter(1).made());
}

namespace {

// Up, with a position that nobody here can explain, at a price that nobody knows.
void hold_unpriced(Desk& desk, std::int64_t quantity) {
    REQUIRE(desk.manager->start(Fence{1}, desk.now));
    desk.positions = {{k_mes, quantity, std::nullopt}};
    desk.connect();
    desk.live(seconds(4));
    REQUIRE(desk.held() == quantity);
}

}  // namespace

TEST_CASE("what is taken over at a price that nobody knows gets its stop with the first price") {
    Desk desk;
    hold_unpriced(desk, -3);
    CHECK(desk.port.submitted.empty());
    CHECK(desk.manager->book().ledger().find(k_mes)->unpriced());
    // Bare, and an operator is told so.
    CHECK_FALSE(desk.told(NoticeKind::unprotected));
    desk.live(seconds(7));
    CHECK(desk.told(NoticeKind::unprotected));
    CHECK(desk.port.submitted.empty());
    desk.manager->on_mark(k_mes, model::Price{5000});
    desk.live(seconds(1));
    CHECK_FALSE(desk.manager->book().ledger().find(k_mes)->unpriced());
    REQUIRE(desk.last_submitted().purpose == model::Purpose::protective_stop);
    CHECK(desk.last_submitted().quantity == 3);
    CHECK(desk.last_submitted().stop == model::Price{5040});
    desk.accept(desk.last_submitted().id);
    // What it won is counted from the price that was known first.
    desk.fill(desk.last_submitted().id, 3, 5040);
    CHECK(desk.held() == 0);
    REQUIRE(desk.manager->trades().size() == 1);
    CHECK(desk.manager->trades()[0].gross.millionths == -3 * 40 * 1'250'000);
}

TEST_CASE("what no price comes for is closed and halts the account, and wins nothing unproven") {
    Desk desk;
    hold_unpriced(desk, 2);
    desk.live(seconds(100));
    CHECK(desk.port.submitted.empty());
    desk.live(seconds(40));
    CHECK(desk.told(NoticeKind::stop_failed));
    const auto closing = desk.last_submitted();
    CHECK(closing.purpose == model::Purpose::flatten);
    CHECK(closing.quantity == 2);
    desk.positions.clear();
    desk.accept(closing.id);
    desk.fill(closing.id, 2, 5000);
    CHECK(desk.held() == 0);
    REQUIRE(desk.manager->trades().size() == 1);
    CHECK(desk.manager->trades()[0].gross.millionths == 0);
    CHECK(desk.manager->trades()[0].entry_ticks == 10'000);
}

TEST_CASE("what has no price yet is closed at once where the policy or an operator says so") {
    Desk flatten(UnexpectedPolicy::flatten);
    hold_unpriced(flatten, 2);
    CHECK(flatten.last_submitted().purpose == model::Purpose::flatten);
    Desk operated;
    hold_unpriced(operated, 2);
    operated.manager->flatten(k_mes, Label::cut("operator"), operated.now);
    operated.live(seconds(1));
    CHECK(operated.last_submitted().purpose == model::Purpose::flatten);
}

TEST_CASE("a process that dies while it waits for a price puts no stop at nothing") {
    Desk desk;
    hold_unpriced(desk, 2);
    desk.restart();
    desk.live(seconds(4));
    CHECK(desk.port.submitted.empty());
    desk.manager->on_mark(k_mes, model::Price{5000});
    desk.live(seconds(1));
    REQUIRE(desk.last_submitted().purpose == model::Purpose::protective_stop);
    CHECK(desk.last_submitted().stop == model::Price{4960});
}

TEST_CASE("contracts that came at no known price cost what those cost that were held") {
    Desk desk;
    desk.open();
    const auto stop = desk.long_and_protected(2);
    desk.orders = {desk.make_report(stop, broker::BrokerStatus::working)};
    desk.positions = {{k_mes, 3, std::nullopt}};
    reconnect(desk);
    desk.live(seconds(6));
    CHECK(desk.held() == 3);
    const auto& position = desk.manager->book().ledger().find(k_mes)->position;
    CHECK(model::average_price(position) == model::Price{5000});
}

TEST_CASE("a symbol that only the broker names is compared as well") {
    Desk desk(UnexpectedPolicy::flatten);
    REQUIRE(desk.manager->start(Fence{1}, desk.now));
    desk.positions = {{model::Symbol::cut("MNQ"), 1, model::Price{20000}}};
    desk.connect();
    desk.live(seconds(5));
    CHECK(desk.last_submitted().symbol == model::Symbol::cut("MNQ"));
    CHECK(desk.last_submitted().purpose == model::Purpose::flatten);
}

TEST_CASE("fills missed while down are applied in order, once, and the position is protected") {
    Desk desk;
    desk.open();
    const auto decided = desk.enter(2);
    desk.accept(decided.order);
    const auto first = desk.make_fill(decided.order, 1, 5000);
    desk.now.utc += seconds(1);
    const auto second = desk.make_fill(decided.order, 1, 5001);
    desk.fills = {second, first};
    desk.orders = {desk.make_report(decided.order, BrokerStatus::filled, 2)};
    desk.positions = {{k_mes, 2, model::Price{5001}}};
    desk.forget();
    desk.restart();
    // Nothing is sent before it is known what happened.
    CHECK(desk.port.commands.empty());
    desk.answer_all();
    CHECK(desk.held() == 2);
    CHECK(desk.last_submitted().purpose == model::Purpose::protective_stop);
    CHECK(desk.last_submitted().quantity == 2);
    // The stream tells them too, now.
    desk.event(first);
    desk.event(second);
    CHECK(desk.held() == 2);
    CHECK(desk.manager->book().ledger().totals().executions == 2);
}

TEST_CASE("F12: after a reconnect orders, fills and positions are asked for, then it trades") {
    Desk desk;
    desk.open();
    reconnect(desk);
    std::string kinds;
    for (const auto& query : desk.port.queries)
        kinds += query.kind;
    CHECK(kinds == "ofp");
    CHECK(desk.enter(1).refusal == Refusal::not_reconciled);
    desk.answer_all();
    CHECK(desk.enter(1).made());
}

TEST_CASE("a naked position of a restart is protected although positions cannot be told") {
    Desk desk;
    desk.open();
    const auto decided = desk.enter(1);
    desk.accept(decided.order);
    desk.journal.full = true;
    desk.fill(decided.order, 1, 5000);  // protects nothing: no order without a record
    desk.journal.full = false;
    desk.fills = {};
    desk.orders = {desk.make_report(decided.order, BrokerStatus::filled, 1)};
    desk.forget();
    desk.restart();
    for (const auto& query : std::exchange(desk.port.queries, {}))
        desk.answer(query, query.kind != 'p');
    CHECK(desk.last_submitted().purpose == model::Purpose::protective_stop);
    CHECK_FALSE(desk.manager->reconciled());
}

TEST_CASE("orders of an older launch that nobody answers for are cancelled, strangers told of") {
    Desk desk;
    REQUIRE(desk.manager->start(Fence{3}, desk.now));
    broker::OrderReport old;
    old.order = model::ClientOrderId::make("TEST", Fence{2}, 9);
    old.symbol = k_mes;
    old.quantity = 1;
    old.status = BrokerStatus::working;
    broker::OrderReport stranger = old;
    stranger.order = {};
    stranger.broker_order = model::BrokerOrderId::cut("by hand");
    desk.orders = {old, stranger};
    desk.connect();
    desk.answer_all();
    CHECK(desk.told(NoticeKind::orphan_order));
    REQUIRE(desk.port.commands.size() == 1);
    CHECK(desk.port.commands[0].order == old.order);
}

TEST_CASE("an order that the broker no longer lists is asked for, and given up after 30 seconds") {
    Desk desk;
    desk.open();
    const auto stop = desk.long_and_protected(1);
    desk.positions = {{k_mes, 1, model::Price{5000}}};
    desk.live(seconds(10));
    reconnect(desk);
    desk.answer_all();
    CHECK(desk.status(stop) == Status::unknown);
    desk.live(seconds(32));
    CHECK(desk.told(NoticeKind::order_lost));
    CHECK(desk.status(stop) == Status::expired);
    CHECK(desk.last_submitted().purpose == model::Purpose::protective_stop);
}

TEST_CASE("an execution of an unknown order counts, and is told") {
    Desk desk;
    desk.open();
    model::Fill fill;
    fill.execution = model::ExecutionId::cut("F1");
    fill.symbol = k_mes;
    fill.side = model::Side::buy;
    fill.quantity = 1;
    fill.price = {5000};
    fill.time = desk.now.utc;
    desk.event(fill);
    CHECK(desk.held() == 1);
    CHECK(desk.told(NoticeKind::foreign_fill));
}

TEST_CASE("the timer compares, and an account at rest is asked about every 45 seconds") {
    Desk desk;
    desk.settings.reconcile_every = seconds(45);
    desk.build();
    desk.open();
    desk.pass(seconds(44));
    CHECK(desk.port.queries.empty());
    desk.pass(seconds(2));
    CHECK(desk.port.queries.size() == 3);
}

TEST_CASE("the balance is asked for after each comparison, and recorded when it changed") {
    Desk desk;
    desk.settings.reconcile_every = seconds(45);
    desk.build();
    desk.open();
    REQUIRE(desk.journal.count<Balance>() == 1);
    desk.live(seconds(46));
    CHECK(desk.journal.count<Balance>() == 1);
    // Somebody traded by hand, in and out: no position differs, only money is gone.
    desk.cash.millionths -= 300'000'000;
    desk.live(seconds(46));
    CHECK(desk.journal.count<Balance>() == 2);
    const auto* told = std::get_if<Balance>(&desk.journal.records.back());
    REQUIRE(told);
    CHECK(told->cash == desk.cash);
    desk.may_trade = false;
    desk.live(seconds(46));
    CHECK(desk.journal.count<Balance>() == 3);
    CHECK(desk.told(NoticeKind::cannot_trade));
}

TEST_CASE("a balance that was asked for before a fill is asked for anew") {
    Desk desk;
    desk.open();
    reconnect(desk);
    for (const auto& query : std::exchange(desk.port.queries, {}))
        desk.answer(query);
    REQUIRE(desk.port.queries.size() == 1);
    REQUIRE(desk.port.queries.front().kind == 'b');
    const auto asked = desk.port.queries.front();
    desk.port.queries.clear();
    const auto before = desk.journal.count<Balance>();
    const auto entry = desk.enter(1).order;
    desk.accept(entry);
    desk.fill(entry, 1, 5000);
    desk.cash.millionths -= 620'000;
    desk.answer(asked);
    CHECK(desk.journal.count<Balance>() == before);
    desk.answer_all();
    CHECK(desk.journal.count<Balance>() == before + 1);
}

TEST_CASE("a question that its session took along does not keep the breaker from trying again") {
    Desk desk;
    desk.open();
    reconnect(desk);
    desk.live(seconds(8), false);  // no answer says anything: the breaker opens
    REQUIRE(desk.told(NoticeKind::breaker_opened));
    desk.port.queries.clear();
    for (int i = 0; i < 200 && desk.port.queries.empty(); ++i)
        desk.pass(milliseconds(100));
    REQUIRE(desk.port.queries.size() == 1);  // the one attempt
    reconnect(desk);
    desk.live(seconds(20));
    CHECK(desk.manager->reconciled());
}

TEST_CASE("questions about what may be held without a stop go on while none has an answer") {
    Desk desk;
    desk.open();
    const auto decided = desk.enter(1);
    desk.answer_command(decided.order, OrderCommand::submit, Outcome::unknown);
    desk.live(seconds(8), false);
    REQUIRE(desk.told(NoticeKind::breaker_opened));
    desk.port.queries.clear();
    desk.live(seconds(3), false);
    desk.port.queries.clear();
    // No ten seconds are waited for.
    desk.pass(seconds(3));
    CHECK_FALSE(desk.port.queries.empty());
}

TEST_CASE("a position that somebody else's order opened is protected, by the account's policy") {
    Desk desk;
    model::Fill fill;
    fill.execution = model::ExecutionId::cut("F1");
    fill.symbol = k_mes;
    fill.side = model::Side::buy;
    fill.quantity = 2;
    fill.price = {5000};
    SUBCASE("protect") {
        desk.open();
        fill.time = desk.now.utc;
        desk.event(fill);
        CHECK(desk.last_submitted().purpose == model::Purpose::protective_stop);
        CHECK(desk.last_submitted().quantity == 2);
        CHECK(desk.last_submitted().stop == model::Price{5000 - 40});
    }
    SUBCASE("flatten") {
        desk.settings.unexpected = UnexpectedPolicy::flatten;
        desk.build();
        desk.open();
        fill.time = desk.now.utc;
        desk.event(fill);
        CHECK(desk.last_submitted().purpose == model::Purpose::flatten);
    }
    SUBCASE("alert: nothing is touched") {
        desk.settings.unexpected = UnexpectedPolicy::alert;
        desk.build();
        desk.open();
        fill.time = desk.now.utc;
        desk.event(fill);
        CHECK(desk.port.submitted.empty());
        CHECK(desk.enter(1).refusal == Refusal::position_open);
    }
}

TEST_CASE("an execution that the broker takes back is undone, told and counted once") {
    Desk desk;
    desk.open();
    const auto decided = desk.enter(2);
    desk.accept(decided.order);
    const auto entry = desk.make_fill(decided.order, 2, 5000);
    desk.event(entry);
    const auto stop = desk.last_submitted().id;
    desk.accept(stop);
    const auto undo = [&](const model::Fill& fill) {
        model::Fill made = fill;
        made.execution = broker::void_of(fill.execution);
        made.order = {};
        made.side = fill.side == model::Side::buy ? model::Side::sell : model::Side::buy;
        made.fee = {-fill.fee.millionths, fill.fee.currency};
        made.time = utc_from_nanos(1);  // by a market that is years behind
        return made;
    };
    SUBCASE("of an entry: nothing is held, nothing was won, no stop is left") {
        desk.event(undo(entry));
        desk.event(undo(entry));
        CHECK(desk.held() == 0);
        CHECK(desk.told(NoticeKind::trade_voided));
        CHECK_FALSE(desk.told(NoticeKind::foreign_fill));
        REQUIRE(desk.port.commands.back().command == OrderCommand::cancel);
        CHECK(desk.port.commands.back().order == stop);
        desk.confirm_cancel(stop);
        CHECK(desk.open_orders() == 0);
        CHECK(desk.manager->book().ledger().totals().net().millionths == 0);
        CHECK(desk.manager->book().ledger().totals().executions == 2);
    }
    SUBCASE("of an exit: what is held again has a stop again") {
        const auto exit = desk.make_fill(stop, 2, 4990);
        desk.event(exit);
        REQUIRE(desk.held() == 0);
        desk.event(undo(exit));
        CHECK(desk.held() == 2);
        CHECK(desk.told(NoticeKind::trade_voided));
        CHECK(desk.last_submitted().purpose == model::Purpose::protective_stop);
        CHECK(desk.last_submitted().id != stop);
        CHECK(desk.last_submitted().quantity == 2);
    }
}
