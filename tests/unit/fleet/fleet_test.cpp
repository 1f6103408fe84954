// Starting, gates, silence, deaths and stops of single accounts.
#include "supervisor/fleet/fleet.hpp"

#include <doctest/doctest.h>

#include "bench_fleet.hpp"

namespace {

using namespace bullpen;
using namespace bullpen::fleet;
using namespace std::chrono_literals;
using model::Reason;
using model::WorkerState;

const auto k_crash = ExitStatus::exited(1);

}  // namespace

TEST_CASE("accounts start in the order of their priority, all in one turn") {
    BenchFleet fleet;
    auto late = plan("a");
    late.priority = 200;
    auto early = plan("z");
    early.priority = 1;
    fleet.with({late, plan("c"), plan("b"), early});
    CHECK(fleet.done(ActionKind::launch) == Names{"z", "b", "c", "a"});
    CHECK(fleet.is("a", WorkerState::starting, Reason::first_beat_awaited));
    CHECK(fleet.view("a").until == fleet.now().utc + 30s);
}

TEST_CASE("nothing is launched before the fleet begins") {
    BenchFleet fleet;
    fleet->apply(fleet.now(), {plan("a")});
    CHECK(fleet.done(ActionKind::launch).empty());
    CHECK(fleet.is("a", WorkerState::waiting, Reason::start_queue));
    fleet->begin(fleet.now());
    CHECK(fleet.done(ActionKind::launch) == Names{"a"});
}

TEST_CASE("starts are staggered, and no more at once than allowed") {
    FleetSettings settings;
    settings.start_stagger = 100ms;
    settings.starts_at_once_max = 2;
    BenchFleet fleet(settings);
    fleet.with({plan("a"), plan("b"), plan("c")});
    CHECK(fleet.done(ActionKind::launch) == Names{"a"});
    fleet.pass(100ms);
    CHECK(fleet.done(ActionKind::launch) == Names{"b"});
    fleet.pass(1s);
    CHECK(fleet.done(ActionKind::launch).empty());
    CHECK(fleet.is("c", WorkerState::waiting, Reason::start_queue));
    fleet.up("a");
    CHECK(fleet.done(ActionKind::launch) == Names{"c"});
}

TEST_CASE("with staggered starts an account that dies at once keeps none behind it from starting") {
    FleetSettings settings;
    settings.start_stagger = 3s;
    BenchFleet fleet(settings);
    const Names all{"a", "b", "c", "d"};
    std::vector<AccountPlan> plans;
    for (const auto& name : all) {
        auto one = plan(name);
        one.restart.delay = 100ms;
        one.restart.budget = 0;
        plans.push_back(one);
    }
    fleet.with(plans);
    Names started;
    // Whoever starts dies at once, and would be due again long before the next start.
    for (int turn = 0; turn < 8; ++turn) {
        for (const auto& name : fleet.done(ActionKind::launch)) {
            started.push_back(name);
            fleet.up(name, false);
            fleet.exits(name, k_crash);
        }
        fleet.forget();
        fleet.pass(3s);
    }
    REQUIRE(started.size() >= 8);
    CHECK(Names(started.begin(), started.begin() + 4) == all);
    // And then they take turns.
    CHECK(Names(started.begin() + 4, started.begin() + 8) == all);
}

TEST_CASE("a program without heartbeat is running once it has stayed up") {
    BenchFleet fleet;
    auto foreign = plan("f");
    foreign.heartbeat = HeartbeatKind::none;
    foreign.started_after = 1s;
    fleet.with({foreign});
    fleet.up("f", false);
    CHECK(fleet.is("f", WorkerState::starting, Reason::first_beat_awaited));
    fleet.pass(999ms);
    CHECK(fleet.is("f", WorkerState::starting, Reason::first_beat_awaited));
    fleet.pass(1ms);
    CHECK(fleet.is("f", WorkerState::running, Reason::none));
    fleet.exits("f", ExitStatus::exited(1));
    fleet.pass(0s);
    fleet.up("f", false);
    fleet.pass(300ms);
    fleet.exits("f", ExitStatus::exited(1));
    CHECK(fleet.is("f", WorkerState::backoff, Reason::crashed));
}

TEST_CASE("a worker is running when it says so, and a program without heartbeat when it executes") {
    BenchFleet fleet;
    auto foreign = plan("f");
    foreign.heartbeat = HeartbeatKind::none;
    fleet.with({plan("a"), foreign});
    fleet.up("a", false);
    CHECK(fleet.is("a", WorkerState::starting, Reason::first_beat_awaited));
    fleet.up("f", false);
    CHECK(fleet.is("f", WorkerState::running, Reason::none));
    fleet.pass(24h);
    CHECK(fleet.is("f", WorkerState::running, Reason::none));
}

TEST_CASE("a worker that is not ready in time is ended and tried again") {
    BenchFleet fleet;
    fleet.with({plan("a")});
    fleet.up("a", false);
    fleet.pass(30s);
    CHECK(fleet.is("a", WorkerState::stopping, Reason::start_timeout));
    CHECK(fleet.done(ActionKind::terminate) == Names{"a"});
    fleet.pass(2s);
    CHECK(fleet.done(ActionKind::kill) == Names{"a"});
    fleet.exits("a", ExitStatus::signaled(9));
    CHECK(fleet.is("a", WorkerState::backoff, Reason::start_timeout));
    CHECK(fleet.view("a").until == fleet.now().utc + 1s);
    fleet.pass(1s);
    CHECK(fleet.is("a", WorkerState::starting, Reason::first_beat_awaited));
    CHECK(fleet.view("a").restarts == 1);
}

TEST_CASE("silence makes late, then lost: told first, then killed, then started again") {
    BenchFleet fleet;
    fleet.with({plan("a")});
    fleet.up("a");
    for (int i = 0; i < 100; ++i) {
        fleet.pass(1s);
        fleet.beat("a");
    }
    fleet.pass(2s);
    CHECK(fleet.is("a", WorkerState::late, Reason::beats_missed));
    CHECK(fleet.view("a").until == fleet.now().utc + 3s);
    fleet.beat("a");
    CHECK(fleet.is("a", WorkerState::running, Reason::none));
    fleet.pass(5s);
    CHECK(fleet.is("a", WorkerState::stopping, Reason::hung_silent));
    CHECK(fleet.done(ActionKind::terminate) == Names{"a"});
    CHECK(fleet.done(ActionKind::kill).empty());
    fleet.pass(2s);
    CHECK(fleet.is("a", WorkerState::killing, Reason::hung_silent));
    CHECK(fleet.done(ActionKind::kill) == Names{"a"});
    fleet.pass(5s);
    CHECK(fleet.done(ActionKind::kill) == Names{"a"});
    fleet.done(ActionKind::launch);
    fleet.exits("a", ExitStatus::signaled(9));
    CHECK(fleet.done(ActionKind::bundle) == Names{"a"});
    CHECK(fleet.done(ActionKind::launch) == Names{"a"});
    CHECK(fleet.view("a").deaths.back().reason == Reason::hung_silent);
}

TEST_CASE(
    "a daemon that did not listen condemns nobody until it has listened for a full interval") {
    BenchFleet fleet;
    fleet.with({plan("a"), plan("b")});
    fleet.up("a");
    fleet.up("b", false);
    fleet.clock().advance(1h);
    fleet->loop_gap(fleet.now(), 1h);
    fleet->tick(fleet.now());
    CHECK(fleet.is("a", WorkerState::running, Reason::none));
    CHECK(fleet.is("b", WorkerState::starting, Reason::first_beat_awaited));
    fleet->obligation_overdue(fleet.now(), id("a"), fleet.launch("a"), "bar");
    CHECK(fleet.is("a", WorkerState::running, Reason::none));
    fleet.pass(4s);
    CHECK(fleet.done(ActionKind::terminate).empty());
    fleet.pass(1s);
    CHECK(fleet.done(ActionKind::terminate) == Names{"a", "b"});
}

TEST_CASE("a duty overdue is a hang, and too much memory is an orderly end") {
    BenchFleet fleet;
    fleet.with({plan("a"), plan("b"), plan("c")});
    for (const char* name : {"a", "b", "c"})
        fleet.up(name);
    fleet.pass(1s);
    for (const char* name : {"a", "b", "c"})
        fleet.beat(name);
    fleet.pass(1900ms);
    fleet.beat("a");
    fleet.pass(2s);
    fleet.pass(200ms);
    fleet->obligation_overdue(fleet.now(), id("a"), fleet.launch("a"), "bar");
    fleet->over_limit(fleet.now(), id("b"), fleet.launch("b"), Reason::memory_limit);
    fleet->protocol_refused(fleet.now(), id("c"), fleet.launch("c"));
    CHECK(fleet.is("a", WorkerState::stopping, Reason::hung_obligation));
    CHECK(fleet.view("a").detail == "overdue: bar");
    CHECK(fleet.view("a").until == fleet.now().utc + 2s);
    CHECK(fleet.is("b", WorkerState::stopping, Reason::memory_limit));
    CHECK(fleet.view("b").until == fleet.now().utc + 10s);
    CHECK(fleet.is("c", WorkerState::stopping, Reason::protocol_refused));
    fleet.exits("b", ExitStatus::exited(0));
    CHECK(fleet.view("b").deaths.back().reason == Reason::memory_limit);
}

TEST_CASE("after a stable run the successor is launched as soon as the tree is gone, not before") {
    BenchFleet fleet;
    auto quiet = plan("a");
    quiet.heartbeat = HeartbeatKind::none;
    fleet.with({quiet});
    fleet.up("a");
    fleet.pass(30s);
    const LaunchNumber first = fleet.launch("a");
    const Fence fence = fleet.view("a").fence;
    fleet.done(ActionKind::launch);
    fleet->exited(fleet.now(), id("a"), first, ExitStatus::signaled(9));
    CHECK(fleet.done(ActionKind::sweep) == Names{"a"});
    CHECK(fleet.done(ActionKind::launch).empty());
    CHECK(fleet.view("a").leftovers);
    fleet.pass(1s);
    CHECK(fleet.done(ActionKind::sweep) == Names{"a"});
    CHECK(fleet.done(ActionKind::alarm) == Names{"a"});
    fleet->tree_gone(fleet.now(), id("a"), first);
    CHECK(fleet.done(ActionKind::launch) == Names{"a"});
    CHECK(fleet.view("a").fence > fence);
}

TEST_CASE("more deaths than the budget allows are fatal, until an operator clears or starts") {
    BenchFleet fleet;
    auto frail = plan("a");
    frail.restart.budget = 2;
    fleet.with({frail});
    for (int i = 0; i < 3; ++i) {
        fleet.up("a");
        fleet.exits("a", k_crash);
        if (i < 2)
            fleet.pass(10s);
    }
    CHECK(fleet.is("a", WorkerState::fatal, Reason::restart_budget_spent));
    CHECK(fleet.view("a").budget_used == 3);
    CHECK_FALSE(fleet.done(ActionKind::alarm).empty());
    fleet.pass(24h);
    CHECK(fleet.is("a", WorkerState::fatal, Reason::restart_budget_spent));
    CHECK(fleet->clear(fleet.now(), id("a")) == Verdict::accepted);
    CHECK(fleet.is("a", WorkerState::stopped, Reason::operator_stop));
    CHECK(fleet->clear(fleet.now(), id("a")) == Verdict::not_fatal);
    CHECK(fleet->start(fleet.now(), id("a")) == Verdict::accepted);
    CHECK(fleet.is("a", WorkerState::starting, Reason::first_beat_awaited));
    CHECK(fleet.view("a").budget_used == 0);
}

TEST_CASE("what a worker's exit code says is done") {
    const auto after = [](int code, RestartRule rule) {
        BenchFleet fleet;
        auto made = plan("a");
        made.restart.rule = rule;
        fleet.with({made});
        fleet.up("a");
        fleet.exits("a", ExitStatus::exited(code));
        return fleet.view("a");
    };
    CHECK(after(64, RestartRule::always).reason == Reason::refused_usage);
    CHECK(after(78, RestartRule::always).state == WorkerState::fatal);
    CHECK(after(75, RestartRule::always).state == WorkerState::backoff);
    CHECK(after(0, RestartRule::always).reason == Reason::exited_unexpectedly);
    CHECK(after(0, RestartRule::unexpected).state == WorkerState::stopped);
    CHECK(after(0, RestartRule::unexpected).exited);
    CHECK(after(1, RestartRule::never).reason == Reason::never_restart);
    const auto held = after(77, RestartRule::always);
    CHECK(held.state == WorkerState::waiting);
    CHECK(held.reason == Reason::lock_held);
    CHECK(held.budget_used == 0);
    CHECK(held.until);
}

TEST_CASE("an account that ended by itself stays so until an operator starts it") {
    BenchFleet fleet;
    auto job = plan("a");
    job.restart.rule = RestartRule::unexpected;
    fleet.with({job});
    fleet.up("a");
    fleet.exits("a", ExitStatus::exited(0));
    CHECK(fleet.is("a", WorkerState::stopped, Reason::exited_clean));
    fleet->apply(fleet.now(), {job});
    fleet.pass(1h);
    CHECK(fleet.is("a", WorkerState::stopped, Reason::exited_clean));
    CHECK(fleet->saved(fleet.now(), id("a"))->exited);
    CHECK(fleet->start(fleet.now(), id("a")) == Verdict::accepted);
    CHECK(fleet.is("a", WorkerState::starting, Reason::first_beat_awaited));
}

TEST_CASE("a held lock is tried again, less and less often, and at once when it is free") {
    BenchFleet fleet;
    fleet.with({plan("a")});
    for (const auto wait : {1s, 2s, 4s, 8s, 15s, 15s}) {
        fleet->launch_failed(fleet.now(), id("a"), fleet.launch("a"), LaunchFailure::lock_held,
                             "pid 7 holds it");
        CHECK(fleet.is("a", WorkerState::waiting, Reason::lock_held));
        CHECK(fleet.view("a").detail == "pid 7 holds it");
        CHECK(fleet.view("a").until == fleet.now().utc + wait);
        fleet.pass(wait);
        CHECK(fleet.is("a", WorkerState::starting, Reason::first_beat_awaited));
    }
    fleet->launch_failed(fleet.now(), id("a"), fleet.launch("a"),
                         LaunchFailure::broker_account_held, "");
    CHECK(fleet.is("a", WorkerState::waiting, Reason::broker_account_held));
    fleet->lock_free(fleet.now(), id("a"));
    CHECK(fleet.is("a", WorkerState::starting, Reason::first_beat_awaited));
}

TEST_CASE("a launch that fails otherwise is retried, or is fatal") {
    BenchFleet fleet;
    fleet.with({plan("a"), plan("b"), plan("c")});
    fleet->launch_failed(fleet.now(), id("a"), fleet.launch("a"), LaunchFailure::transient, "fork");
    CHECK(fleet.is("a", WorkerState::backoff, Reason::launch_failed));
    fleet->launch_failed(fleet.now(), id("b"), fleet.launch("b"), LaunchFailure::missing_program,
                         "no such file");
    CHECK(fleet.is("b", WorkerState::fatal, Reason::program_missing));
    fleet->launch_failed(fleet.now(), id("c"), fleet.launch("c"), LaunchFailure::disk_full, "");
    CHECK(fleet.is("c", WorkerState::waiting, Reason::disk_full));
    CHECK(fleet.done(ActionKind::sweep).empty());
    fleet.pass(5s);
    CHECK(fleet.is("c", WorkerState::starting, Reason::first_beat_awaited));
}

TEST_CASE("a shut gate keeps an account waiting with its reason, and touches none that runs") {
    BenchFleet fleet;
    fleet->gate(fleet.now(), id("a"), Reason::token_missing, true, "no token since noon");
    auto broken = plan("x");
    broken.valid = false;
    fleet.with({plan("a"), plan("b"), broken});
    CHECK(fleet.done(ActionKind::launch) == Names{"b"});
    CHECK(fleet.is("a", WorkerState::waiting, Reason::token_missing));
    CHECK(fleet.view("a").detail == "no token since noon");
    CHECK(fleet.is("x", WorkerState::waiting, Reason::settings_invalid));
    fleet->gate(fleet.now(), id("a"), Reason::token_missing, false);
    CHECK(fleet.done(ActionKind::launch) == Names{"a"});
    fleet.up("b");
    fleet->home_gate(fleet.now(), Reason::disk_full, true);
    CHECK(fleet.is("b", WorkerState::running, Reason::none));
    fleet.exits("b", k_crash);
    fleet.pass(1s);
    CHECK(fleet.is("b", WorkerState::waiting, Reason::disk_full));
    fleet->home_gate(fleet.now(), Reason::disk_full, false);
    CHECK(fleet.is("b", WorkerState::starting, Reason::first_beat_awaited));
}

TEST_CASE("one that ended to wait says the gate that is shut, and starts when it opens") {
    BenchFleet fleet;
    fleet.with({plan("a")});
    fleet.up("a");
    fleet.exits("a", ExitStatus::exited(77));
    CHECK(fleet.is("a", WorkerState::waiting, Reason::lock_held));
    fleet->gate(fleet.now(), id("a"), Reason::token_missing, true, "its token ended");
    CHECK(fleet.is("a", WorkerState::waiting, Reason::token_missing));
    CHECK(fleet.view("a").detail == "its token ended");
    fleet.pass(1h);
    CHECK(fleet.is("a", WorkerState::waiting, Reason::token_missing));
    fleet->gate(fleet.now(), id("a"), Reason::token_missing, false);
    CHECK(fleet.is("a", WorkerState::starting, Reason::first_beat_awaited));
    CHECK(fleet.view("a").deaths.empty());
}

TEST_CASE("many deaths at once stop all starts until the storm has passed") {
    FleetSettings settings;
    settings.storm_deaths_max = 2;
    BenchFleet fleet(settings);
    fleet.with({plan("a"), plan("b"), plan("c")});
    for (const char* name : {"a", "b", "c"})
        fleet.up(name);
    fleet.forget();
    fleet.exits("a", k_crash);
    fleet.exits("b", k_crash);
    CHECK(fleet.done(ActionKind::alarm) == Names{""});
    fleet.pass(1s);
    CHECK(fleet.is("a", WorkerState::waiting, Reason::storm_limit));
    CHECK(fleet.view("a").until == fleet.now().utc + 59s);
    CHECK(fleet.done(ActionKind::launch).empty());
    CHECK(fleet.view("c").wanted);
    fleet.pass(59s);
    CHECK(fleet.done(ActionKind::launch) == Names{"a", "b"});
}

TEST_CASE("a restart waits for no back-off and costs no budget, from whatever state") {
    BenchFleet fleet;
    fleet.with({plan("a"), plan("b")});
    fleet.up("a");
    fleet.up("b");
    fleet.exits("b", k_crash);
    CHECK(fleet.is("b", WorkerState::backoff, Reason::crashed));
    fleet.done(ActionKind::launch);
    CHECK(fleet->restart(fleet.now(), id("b")) == Verdict::accepted);
    CHECK(fleet.done(ActionKind::launch) == Names{"b"});
    CHECK(fleet->restart(fleet.now(), id("a")) == Verdict::accepted);
    CHECK(fleet.is("a", WorkerState::stopping, Reason::restart_requested));
    fleet.exits("a", ExitStatus::exited(0));
    CHECK(fleet.done(ActionKind::launch) == Names{"a"});
    CHECK(fleet.view("a").restarts == 1);
    CHECK(fleet.view("a").budget_used == 0);
}

TEST_CASE("what is said of an older launch changes nothing") {
    BenchFleet fleet;
    fleet.with({plan("a")});
    fleet.up("a");
    const LaunchNumber old = fleet.launch("a");
    fleet.pass(1s);
    fleet.exits("a", k_crash);
    fleet.pass(1s);
    fleet.up("a");
    fleet->exited(fleet.now(), id("a"), old, k_crash);
    fleet->tree_gone(fleet.now(), id("a"), old);
    fleet->over_limit(fleet.now(), id("a"), old, Reason::memory_limit);
    fleet.pass(1900ms);
    fleet->traffic(fleet.now(), id("a"), old);
    fleet.pass(100ms);
    CHECK(fleet.is("a", WorkerState::late, Reason::beats_missed));
}

TEST_CASE("commands about unknown and disabled accounts are refused") {
    BenchFleet fleet;
    auto off = plan("off");
    off.enabled = false;
    auto idle = plan("idle");
    idle.autostart = false;
    fleet.with({off, idle});
    CHECK(fleet->start(fleet.now(), id("nobody")) == Verdict::unknown_account);
    CHECK(fleet->stop(fleet.now(), id("nobody")) == Verdict::unknown_account);
    CHECK(fleet->start(fleet.now(), id("off")) == Verdict::disabled);
    CHECK(fleet.is("off", WorkerState::stopped, Reason::account_disabled));
    CHECK(fleet.is("idle", WorkerState::stopped, Reason::not_autostarted));
    CHECK(fleet->start(fleet.now(), id("idle")) == Verdict::accepted);
    CHECK(fleet->start(fleet.now(), id("idle")) == Verdict::already);
}

TEST_CASE("a fatal account with an open position is launched once more to make it safe") {
    BenchFleet fleet;
    auto holder = plan("a");
    holder.recovery = RecoveryPolicy::flatten;
    fleet.with({holder});
    fleet.up("a");
    fleet->position(fleet.now(), id("a"), fleet.launch("a"), false);
    fleet.forget();
    fleet.exits("a", ExitStatus::exited(78));
    const auto launch = fleet.last(ActionKind::launch, "a");
    REQUIRE(launch);
    CHECK(launch->recovery == RecoveryPolicy::flatten);
    CHECK(fleet.is("a", WorkerState::starting, Reason::recovery_launch));
    fleet.up("a");
    CHECK(fleet.is("a", WorkerState::running, Reason::recovery_launch));
    fleet->position(fleet.now(), id("a"), fleet.launch("a"), true);
    fleet.done(ActionKind::launch);
    fleet.exits("a", ExitStatus::exited(0));
    CHECK(fleet.is("a", WorkerState::fatal, Reason::refused_configuration));
    CHECK(fleet.done(ActionKind::launch).empty());
}

TEST_CASE("a fatal account that was disabled and is enabled again has its whole budget") {
    BenchFleet fleet;
    auto often = plan("a");
    often.restart.budget = 2;
    often.restart.window = 1h;
    fleet.with({often});
    const auto die = [&] {
        fleet.up("a");
        fleet.exits("a", ExitStatus::signaled(11));
        fleet.pass(10s);
    };
    for (int deaths = 0; deaths < 3; ++deaths)
        die();
    REQUIRE(fleet.is("a", WorkerState::fatal, Reason::restart_budget_spent));
    auto off = often;
    off.enabled = false;
    fleet->apply(fleet.now(), {off});
    CHECK(fleet.is("a", WorkerState::stopped, Reason::account_disabled));
    fleet->apply(fleet.now(), {often});
    die();
    die();
    CHECK(fleet.view("a").budget_used == 2);
    CHECK(fleet.is("a", WorkerState::starting, Reason::first_beat_awaited));
    die();
    CHECK(fleet.is("a", WorkerState::fatal, Reason::restart_budget_spent));
}

TEST_CASE("settings that change, and a restart, during a recovery make it a start like any other") {
    BenchFleet fleet;
    auto holder = plan("a");
    holder.recovery = RecoveryPolicy::protect;
    fleet.with({holder});
    fleet.up("a");
    fleet->position(fleet.now(), id("a"), fleet.launch("a"), false);
    fleet.exits("a", ExitStatus::exited(78));
    REQUIRE(fleet.is("a", WorkerState::starting, Reason::recovery_launch));
    SUBCASE("settings, while it is starting") {}
    SUBCASE("settings, while it runs") {
        fleet.up("a");
    }
    SUBCASE("settings, while it ends for being hung") {
        fleet.pass(31s);
        REQUIRE(fleet.is("a", WorkerState::stopping, Reason::start_timeout));
    }
    SUBCASE("a restart") {
        fleet.up("a");
        CHECK(fleet->restart(fleet.now(), id("a")) == Verdict::accepted);
    }
    if (fleet.view("a").reason != Reason::restart_requested) {
        holder.fingerprint = 2;
        fleet->apply(fleet.now(), {holder});
    }
    fleet.forget();
    fleet.exits("a", ExitStatus::exited(0));
    fleet.pass(10s);
    const auto launch = fleet.last(ActionKind::launch, "a");
    REQUIRE(launch);
    CHECK(launch->recovery == RecoveryPolicy::none);
    fleet.up("a");
    CHECK(fleet.is("a", WorkerState::running, Reason::none));
    // And if it comes to that again, it is made safe again.
    fleet.forget();
    fleet.exits("a", ExitStatus::exited(78));
    CHECK(fleet.last(ActionKind::launch, "a")->recovery == RecoveryPolicy::protect);
}

TEST_CASE("a recovery that dies is not tried again, and without a policy there is none") {
    BenchFleet fleet;
    auto holder = plan("a");
    holder.recovery = RecoveryPolicy::protect;
    fleet.with({holder, plan("b")});
    for (const char* name : {"a", "b"}) {
        fleet.up(name);
        fleet->position(fleet.now(), id(name), fleet.launch(name), false);
    }
    fleet.forget();
    fleet.exits("a", ExitStatus::exited(64));
    fleet.exits("b", ExitStatus::exited(64));
    CHECK(fleet.done(ActionKind::launch) == Names{"a"});
    CHECK_FALSE(fleet.done(ActionKind::alarm).empty());
    fleet.exits("a", ExitStatus::signaled(11));
    fleet.pass(1h);
    CHECK(fleet.done(ActionKind::launch).empty());
    CHECK(fleet.is("a", WorkerState::fatal, Reason::refused_usage));
    CHECK(fleet.is("b", WorkerState::fatal, Reason::refused_usage));
}
