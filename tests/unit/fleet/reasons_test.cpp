// Every reason for which an account is in the state it is in, brought about in a fleet: the state,
// since when, until when, and that it says what comes next.
#include <doctest/doctest.h>

#include <functional>
#include <memory>
#include <set>

#include "bench_fleet.hpp"
#include "common/model/reason.hpp"

namespace bullpen::fleet {
namespace {

using namespace std::chrono_literals;
using model::Reason;
using model::WorkerState;

// A fleet of one account, whose clock moves on after everything that happened, so that an instant
// names one event.
struct Scene {
    BenchFleet fleet;
    UtcTime event{};  // when that happened which the reason tells of

    explicit Scene(AccountPlan account = plan("a"), FleetSettings settings = {})
        : Scene(settings, std::move(account), [](Fleet&, Instant) {}) {}
    // `found`: what a former daemon left.
    Scene(FleetSettings settings, AccountPlan account,
          const std::function<void(Fleet&, Instant)>& found)
        : fleet(settings) {
        fleet.clock().advance(7s);
        event = fleet.now().utc;
        fleet->apply(fleet.now(), {std::move(account)});
        found(*fleet, fleet.now());
        fleet->begin(fleet.now());
        fleet.take();
        fleet.clock().advance(1s);
    }
    // Up and running for a minute.
    Scene& running() {
        fleet.up("a");
        for (int i = 0; i < 60; ++i) {
            fleet.pass(1s);
            fleet.beat("a");
        }
        return *this;
    }
    Scene& now(const std::function<void(Fleet&, Instant)>& what) {
        event = fleet.now().utc;
        what(*fleet, fleet.now());
        fleet.take();
        return *this;
    }
    Scene& exits(ExitStatus status) {
        event = fleet.now().utc;
        fleet.exits("a", status);
        return *this;
    }
    // Dies so soon after its start that it waits before the next try.
    Scene& dies_at_once(ExitStatus status) {
        fleet.up("a");
        return exits(status);
    }
    LaunchNumber launch() { return fleet.launch("a"); }
};

struct Expected {
    WorkerState state{};
    // From the event to when the next step comes by itself.
    std::optional<Nanos> until{};
    bool exited = false;
};

void check(Scene& scene, Reason reason, const Expected& expected) {
    // What is shown does not depend on when it is looked at.
    scene.fleet.clock().advance(1ms);
    const auto view = scene.fleet.view("a");
    CHECK(model::code(view.reason) == model::code(reason));
    CHECK(model::code(view.state) == model::code(expected.state));
    CHECK(view.exited == expected.exited);
    CHECK(view.since == scene.event);
    std::optional<UtcTime> until;
    if (expected.until)
        until = scene.event + *expected.until;
    CHECK(view.until == until);
    CHECK_FALSE(view.next.empty());
}

AccountPlan with(const std::function<void(AccountPlan&)>& change) {
    AccountPlan account = plan("a");
    change(account);
    return account;
}

struct Case {
    Reason reason;
    Expected expected;
    std::function<std::unique_ptr<Scene>()> scene;
};

Case gate(Reason reason) {
    return {reason, {WorkerState::waiting}, [reason] {
                auto made =
                    std::make_unique<Scene>(with([](AccountPlan& a) { a.autostart = false; }));
                Scene& scene = *made;
                scene.fleet->gate(scene.fleet.now(), id("a"), reason, true, "detail");
                scene.now([](Fleet& fleet, Instant now) { fleet.start(now, id("a")); });
                CHECK(scene.fleet.view("a").detail == "detail");
                return made;
            }};
}

Case not_launched(Reason reason, LaunchFailure failure, Expected expected) {
    return {reason, expected, [failure] {
                auto made = std::make_unique<Scene>();
                Scene& scene = *made;
                scene.now([&](Fleet& fleet, Instant now) {
                    fleet.launch_failed(now, id("a"), scene.launch(), failure, "detail");
                });
                return made;
            }};
}

Case death(Reason reason, ExitStatus status) {
    return {reason, {WorkerState::backoff, 1s}, [status] {
                auto made = std::make_unique<Scene>();
                Scene& scene = *made;
                scene.dies_at_once(status);
                return made;
            }};
}

Case final_exit(Reason reason, ExitStatus status) {
    return {reason, {WorkerState::fatal}, [status] {
                auto made = std::make_unique<Scene>();
                Scene& scene = *made;
                scene.running().exits(status);
                return made;
            }};
}

std::vector<Case> not_wanted() {
    return {
        {Reason::operator_stop,
         {WorkerState::stopped},
         [] {
             auto made = std::make_unique<Scene>();
             Scene& scene = *made;
             scene.running();
             scene.fleet->stop(scene.fleet.now(), id("a"));
             scene.exits(ExitStatus::exited(0));
             return made;
         }},
        {Reason::not_autostarted,
         {WorkerState::stopped},
         [] { return std::make_unique<Scene>(with([](AccountPlan& a) { a.autostart = false; })); }},
        {Reason::account_disabled,
         {WorkerState::stopped},
         [] { return std::make_unique<Scene>(with([](AccountPlan& a) { a.enabled = false; })); }},
        {Reason::account_removed,
         {WorkerState::stopping, 10s},
         [] {
             auto made = std::make_unique<Scene>();
             Scene& scene = *made;
             scene.running().now([](Fleet& fleet, Instant now) { fleet.apply(now, {}); });
             return made;
         }},
        {Reason::exited_clean,
         {WorkerState::stopped, std::nullopt, true},
         [] {
             auto made = std::make_unique<Scene>(
                 with([](AccountPlan& a) { a.restart.rule = RestartRule::unexpected; }));
             Scene& scene = *made;
             scene.running().exits(ExitStatus::exited(0));
             return made;
         }},
        {Reason::daemon_shutdown,
         {WorkerState::stopping, 10s},
         [] {
             auto made = std::make_unique<Scene>();
             Scene& scene = *made;
             scene.running().now([](Fleet& fleet, Instant now) { fleet.shutdown(now, false); });
             return made;
         }},
    };
}

std::vector<Case> gates() {
    return {
        not_launched(Reason::lock_held, LaunchFailure::lock_held, {WorkerState::waiting, 1s}),
        not_launched(Reason::broker_account_held, LaunchFailure::broker_account_held,
                     {WorkerState::waiting, 1s}),
        not_launched(Reason::disk_full, LaunchFailure::disk_full, {WorkerState::waiting, 5s}),
        gate(Reason::lease_elsewhere),
        gate(Reason::vault_locked),
        gate(Reason::token_missing),
        gate(Reason::licence_refused),
        gate(Reason::disk_limit),
        gate(Reason::descriptor_limit),
        {Reason::settings_invalid,
         {WorkerState::waiting},
         [] { return std::make_unique<Scene>(with([](AccountPlan& a) { a.valid = false; })); }},
        {Reason::storm_limit,
         {WorkerState::waiting, 60s},
         [] {
             auto made = std::make_unique<Scene>(plan("a"), FleetSettings{.storm_deaths_max = 1});
             Scene& scene = *made;
             scene.running().exits(ExitStatus::signaled(9));
             return made;
         }},
        {Reason::start_queue,
         {WorkerState::waiting},
         [] {
             // Ahead of it is one that is still starting.
             auto made = std::make_unique<Scene>(plan("0"), FleetSettings{.starts_at_once_max = 1});
             Scene& scene = *made;
             scene.now([](Fleet& fleet, Instant now) { fleet.apply(now, {plan("0"), plan("a")}); });
             return made;
         }},
        {Reason::daemon_stopping,
         {WorkerState::waiting},
         [] {
             auto made = std::make_unique<Scene>(plan("0"), FleetSettings{.starts_at_once_max = 1});
             Scene& scene = *made;
             scene.fleet->apply(scene.fleet.now(), {plan("0"), plan("a")});
             scene.now([](Fleet& fleet, Instant now) { fleet.shutdown(now, true); });
             return made;
         }},
    };
}

template <class Say>
Case condemned(Reason reason, Nanos grace, Say say) {
    return {reason, {WorkerState::stopping, grace}, [say] {
                auto made = std::make_unique<Scene>();
                Scene& scene = *made;
                scene.running().now(
                    [&](Fleet& fleet, Instant now) { say(fleet, now, scene.launch()); });
                return made;
            }};
}

Case over_limit(Reason reason, Nanos grace) {
    return condemned(reason, grace, [reason](Fleet& fleet, Instant now, LaunchNumber launch) {
        fleet.over_limit(now, id("a"), launch, reason);
    });
}

std::vector<Case> deaths() {
    return {
        death(Reason::crashed, ExitStatus::exited(70)),
        death(Reason::killed_by_signal, ExitStatus::signaled(11)),
        death(Reason::exited_temporary, ExitStatus::exited(75)),
        death(Reason::exited_unexpectedly, ExitStatus::exited(0)),
        {Reason::launch_failed,
         {WorkerState::backoff, 1s},
         [] {
             auto made = std::make_unique<Scene>();
             Scene& scene = *made;
             scene.fleet->launch_failed(scene.fleet.now(), id("a"), scene.launch(),
                                        LaunchFailure::transient, "fork: no memory");
             scene.now([&](Fleet& fleet, Instant now) {
                 fleet.launch_failed(now, id("a"), scene.launch(), LaunchFailure::transient,
                                     "fork: no memory");
             });
             return made;
         }},
        {Reason::start_timeout,
         {WorkerState::stopping, 2s},
         [] {
             auto made = std::make_unique<Scene>();
             Scene& scene = *made;
             scene.fleet.up("a", false);
             scene.event += 30s;
             scene.fleet.pass(29s);
             return made;
         }},
        {Reason::hung_silent,
         {WorkerState::stopping, 2s},
         [] {
             auto made = std::make_unique<Scene>();
             Scene& scene = *made;
             scene.running();
             scene.event = scene.fleet.now().utc + 5s;
             scene.fleet.pass(5s);
             return made;
         }},
        condemned(Reason::hung_obligation, 2s,
                  [](Fleet& fleet, Instant now, LaunchNumber launch) {
                      fleet.obligation_overdue(now, id("a"), launch, "bar");
                  }),
        over_limit(Reason::memory_limit, 10s),
        over_limit(Reason::process_limit, 2s),
        condemned(Reason::protocol_refused, 10s,
                  [](Fleet& fleet, Instant now, LaunchNumber launch) {
                      fleet.protocol_refused(now, id("a"), launch);
                  }),
        {Reason::lost_while_unsupervised,
         {WorkerState::waiting},
         [] {
             return std::make_unique<Scene>(
                 FleetSettings{}, plan("a"), [](Fleet& fleet, Instant now) {
                     fleet.lost(now, id("a"), found(1, 1, now), ExitStatus::lost());
                 });
         }},
    };
}

std::vector<Case> no_more() {
    return {
        {Reason::restart_budget_spent,
         {WorkerState::fatal},
         [] {
             auto made =
                 std::make_unique<Scene>(with([](AccountPlan& a) { a.restart.budget = 1; }));
             Scene& scene = *made;
             scene.dies_at_once(ExitStatus::signaled(9));
             scene.fleet.pass(1s);
             scene.dies_at_once(ExitStatus::signaled(9));
             return made;
         }},
        final_exit(Reason::refused_configuration, ExitStatus::exited(78)),
        final_exit(Reason::refused_usage, ExitStatus::exited(64)),
        not_launched(Reason::program_missing, LaunchFailure::missing_program, {WorkerState::fatal}),
        {Reason::never_restart,
         {WorkerState::fatal},
         [] {
             auto made = std::make_unique<Scene>(
                 with([](AccountPlan& a) { a.restart.rule = RestartRule::never; }));
             Scene& scene = *made;
             scene.running().exits(ExitStatus::signaled(9));
             return made;
         }},
    };
}

std::vector<Case> on_request() {
    return {
        {Reason::restart_requested,
         {WorkerState::stopping, 10s},
         [] {
             auto made = std::make_unique<Scene>();
             Scene& scene = *made;
             scene.running().now([](Fleet& fleet, Instant now) { fleet.restart(now, id("a")); });
             return made;
         }},
        {Reason::settings_changed,
         {WorkerState::stopping, 10s},
         [] {
             auto made = std::make_unique<Scene>();
             Scene& scene = *made;
             scene.running().now([](Fleet& fleet, Instant now) {
                 fleet.apply(now, {with([](AccountPlan& a) { a.fingerprint = 2; })});
             });
             return made;
         }},
        {Reason::rolling_restart,
         {WorkerState::stopping, 10s},
         [] {
             auto made = std::make_unique<Scene>();
             Scene& scene = *made;
             scene.running();
             scene.fleet->position(scene.fleet.now(), id("a"), scene.launch(), true);
             scene.now([](Fleet& fleet, Instant now) { fleet.rolling_restart(now, {id("a")}); });
             return made;
         }},
    };
}

std::vector<Case> alive() {
    return {
        {Reason::first_beat_awaited,
         {WorkerState::starting, 30s},
         [] { return std::make_unique<Scene>(); }},
        {Reason::beats_missed,
         {WorkerState::late, 3s},
         [] {
             auto made = std::make_unique<Scene>();
             Scene& scene = *made;
             scene.running();
             scene.event = scene.fleet.now().utc + 2s;
             scene.fleet.pass(2s);
             return made;
         }},
        {Reason::recovery_launch,
         {WorkerState::starting, 30s},
         [] {
             auto made = std::make_unique<Scene>(
                 with([](AccountPlan& a) { a.recovery = RecoveryPolicy::protect; }));
             Scene& scene = *made;
             scene.running();
             scene.fleet->position(scene.fleet.now(), id("a"), scene.launch(), false);
             scene.exits(ExitStatus::exited(78));
             return made;
         }},
        {Reason::adoption_awaited,
         {WorkerState::starting, 10s},
         [] {
             return std::make_unique<Scene>(
                 FleetSettings{}, plan("a"),
                 [](Fleet& fleet, Instant now) { fleet.adopted(now, id("a"), found(1, 1, now)); });
         }},
    };
}

void check_all(const std::vector<Case>& cases, std::set<Reason>& seen) {
    for (const auto& one : cases) {
        CAPTURE(model::code(one.reason));
        const auto scene = one.scene();
        check(*scene, one.reason, one.expected);
        seen.insert(one.reason);
    }
}

TEST_CASE("an account says why it is in its state, since when, until when and what comes next") {
    std::set<Reason> seen;
    check_all(not_wanted(), seen);
    check_all(gates(), seen);
    check_all(deaths(), seen);
    check_all(no_more(), seen);
    check_all(on_request(), seen);
    check_all(alive(), seen);
    // Those after it are of a worker that runs and enters no trades.
    for (auto reason = Reason::operator_stop; reason != Reason::observing;
         reason = static_cast<Reason>(static_cast<int>(reason) + 1))
        CHECK_MESSAGE(seen.contains(reason), model::code(reason));
}

}  // namespace

}  // namespace bullpen::fleet
