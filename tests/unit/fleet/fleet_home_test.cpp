// The roster, adoption, shutdown and rolling restart: what concerns more than one account.
#include <doctest/doctest.h>

#include "bench_fleet.hpp"
#include "supervisor/fleet/core.hpp"
#include "supervisor/fleet/fleet.hpp"

namespace {

using namespace bullpen;
using namespace bullpen::fleet;
using namespace std::chrono_literals;
using model::Reason;
using model::WorkerState;

// Two accounts, flat, of which the first one is being rolled and has ended.
void begin_roll(BenchFleet& fleet) {
    fleet.with({plan("a"), plan("b")});
    for (const char* name : {"a", "b"}) {
        fleet.up(name);
        fleet->position(fleet.now(), id(name), fleet.launch(name), true);
    }
    (void)fleet->rolling_restart(fleet.now(), {id("a"), id("b")});
    fleet.exits("a", ExitStatus::exited(0));
}

}  // namespace

TEST_CASE("an update restarts only what changed") {
    BenchFleet fleet;
    auto a = plan("a");
    auto b = plan("b");
    fleet.with({a, b});
    fleet.up("a");
    fleet.up("b");
    fleet.forget();
    a.fingerprint = 2;
    b.priority = 5;
    fleet->apply(fleet.now(), {a, b});
    CHECK(fleet.done(ActionKind::terminate) == Names{"a"});
    CHECK(fleet.is("a", WorkerState::stopping, Reason::settings_changed));
    CHECK(fleet.is("b", WorkerState::running, Reason::none));
    fleet.exits("a", ExitStatus::exited(0));
    CHECK(fleet.done(ActionKind::launch) == Names{"a"});
    fleet.up("a");
    fleet->apply(fleet.now(), {a, b});
    CHECK(fleet.done(ActionKind::terminate).empty());
}

TEST_CASE("new settings of a running account wait for a vault that is locked, and it runs on") {
    BenchFleet fleet;
    auto a = plan("a");
    auto b = plan("b");
    fleet.with({a, b});
    fleet.up("a");
    fleet.up("b");
    fleet->gate(fleet.now(), id("a"), Reason::vault_locked, true, "no key");
    fleet.forget();
    a.fingerprint = b.fingerprint = 2;
    fleet->apply(fleet.now(), {a, b});
    CHECK(fleet.done(ActionKind::terminate) == Names{"b"});
    const auto view = fleet->view(fleet.now(), id("a"));
    CHECK(view->state == WorkerState::running);
    CHECK(view->reason == Reason::vault_locked);
    CHECK(view->next.find("restarts with its new settings") != std::string::npos);
    // Another gate says nothing of it.
    fleet->gate(fleet.now(), id("a"), Reason::token_missing, true, "none");
    fleet->gate(fleet.now(), id("a"), Reason::token_missing, false);
    CHECK(fleet.done(ActionKind::terminate).empty());
    fleet->gate(fleet.now(), id("a"), Reason::vault_locked, false);
    CHECK(fleet.done(ActionKind::terminate) == Names{"a"});
    CHECK(fleet.is("a", WorkerState::stopping, Reason::settings_changed));
    fleet.exits("a", ExitStatus::exited(0));
    fleet.up("a");
    CHECK(fleet.is("a", WorkerState::running, Reason::none));
}

TEST_CASE("changed settings try a fatal account again, and leave a stopped one stopped") {
    BenchFleet fleet;
    auto a = plan("a");
    auto b = plan("b");
    fleet.with({a, b});
    fleet.up("a");
    fleet.up("b");
    fleet.exits("a", ExitStatus::exited(78));
    (void)fleet->stop(fleet.now(), id("b"));
    fleet.exits("b", ExitStatus::exited(0));
    a.fingerprint = b.fingerprint = 2;
    fleet->apply(fleet.now(), {a, b});
    CHECK(fleet.is("a", WorkerState::starting, Reason::first_beat_awaited));
    CHECK(fleet.is("b", WorkerState::stopped, Reason::operator_stop));
}

TEST_CASE("a removed account is stopped, and then leaves; one that comes back runs again") {
    BenchFleet fleet;
    fleet.with({plan("a"), plan("b")});
    fleet.up("a");
    fleet.up("b");
    fleet->apply(fleet.now(), {plan("b")});
    CHECK(fleet.is("a", WorkerState::stopping, Reason::account_removed));
    CHECK(fleet.done(ActionKind::forget).empty());
    fleet.exits("a", ExitStatus::exited(0));
    CHECK(fleet.done(ActionKind::forget) == Names{"a"});
    CHECK_FALSE(fleet->knows(id("a")));
    fleet->apply(fleet.now(), {plan("a"), plan("b")});
    CHECK(fleet.is("a", WorkerState::starting, Reason::first_beat_awaited));
    fleet->apply(fleet.now(), {plan("b")});
    fleet->apply(fleet.now(), {plan("a"), plan("b")});
    fleet.done(ActionKind::launch);
    fleet.exits("a", ExitStatus::exited(0));
    CHECK(fleet.done(ActionKind::launch) == Names{"a"});
}

TEST_CASE(
    "an account that waited for a lock when it was disabled is tried again when it is enabled") {
    BenchFleet fleet;
    auto a = plan("a");
    fleet.with({a});
    fleet->launch_failed(fleet.now(), id("a"), fleet.launch("a"),
                         LaunchFailure::broker_account_held, "");
    REQUIRE(fleet.is("a", WorkerState::waiting, Reason::broker_account_held));
    a.enabled = false;
    fleet->apply(fleet.now(), {a});
    REQUIRE(fleet.is("a", WorkerState::stopped, Reason::account_disabled));
    a.enabled = true;
    fleet->apply(fleet.now(), {a});
    fleet.pass(0s);
    CHECK(fleet.is("a", WorkerState::starting, Reason::first_beat_awaited));
}

TEST_CASE("an account is stopped when it is disabled, and started when it is enabled") {
    BenchFleet fleet;
    auto a = plan("a");
    fleet.with({a});
    fleet.up("a");
    a.enabled = false;
    fleet->apply(fleet.now(), {a});
    CHECK(fleet.is("a", WorkerState::stopping, Reason::account_disabled));
    fleet.exits("a", ExitStatus::exited(0));
    CHECK(fleet.is("a", WorkerState::stopped, Reason::account_disabled));
    a.enabled = true;
    fleet->apply(fleet.now(), {a});
    CHECK(fleet.is("a", WorkerState::starting, Reason::first_beat_awaited));
}

TEST_SUITE("critical") {
    TEST_CASE("an adopted worker runs on at its hello, under its own launch and fence") {
        BenchFleet fleet;
        fleet->apply(fleet.now(), {plan("a")});
        fleet->adopted(fleet.now(), id("a"), found(41, 7000, fleet.now()));
        fleet->begin(fleet.now());
        CHECK(fleet.is("a", WorkerState::starting, Reason::adoption_awaited));
        CHECK(fleet.view("a").until == fleet.now().utc + 10s);
        fleet->hello(fleet.now(), id("a"), LaunchNumber{41}, true);
        CHECK(fleet.is("a", WorkerState::running, Reason::none));
        CHECK(fleet.view("a").pid == 100);
        CHECK(fleet.view("a").restarts == 0);
        CHECK(fleet.done(ActionKind::launch).empty());
        CHECK(fleet.done(ActionKind::terminate).empty());
        fleet.exits("a", ExitStatus::lost());
        CHECK(fleet.view("a").launch == LaunchNumber{42});
        CHECK(fleet.view("a").fence > Fence{7000});
    }

    TEST_CASE("an adopted worker whose hello never comes is treated as hung") {
        BenchFleet fleet;
        fleet->apply(fleet.now(), {plan("a")});
        fleet->adopted(fleet.now(), id("a"), found(1, 1, fleet.now()));
        fleet->begin(fleet.now());
        fleet.pass(10s);
        CHECK(fleet.is("a", WorkerState::stopping, Reason::hung_silent));
        fleet.pass(2s);
        CHECK(fleet.done(ActionKind::kill) == Names{"a"});
    }

    TEST_CASE("an adopted program without heartbeat runs at once") {
        BenchFleet fleet;
        auto foreign = plan("a");
        foreign.heartbeat = HeartbeatKind::none;
        fleet->apply(fleet.now(), {foreign});
        fleet->adopted(fleet.now(), id("a"), found(1, 1, fleet.now()));
        fleet->begin(fleet.now());
        CHECK(fleet.is("a", WorkerState::running, Reason::none));
    }

    TEST_CASE("a worker that died while there was no daemon is a death, and is started again") {
        BenchFleet fleet;
        fleet->apply(fleet.now(), {plan("a")});
        fleet->lost(fleet.now(), id("a"), found(1, 1, fleet.now()), ExitStatus::lost());
        fleet->begin(fleet.now());
        CHECK(fleet.done(ActionKind::sweep) == Names{"a"});
        CHECK(fleet.done(ActionKind::launch).empty());
        CHECK(fleet.view("a").deaths.back().reason == Reason::lost_while_unsupervised);
        CHECK(fleet.view("a").budget_used == 1);
        fleet->tree_gone(fleet.now(), id("a"), LaunchNumber{1});
        CHECK(fleet.done(ActionKind::launch) == Names{"a"});
    }

    TEST_CASE("an operator's stop holds although the daemon dies, and so does a fatal state") {
        BenchFleet before;
        before.with({plan("a"), plan("b")});
        before.up("a");
        before.up("b");
        (void)before->stop(before.now(), id("a"));
        before.exits("b", ExitStatus::exited(64));

        BenchFleet fleet;
        for (const char* name : {"a", "b"})
            fleet->restore(fleet.now(), id(name), *before->saved(before.now(), id(name)));
        fleet->apply(fleet.now(), {plan("a"), plan("b")});
        fleet->adopted(fleet.now(), id("a"), found(1, 1, fleet.now()));
        fleet->begin(fleet.now());
        CHECK(fleet.is("a", WorkerState::stopping, Reason::operator_stop));
        fleet.exits("a", ExitStatus::exited(0));
        CHECK(fleet.is("a", WorkerState::stopped, Reason::operator_stop));
        CHECK(fleet.is("b", WorkerState::fatal, Reason::refused_usage));
        CHECK(fleet.done(ActionKind::launch).empty());
    }

    TEST_CASE("a restart that the daemon did not live to finish ends in a new launch") {
        BenchFleet before;
        auto job = plan("a");
        job.restart.rule = RestartRule::unexpected;
        before.with({job});
        before.up("a");
        (void)before->restart(before.now(), id("a"));
        const auto kept = *before->saved(before.now(), id("a"));

        BenchFleet fleet;
        fleet->restore(fleet.now(), id("a"), kept);
        fleet->apply(fleet.now(), {job});
        fleet->adopted(fleet.now(), id("a"), found(1, 1, fleet.now()));
        fleet->begin(fleet.now());
        CHECK(fleet.is("a", WorkerState::stopping, Reason::restart_requested));
        fleet.exits("a", ExitStatus::exited(0));
        CHECK(fleet.is("a", WorkerState::starting, Reason::first_beat_awaited));

        BenchFleet later;
        later->restore(later.now(), id("a"), kept);
        later->apply(later.now(), {job});
        later->lost(later.now(), id("a"), found(1, 1, later.now()), ExitStatus::exited(0));
        later->begin(later.now());
        CHECK(later.view("a").wanted);
        CHECK_FALSE(later.view("a").exited);
    }

    TEST_CASE("a restart that was finished before the daemon died is not made again") {
        BenchFleet before;
        before.with({plan("a")});
        before.up("a");
        const LaunchNumber first = before.launch("a");
        (void)before->restart(before.now(), id("a"));
        const auto kept = *before->saved(before.now(), id("a"));
        CHECK(kept.settled == first);

        BenchFleet fleet;
        fleet->restore(fleet.now(), id("a"), kept);
        fleet->apply(fleet.now(), {plan("a")});
        fleet->adopted(fleet.now(), id("a"), found(first.value + 1, 2, fleet.now()));
        fleet->begin(fleet.now());
        CHECK(fleet.done(ActionKind::terminate).empty());
        CHECK(fleet.is("a", WorkerState::starting, Reason::adoption_awaited));
    }

    TEST_CASE("a death that the earlier daemon had counted is not counted again") {
        BenchFleet before;
        before.with({plan("a")});
        before.up("a");
        before.exits("a", ExitStatus::exited(1), false);
        BenchFleet fleet;
        fleet->restore(fleet.now(), id("a"), *before->saved(before.now(), id("a")));
        fleet->apply(fleet.now(), {plan("a")});
        fleet->lost(fleet.now(), id("a"), found(1, 1, fleet.now()), ExitStatus::lost());
        fleet->begin(fleet.now());
        CHECK(fleet.view("a").budget_used == 1);
        fleet->tree_gone(fleet.now(), id("a"), LaunchNumber{1});
        CHECK(fleet.done(ActionKind::launch) == Names{"a"});
    }

    TEST_CASE("a worker whose file is gone is stopped in order, and a second one is killed") {
        BenchFleet fleet;
        fleet->apply(fleet.now(), {plan("a")});
        fleet->adopted(fleet.now(), id("gone"), found(1, 1, fleet.now()));
        fleet->adopted(fleet.now(), id("a"), found(2, 2, fleet.now()));
        fleet->adopted(fleet.now(), id("a"), found(3, 3, fleet.now()));
        fleet->begin(fleet.now());
        CHECK(fleet.last(ActionKind::kill, "a")->launch == LaunchNumber{3});
        CHECK(fleet.is("gone", WorkerState::stopping, Reason::account_removed));
        CHECK(fleet.view("a").launch == LaunchNumber{2});
        fleet.exits("gone", ExitStatus::exited(0));
        CHECK_FALSE(fleet->knows(id("gone")));
    }
}

TEST_CASE("a back-off goes on where the earlier daemon left it") {
    BenchFleet before;
    before.with({plan("a")});
    for (int i = 0; i < 5; ++i) {
        before.up("a");
        before.exits("a", ExitStatus::exited(1));
        if (i < 4)
            before.pass(20s);
    }
    CHECK(before.is("a", WorkerState::backoff, Reason::crashed));
    const auto until = before.view("a").until;
    BenchFleet fleet;
    fleet.clock().set_utc(before.now().utc);
    fleet->restore(fleet.now(), id("a"), *before->saved(before.now(), id("a")));
    fleet->apply(fleet.now(), {plan("a")});
    fleet->begin(fleet.now());
    CHECK(fleet.is("a", WorkerState::backoff, Reason::crashed));
    CHECK(fleet.view("a").until == until);
    CHECK(fleet.view("a").budget_used == 5);
}

TEST_CASE("what was saved of an account that is no more is dropped") {
    BenchFleet fleet;
    fleet->restore(fleet.now(), id("gone"), {});
    fleet.with({plan("a")});
    CHECK(fleet.done(ActionKind::forget) == Names{"gone"});
}

TEST_CASE("a shutdown stops first what started last, each by its own policy") {
    BenchFleet fleet;
    auto first = plan("first");
    first.priority = 1;
    auto patient = plan("patient");
    patient.stop_wait = 1min;
    fleet.with({first, patient, plan("other"), plan("idle")});
    for (const char* name : {"first", "patient", "other"})
        fleet.up(name);
    fleet.up("idle", false);
    fleet.exits("idle", ExitStatus::exited(1));
    fleet.forget();
    fleet->shutdown(fleet.now(), false);
    CHECK(fleet.done(ActionKind::terminate) == Names{"patient", "other"});
    CHECK(fleet.is("idle", WorkerState::stopped, Reason::daemon_shutdown));
    CHECK(fleet.is("first", WorkerState::running, Reason::none));
    CHECK(fleet->start(fleet.now(), id("idle")) == Verdict::shutting_down);
    fleet.pass(4s);
    fleet.beat("first");
    fleet.exits("other", ExitStatus::exited(0));
    CHECK(fleet.done(ActionKind::terminate).empty());
    fleet.exits("patient", ExitStatus::exited(0));
    CHECK(fleet.done(ActionKind::terminate) == Names{"first"});
    CHECK(fleet.done(ActionKind::all_stopped).empty());
    fleet.exits("first", ExitStatus::exited(0));
    CHECK(fleet.done(ActionKind::all_stopped) == Names{""});
    CHECK_FALSE(fleet->next_deadline());
    CHECK(fleet->saved(fleet.now(), id("first"))->wanted);
}

TEST_CASE("a worker that dies during the shutdown is not started again") {
    BenchFleet fleet;
    auto first = plan("first");
    first.priority = 1;
    fleet.with({first, plan("last")});
    fleet.up("first");
    fleet.up("last");
    fleet->shutdown(fleet.now(), false);
    fleet.forget();
    fleet.exits("first", ExitStatus::signaled(9));
    fleet.exits("last", ExitStatus::exited(0));
    CHECK(fleet.done(ActionKind::launch).empty());
    CHECK(fleet.done(ActionKind::all_stopped) == Names{""});
}

TEST_CASE("a shutdown that keeps the workers touches none") {
    BenchFleet fleet;
    fleet.with({plan("a")});
    fleet.up("a");
    fleet.forget();
    fleet->shutdown(fleet.now(), true);
    CHECK(fleet.done(ActionKind::all_stopped) == Names{""});
    CHECK(fleet.done(ActionKind::terminate).empty());
    CHECK(fleet.is("a", WorkerState::running, Reason::none));
}

TEST_CASE("a rolling restart takes one at a time, and only when it is flat") {
    BenchFleet fleet;
    auto mute = plan("mute");
    mute.heartbeat = HeartbeatKind::none;
    // Beats are nothing to this.
    auto a = plan("a");
    auto b = plan("b");
    for (auto* one : {&a, &b})
        one->late_after = one->dead_after = 1h;
    fleet.with({a, b, mute, plan("idle")});
    for (const char* name : {"a", "b", "mute", "idle"})
        fleet.up(name);
    fleet->position(fleet.now(), id("a"), fleet.launch("a"), false);
    fleet->position(fleet.now(), id("b"), fleet.launch("b"), true);
    CHECK(fleet->stop(fleet.now(), id("idle")) == Verdict::accepted);
    fleet.forget();
    CHECK(fleet->rolling_restart(fleet.now(), {id("mute"), id("a"), id("b"), id("idle"),
                                               id("nobody")}) == Verdict::accepted);
    CHECK(fleet.last(ActionKind::rolled, "mute")->rolled == Rolled::left_out);
    CHECK(fleet.last(ActionKind::rolled, "nobody")->rolled == Rolled::left_out);
    CHECK(fleet->rolling_restart(fleet.now(), {id("a")}) == Verdict::already);
    CHECK(fleet.done(ActionKind::terminate) == Names{"b"});
    CHECK(fleet.done(ActionKind::alarm) == Names{"mute"});
    fleet->position(fleet.now(), id("a"), fleet.launch("a"), true);
    CHECK(fleet.done(ActionKind::terminate).empty());
    fleet.exits("b", ExitStatus::exited(0));
    CHECK(fleet.done(ActionKind::terminate).empty());
    CHECK_FALSE(fleet.last(ActionKind::rolled, "b"));
    fleet.up("b");
    // Not before it has stayed up.
    fleet.pass(k_roll_stay - 1ms);
    CHECK_FALSE(fleet.last(ActionKind::rolled, "b"));
    CHECK(fleet.done(ActionKind::terminate).empty());
    fleet.pass(1ms);
    CHECK(fleet.last(ActionKind::rolled, "b")->rolled == Rolled::restarted);
    CHECK(fleet.done(ActionKind::terminate) == Names{"a"});
    fleet.exits("a", ExitStatus::exited(0));
    fleet.up("a");
    fleet.pass(k_roll_stay);
    CHECK(fleet.last(ActionKind::rolled, "a")->rolled == Rolled::restarted);
    CHECK(fleet.last(ActionKind::rolled, "idle")->rolled == Rolled::unchanged);
    CHECK(fleet.done(ActionKind::roll_ended) == Names{""});
    CHECK_FALSE(fleet->rolling());
}

TEST_CASE("a program that dies as soon as it is up is not rolled onto the next account") {
    BenchFleet fleet;
    begin_roll(fleet);
    fleet.up("a");
    fleet.pass(1500ms);
    fleet.exits("a", ExitStatus::signaled(11));
    CHECK(fleet.last(ActionKind::rolled, "a")->rolled == Rolled::not_back);
    CHECK(fleet.last(ActionKind::rolled, "b")->rolled == Rolled::not_reached);
    CHECK(fleet.is("b", WorkerState::running, Reason::none));
}

TEST_CASE("a rolling restart is given up when an account does not come back") {
    BenchFleet fleet;
    begin_roll(fleet);
    fleet.up("a", false);
    fleet.forget();
    fleet.exits("a", ExitStatus::signaled(11));
    CHECK(fleet.last(ActionKind::rolled, "a")->rolled == Rolled::not_back);
    CHECK(fleet.last(ActionKind::rolled, "b")->rolled == Rolled::not_reached);
    CHECK(fleet.done(ActionKind::roll_ended) == Names{""});
    CHECK_FALSE(fleet.done(ActionKind::alarm).empty());
    CHECK(fleet.is("b", WorkerState::running, Reason::none));
}

TEST_CASE("no launch is made without a durable fence, and the reservation is asked for again") {
    Fleet fleet(FleetSettings(), lease::FenceAllocator(Fence{9}, Fence{}), LaunchNumber{5}, 1);
    FakeClock clock;
    fleet.apply(clock.now(), {plan("a")});
    fleet.begin(clock.now());
    const auto asked = [&] {
        Fence upto;
        while (const auto action = fleet.next_action()) {
            CHECK(action->kind != ActionKind::launch);
            if (action->kind == ActionKind::reserve_fences)
                upto = action->fence;
        }
        return upto;
    };
    const Fence upto = asked();
    CHECK(upto.value == 9 + lease::FenceAllocator::k_block);
    clock.advance(*fleet.next_deadline() - clock.mono());
    fleet.tick(clock.now());
    CHECK(asked() == upto);
    fleet.fences_reserved(clock.now(), upto);
    CHECK(fleet.view(clock.now(), id("a"))->fence == Fence{9});
    CHECK(fleet.view(clock.now(), id("a"))->launch == LaunchNumber{6});
}

TEST_CASE("one `changed` stands for many until it is taken") {
    BenchFleet fleet;
    fleet.with({plan("a")});
    fleet.up("a");
    fleet.forget();
    const LaunchNumber launch = fleet.launch("a");
    for (int i = 0; i < 10; ++i)
        fleet->position(fleet.now(), id("a"), launch, i % 2 == 0);
    CHECK(fleet.done(ActionKind::changed) == Names{"a"});
    CHECK(fleet.done(ActionKind::save) == Names{"a"});
}

TEST_CASE("a rolling restart waits for rest, which an open position may be and flat need not be") {
    BenchFleet fleet;
    fleet.with({plan("a"), plan("b"), plan("c")});
    for (const char* name : {"a", "b", "c"})
        fleet.up(name);
    fleet->position(fleet.now(), id("a"), fleet.launch("a"), false, true);
    fleet->position(fleet.now(), id("b"), fleet.launch("b"), true, false);
    fleet->position(fleet.now(), id("c"), fleet.launch("c"), false, false);
    fleet.forget();
    CHECK(fleet->rolling_restart(fleet.now(), {id("a"), id("b"), id("c")}) == Verdict::accepted);
    CHECK(fleet.done(ActionKind::terminate) == Names{"a"});
    // What it held is still held: it counts as open when it dies.
    CHECK(fleet->view(fleet.now(), id("a"))->flat == false);
    fleet->position(fleet.now(), id("b"), fleet.launch("b"), true, true);
    CHECK(fleet.done(ActionKind::terminate).empty());
}
