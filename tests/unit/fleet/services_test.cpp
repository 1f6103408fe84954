// Services of the home beside its accounts.
#include "tests/unit/fleet/bench_fleet.hpp"

namespace bullpen::fleet {
namespace {

using namespace std::chrono_literals;
using model::Reason;
using model::WorkerState;

AccountPlan service(const std::string& name) {
    auto made = plan(name);
    made.service = true;
    made.priority = -1;
    return made;
}

TEST_CASE("a service that is not ready keeps no account from starting") {
    FleetSettings settings;
    settings.start_stagger = 100ms;
    settings.starts_at_once_max = 1;
    BenchFleet fleet(settings);
    fleet.with({plan("a"), plan("b"), service("bullpen-venue")});
    // First in the order, and no account waits for it, its readiness or its share of the stagger.
    CHECK(fleet.done(ActionKind::launch) == Names{"bullpen-venue", "a"});
    fleet.up("bullpen-venue", false);
    fleet.up("a");
    fleet.pass(100ms);
    CHECK(fleet.done(ActionKind::launch) == Names{"b"});
    CHECK(fleet.is("bullpen-venue", WorkerState::starting, Reason::first_beat_awaited));
    fleet.up("b");
    // Nor does a service wait for a place among the accounts that start.
    fleet.exits("a", ExitStatus::signaled(9));
    fleet.pass(2s);
    CHECK(fleet.done(ActionKind::launch) == Names{"a"});
    fleet.up("a", false);
    fleet.exits("bullpen-venue", ExitStatus::signaled(9));
    fleet.pass(2s);
    CHECK(fleet.done(ActionKind::launch) == Names{"bullpen-venue"});
}

TEST_CASE("the deaths of services make no storm") {
    FleetSettings settings;
    settings.storm_deaths_max = 2;
    BenchFleet fleet(settings);
    auto venue = service("bullpen-venue");
    venue.restart.delay = 1ms;
    venue.restart.budget = 0;
    fleet.with({plan("a"), venue});
    fleet.up("a");
    for (int i = 0; i < 10; ++i) {
        fleet.up("bullpen-venue");
        fleet.exits("bullpen-venue", ExitStatus::signaled(9));
        fleet.pass(2min);
    }
    fleet.done(ActionKind::launch);
    fleet.exits("a", ExitStatus::signaled(9));
    fleet.pass(2s);
    CHECK(fleet.done(ActionKind::launch) == Names{"a"});
}

TEST_CASE("a shutdown stops services when the last account has stopped") {
    BenchFleet fleet;
    auto last = plan("z");
    last.priority = 0;
    fleet.with({plan("a"), last, service("bullpen-venue")});
    for (const char* name : {"a", "z", "bullpen-venue"})
        fleet.up(name);
    fleet.forget();
    fleet->shutdown(fleet.now(), false);
    CHECK(fleet.done(ActionKind::terminate) == Names{"a"});
    fleet.exits("a", ExitStatus::exited(0));
    CHECK(fleet.done(ActionKind::terminate) == Names{"z"});
    fleet.exits("z", ExitStatus::exited(0));
    CHECK(fleet.done(ActionKind::terminate) == Names{"bullpen-venue"});
    fleet.exits("bullpen-venue", ExitStatus::exited(0));
    CHECK(fleet.done(ActionKind::all_stopped).size() == 1);
}

}  // namespace
}  // namespace bullpen::fleet
