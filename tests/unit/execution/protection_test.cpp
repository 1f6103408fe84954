// What is held has a stop behind it: at once, as large as what is held, one and not two.
#include "desk.hpp"

using namespace bullpen;
using namespace bullpen::execution;
using namespace bullpen::execution::test;
using broker::BrokerStatus;
using broker::OrderCommand;
using broker::Outcome;

TEST_CASE("the stop leaves with the event that told of the fill") {
    Desk desk;
    desk.open();
    const auto decided = desk.enter(2);
    desk.accept(decided.order);
    desk.fill(decided.order, 2, 5000);
    const auto stop = desk.last_submitted();
    CHECK(stop.purpose == model::Purpose::protective_stop);
    CHECK(stop.side == model::Side::sell);
    CHECK(stop.type == model::OrderType::stop);
    CHECK(stop.quantity == 2);
    CHECK(stop.stop == model::Price{4990});
}

TEST_CASE("a fill that is only reported is protected like one that is told") {
    Desk desk;
    desk.open();
    const auto decided = desk.enter(2);
    desk.report(decided.order, BrokerStatus::filled, 2);
    CHECK(desk.held() == 2);
    CHECK(desk.last_submitted().purpose == model::Purpose::protective_stop);
    CHECK(desk.last_submitted().quantity == 2);
    // The execution is asked for, and changes nothing but the ledger.
    desk.fills = {desk.make_fill(decided.order, 2, 5001)};
    desk.answer_all();
    CHECK(desk.held() == 2);
    CHECK(desk.manager->book().ledger().totals().executions == 1);
}

TEST_CASE("without a session the port hurries while something may be held that has no stop") {
    Desk desk;
    desk.open();
    const auto lose = [&] { desk.event(broker::Disconnected{"lost", false}); };
    const auto come_back = [&] {
        desk.connect();
        CHECK_FALSE(desk.port.hurries);
        desk.answer_all();
    };
    lose();
    CHECK_FALSE(desk.port.hurries);
    come_back();
    const auto decided = desk.enter(2);
    REQUIRE(decided.made());
    lose();
    CHECK(desk.port.hurries);
    desk.orders = {desk.make_report(decided.order, BrokerStatus::filled, 2)};
    desk.fills = {desk.make_fill(decided.order, 2, 5000)};
    desk.positions = {{k_mes, 2, model::Price{5000}}};
    come_back();
    const auto stop = desk.last_submitted();
    REQUIRE(stop.purpose == model::Purpose::protective_stop);
    // Nobody knows whether it stands.
    lose();
    CHECK(desk.port.hurries);
    desk.orders.push_back(desk.make_report(stop.id, BrokerStatus::working));
    come_back();
    REQUIRE(desk.manager->protected_quantity(k_mes) == 2);
    lose();
    CHECK_FALSE(desk.port.hurries);
}

TEST_CASE("a stop grows with further fills: in place where that can be done") {
    Desk desk;
    desk.open();
    const auto decided = desk.enter(3);
    desk.accept(decided.order);
    desk.fill(decided.order, 1, 5000);
    const auto stop = desk.last_submitted();
    CHECK(stop.quantity == 1);
    desk.fill(decided.order, 1, 5000);
    CHECK(desk.commands(OrderCommand::replace) == 0);  // the stop is on its way
    desk.accept(stop.id);
    REQUIRE(desk.commands(OrderCommand::replace) == 1);
    CHECK(desk.port.commands.back().quantity == 2);
    desk.fill(decided.order, 1, 5000);
    desk.answer_command(stop.id, OrderCommand::replace, Outcome::accepted);
    REQUIRE(desk.commands(OrderCommand::replace) == 2);
    CHECK(desk.port.commands.back().quantity == 3);
    desk.answer_command(stop.id, OrderCommand::replace, Outcome::accepted);
    CHECK(desk.manager->protected_quantity(k_mes) == 3);
}

TEST_CASE("a stop that cannot be placed: flatten, halt, alarm") {
    Desk desk;
    desk.open();
    const auto decided = desk.enter(2);
    desk.accept(decided.order);
    SUBCASE("the broker refuses it") {
        desk.fill(decided.order, 2, 5000);
        desk.answer_command(desk.last_submitted().id, OrderCommand::submit, Outcome::rejected);
    }
    SUBCASE("the broker refuses it later") {
        desk.fill(decided.order, 2, 5000);
        const auto stop = desk.last_submitted().id;
        desk.accept(stop);
        desk.report(stop, BrokerStatus::rejected);
    }
    SUBCASE("the risk gate refuses it") {
        desk.gate.denies = model::Purpose::protective_stop;
        desk.fill(decided.order, 2, 5000);
    }
    CHECK(desk.told(NoticeKind::stop_failed));
    CHECK(halts(NoticeKind::stop_failed));
    CHECK_FALSE(alarm(NoticeKind::stop_failed).empty());
    const auto close = desk.last_submitted();
    CHECK(close.purpose == model::Purpose::flatten);
    CHECK(close.type == model::OrderType::market);
    CHECK(close.quantity == 2);
    desk.accept(close.id);
    desk.fill(close.id, 2, 4999);
    desk.answer_all();
    CHECK(desk.told(NoticeKind::closing_verified));
    CHECK(desk.enter(1, 1).refusal == Refusal::stop_refused);
    desk.manager->resume(desk.now);
    desk.gate.denies.reset();
    CHECK(desk.enter(1, 1).made());
}

TEST_CASE("a death between the word that no stop stands and the closing leaves nothing bare") {
    Desk desk;
    desk.open();
    const auto entry = desk.enter(2).order;
    desk.accept(entry);
    desk.fill(entry, 2, 5000);
    desk.answer_command(desk.last_submitted().id, OrderCommand::submit, Outcome::rejected);
    auto& records = desk.journal.records;
    const auto blocked = std::find_if(records.begin(), records.end(), [](const Record& record) {
        return std::holds_alternative<Blocked>(record);
    });
    REQUIRE(blocked != records.end());
    records.erase(blocked + 1, records.end());
    desk.port.submitted.clear();
    desk.restart();
    CHECK(desk.manager->book().guard(k_mes)->stop_refused);
    desk.positions = {{k_mes, 2, {}}};
    desk.live(seconds(1));
    REQUIRE(desk.port.submitted.size() == 1);
    CHECK(desk.port.submitted[0].purpose == model::Purpose::flatten);
    CHECK(desk.port.submitted[0].quantity == 2);
}

TEST_CASE("an operator may lift a halt while what had no stop is still being closed") {
    Desk desk;
    desk.open();
    const auto decided = desk.enter(2);
    desk.accept(decided.order);
    desk.fill(decided.order, 2, 5000);
    desk.answer_command(desk.last_submitted().id, OrderCommand::submit, Outcome::rejected);
    const auto close = desk.last_submitted();
    REQUIRE(close.purpose == model::Purpose::flatten);
    desk.manager->resume(desk.now);
    CHECK(desk.last_submitted().id == close.id);
    CHECK(desk.enter(1, 1).refusal == Refusal::closing);
    desk.accept(close.id);
    desk.fill(close.id, 2, 4999);
    desk.answer_all();
    CHECK(desk.told(NoticeKind::closing_verified));
    CHECK(desk.enter(1, 1).made());
}

TEST_CASE("a stop that was not sent is sent as soon as it can be") {
    Desk desk;
    desk.open();
    const auto decided = desk.enter(1);
    desk.accept(decided.order);
    desk.fill(decided.order, 1, 5000);
    const auto first = desk.last_submitted().id;
    desk.answer_command(first, OrderCommand::submit, Outcome::not_sent);
    desk.pass(seconds(1));
    REQUIRE(desk.port.submitted.size() == 3);
    CHECK(desk.last_submitted().id != first);
    CHECK(desk.last_submitted().key.attempt == 1);
}

TEST_CASE("a stop that is unknown is asked for, and no second one is placed meanwhile") {
    Desk desk;
    desk.open();
    const auto decided = desk.enter(1);
    desk.accept(decided.order);
    desk.fill(decided.order, 1, 5000);
    const auto stop = desk.last_submitted().id;
    desk.answer_command(stop, OrderCommand::submit, Outcome::unknown);
    desk.orders = {desk.make_report(decided.order, BrokerStatus::filled, 1)};
    desk.live(seconds(6));
    CHECK(desk.port.submitted.size() == 2);
    CHECK(desk.told(NoticeKind::unprotected));
    SUBCASE("it is found") {
        desk.orders.push_back(desk.make_report(stop, BrokerStatus::working));
        desk.live(seconds(10));
        CHECK(desk.manager->protected_quantity(k_mes) == 1);
        CHECK(desk.port.submitted.size() == 2);
    }
    SUBCASE("it is nowhere: another is placed, and not a moment later") {
        std::size_t passed = 0;
        while (desk.status(stop) == Status::unknown && ++passed < 400)
            desk.live(milliseconds(100));
        REQUIRE(desk.status(stop) == Status::not_sent);
        REQUIRE(desk.port.submitted.size() == 3);
        CHECK(desk.last_submitted().purpose == model::Purpose::protective_stop);
    }
}

TEST_CASE("a late word of a stop that is gone does not cost the stop that stands") {
    Desk desk;
    desk.port.replaces = false;
    desk.open();
    const auto old = desk.long_and_protected(2);
    auto late = desk.make_report(old, BrokerStatus::working);
    REQUIRE(desk.move_stop({4995}).made());
    const auto fresh = desk.last_submitted().id;
    desk.accept(fresh);
    desk.answer_command(old, OrderCommand::cancel, Outcome::unknown);
    desk.event(late);  // was on its way since before the cancel, which succeeded
    REQUIRE(desk.move_stop({4997}).made());
    desk.pass(seconds(1));
    // Of the two that seem to stand the newest is kept.
    for (const auto& command : desk.port.commands) {
        if (command.command == OrderCommand::cancel)
            CHECK(command.order != fresh);
    }
}

TEST_CASE("a stop that the broker cancelled by itself is placed again") {
    Desk desk;
    desk.open();
    const auto stop = desk.long_and_protected(1);
    desk.report(stop, BrokerStatus::cancelled);
    CHECK(desk.last_submitted().purpose == model::Purpose::protective_stop);
    CHECK(desk.last_submitted().quantity == 1);
}

TEST_CASE("a stop that the broker keeps pending is none: flatten, halt, alarm") {
    Desk desk;
    desk.open();
    const auto decided = desk.enter(1);
    desk.accept(decided.order);
    desk.fill(decided.order, 1, 5000);
    const auto stop = desk.last_submitted().id;
    desk.accept(stop);
    CHECK(desk.manager->protected_quantity(k_mes) == 1);
    desk.report(stop, BrokerStatus::pending);
    CHECK(desk.manager->protected_quantity(k_mes) == 0);
    SUBCASE("it works before long") {
        desk.pass(seconds(4));
        desk.report(stop, BrokerStatus::working);
        desk.pass(seconds(30));
        CHECK(desk.manager->protected_quantity(k_mes) == 1);
        CHECK_FALSE(desk.told(NoticeKind::unprotected));
        CHECK(desk.port.submitted.size() == 2);
    }
    SUBCASE("it does not") {
        desk.pass(seconds(6));
        CHECK(desk.told(NoticeKind::unprotected));
        CHECK(desk.told(NoticeKind::stop_failed));
        REQUIRE(desk.port.commands.back().command == OrderCommand::cancel);
        desk.confirm_cancel(stop);
        CHECK(desk.last_submitted().purpose == model::Purpose::flatten);
    }
}

TEST_CASE("the old stop stays until the new one is known to work") {
    Desk desk;
    desk.port.replaces = false;
    desk.open();
    const auto old = desk.long_and_protected(2);
    REQUIRE(desk.move_stop({4995}).made());
    const auto fresh = desk.last_submitted().id;
    desk.answer_command(fresh, OrderCommand::submit, Outcome::accepted);
    CHECK(desk.commands(OrderCommand::cancel) == 0);
    SUBCASE("it works") {
        desk.report(fresh, BrokerStatus::working);
        REQUIRE(desk.commands(OrderCommand::cancel) == 1);
        CHECK(desk.port.commands.back().order == old);
    }
    SUBCASE("nothing is heard of it: it is asked for") {
        desk.port.queries.clear();
        desk.pass(seconds(2));
        CHECK_FALSE(desk.port.queries.empty());
        CHECK(desk.commands(OrderCommand::cancel) == 0);
    }
    SUBCASE("it stays pending: it is cancelled, and another tried") {
        desk.report(fresh, BrokerStatus::pending);
        desk.pass(seconds(4));
        CHECK(desk.commands(OrderCommand::cancel) == 0);
        desk.pass(seconds(2));
        REQUIRE(desk.commands(OrderCommand::cancel) == 1);
        CHECK(desk.port.commands.back().order == fresh);
        desk.confirm_cancel(fresh);
        CHECK(desk.last_submitted().id != fresh);
        CHECK(desk.last_submitted().stop == model::Price{4995});
        CHECK(desk.manager->protected_quantity(k_mes) == 2);
        CHECK_FALSE(desk.told(NoticeKind::unprotected));
    }
}

TEST_CASE(
    "an exit that the broker keeps pending is cancelled, the stop put back, and tried again") {
    Desk desk;
    desk.open();
    const auto stop = desk.long_and_protected(1);
    REQUIRE(desk.exit().made());
    desk.confirm_cancel(stop);
    const auto exit = desk.last_submitted();
    REQUIRE(exit.purpose == model::Purpose::exit);
    desk.answer_command(exit.id, OrderCommand::submit, Outcome::accepted);
    desk.report(exit.id, BrokerStatus::pending);
    desk.pass(seconds(6));
    CHECK(desk.told(NoticeKind::unprotected));
    REQUIRE(desk.port.commands.back().command == OrderCommand::cancel);
    CHECK(desk.port.commands.back().order == exit.id);
    desk.confirm_cancel(exit.id);
    CHECK(desk.last_submitted().purpose == model::Purpose::protective_stop);
}

TEST_CASE("a stop that is taken away again and again: flatten, halt, alarm") {
    Desk desk;
    desk.open();
    auto stop = desk.long_and_protected(1);
    const auto take_away = [&] {
        desk.report(stop, BrokerStatus::cancelled);
        stop = desk.last_submitted().id;
        if (desk.last_submitted().purpose == model::Purpose::protective_stop)
            desk.accept(stop);
    };
    SUBCASE("five times within a minute") {
        for (int i = 0; i < 4; ++i)
            take_away();
        CHECK_FALSE(desk.told(NoticeKind::stop_failed));
        CHECK(desk.manager->protected_quantity(k_mes) == 1);
        take_away();
        CHECK(desk.told(NoticeKind::stop_failed));
        CHECK(desk.last_submitted().purpose == model::Purpose::flatten);
        CHECK(desk.last_submitted().quantity == 1);
        CHECK(desk.enter(1, 1).refusal == Refusal::stop_refused);
    }
    SUBCASE("now and then it is only placed again") {
        for (int i = 0; i < 20; ++i) {
            take_away();
            desk.pass(seconds(20));
        }
        CHECK_FALSE(desk.told(NoticeKind::stop_failed));
        CHECK(desk.manager->protected_quantity(k_mes) == 1);
    }
    SUBCASE("a stop that was cancelled here is not counted") {
        for (int i = 0; i < 8; ++i) {
            REQUIRE(desk.exit(0, i, model::Price{6000}).made());
            desk.confirm_cancel(stop);
            const auto exit = desk.last_submitted();
            REQUIRE(exit.purpose == model::Purpose::exit);
            desk.accept(exit.id);
            desk.report(exit.id, BrokerStatus::expired);
            stop = desk.last_submitted().id;
            REQUIRE(desk.last_submitted().purpose == model::Purpose::protective_stop);
            desk.accept(stop);
        }
        CHECK_FALSE(desk.told(NoticeKind::stop_failed));
    }
}

TEST_CASE("a partial exit makes the stop smaller before it sells") {
    Desk desk;
    desk.open();
    const auto stop = desk.long_and_protected(3);
    REQUIRE(desk.exit(1).made());
    REQUIRE(desk.port.commands.size() == 1);
    CHECK(desk.port.commands[0].command == OrderCommand::replace);
    CHECK(desk.port.commands[0].quantity == 2);
    desk.answer_command(stop, OrderCommand::replace, Outcome::accepted);
    const auto exit = desk.last_submitted();
    CHECK(exit.purpose == model::Purpose::partial_exit);
    CHECK(exit.quantity == 1);
    desk.accept(exit.id);
    desk.fill(exit.id, 1, 5005);
    CHECK(desk.held() == 2);
    CHECK(desk.manager->protected_quantity(k_mes) == 2);
    CHECK(desk.port.commands.size() == 2);
    CHECK(desk.told(NoticeKind::closing_done));
}

TEST_CASE("a partial exit that is refused makes the stop as large as before") {
    Desk desk;
    desk.open();
    const auto stop = desk.long_and_protected(3);
    REQUIRE(desk.exit(1).made());
    desk.answer_command(stop, OrderCommand::replace, Outcome::accepted);
    desk.answer_command(desk.last_submitted().id, OrderCommand::submit, Outcome::rejected);
    CHECK(desk.told(NoticeKind::closing_failed));
    REQUIRE(desk.commands(OrderCommand::replace) == 2);
    CHECK(desk.port.commands.back().quantity == 3);
}

TEST_CASE("a stop whose request was lost is placed anew within seconds, not after the long wait") {
    Desk desk;
    desk.port.ordered = true;
    desk.open();
    const auto decided = desk.enter(2);
    desk.accept(decided.order);
    desk.fill(decided.order, 2, 5000);
    const auto lost = desk.last_submitted();
    REQUIRE(lost.purpose == model::Purpose::protective_stop);
    // No answer comes, and the broker's complete answers do not have it.
    desk.orders = {desk.make_report(decided.order, BrokerStatus::filled, 2)};
    desk.live(seconds(4));
    CHECK(desk.status(lost.id) == Status::not_sent);
    const auto fresh = desk.last_submitted();
    REQUIRE(fresh.id != lost.id);
    CHECK(fresh.purpose == model::Purpose::protective_stop);
    CHECK(fresh.quantity == 2);
    CHECK(fresh.stop == lost.stop);
    desk.accept(fresh.id);
    CHECK(desk.manager->protected_quantity(k_mes) == 2);
    SUBCASE("and should the broker say that it lives after all, one of the two goes at once") {
        desk.report(lost.id, BrokerStatus::working);
        REQUIRE(desk.commands(OrderCommand::cancel) == 1);
        const auto gone = desk.port.commands.back().order;
        CHECK((gone == lost.id || gone == fresh.id));
        desk.confirm_cancel(gone);
        CHECK(desk.manager->protected_quantity(k_mes) == 2);
        CHECK(desk.open_orders() == 1);
    }
}

TEST_CASE("a stop that is only slow is found where it is, and not placed twice") {
    Desk desk;
    desk.port.ordered = true;
    desk.open();
    const auto decided = desk.enter(2);
    desk.accept(decided.order);
    desk.fill(decided.order, 2, 5000);
    const auto slow = desk.last_submitted();
    desk.orders = {desk.make_report(decided.order, BrokerStatus::filled, 2),
                   desk.make_report(slow.id, BrokerStatus::working)};
    desk.live(seconds(8));
    CHECK(desk.last_submitted().id == slow.id);
    CHECK(desk.status(slow.id) == Status::working);
    CHECK(desk.manager->protected_quantity(k_mes) == 2);
}
