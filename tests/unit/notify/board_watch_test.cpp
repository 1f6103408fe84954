#include "notify/board_watch.hpp"

#include <doctest/doctest.h>

#include "common/time/zone.hpp"
#include "tests/unit/notify/examples.hpp"

namespace bullpen::notify {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

struct Rig {
    FakeClock clock;
    ipc::Board board;
    BoardWatch watch;

    explicit Rig(const BoardRules& rules = {}) : watch(rules) {
        board.daemon_alive = true;
        ipc::BoardSlot slot;
        slot.account = "a";
        slot.enabled = 1;
        slot.quantity_known = 1;
        board.slots.push_back(slot);
    }
    ipc::BoardSlot& slot() { return board.slots.front(); }
    std::vector<Alert> look() { return watch.look(board, clock.now()); }
    std::vector<Alert> look_after(Nanos time) {
        clock.advance(time);
        return look();
    }
};

TEST_CASE("a position that is open for too long is told once, whatever is not known meanwhile") {
    Rig rig;
    CHECK(rig.look().empty());
    rig.slot().quantity = -2;
    rig.slot().position = "short 2 MESZ6";
    CHECK(rig.look().empty());
    CHECK(rig.look_after(hours(1)).empty());
    rig.slot().quantity_known = 0;
    CHECK(rig.look_after(minutes(59)).empty());
    rig.slot().quantity_known = 1;
    const auto told = rig.look_after(minutes(1));
    REQUIRE(told.size() == 1);
    CHECK(told.front().kind == Kind::position_open_long);
    CHECK(told.front().text == "short 2 MESZ6 has been open for 2 h 0 min");
    CHECK(rig.look_after(hours(5)).empty());
    rig.slot().quantity = 0;
    CHECK(rig.look().empty());
    rig.slot().quantity = 1;
    CHECK(rig.look().empty());
    CHECK(rig.look_after(hours(2)).size() == 1);
}

TEST_CASE("since when a position is open is known to the next process") {
    Rig rig;
    rig.slot().quantity = 1;
    CHECK(rig.look().empty());
    rig.clock.advance(hours(2));
    BoardWatch next({}, rig.watch.state());
    CHECK(next.look(rig.board, rig.clock.now()).size() == 1);
    BoardWatch after({}, next.state());
    CHECK(after.look(rig.board, rig.clock.now()).empty());
}

TEST_CASE("an account's own limits count, and none is a limit, too") {
    BoardRules rules;
    rules.accounts["a"] = {Nanos{0}, 0};
    Rig rig(rules);
    rig.slot().quantity = 1;
    rig.slot().limits[0] = test::limit("daily_loss", 1000, 1000);
    CHECK(rig.look().empty());
    CHECK(rig.look_after(hours(100)).empty());
}

TEST_CASE("a loss is told at its share of the limit, once until it was well below it") {
    Rig rig;
    const auto used = [&](std::int64_t of_thousand) {
        rig.slot().limits[0] = test::limit("daily_loss", of_thousand * 1'000'000, 1'000'000'000);
        rig.slot().limits[1] = test::limit("trades", 10, 10);
        return rig.look().size();
    };
    CHECK(used(799) == 0);
    CHECK(used(800) == 1);
    CHECK(used(1000) == 0);
    CHECK(used(750) == 0);
    CHECK(used(800) == 0);
    CHECK(used(699) == 0);
    CHECK(used(2000) == 1);
    rig.slot().limits[0] = test::limit("daily_loss", 5, 0);
    CHECK(rig.look().empty());
}

TEST_CASE("a daemon that is gone is told when it would be back, once until it is") {
    Rig rig;
    rig.board.daemon_alive = false;
    CHECK(rig.look().empty());
    CHECK(rig.look_after(BoardWatch::k_daemon_gone_after - Nanos(1)).empty());
    const auto told = rig.look_after(Nanos(1));
    REQUIRE(told.size() == 1);
    CHECK(told.front().kind == Kind::daemon_down);
    CHECK(rig.look_after(hours(1)).empty());
    rig.board.daemon_alive = true;
    CHECK(rig.look().empty());
    rig.board.daemon_alive = false;
    CHECK(rig.look().empty());
    CHECK(rig.look_after(seconds(20)).empty());
    rig.board.daemon_alive = true;  // an upgrade
    CHECK(rig.look_after(seconds(20)).empty());
    BoardWatch none;
    CHECK(none.look(std::nullopt, rig.clock.now()).empty());
    rig.clock.advance(minutes(1));
    CHECK(none.look(std::nullopt, rig.clock.now()).size() == 1);
}

TEST_CASE("the recap is on the clock of its zone, from Monday to Friday, in summer and winter") {
    const RecapTime recap{hours(16) + minutes(45), time::Zone::load("America/New_York").value()};
    const auto at = [&](const char* now) {
        return format_utc(last_recap(recap, parse_utc(now).value()));
    };
    CHECK(at("2026-11-20T21:45:00Z") == "2026-11-20T21:45:00.000Z");  // Friday, EST
    CHECK(at("2026-11-20T21:44:59Z") == "2026-11-19T21:45:00.000Z");
    CHECK(at("2026-11-22T23:00:00Z") == "2026-11-20T21:45:00.000Z");  // Sunday
    CHECK(at("2026-07-01T20:45:00Z") == "2026-07-01T20:45:00.000Z");  // EDT
}

TEST_CASE(
    "the recap is sent once a day, not for a day before the first start, and not hours late") {
    BoardRules rules;
    rules.recap = RecapTime{hours(12), time::Zone::utc()};
    Rig rig(rules);
    rig.slot().day_pnl = "-12.50";
    rig.slot().position = "flat";
    rig.clock.set_utc(parse_utc("2026-11-18T13:00:00Z").value());
    CHECK(rig.look().empty());
    CHECK(rig.look_after(hours(22)).empty());
    const auto told = rig.look_after(hours(1));
    REQUIRE(told.size() == 1);
    CHECK(told.front().kind == Kind::recap);
    CHECK(told.front().text.starts_with("a: P&L -12.50, flat, "));
    CHECK(rig.look_after(minutes(1)).empty());
    // Away from 12:01 until hours after the next one.
    CHECK(rig.look_after(hours(27)).empty());
    BoardWatch next(rules, rig.watch.state());
    CHECK(next.look(rig.board, rig.clock.now()).empty());
}

TEST_CASE("what is known of an account that left goes with it") {
    Rig rig;
    rig.slot().quantity = 1;
    rig.slot().limits[0] = test::limit("daily_loss", 1000, 1000);
    CHECK(rig.look().size() == 1);
    rig.board.slots.clear();
    CHECK(rig.look().empty());
    CHECK(rig.watch.state().open_since.empty());
    CHECK(rig.watch.state().limit_told.empty());
}

}  // namespace
}  // namespace bullpen::notify
