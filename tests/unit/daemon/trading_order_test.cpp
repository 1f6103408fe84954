#include "supervisor/daemon/trading_order.hpp"

#include <doctest/doctest.h>

#include "ipc/resumption.hpp"
#include "supervisor/daemon/accounts.hpp"

namespace bullpen::daemon {
namespace {

using model::WorkerState;

ipc::Heartbeat beat_of(const char* latched, bool flat, const char* reason = "none") {
    ipc::Heartbeat beat;
    beat.latched = latched;
    beat.flat = flat;
    beat.reason = reason;
    beat.position = flat ? "flat" : "long 2 at 5001.25";
    return beat;
}

}  // namespace

TEST_CASE("an order to resume says what it lifted, and what still stands in the way") {
    fleet::AccountView view;
    view.state = WorkerState::running;
    const StandingOrder resume{TradingOrder::resume, {}, {}};
    auto halted = beat_of("halted", true, "order_trouble");
    halted.mode = model::TradingMode::halted;
    auto after = beat_of("", true);
    after.mode = model::TradingMode::active;
    const auto lifted = judge(resume, view, &after, ipc::to_lift(halted, false));
    REQUIRE(lifted);
    CHECK(lifted->code == "resumed");
    CHECK(lifted->message.find("lifted: halted (its orders do not do") == 0);
    CHECK(lifted->message.find("nothing yet") == std::string::npos);
    after.mode = model::TradingMode::idle;
    after.reason = "limit_reached";
    after.reason_text = "loss_floor_reached: the loss floor was reached";
    after.floor_reached = true;
    const auto barred = judge(resume, view, &after, ipc::to_lift(halted, false));
    REQUIRE(barred);
    CHECK(barred->message.find("enters nothing yet: idle") != std::string::npos);
    CHECK(barred->message.find(after.reason_text) != std::string::npos);
    CHECK(barred->message.find("--restart-floor") != std::string::npos);
    // The floor alone is nothing that an order without the word for it lifts.
    const auto nothing = judge(resume, view, &after, ipc::to_lift(after, false));
    REQUIRE(nothing);
    CHECK(nothing->ok);
    CHECK(nothing->code == "nothing_to_resume");
    CHECK(nothing->message.find("nothing was to be resumed") == 0);
    CHECK(ipc::to_lift(after, true).find("loss floor") != std::string::npos);
    // Of what nobody knew before, nothing is said.
    const auto unknown = judge(resume, view, &after);
    REQUIRE(unknown);
    CHECK(unknown->code == "resumed");
    CHECK(unknown->message.find("lifted") == std::string::npos);
}

TEST_CASE("an order to reduce what is halted leaves it halted, and says so") {
    fleet::AccountView view;
    view.state = WorkerState::running;
    const auto halted = beat_of("halted", true, "operator_halt");
    const auto outcome = judge({TradingOrder::reduce, {}, {}}, view, &halted);
    REQUIRE(outcome);
    CHECK(outcome->ok);
    CHECK(outcome->code == "halted");
}

TEST_CASE("what hangs or dies is waited for, what has no process is not") {
    for (int i = 0; i < static_cast<int>(model::k_worker_states); ++i) {
        fleet::AccountView view;
        view.state = static_cast<WorkerState>(i);
        view.flat = true;
        const auto outcome = judge(StandingOrder{TradingOrder::halt, {}, {}}, view, nullptr);
        const bool without = view.state == WorkerState::stopped || view.state == WorkerState::fatal;
        CAPTURE(i);
        CHECK(outcome.has_value() == without);
        if (outcome) {
            CHECK_FALSE(outcome->ok);
            CHECK(outcome->message.find("start it") != std::string::npos);
        }
    }
}

TEST_CASE("what has no process and is not known to be flat is closed by a launch for that alone") {
    for (const auto order : {TradingOrder::halt, TradingOrder::flatten}) {
        for (const auto flat : {std::optional<bool>(), std::optional<bool>(false)}) {
            CAPTURE(static_cast<int>(order));
            fleet::AccountView view;
            view.state = WorkerState::fatal;
            view.flat = flat;
            view.recovering = true;
            CHECK_FALSE(judge({order, {}, {}}, view, nullptr));
            // It ended, and nothing says that it was closed.
            view.recovering = false;
            const auto outcome = judge({order, {}, {}}, view, nullptr);
            REQUIRE(outcome);
            CHECK_FALSE(outcome->ok);
            CHECK(outcome->code == "not_flat");
            CHECK(outcome->message.find(flat ? "not flat" : "unknown position") !=
                  std::string::npos);
        }
    }
    fleet::AccountView closed;
    closed.flat = true;
    const auto outcome = judge({TradingOrder::flatten, {}, {}}, closed, nullptr);
    REQUIRE(outcome);
    CHECK(outcome->ok);
    CHECK(outcome->code == "flat");
    // Nothing is entered by one that is stopped, but nothing says that of its next start either.
    CHECK(judge({TradingOrder::reduce, {}, {}}, closed, nullptr)->code == "not_running");
}

TEST_CASE("a verdict that comes too late says where it stands, and that the order goes on") {
    fleet::AccountView view;
    view.state = WorkerState::running;
    const auto beat = beat_of("halted", false);
    const auto outcome = too_late({TradingOrder::halt, {}, {}}, view, &beat);
    CHECK_FALSE(outcome.ok);
    CHECK(outcome.message.find("long 2 at 5001.25") != std::string::npos);
    CHECK(outcome.message.find("goes on") != std::string::npos);
    const auto resumed = too_late({TradingOrder::resume, {}, {}}, view, &beat);
    CHECK(resumed.message.find("goes on") == std::string::npos);
    CHECK(resumed.message.find("say it again") != std::string::npos);
}

TEST_CASE("an order to resume stands as long as its command, and the others until they are done") {
    const MonoTime until(std::chrono::seconds(120));
    for (const auto order : {TradingOrder::halt, TradingOrder::reduce, TradingOrder::flatten,
                             TradingOrder::resume, TradingOrder::restart_floor}) {
        CAPTURE(static_cast<int>(order));
        const StandingOrder standing{order, {}, until};
        const bool lifts = order == TradingOrder::resume || order == TradingOrder::restart_floor;
        CHECK(standing.lifts() == lifts);
        CHECK(standing.stands(until - Nanos(1)));
        CHECK(standing.stands(until) == !lifts);
    }
}

TEST_CASE("an order to resume does not lift the halt that the account came to after it") {
    const UtcTime given = utc_from_nanos(1'700'000'000'000'000'000);
    fleet::AccountView view;
    view.state = WorkerState::running;
    auto beat = beat_of("halted", true, "order_trouble");
    for (const auto order : {TradingOrder::resume, TradingOrder::restart_floor}) {
        const StandingOrder standing{order, given, {}};
        beat.since = given - Nanos(1);
        CHECK_FALSE(is_overtaken(standing, beat));
        CHECK_FALSE(judge(standing, view, &beat));
        beat.since = given + Nanos(1);
        CHECK(is_overtaken(standing, beat));
        const auto outcome = judge(standing, view, &beat);
        REQUIRE(outcome);
        CHECK_FALSE(outcome->ok);
        CHECK(outcome->code == "halted_again");
    }
    CHECK_FALSE(is_overtaken({TradingOrder::halt, given, {}}, beat));
    // A halt that an operator ordered after it takes its place by itself.
    beat.reason = "operator_halt";
    CHECK_FALSE(is_overtaken({TradingOrder::resume, given, {}}, beat));
}

TEST_CASE("orders that stand are kept for the next daemon, those that lift something are not") {
    const auto anna = *AccountId::parse("anna");
    const auto ben = *AccountId::parse("ben");
    const auto cleo = *AccountId::parse("cleo");
    Accounts before;
    before.at(anna).order = StandingOrder{TradingOrder::flatten, {}, {}};
    before.at(ben).order = StandingOrder{TradingOrder::resume, {}, MonoTime(Nanos(5))};
    before.at(cleo).order = StandingOrder{TradingOrder::halt, {}, {}};
    const auto kept = standing_orders(before);
    CHECK(kept == "anna flatten\ncleo halt\n");
    // Cleo left the roster meanwhile, and what nobody can read is no order.
    Accounts after;
    after.at(anna);
    after.at(ben);
    const auto now = utc_from_nanos(1'700'000'000'000'000'000);
    restore_orders(after, kept + "ben dance\nben", now);
    REQUIRE(after.find(anna)->order);
    CHECK(*after.find(anna)->order == StandingOrder{TradingOrder::flatten, now, {}});
    CHECK_FALSE(after.find(ben)->order);
    CHECK(after.find(cleo) == nullptr);
}

}  // namespace bullpen::daemon
