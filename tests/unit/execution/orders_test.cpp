// The life of single orders through the manager: what is written before what is sent, what is
// unknown, what is refused.
#include "desk.hpp"

using namespace bullpen;
using namespace bullpen::execution;
using namespace bullpen::execution::test;
using broker::BrokerStatus;
using broker::OrderCommand;
using broker::Outcome;

TEST_CASE("an entry is in the journal before it is sent") {
    Desk desk;
    desk.open();
    const auto before = desk.journal.records.size();
    const auto decided = desk.enter(2);
    REQUIRE(decided.made());
    REQUIRE(desk.journal.records.size() == before + 2);
    const auto* intended = std::get_if<Intended>(&desk.journal.records[before]);
    REQUIRE(intended != nullptr);
    CHECK(intended->terms == desk.last_submitted());
    CHECK(std::holds_alternative<Sent>(desk.journal.records[before + 1]));
    CHECK(desk.status(decided.order) == Status::sent);
}

TEST_CASE("an order that cannot be recorded is not sent") {
    Desk desk;
    desk.open();
    desk.journal.full = true;
    const auto decided = desk.enter(2);
    CHECK(decided.refusal == Refusal::not_recorded);
    CHECK(desk.port.submitted.empty());
    CHECK(desk.told(NoticeKind::not_recorded));
    // The same decision is no duplicate, for it never was an order.
    desk.journal.full = false;
    desk.pass(seconds(2));
    CHECK(desk.enter(2).made());
}

TEST_CASE("what happens while the journal is full is written when it takes records again") {
    Desk desk;
    desk.open();
    const auto decided = desk.enter(1);
    desk.journal.full = true;
    desk.accept(decided.order);
    desk.fill(decided.order, 1, 5000);
    CHECK(desk.held() == 1);
    CHECK(desk.port.submitted.size() == 1);  // no stop: no order without a record
    desk.journal.full = false;
    desk.pass(seconds(2));
    CHECK(desk.told(NoticeKind::recorded_again));
    REQUIRE(desk.port.submitted.size() == 2);
    CHECK(desk.last_submitted().purpose == model::Purpose::protective_stop);
    Book replayed(desk.instruments);
    for (const Record& record : desk.journal.records)
        (void)replayed.apply(record);
    CHECK(replayed == desk.manager->book());
}

TEST_CASE("one decision makes one order, however often it is taken") {
    Desk desk;
    desk.open();
    const auto decided = desk.enter(1, 0);
    REQUIRE(decided.made());
    CHECK(desk.enter(1, 0).refusal == Refusal::order_open);
    desk.accept(decided.order);
    desk.report(decided.order, BrokerStatus::cancelled);
    CHECK(desk.enter(1, 0).refusal == Refusal::duplicate_intent);
    CHECK(desk.enter(1, 1).made());
    CHECK(desk.port.submitted.size() == 2);
}

TEST_CASE("a decision is still known after a restart") {
    Desk desk;
    desk.open();
    const auto decided = desk.enter(1, 0);
    desk.accept(decided.order);
    desk.report(decided.order, BrokerStatus::rejected);
    desk.restart();
    desk.answer_all();
    REQUIRE(desk.manager->reconciled());
    CHECK(desk.enter(1, 0).refusal == Refusal::duplicate_intent);
}

TEST_CASE("what was proven not to be sent may be decided again, as the next attempt") {
    Desk desk;
    desk.open();
    const auto first = desk.enter(1, 0);
    desk.answer_command(first.order, OrderCommand::submit, Outcome::not_sent);
    CHECK(desk.status(first.order) == Status::not_sent);
    const auto second = desk.enter(1, 0);
    REQUIRE(second.made());
    CHECK(second.order != first.order);
    CHECK(desk.last_submitted().key.attempt == 1);
}

TEST_CASE("a decision is known again, whatever was decided on older and newer bars since") {
    Desk desk;
    desk.open();
    const auto decide = [&](int bar) {
        const auto decided = desk.enter(1, bar);
        if (decided.made())
            desk.answer_command(decided.order, OrderCommand::submit, Outcome::rejected);
        return decided.refusal;
    };
    const std::array bars{5, 9, 3, 7, 4, 12, 6, 11};
    for (const int bar : bars)
        CHECK(decide(bar) == Refusal::none);
    desk.restart();
    desk.answer_all();
    REQUIRE(desk.manager->reconciled());
    for (const int bar : bars)
        CHECK(decide(bar) == Refusal::duplicate_intent);
    for (const int bar : {2, 8, 10, 13}) {
        CHECK(decide(bar) == Refusal::none);
        CHECK(decide(bar) == Refusal::duplicate_intent);
    }
}

TEST_CASE("a decision older than those that are remembered is refused") {
    Desk desk;
    desk.open();
    for (int bar = 1; bar <= static_cast<int>(k_keys_kept) + 1; ++bar) {
        const auto decided = desk.enter(1, bar);
        REQUIRE(decided.made());
        desk.answer_command(decided.order, OrderCommand::submit, Outcome::rejected);
    }
    CHECK(desk.enter(1, 0).refusal == Refusal::stale_intent);
    CHECK(desk.enter(1, 1).refusal == Refusal::stale_intent);
    CHECK(desk.enter(1, 2).refusal == Refusal::duplicate_intent);
    CHECK(desk.manager->book().orders().size() <= k_orders_kept);
}

TEST_CASE("what was closed by the wall clock makes no decision of an older market too old") {
    Desk desk;
    desk.open();
    const auto stop = desk.long_and_protected(1);
    desk.now.utc += std::chrono::hours(24 * 365);
    desk.manager->flatten(k_mes, Label::cut("operator"), desk.now);
    desk.answer_command(stop, OrderCommand::cancel, Outcome::accepted);
    desk.report(stop, BrokerStatus::cancelled);
    const auto close = desk.last_submitted();
    REQUIRE(close.purpose == model::Purpose::flatten);
    desk.accept(close.id);
    desk.fill(close.id, 1, 5000);
    desk.answer_all();
    REQUIRE(desk.told(NoticeKind::closing_verified));
    // Until the key of the closing is forgotten, and one more.
    for (int bar = 1; bar <= static_cast<int>(k_keys_kept) + 1; ++bar) {
        const auto decided = desk.enter(1, bar);
        REQUIRE(decided.made());
        desk.answer_command(decided.order, OrderCommand::submit, Outcome::rejected);
    }
    CHECK(desk.enter(1, 0).refusal == Refusal::stale_intent);
    CHECK(desk.enter(1, k_keys_kept + 2).made());
}

TEST_CASE("a horizon beyond the market becomes that of the oldest decision that is remembered") {
    Desk desk;
    const auto decide = [&](int bar) {
        const auto decided = desk.enter(1, bar);
        if (decided.made())
            desk.answer_command(decided.order, OrderCommand::submit, Outcome::rejected);
        return decided.refusal;
    };
    const auto at = [](int bar) { return Desk::key(model::Purpose::entry, bar).signal_bar; };
    desk.open();
    constexpr int k_late = 500'000;  // about a year
    constexpr int k_of_late = 10;
    constexpr int k_last = static_cast<int>(k_keys_kept) - k_of_late + 1;
    for (int bar = 0; bar < k_of_late; ++bar)
        REQUIRE(decide(k_late + bar) == Refusal::none);
    for (int bar = 1; bar <= k_last; ++bar)
        REQUIRE(decide(bar) == Refusal::none);
    REQUIRE(decide(300) == Refusal::stale_intent);
    CHECK_FALSE(desk.manager->mend_horizon(at(k_late + k_of_late)));
    CHECK(decide(300) == Refusal::stale_intent);
    CHECK(desk.manager->mend_horizon(at(300)) == at(k_late));
    CHECK(decide(0) == Refusal::stale_intent);
    for (int bar = 1; bar <= k_last; ++bar)
        CHECK(decide(bar) == Refusal::duplicate_intent);
    CHECK(decide(300) == Refusal::none);
}

TEST_CASE("ids carry tag and fence, and count on within a launch") {
    Desk desk;
    desk.open(5);
    const auto first = desk.enter(1, 0);
    desk.answer_command(first.order, OrderCommand::submit, Outcome::rejected);
    const auto second = desk.enter(1, 1);
    CHECK(first.order == model::ClientOrderId::make("TEST", Fence{5}, 1));
    CHECK(second.order == model::ClientOrderId::make("TEST", Fence{5}, 2));
    desk.answer_command(second.order, OrderCommand::submit, Outcome::rejected);
    desk.restart(5);
    desk.answer_all();
    CHECK(desk.enter(1, 2).order == model::ClientOrderId::make("TEST", Fence{5}, 3));
}

TEST_CASE("a fence below one that was used is refused") {
    Desk desk;
    desk.open(5);
    desk.build();
    for (const Record& record : desk.journal.records)
        desk.manager->replay(record);
    CHECK_FALSE(desk.manager->start(Fence{4}, desk.now));
}

TEST_CASE("the risk gate's no is kept with its code, and nothing is sent") {
    Desk desk;
    desk.open();
    desk.gate.denies = model::Purpose::entry;
    const auto decided = desk.enter(1);
    CHECK(decided.refusal == Refusal::risk_gate);
    CHECK(decided.denial == 7);
    CHECK(desk.port.submitted.empty());
    CHECK(desk.journal.count<Denied>() == 1);
}

TEST_CASE("an entry that the gate leaves no contract is kept with its code as one it denied") {
    Desk desk;
    desk.open();
    Entry entry;
    entry.account = BrokerAccount::cut("PA-1");
    entry.key = Desk::key(model::Purpose::entry);
    entry.quantity = 1;
    const auto decided =
        desk.manager->refuse(entry, GateDenial{9, Label::cut("none fits")}, desk.now);
    CHECK(decided.refusal == Refusal::risk_gate);
    CHECK(decided.denial == 9);
    CHECK(desk.port.submitted.empty());
    CHECK(desk.told(NoticeKind::denied));
    CHECK(desk.manager->notices().back().denial == 9);
    REQUIRE(desk.journal.count<Denied>() == 1);
}

TEST_CASE("the gate is told what is held, what may come and what may go") {
    Desk desk;
    desk.open();
    const auto decided = desk.enter(3);
    CHECK(desk.gate.asked.back().exposure == Exposure{});
    CHECK(desk.gate.asked.back().planned);
    desk.accept(decided.order);
    desk.fill(decided.order, 1, 5000);
    const auto& asked = desk.gate.asked.back();
    CHECK(asked.terms.purpose == model::Purpose::protective_stop);
    CHECK(asked.exposure.held == 1);
    CHECK(asked.exposure.entries_buy == 2);
    CHECK_FALSE(asked.planned);
}

TEST_CASE("no answer in time is unknown: orders of the instrument wait, and nothing is resent") {
    Desk desk;
    desk.open();
    const auto decided = desk.enter(1);
    desk.pass(seconds(5));
    CHECK(desk.status(decided.order) == Status::unknown);
    CHECK(desk.told(NoticeKind::order_unknown));
    CHECK(desk.enter(1, 1).refusal == Refusal::order_unknown);
    CHECK(desk.port.submitted.size() == 1);
}

TEST_CASE("what was sent is owed its answer until that came or its time is over") {
    Desk desk;
    desk.open();
    desk.answer_all();
    CHECK_FALSE(desk.manager->answer_due());
    const auto wait = desk.settings.answer_wait;
    const auto decided = desk.enter(1);
    CHECK(desk.manager->answer_due() == desk.now.mono + wait);
    SUBCASE("it comes") {
        desk.answer_command(decided.order, OrderCommand::submit, Outcome::rejected);
    }
    SUBCASE("it does not come, and what became of the order is asked") {
        desk.pass(wait);
        REQUIRE(desk.status(decided.order) == Status::unknown);
        CHECK(desk.manager->answer_due() == desk.now.mono + wait);
    }
    desk.answer_all();
    CHECK_FALSE(desk.manager->answer_due());
}

TEST_CASE("an unknown order is asked for after 0.5, 1.5, 3.5, 7.5, 15.5 and 30.5 seconds") {
    Desk desk;
    desk.open();
    const auto decided = desk.enter(1);
    desk.answer_command(decided.order, OrderCommand::submit, Outcome::unknown);
    desk.answer_all();  // what an unknown outcome asks at once
    std::vector<int> asked;
    const MonoTime since = desk.now.mono;
    for (int i = 0; i < 400; ++i) {
        desk.pass(milliseconds(100));
        if (!desk.port.queries.empty())
            asked.push_back(static_cast<int>((desk.now.mono - since) / milliseconds(100)));
        desk.answer_all();
        if (desk.status(decided.order) != Status::unknown)
            break;
    }
    CHECK(asked == std::vector<int>{5, 15, 35, 75, 155, 305});
    CHECK(desk.status(decided.order) == Status::not_sent);
    CHECK(desk.told(NoticeKind::order_nowhere));
    CHECK(desk.enter(1, 1).made());
}

TEST_CASE("an unknown order that is found is adopted, and never sent again") {
    Desk desk;
    desk.open();
    const auto decided = desk.enter(1);
    desk.answer_command(decided.order, OrderCommand::submit, Outcome::unknown);
    desk.orders = {desk.make_report(decided.order, BrokerStatus::working)};
    desk.live(seconds(1));
    CHECK(desk.status(decided.order) == Status::working);
    CHECK(desk.told(NoticeKind::order_found));
    CHECK(desk.port.submitted.size() == 1);
}

TEST_CASE("an order at any price that was found is asked for until its execution is told") {
    Desk desk;
    desk.settings.reconcile_every = seconds(45);
    desk.build();
    desk.open();
    const auto decided = desk.enter(2);
    desk.answer_command(decided.order, OrderCommand::submit, Outcome::unknown);
    desk.orders = {desk.make_report(decided.order, BrokerStatus::working)};
    desk.live(seconds(1));
    REQUIRE(desk.status(decided.order) == Status::working);
    // It is executed after it was found, and the word of it is lost.
    desk.orders = {desk.make_report(decided.order, BrokerStatus::filled, 2)};
    desk.fills = {desk.make_fill(decided.order, 2, 5000)};
    desk.live(desk.settings.answer_wait + seconds(1));
    CHECK(desk.held() == 2);
    CHECK(desk.last_submitted().purpose == model::Purpose::protective_stop);
}

TEST_CASE("an unknown order is not given up while the link is down or answers fail") {
    Desk desk;
    desk.open();
    const auto decided = desk.enter(1);
    desk.answer_command(decided.order, OrderCommand::submit, Outcome::unknown);
    SUBCASE("answers fail") {
        desk.live(seconds(120), false);
    }
    SUBCASE("the link is down") {
        desk.event(broker::Disconnected{"gone", false});
        desk.live(seconds(120));
    }
    CHECK(desk.status(decided.order) == Status::unknown);
}

TEST_CASE("an order counted as not placed that turns up after all is cancelled at once") {
    Desk desk;
    desk.open();
    const auto decided = desk.enter(1);
    desk.answer_command(decided.order, OrderCommand::submit, Outcome::unknown);
    desk.live(seconds(40));
    REQUIRE(desk.status(decided.order) == Status::not_sent);
    desk.report(decided.order, BrokerStatus::working);
    CHECK(desk.told(NoticeKind::order_stray));
    CHECK(desk.commands(OrderCommand::cancel) == 1);
    desk.confirm_cancel(decided.order);
    CHECK(desk.status(decided.order) == Status::cancelled);
}

TEST_CASE("after a restart whatever was on its way is unknown until the broker was asked") {
    Desk desk;
    desk.open();
    const auto decided = desk.enter(1);
    desk.restart();
    CHECK(desk.status(decided.order) == Status::unknown);
    CHECK(desk.enter(1, 1).refusal == Refusal::not_reconciled);
    desk.orders = {desk.make_report(decided.order, BrokerStatus::working)};
    desk.answer_all();
    CHECK(desk.status(decided.order) == Status::working);
}

TEST_CASE("no entry before the broker's side was compared, and exits nonetheless") {
    Desk desk;
    REQUIRE(desk.manager->start(Fence{1}, desk.now));
    CHECK(desk.enter(1).refusal == Refusal::not_connected);
    desk.connect();
    CHECK(desk.enter(1).refusal == Refusal::not_reconciled);
    desk.answer_all();
    CHECK(desk.enter(1).made());
}

TEST_CASE("a broker that fails keeps entries out, and exits go on") {
    Desk desk;
    desk.open();
    const auto stop = desk.long_and_protected(1);
    for (int i = 0; i < 5; ++i)
        desk.answer_command(stop, OrderCommand::submit, Outcome::unknown);
    CHECK(desk.told(NoticeKind::breaker_opened));
    REQUIRE(desk.exit().made());
    desk.pass(seconds(1));
    CHECK(desk.commands(OrderCommand::cancel) == 1);
}

TEST_CASE("commands of unknown fate keep entries out, and questions go on") {
    Desk desk;
    desk.open();
    const auto stop = desk.long_and_protected(1);
    for (int i = 0; i < 5; ++i)
        desk.answer_command(stop, OrderCommand::submit, Outcome::unknown);
    REQUIRE(desk.told(NoticeKind::breaker_opened));
    desk.event(broker::Disconnected{"gone", false});
    desk.port.queries.clear();
    desk.connect();
    CHECK(desk.port.queries.size() >= 3);
    desk.positions = {{k_mes, 1, model::Price{5000}}};
    desk.orders = {desk.make_report(stop, BrokerStatus::working)};
    desk.answer_all();
    CHECK(desk.manager->reconciled());
}

TEST_CASE("a connection that breaks again and again keeps entries out until it holds") {
    Desk desk;
    desk.open();
    for (int i = 0; i < 10; ++i) {
        CHECK_FALSE(desk.told(NoticeKind::breaker_opened));
        desk.event(broker::Disconnected{"gone", false});
        desk.port.queries.clear();
        desk.live(seconds(1));
        desk.connect();
        desk.answer_all();
    }
    CHECK(desk.told(NoticeKind::breaker_opened));
    CHECK(desk.enter(1).refusal == Refusal::breaker_open);
    desk.live(seconds(11));
    CHECK(desk.enter(1, 1).made());
}

TEST_CASE("an entry that the broker refuses does not use up the breaker's one attempt") {
    Desk desk;
    desk.open();
    const auto stop = desk.long_and_protected(1);
    for (int i = 0; i < 5; ++i)
        desk.answer_command(stop, OrderCommand::submit, Outcome::unknown);
    desk.report(stop, BrokerStatus::filled, 1);
    desk.fill(stop, 1, 4990);
    desk.live(seconds(15));
    const auto first = desk.enter(1, 1);
    REQUIRE(first.made());
    CHECK(desk.enter(1, 2).refusal != Refusal::none);
    desk.answer_command(first.order, OrderCommand::submit, Outcome::rejected);
    CHECK(desk.enter(1, 2).made());
}

TEST_CASE("what is silenced sends nothing") {
    Desk desk;
    desk.open();
    desk.long_and_protected(1);
    desk.manager->silence(true);
    CHECK(desk.enter(1, 1).refusal == Refusal::silenced);
    CHECK(desk.exit().refusal == Refusal::silenced);
    desk.live(seconds(10));
    CHECK(desk.port.commands.empty());
}

TEST_CASE("an idle manager waits for nothing") {
    Desk desk;
    desk.open();
    CHECK_FALSE(desk.manager->next_deadline());
    desk.long_and_protected(1);
    CHECK_FALSE(desk.manager->next_deadline());
}

TEST_CASE("an order at any price of which nothing is heard is asked for, not left to the timer") {
    Desk desk;
    desk.settings.reconcile_every = seconds(45);
    desk.build();
    desk.open();
    const auto decided = desk.enter(2);
    desk.accept(decided.order);
    // It was executed at once, and the word of it was lost.
    desk.orders = {desk.make_report(decided.order, BrokerStatus::filled, 2)};
    desk.fills = {desk.make_fill(decided.order, 2, 5000)};
    desk.live(desk.settings.answer_wait + seconds(1));
    CHECK(desk.held() == 2);
    CHECK(desk.last_submitted().purpose == model::Purpose::protective_stop);
}

TEST_CASE("an old execution of an order of ours that is forgotten was counted, and is no alarm") {
    Desk desk;
    desk.open();
    std::optional<model::Fill> first;
    for (int i = 0; i < static_cast<int>(k_executions_kept) / 2 + 10; ++i) {
        const auto decided = desk.enter(1, i);
        REQUIRE(decided.made());
        desk.accept(decided.order);
        const auto fill = desk.make_fill(decided.order, 1, 5000);
        first = first.value_or(fill);
        desk.event(fill);
        const auto stop = desk.last_submitted().id;
        desk.accept(stop);
        desk.fill(stop, 1, 4990);
        REQUIRE(desk.held() == 0);
        desk.forget();
        desk.pass(seconds(1));
    }
    REQUIRE(desk.manager->book().ledger().taking(*first) == Taking::too_old);
    desk.event(*first);
    CHECK_FALSE(desk.told(NoticeKind::fill_too_old));
    CHECK(desk.held() == 0);
    // Of an order that this side knows nothing of nobody can say.
    first->order = *model::ClientOrderId::parse("ELSEWHERE");
    desk.event(*first);
    CHECK(desk.told(NoticeKind::fill_too_old));
}
