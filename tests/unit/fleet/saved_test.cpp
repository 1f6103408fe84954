// What one daemon leaves to the next: counts, the last deaths, and whether FATAL still holds.
#include <doctest/doctest.h>

#include "bench_fleet.hpp"
#include "supervisor/fleet/fleet.hpp"

namespace {

using namespace bullpen;
using namespace bullpen::fleet;
using namespace std::chrono_literals;
using model::Reason;
using model::WorkerState;

// A daemon that comes after one which left `kept`.
void restore(BenchFleet& fleet, const SavedAccount& kept, const AccountPlan& plan) {
    fleet->restore(fleet.now(), plan.account, kept);
    fleet->apply(fleet.now(), {plan});
}

}  // namespace

TEST_CASE(
    "the next daemon counts the restart that was made after the last word of the one before") {
    BenchFleet before;
    before.with({plan("a")});
    before.up("a");
    before.pass(31s);
    before.beat("a");
    before.exits("a", ExitStatus::signaled(9));
    before.up("a");
    REQUIRE(before.view("a").restarts == 1);

    BenchFleet fleet;
    restore(fleet, before.kept("a"), plan("a"));
    fleet->adopted(fleet.now(), id("a"), found(before.launch("a"), fleet.now()));
    fleet->begin(fleet.now());
    CHECK(fleet.view("a").restarts == 1);
    fleet->hello(fleet.now(), id("a"), before.launch("a"), true);
    fleet.exits("a", ExitStatus::signaled(9));
    CHECK(fleet.view("a").restarts == 2);
}

TEST_CASE("a restart on request is counted once, whenever the daemon dies in it") {
    BenchFleet before;
    before.with({plan("a")});
    before.up("a");
    const auto first = before.launch("a");
    (void)before->restart(before.now(), id("a"));
    const auto kept = before.kept("a");

    SUBCASE("before the worker ended") {
        BenchFleet fleet;
        restore(fleet, kept, plan("a"));
        fleet->adopted(fleet.now(), id("a"), found(first, fleet.now()));
        fleet->begin(fleet.now());
        fleet.exits("a", ExitStatus::exited(0));
        CHECK(fleet.view("a").restarts == 1);
    }
    SUBCASE("while it was away") {
        BenchFleet fleet;
        restore(fleet, kept, plan("a"));
        fleet->lost(fleet.now(), id("a"), found(first, fleet.now()), ExitStatus::lost());
        fleet->begin(fleet.now());
        fleet->tree_gone(fleet.now(), id("a"), first);
        CHECK(fleet.view("a").restarts == 1);
    }
    SUBCASE("after its successor was launched") {
        before.exits("a", ExitStatus::exited(0));
        before.up("a");
        BenchFleet fleet;
        restore(fleet, before.kept("a"), plan("a"));
        fleet->adopted(fleet.now(), id("a"), found(before.launch("a"), fleet.now()));
        fleet->begin(fleet.now());
        CHECK(fleet.view("a").restarts == 1);
    }
}

TEST_CASE("the successor of a worker that was lost runs since its own beginning") {
    BenchFleet before;
    before.with({plan("a")});
    before.up("a");
    before.pass(1s);
    BenchFleet fleet;
    fleet.clock().advance(before.now().utc - fleet.now().utc + 1h);
    restore(fleet, before.kept("a"), plan("a"));
    fleet->lost(fleet.now(), id("a"), found(before.launch("a"), fleet.now()), ExitStatus::lost());
    fleet->begin(fleet.now());
    fleet->tree_gone(fleet.now(), id("a"), before.launch("a"));
    fleet.up("a");
    REQUIRE(fleet.is("a", WorkerState::running, Reason::none));
    CHECK(fleet.view("a").since == fleet.now().utc);
}

TEST_CASE("the last deaths outlive the daemon, and stay a handful") {
    auto often = plan("a");
    often.restart.budget = 0;
    often.restart.delay = often.restart.delay_max = 1ms;
    BenchFleet before;
    before.with({often});
    for (int i = 0; i < 15; ++i) {
        before.up("a");
        before.exits("a", i % 2 == 0 ? ExitStatus::exited(i) : ExitStatus::signaled(i));
        before.pass(1s);
    }
    const auto deaths = before.view("a").deaths;
    REQUIRE(deaths.size() == Death::k_kept);

    auto kept = before.kept("a");
    kept.recent.insert(kept.recent.begin(), 5, Death{});  // a daemon that kept more
    BenchFleet fleet;
    restore(fleet, kept, often);
    fleet->begin(fleet.now());
    CHECK(fleet.view("a").deaths == deaths);
}

TEST_CASE("a fatal account stays fatal over a restart of the daemon while its settings are equal") {
    BenchFleet before;
    before.with({plan("a")});
    before.up("a");
    before.exits("a", ExitStatus::exited(78));
    const auto kept = before.kept("a");

    BenchFleet equal;
    restore(equal, kept, plan("a"));
    equal->begin(equal.now());
    CHECK(equal.is("a", WorkerState::fatal, Reason::refused_configuration));
    CHECK(equal.done(ActionKind::launch).empty());

    auto unknown = plan("a");
    unknown.fingerprint = 0;
    BenchFleet not_known;
    restore(not_known, kept, unknown);
    not_known->begin(not_known.now());
    CHECK(not_known.is("a", WorkerState::fatal, Reason::refused_configuration));
}

TEST_CASE("settings that were mended while no daemon ran try a fatal account again") {
    BenchFleet before;
    before.with({plan("a")});
    before.up("a");
    before.exits("a", ExitStatus::exited(78));

    auto mended = plan("a");
    mended.fingerprint = 2;
    BenchFleet fleet;
    restore(fleet, before.kept("a"), mended);
    fleet->begin(fleet.now());
    CHECK(fleet.is("a", WorkerState::starting, Reason::first_beat_awaited));
    CHECK(fleet.view("a").budget_used == 0);
    // And it is on record that it is not fatal any more.
    CHECK_FALSE(fleet.kept("a").fatal);
}

TEST_CASE("settings that were mended while no daemon ran do not wait for a back-off") {
    BenchFleet before;
    before.with({plan("a")});
    before.up("a");
    before.exits("a", ExitStatus::exited(1));
    REQUIRE(before.is("a", WorkerState::backoff, Reason::crashed));

    auto mended = plan("a");
    mended.fingerprint = 2;
    BenchFleet fleet;
    restore(fleet, before.kept("a"), mended);
    fleet->begin(fleet.now());
    CHECK(fleet.is("a", WorkerState::starting, Reason::first_beat_awaited));
    CHECK(fleet.view("a").restarts == 1);
}

TEST_CASE(
    "exit codes that ask for another try spend the budget, one that waits for a lock does not") {
    auto a = plan("a");
    a.restart.budget = 2;
    BenchFleet fleet;
    fleet.with({a});
    for (int i = 0; i < 5; ++i) {
        fleet.up("a");
        fleet.exits("a", ExitStatus::exited(77));
        fleet.pass(16s);
    }
    CHECK(fleet.view("a").budget_used == 0);
    for (const int code : {70, 75}) {
        fleet.up("a");
        fleet.exits("a", ExitStatus::exited(code));
        fleet.pass(3s);
    }
    CHECK(fleet.view("a").budget_used == 2);
    // Two restarts were allowed; the death after the second is the last.
    fleet.up("a");
    fleet.exits("a", ExitStatus::exited(75));
    CHECK(fleet.is("a", WorkerState::fatal, Reason::restart_budget_spent));
}

TEST_CASE("the next daemon says since when it has really been so") {
    BenchFleet before;
    auto idle = plan("idle");
    idle.autostart = false;
    before.with({plan("up"), plan("down"), plan("dead"), idle});
    for (const char* name : {"up", "down", "dead"}) {
        before.pass(1s);
        before.up(name);
    }
    before.pass(1s);
    CHECK(before->stop(before.now(), id("down")) == Verdict::accepted);
    before.exits("down", ExitStatus::exited(0));
    before.pass(1s);
    before.exits("dead", ExitStatus::exited(78));
    before.beat("up");

    BenchFleet fleet;
    fleet.clock().advance(2min);
    for (const char* name : {"up", "down", "dead"})
        fleet->restore(fleet.now(), id(name), before.kept(name));
    fleet->apply(fleet.now(), {plan("up"), plan("down"), plan("dead"), idle});
    auto worker = found(before.launch("up"), fleet.now());
    const auto since = [&](const char* name) { return fleet.view(name).since; };
    SUBCASE("the same launch") {
        fleet->adopted(fleet.now(), id("up"), worker);
        fleet->begin(fleet.now());
        CHECK(since("up") == fleet.now().utc);  // it is STARTING, since this daemon
        fleet->hello(fleet.now(), id("up"), worker.launch, true);
        CHECK(fleet.is("up", WorkerState::running, Reason::none));
        CHECK(since("up") == before.view("up").since);
        CHECK(fleet.is("down", WorkerState::stopped, Reason::operator_stop));
        CHECK(since("down") == before.view("down").since);
        CHECK(fleet.is("dead", WorkerState::fatal, Reason::refused_configuration));
        CHECK(since("dead") == before.view("dead").since);
        CHECK(since("idle") == fleet.now().utc);
    }
    SUBCASE("a later launch, of which nothing was kept") {
        worker.launch = LaunchNumber{worker.launch.value + 5};
        fleet->adopted(fleet.now(), id("up"), worker);
        fleet->begin(fleet.now());
        fleet->hello(fleet.now(), id("up"), worker.launch, true);
        CHECK(since("up") == fleet.now().utc);
    }
    SUBCASE("one that was ready, and says that it is not any more") {
        fleet->adopted(fleet.now(), id("up"), worker);
        fleet->begin(fleet.now());
        fleet->hello(fleet.now(), id("up"), worker.launch, false);
        fleet.clock().advance(1s);
        fleet->ready(fleet.now(), id("up"), worker.launch);
        CHECK(since("up") == fleet.now().utc);
    }
}

TEST_CASE("what waits for somebody else's lock does so since it first met it") {
    BenchFleet fleet;
    fleet.with({plan("a")});
    const auto meets = [&](LaunchFailure failure) {
        fleet->launch_failed(fleet.now(), id("a"), fleet.launch("a"), failure, "held by pid 7");
    };
    fleet.pass(1s);
    const auto began = fleet.now().utc;
    meets(LaunchFailure::broker_account_held);
    for (int i = 0; i < 3; ++i) {
        REQUIRE(fleet.is("a", WorkerState::waiting, Reason::broker_account_held));
        CHECK(fleet.view("a").since == began);
        fleet.pass(*fleet.view("a").until - fleet.now().utc);
        REQUIRE(fleet.view("a").state == WorkerState::starting);
        meets(LaunchFailure::broker_account_held);
    }
    SUBCASE("another trouble begins anew") {
        fleet.pass(*fleet.view("a").until - fleet.now().utc);
        const auto other = fleet.now().utc;
        meets(LaunchFailure::lock_held);
        CHECK(fleet.view("a").since == other);
    }
    SUBCASE("and so does the same after a run") {
        fleet.pass(*fleet.view("a").until - fleet.now().utc);
        fleet.up("a");
        CHECK(fleet.view("a").since == fleet.now().utc);
        fleet.pass(1min);
        fleet.exits("a", ExitStatus::exited(77));
        CHECK(fleet.view("a").since == fleet.now().utc);
    }
    SUBCASE("under the next daemon too, also after a shutdown") {
        bool shut = false;
        SUBCASE("that was killed") {}
        SUBCASE("that stopped all") {
            shut = true;
        }
        if (shut)
            fleet->shutdown(fleet.now(), false);
        const auto kept = fleet.kept("a");
        BenchFleet next;
        next.clock().advance(1h);
        restore(next, kept, plan("a"));
        next->begin(next.now());
        next.take();
        next->launch_failed(next.now(), id("a"), next.launch("a"),
                            LaunchFailure::broker_account_held, "held by pid 7");
        REQUIRE(next.is("a", WorkerState::waiting, Reason::broker_account_held));
        CHECK(next.view("a").since == began);
    }
}

TEST_CASE("what does not run for its settings has not begun with the newest daemon") {
    AccountPlan made = plan("a");
    Reason reason = Reason::not_autostarted;
    WorkerState state = WorkerState::stopped;
    SUBCASE("it is not started by itself") {
        made.autostart = false;
    }
    SUBCASE("its file is broken") {
        made.valid = false;
        reason = Reason::settings_invalid;
        state = WorkerState::waiting;
    }
    BenchFleet before;
    before.with({made});
    REQUIRE(before.is("a", state, reason));
    const auto began = before.view("a").since;
    auto kept = before.kept("a");
    for (int daemons = 0; daemons < 2; ++daemons) {
        BenchFleet fleet;
        fleet.clock().advance(1h * (daemons + 1));
        restore(fleet, kept, made);
        fleet->begin(fleet.now());
        REQUIRE(fleet.is("a", state, reason));
        CHECK(fleet.view("a").since == began);
        fleet->shutdown(fleet.now(), false);
        fleet.take();
        kept = *fleet->saved(fleet.now(), id("a"));
        if (state == WorkerState::waiting)
            break;  // nothing has been kept anew
    }
}

TEST_CASE("a storm goes on under the next daemon for as long as it would have") {
    FleetSettings settings;
    settings.storm_deaths_max = 2;
    BenchFleet before(settings);
    before.with({plan("a"), plan("b")});
    for (const char* name : {"a", "b"})
        before.up(name);
    before.pass(31s);
    for (const char* name : {"a", "b"})
        before.exits(name, ExitStatus::signaled(9));
    REQUIRE(before.is("b", WorkerState::waiting, Reason::storm_limit));

    BenchFleet fleet(settings);
    fleet.clock().advance(before.now().utc - fleet.now().utc + 20s);
    for (const char* name : {"a", "b"})
        fleet->restore(fleet.now(), id(name), before.kept(name));
    fleet.with({plan("a"), plan("b")});
    CHECK(fleet.done(ActionKind::launch).empty());
    CHECK(fleet.is("a", WorkerState::waiting, Reason::storm_limit));
    CHECK(fleet.view("a").until == fleet.now().utc + 40s);
    fleet.pass(39s);
    CHECK(fleet.done(ActionKind::launch).empty());
    fleet.pass(1s);
    CHECK(fleet.done(ActionKind::launch) == Names{"a", "b"});
}

TEST_CASE("the deaths under one daemon and those under the next make one storm") {
    FleetSettings settings;
    settings.storm_deaths_max = 3;
    const auto two_died = [&](Reason reason) {
        SavedAccount kept;
        BenchFleet clock;
        kept.recent = {{clock.now().utc - 50s, reason, ExitStatus::lost(), LaunchNumber{1}, 0s},
                       {clock.now().utc - 10s, reason, ExitStatus::lost(), LaunchNumber{2}, 0s}};
        return kept;
    };
    const auto one_more_dies = [&](const SavedAccount& kept, bool service, Nanos later) {
        BenchFleet fleet(settings);
        auto other = plan("a");
        other.service = service;
        fleet->restore(fleet.now(), id("a"), kept);
        fleet.with({other, plan("b")});
        fleet.up("b");
        fleet.pass(later);
        fleet.forget();
        fleet.exits("b", ExitStatus::signaled(9));
        return fleet.done(ActionKind::alarm) == Names{""};
    };
    CHECK(one_more_dies(two_died(Reason::crashed), false, 1s));
    CHECK_FALSE(one_more_dies(two_died(Reason::crashed), false, 31s));
    CHECK_FALSE(one_more_dies(two_died(Reason::crashed), true, 1s));
    CHECK_FALSE(one_more_dies(two_died(Reason::launch_failed), false, 1s));
    CHECK_FALSE(one_more_dies(two_died(Reason::refused_usage), false, 1s));
}

TEST_CASE("a back-off goes on under the next daemon, also after a shutdown in order") {
    auto slow = plan("a");
    slow.restart.delay = slow.restart.delay_max = 60s;
    BenchFleet before;
    before.with({slow, plan("b")});
    before.up("a");
    before.exits("a", ExitStatus::exited(1));
    before.pass(10s);
    REQUIRE(before.is("a", WorkerState::backoff, Reason::crashed));
    const auto until = before.view("a").until;
    bool by_an_operator = false;
    bool late = false;
    SUBCASE("that is short") {}
    SUBCASE("that takes longer than the back-off") {
        late = true;
    }
    SUBCASE("but not of one that an operator stops then") {
        by_an_operator = true;
    }
    before->shutdown(before.now(), false);
    before.take();
    CHECK(before.is("a", WorkerState::stopped, Reason::daemon_shutdown));
    if (late)
        before.pass(51s);
    if (by_an_operator)
        CHECK(before->stop(before.now(), id("a")) == Verdict::accepted);

    BenchFleet fleet;
    fleet.clock().advance(before.now().utc - fleet.now().utc + 5s);
    fleet->restore(fleet.now(), id("a"), before.kept("a"));
    fleet.with({slow});
    CHECK(fleet.view("a").budget_used == 1);
    if (by_an_operator) {
        CHECK(fleet.is("a", WorkerState::stopped, Reason::operator_stop));
    } else if (late) {
        fleet.pass(0s);
        CHECK(fleet.is("a", WorkerState::starting, Reason::first_beat_awaited));
    } else {
        CHECK(fleet.is("a", WorkerState::backoff, Reason::crashed));
        CHECK(fleet.view("a").until == until);
        fleet.pass(45s);
        CHECK(fleet.done(ActionKind::launch) == Names{"a"});
    }
}

TEST_CASE("a fatal account is told of by the next daemon in the words of the one before") {
    BenchFleet before;
    before.with({plan("a")});
    before.up("a");
    before->position(before.now(), id("a"), before.launch("a"), false);
    before.exits("a", ExitStatus::exited(64));
    before.up("a");  // the launch that was to make it safe
    before.exits("a", ExitStatus::exited(64));
    REQUIRE(before.is("a", WorkerState::fatal, Reason::refused_usage));
    const auto alarm = before.last(ActionKind::alarm, "a");
    REQUIRE(alarm);

    BenchFleet fleet;
    restore(fleet, before.kept("a"), plan("a"));
    fleet->begin(fleet.now());
    CHECK(fleet.view("a").detail == before.view("a").detail);
    CHECK(fleet.last(ActionKind::alarm, "a")->sentence == alarm->sentence);
    CHECK(fleet.done(ActionKind::alarm) == std::vector<std::string>{"a", "a"});
}
