// Closing: what is in the way is cancelled first, never more is sold than is held, and a flattening
// ends when the broker says so.
#include "desk.hpp"

using namespace bullpen;
using namespace bullpen::execution;
using namespace bullpen::execution::test;
using broker::BrokerStatus;
using broker::OrderCommand;
using broker::Outcome;

TEST_CASE("an exit cancels the stop, waits, and closes what is held") {
    Desk desk;
    desk.open();
    const auto stop = desk.long_and_protected(2);
    REQUIRE(desk.exit().made());
    REQUIRE(desk.port.commands.size() == 1);
    CHECK(desk.port.commands[0].order == stop);
    CHECK(desk.port.submitted.empty());
    desk.answer_command(stop, OrderCommand::cancel, Outcome::accepted);
    CHECK(desk.port.submitted.empty());  // taken is not ended
    desk.report(stop, BrokerStatus::cancelled);
    const auto exit = desk.last_submitted();
    CHECK(exit.quantity == 2);
    CHECK(exit.side == model::Side::sell);
    CHECK(exit.type == model::OrderType::market);
    desk.accept(exit.id);
    desk.fill(exit.id, 2, 5005);
    CHECK(desk.held() == 0);
    CHECK(desk.open_orders() == 0);
    CHECK(desk.told(NoticeKind::closing_done));
    REQUIRE(desk.manager->trades().size() == 1);
    const Trade& trade = desk.manager->trades()[0];
    CHECK(trade.gross == model::Money{2 * 5 * 1'250'000, model::k_usd});
    CHECK(trade.fees == model::Money{2 * 620'000, model::k_usd});
    CHECK(trade.closed_by == model::Purpose::exit);
}

TEST_CASE("F9: the stop fires while the position is being flattened: flat, and nothing more sold") {
    Desk desk;
    desk.open();
    const auto stop = desk.long_and_protected(2);
    desk.manager->flatten(k_mes, Label::cut("test"), desk.now);
    REQUIRE(desk.commands(OrderCommand::cancel) == 1);
    SUBCASE("its fill is told before the cancel is refused") {
        desk.fill(stop, 2, 4990);
        desk.answer_command(stop, OrderCommand::cancel, Outcome::rejected);
    }
    SUBCASE("the cancel is refused before its fill is told") {
        desk.answer_command(stop, OrderCommand::cancel, Outcome::rejected);
        CHECK(desk.status(stop) == Status::unknown);
        desk.pass(milliseconds(100));
        CHECK(desk.port.submitted.empty());
        desk.fill(stop, 2, 4990);
    }
    SUBCASE("its fill is not told at all, and found by asking") {
        desk.answer_command(stop, OrderCommand::cancel, Outcome::rejected);
        desk.orders = {desk.make_report(stop, BrokerStatus::filled, 2)};
        desk.fills = {desk.make_fill(stop, 2, 4990)};
    }
    desk.live(seconds(3));
    CHECK(desk.port.submitted.empty());
    CHECK(desk.held() == 0);
    CHECK(desk.told(NoticeKind::closing_verified));
}

TEST_CASE("F9: the stop fires in part while it is cancelled: only the rest is closed") {
    Desk desk;
    desk.open();
    const auto stop = desk.long_and_protected(3);
    desk.manager->flatten(k_mes, Label::cut("test"), desk.now);
    desk.fill(stop, 1, 4990);
    desk.confirm_cancel(stop);
    CHECK(desk.last_submitted().quantity == 2);
}

TEST_CASE("F10: after any exit no order is left: the rest of an entry goes when the stop fires") {
    Desk desk;
    desk.open();
    const auto decided = desk.enter(3);
    desk.accept(decided.order);
    desk.fill(decided.order, 1, 5000);
    const auto stop = desk.last_submitted().id;
    desk.accept(stop);
    desk.fill(stop, 1, 4990);
    REQUIRE(desk.commands(OrderCommand::cancel) == 1);
    CHECK(desk.port.commands.back().order == decided.order);
    desk.confirm_cancel(decided.order);
    CHECK(desk.open_orders() == 0);
    CHECK(desk.held() == 0);
}

TEST_CASE("F10: a stop that outlives its position is cancelled, and what it sold is bought back") {
    Desk desk;
    desk.port.replaces = false;
    desk.open();
    const auto old = desk.long_and_protected(1);
    REQUIRE(desk.move_stop({4995}).made());
    const auto fresh = desk.last_submitted().id;
    desk.accept(fresh);
    desk.fill(fresh, 1, 4995);
    // Too late for its cancel: it fires as well.
    desk.fill(old, 1, 4990);
    CHECK(desk.held() == -1);
    const auto back = desk.last_submitted();
    CHECK(back.purpose == model::Purpose::flatten);
    CHECK(back.side == model::Side::buy);
    CHECK(back.quantity == 1);
    desk.accept(back.id);
    const auto lost = desk.manager->book().ledger().totals().slippage_ticks;
    desk.fill(back.id, 1, 4991);
    desk.live(seconds(3));
    CHECK(desk.held() == 0);
    CHECK(desk.open_orders() == 0);
    // Nobody knew a price to expect: it is not measured from zero.
    CHECK(desk.manager->book().ledger().totals().slippage_ticks == lost);
}

TEST_CASE("what is closed without a price to expect has no slippage, also after a restart") {
    Desk desk;
    desk.open();
    const auto stop = desk.long_and_protected(2);
    bool marked = false;
    SUBCASE("and none was seen") {}
    SUBCASE("but the market's last one") {
        marked = true;
    }
    if (marked)
        desk.manager->on_mark(k_mes, {4998});
    desk.manager->flatten(k_mes, Label::cut("test"), desk.now);
    desk.confirm_cancel(stop);
    const auto close = desk.last_submitted();
    desk.accept(close.id);
    desk.restart();
    desk.answer_all();
    desk.fill(close.id, 2, 4995);
    CHECK(desk.held() == 0);
    CHECK(desk.manager->book().ledger().totals().slippage_ticks == (marked ? 6 : 0));
}

TEST_CASE("after an exit the broker is asked whether anything is left, and orphans go") {
    Desk desk;
    desk.settings.verify_after_exit = true;
    desk.build();
    desk.open();
    const auto stop = desk.long_and_protected(1);
    desk.fill(stop, 1, 4990);
    REQUIRE(desk.port.queries.size() == 3);
    broker::OrderReport orphan;
    orphan.order = model::ClientOrderId::make("TEST", Fence{0}, 77);
    orphan.symbol = k_mes;
    orphan.quantity = 1;
    orphan.status = BrokerStatus::working;
    orphan.updated = desk.now.utc;
    desk.orders = {orphan};
    desk.answer_all();
    CHECK(desk.told(NoticeKind::orphan_order));
    REQUIRE(desk.commands(OrderCommand::cancel) == 1);
    CHECK(desk.port.commands.back().order == orphan.order);
}

TEST_CASE("an exit beyond what is held, or of nothing, is refused") {
    Desk desk;
    desk.open();
    CHECK(desk.exit().refusal == Refusal::no_position);
    desk.long_and_protected(2);
    CHECK(desk.exit(3, 1).refusal == Refusal::exceeds_position);
    REQUIRE(desk.exit(1, 1).made());
    CHECK(desk.exit(1, 2).refusal == Refusal::closing);
}

TEST_CASE("an exit at a price that is not had leaves the position protected as before") {
    Desk desk;
    desk.open();
    const auto stop = desk.long_and_protected(1);
    REQUIRE(desk.exit(0, 0, model::Price{5010}).made());
    desk.confirm_cancel(stop);
    const auto exit = desk.last_submitted();
    CHECK(exit.type == model::OrderType::limit);
    CHECK(exit.time_in_force == model::TimeInForce::ioc);
    desk.accept(exit.id);
    desk.report(exit.id, BrokerStatus::cancelled);
    CHECK(desk.told(NoticeKind::closing_failed));
    CHECK(desk.last_submitted().purpose == model::Purpose::protective_stop);
}

TEST_CASE("flattening tries again, later each time, tells of it, and protects meanwhile") {
    Desk desk;
    desk.open();
    auto stop = desk.long_and_protected(1);
    desk.manager->flatten(k_mes, Label::cut("test"), desk.now);
    desk.confirm_cancel(stop);
    std::vector<int> waits;
    for (int i = 0; i < 6; ++i) {
        const auto close = desk.last_submitted();
        REQUIRE(close.purpose == model::Purpose::flatten);
        CHECK(close.quantity == 1);
        desk.answer_command(close.id, OrderCommand::submit, Outcome::rejected);
        // Until the next attempt a stop stands, and goes when the wait is over.
        const MonoTime since = desk.now.mono;
        stop = desk.last_submitted().id;
        REQUIRE(desk.last_submitted().purpose == model::Purpose::protective_stop);
        CHECK(desk.last_submitted().quantity == 1);
        desk.accept(stop);
        CHECK(desk.manager->protected_quantity(k_mes) == 1);
        desk.port.commands.clear();
        while (desk.commands(OrderCommand::cancel) == 0 && desk.now.mono - since < seconds(60))
            desk.pass(milliseconds(500));
        desk.confirm_cancel(stop);
        waits.push_back(static_cast<int>((desk.now.mono - since) / seconds(1)));
    }
    CHECK(waits == std::vector<int>{1, 2, 3, 4, 15, 15});
    CHECK(desk.told(NoticeKind::closing_stuck));
    CHECK(halts(NoticeKind::closing_stuck));
}

TEST_CASE("a flattening does not wait for the next attempt of the exit that it replaces") {
    Desk desk;
    desk.open();
    desk.confirm_cancel([&] {
        const auto stop = desk.long_and_protected(1);
        REQUIRE(desk.exit().made());
        return stop;
    }());
    for (int i = 0; i < 4; ++i) {
        desk.answer_command(desk.last_submitted().id, OrderCommand::submit, Outcome::rejected);
        const auto stop = desk.last_submitted().id;
        desk.accept(stop);
        desk.port.commands.clear();
        desk.pass(seconds(5));
        desk.confirm_cancel(stop);
        REQUIRE(desk.last_submitted().purpose == model::Purpose::exit);
    }
    desk.answer_command(desk.last_submitted().id, OrderCommand::submit, Outcome::rejected);
    const auto stop = desk.last_submitted().id;
    desk.accept(stop);
    desk.manager->flatten(k_mes, Label::cut("test"), desk.now);
    desk.confirm_cancel(stop);
    CHECK(desk.last_submitted().purpose == model::Purpose::flatten);
}

TEST_CASE("a flattening replaces an exit that is under way, and waits for its order") {
    Desk desk;
    desk.open();
    const auto stop = desk.long_and_protected(2);
    REQUIRE(desk.exit(1).made());
    desk.answer_command(stop, OrderCommand::replace, Outcome::accepted);
    const auto part = desk.last_submitted().id;
    desk.manager->flatten(k_mes, Label::cut("test"), desk.now);
    CHECK(desk.port.submitted.size() == 1);
    desk.accept(part);
    desk.fill(part, 1, 5001);
    desk.confirm_cancel(stop);
    CHECK(desk.last_submitted().purpose == model::Purpose::flatten);
    CHECK(desk.last_submitted().quantity == 1);
}

TEST_CASE("flattening is not over when the broker still holds something") {
    Desk desk;
    desk.open();
    const auto stop = desk.long_and_protected(1);
    desk.manager->flatten(k_mes, Label::cut("test"), desk.now);
    desk.confirm_cancel(stop);
    const auto close = desk.last_submitted().id;
    desk.accept(close);
    desk.fill(close, 1, 5000);
    desk.positions = {{k_mes, 2, model::Price{5000}}};
    desk.live(seconds(40));
    CHECK_FALSE(desk.told(NoticeKind::closing_verified));
    CHECK(desk.held() == 2);
    CHECK(desk.last_submitted().quantity == 2);
    desk.positions.clear();
    desk.accept(desk.last_submitted().id);
    desk.fill(desk.last_submitted().id, 2, 5000);
    desk.live(seconds(5));
    CHECK(desk.told(NoticeKind::closing_verified));
}

TEST_CASE("the stop of an account: flatten, leave protected, or refuse") {
    Desk desk;
    desk.open();
    SUBCASE("nothing held") {
        CHECK(desk.manager->stop(StopPolicy::refuse, desk.now) == StopState::done);
        CHECK(desk.manager->stop(StopPolicy::flatten, desk.now) == StopState::done);
    }
    SUBCASE("flatten") {
        const auto stop = desk.long_and_protected(1);
        CHECK(desk.manager->stop(StopPolicy::flatten, desk.now) == StopState::under_way);
        desk.confirm_cancel(stop);
        desk.fill(desk.last_submitted().id, 1, 5000);
        CHECK(desk.manager->stop(StopPolicy::flatten, desk.now) == StopState::under_way);
        desk.live(seconds(3));
        CHECK(desk.manager->stop(StopPolicy::flatten, desk.now) == StopState::done);
    }
    SUBCASE("leave protected") {
        const auto decided = desk.enter(2);
        desk.accept(decided.order);
        desk.fill(decided.order, 1, 5000);
        CHECK(desk.manager->stop(StopPolicy::leave_protected, desk.now) == StopState::under_way);
        desk.accept(desk.last_submitted().id);
        desk.confirm_cancel(decided.order);
        CHECK(desk.manager->stop(StopPolicy::leave_protected, desk.now) == StopState::done);
        CHECK(desk.manager->protected_quantity(k_mes) == 1);
    }
    SUBCASE("refuse") {
        desk.long_and_protected(1);
        CHECK(desk.manager->stop(StopPolicy::refuse, desk.now) == StopState::refused);
    }
}

TEST_CASE("a mode that forbids entries takes resting ones back, and leaves stops") {
    Desk desk;
    desk.open();
    auto entry = desk.entry(1);
    entry.type = model::OrderType::limit;
    entry.limit = {4950};
    const auto decided = desk.manager->enter(entry, desk.now);
    desk.accept(decided.order);
    desk.manager->cancel_entries(desk.now);
    CHECK(desk.commands(OrderCommand::cancel) == 1);
    desk.confirm_cancel(decided.order);
    CHECK(desk.open_orders() == 0);
}

TEST_CASE("what no stop could be placed for is closed, and given none, also after a resume") {
    Desk desk;
    desk.open();
    desk.manager->on_mark(k_mes, model::Price{5001});
    const auto decided = desk.enter(2);
    desk.accept(decided.order);
    desk.fill(decided.order, 2, 5000);
    desk.answer_command(desk.last_submitted().id, OrderCommand::submit, Outcome::rejected);
    REQUIRE(desk.last_submitted().purpose == model::Purpose::flatten);
    // The closing was refused as well, and is tried again in a second.
    desk.answer_command(desk.last_submitted().id, OrderCommand::submit, Outcome::rejected);
    const auto sent = desk.port.submitted.size();
    desk.manager->resume(desk.now);
    CHECK(desk.port.submitted.size() == sent);
    desk.pass(seconds(1));
    REQUIRE(desk.port.submitted.size() == sent + 1);
    const auto close = desk.last_submitted();
    CHECK(close.purpose == model::Purpose::flatten);
    CHECK(close.quantity == 2);
    desk.accept(close.id);
    const auto slippage = [&] { return desk.manager->book().ledger().totals().slippage_ticks; };
    const auto before = slippage();
    desk.fill(close.id, 2, 5000);
    CHECK(slippage() - before == 2);  // against what the market was at
    desk.answer_all();
    CHECK(desk.told(NoticeKind::closing_verified));
    // The next has its stop.
    const auto next = desk.enter(1, 1);
    REQUIRE(next.made());
    desk.accept(next.order);
    desk.fill(next.order, 1, 5000);
    CHECK(desk.last_submitted().purpose == model::Purpose::protective_stop);
}
