// Decision, settings and session are of one account, or nothing is sent.
#include "desk.hpp"

using namespace bullpen;
using namespace bullpen::execution;
using namespace bullpen::execution::test;
using broker::BrokerStatus;

TEST_CASE("an order for another account is never made, whichever side is wrong") {
    Desk desk;
    desk.open();
    auto entry = desk.entry(1);
    entry.account = BrokerAccount::cut("PA-2");
    CHECK(desk.manager->enter(entry, desk.now).refusal == Refusal::wrong_account);
    desk.connect("PA-2");
    CHECK(desk.told(NoticeKind::wrong_account));
    CHECK(desk.enter(1).refusal == Refusal::wrong_account);
    CHECK(desk.port.submitted.empty());
    CHECK(desk.port.queries.empty());
    desk.connect();
    desk.answer_all();
    CHECK(desk.enter(1).made());
}

TEST_CASE("a decision to leave, or to move a stop, for another account is none") {
    Desk desk;
    desk.open();
    desk.long_and_protected(2);
    const auto sent = desk.port.commands.size();
    Exit leave;
    leave.account = BrokerAccount::cut("PA-2");
    leave.key = Desk::key(model::Purpose::exit);
    CHECK(desk.manager->exit(leave, desk.now).refusal == Refusal::wrong_account);
    const StopMove move{leave.account, k_mes, {4995}};
    CHECK(desk.manager->move_stop(move, desk.now).refusal == Refusal::wrong_account);
    CHECK(desk.port.commands.size() == sent);
}

TEST_CASE("nothing goes over a session that became another account's, no cancel and no change") {
    Desk desk;
    desk.open();
    SUBCASE("an entry") {
        desk.port.session = "PA-2";
        CHECK(desk.enter(1).refusal == Refusal::wrong_account);
    }
    const auto hold = [&] {
        const auto stop = desk.long_and_protected(2);
        desk.orders = {desk.make_report(stop, BrokerStatus::working)};
        desk.positions = {{k_mes, 2, model::Price{5000}}};
        desk.port.commands.clear();
    };
    SUBCASE("a change of a stop") {
        hold();
        desk.port.session = "PA-2";
        REQUIRE(desk.move_stop({4995}).made());
    }
    SUBCASE("a cancel, and what would follow it") {
        hold();
        desk.port.session = "PA-2";
        desk.manager->flatten(k_mes, Label::cut("test"), desk.now);
    }
    desk.pass(seconds(20));
    CHECK(desk.port.commands.empty());
    CHECK(desk.told(NoticeKind::wrong_account));
    // What was wanted is done over the right one.
    desk.port.session = "PA-1";
    desk.connect();
    desk.answer_all();
    desk.pass(seconds(1));
    if (desk.manager->held(k_mes) != 0)
        CHECK_FALSE(desk.port.commands.empty());
    else
        CHECK(desk.enter(1, 1).made());
}
