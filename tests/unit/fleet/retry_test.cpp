// What counts against a worker between two beats, and how another try is told from the first.
#include <doctest/doctest.h>

#include "bench_fleet.hpp"
#include "supervisor/fleet/fleet.hpp"

namespace {

using namespace bullpen;
using namespace bullpen::fleet;
using namespace std::chrono_literals;
using model::Reason;
using model::WorkerState;

const auto k_crash = ExitStatus::exited(1);

}  // namespace

TEST_CASE("one that waits for its turn to be tried again is told from one that is new") {
    FleetSettings settings;
    settings.start_stagger = 10s;
    BenchFleet fleet(settings);
    fleet.with({plan("a"), plan("b"), plan("c")});
    fleet.up("a");
    CHECK(fleet.is("b", WorkerState::waiting, Reason::start_queue));
    CHECK_FALSE(fleet.view("b").retrying);
    fleet.pass(10s);
    fleet->launch_failed(fleet.now(), id("b"), fleet.launch("b"), LaunchFailure::lock_held,
                         "pid 7");
    CHECK(fleet.is("b", WorkerState::waiting, Reason::lock_held));
    fleet.exits("a", k_crash);
    fleet.pass(1s);
    for (const char* name : {"a", "b"}) {
        CHECK(fleet.is(name, WorkerState::waiting, Reason::start_queue));
        CHECK(fleet.view(name).retrying);
    }
    CHECK_FALSE(fleet.view("c").retrying);
    fleet.pass(10s);
    fleet.up("a");
    fleet.pass(60s);
    CHECK_FALSE(fleet.view("a").retrying);
}

TEST_CASE("a duty counts when a beat had the time to come, however long silence is allowed") {
    BenchFleet fleet;
    auto patient = plan("a");
    patient.dead_after = 60s;
    fleet.with({patient});
    fleet.up("a");
    fleet.pass(2999ms);
    fleet->obligation_overdue(fleet.now(), id("a"), fleet.launch("a"), "bar");
    CHECK(fleet.is("a", WorkerState::late, Reason::beats_missed));
    fleet.pass(1ms);
    fleet->obligation_overdue(fleet.now(), id("a"), fleet.launch("a"), "bar");
    CHECK(fleet.is("a", WorkerState::stopping, Reason::hung_obligation));
}
