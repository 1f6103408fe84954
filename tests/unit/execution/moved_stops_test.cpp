// A stop that is moved: it stands at the new price before the old one is given up, and only ever
// comes closer.
#include "desk.hpp"

using namespace bullpen;
using namespace bullpen::execution;
using namespace bullpen::execution::test;
using broker::BrokerStatus;
using broker::OrderCommand;
using broker::Outcome;

TEST_CASE("F11: without changes in place the new stop stands before the old one goes") {
    Desk desk;
    desk.port.replaces = false;
    desk.open();
    const auto old = desk.long_and_protected(2);
    REQUIRE(desk.move_stop({4995}).made());
    const auto fresh = desk.last_submitted();
    CHECK(fresh.stop == model::Price{4995});
    CHECK(fresh.quantity == 2);
    CHECK(desk.commands(OrderCommand::cancel) == 0);
    CHECK(desk.manager->protected_quantity(k_mes) == 2);
    desk.accept(fresh.id);
    REQUIRE(desk.commands(OrderCommand::cancel) == 1);
    CHECK(desk.port.commands.back().order == old);
    CHECK(desk.manager->protected_quantity(k_mes) == 2);
    desk.confirm_cancel(old);
    CHECK(desk.open_orders() == 1);
}

TEST_CASE("a trade that a moved stop closed says why the stop was there, also after a restart") {
    for (const bool in_place : {true, false}) {
        CAPTURE(in_place);
        Desk desk;
        desk.port.replaces = in_place;
        desk.open();
        auto stop = desk.long_and_protected(1);
        // What has no reason in it can be read by the version before.
        CHECK(desk.manager->book().save()[0] == 2);
        REQUIRE(desk.move_stop({4995}, "break_even").made());
        if (in_place) {
            desk.answer_command(stop, OrderCommand::replace, Outcome::accepted);
        } else {
            const auto old = std::exchange(stop, desk.last_submitted().id);
            desk.accept(stop);
            desk.confirm_cancel(old);
        }
        const auto saved = desk.manager->book().save();
        CHECK(saved[0] == 4);
        Book read = desk.manager->book();
        REQUIRE(read.restore(saved).has_value());
        CHECK(read == desk.manager->book());
        CHECK_FALSE(read.restore(saved.substr(0, saved.size() - 11)).has_value());
        desk.restart();
        desk.fill(stop, 1, 4995);
        const auto trade = std::ranges::find_if(desk.journal.records, [](const Record& record) {
            return std::holds_alternative<Traded>(record);
        });
        REQUIRE(trade != desk.journal.records.end());
        CHECK(std::get<Traded>(*trade).trade.why.view() == "break_even");
        CHECK(desk.manager->book().save()[0] == 2);
    }
}

TEST_CASE("a stop is moved in place where that can be done, and only ever closer") {
    Desk desk;
    desk.open();
    const auto stop = desk.long_and_protected(1);
    CHECK(desk.move_stop({4980}).refusal == Refusal::stop_moves_back);
    REQUIRE(desk.move_stop({4995}).made());
    REQUIRE(desk.port.commands.size() == 1);
    CHECK(desk.port.commands[0].command == OrderCommand::replace);
    CHECK(desk.port.commands[0].order == stop);
    CHECK(desk.port.commands[0].price == model::Price{4995});
    // While a change is out no other is sent; the newest wins when it is answered.
    REQUIRE(desk.move_stop({4997}).made());
    REQUIRE(desk.move_stop({4998}).made());
    CHECK(desk.port.commands.size() == 1);
    desk.answer_command(stop, OrderCommand::replace, Outcome::accepted);
    REQUIRE(desk.port.commands.size() == 2);
    CHECK(desk.port.commands[1].price == model::Price{4998});
}

TEST_CASE("a stop that was moved slips against where it stands, not where it once stood") {
    Desk desk;
    desk.open();
    const auto stop = desk.long_and_protected(2);
    REQUIRE(desk.move_stop({4995}).made());
    desk.answer_command(stop, OrderCommand::replace, Outcome::accepted);
    const auto& ledger = desk.manager->book().ledger();
    const auto before = ledger.totals().slippage_ticks;
    desk.fill(stop, 2, 4994);
    CHECK(ledger.totals().slippage_ticks - before == 2);
}

TEST_CASE("a report of before a change does not undo the change, unless it was asked for after") {
    Desk desk;
    desk.open();
    const auto stop = desk.long_and_protected(2);
    const auto old = desk.make_report(stop, BrokerStatus::working);
    desk.event(old);
    desk.forget();
    REQUIRE(desk.move_stop({4995}).made());
    REQUIRE(desk.commands(OrderCommand::replace) == 1);
    desk.answer_command(stop, OrderCommand::replace, Outcome::accepted);
    REQUIRE(desk.terms_of(stop).stop == model::Price{4995});
    // It comes a second time, and once more in the answer to a question of before.
    desk.event(old);
    desk.event(broker::OrdersAnswer{77, std::vector{old}, ""});
    CHECK(desk.terms_of(stop).stop == model::Price{4995});
    CHECK(desk.commands(OrderCommand::replace) == 1);
    // Who is asked now says what is so now.
    desk.orders = {old};
    desk.positions = {broker::PositionReport{k_mes, 2, model::Price{5000}}};
    desk.event(broker::Disconnected{"gone", false});
    desk.port.queries.clear();
    desk.pass(milliseconds(100));
    desk.connect();
    desk.answer_all();
    CHECK(desk.commands(OrderCommand::replace) == 2);
}

TEST_CASE("a change that is refused leaves the stop, and another takes its place") {
    Desk desk;
    desk.open();
    const auto old = desk.long_and_protected(1);
    REQUIRE(desk.move_stop({4995}).made());
    desk.answer_command(old, OrderCommand::replace, Outcome::rejected);
    desk.live(seconds(1));
    const auto fresh = desk.last_submitted();
    CHECK(fresh.stop == model::Price{4995});
    SUBCASE("and is taken") {
        desk.accept(fresh.id);
        CHECK(desk.port.commands.back().command == OrderCommand::cancel);
        CHECK(desk.port.commands.back().order == old);
    }
    SUBCASE("and is refused too: the old one stays what protects") {
        desk.answer_command(fresh.id, OrderCommand::submit, Outcome::rejected);
        CHECK(desk.told(NoticeKind::stop_not_moved));
        CHECK_FALSE(desk.told(NoticeKind::stop_failed));
        desk.live(seconds(5));
        CHECK(desk.manager->book().guard(k_mes)->stop == model::Price{4990});
        CHECK(desk.status(old) == Status::working);
        CHECK(desk.open_orders() == 1);
    }
}
