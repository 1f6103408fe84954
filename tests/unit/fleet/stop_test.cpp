// Stops of single accounts: in order, by force, and what an operator says meanwhile.
#include "supervisor/fleet/fleet.hpp"

#include <doctest/doctest.h>

#include "bench_fleet.hpp"

namespace {

using namespace bullpen;
using namespace bullpen::fleet;
using namespace std::chrono_literals;
using model::Reason;
using model::WorkerState;

}  // namespace

TEST_CASE("a stop drains, then kills at the deadline, and stays until an operator starts") {
    BenchFleet fleet;
    fleet.with({plan("a")});
    fleet.up("a");
    CHECK(fleet->stop(fleet.now(), id("a")) == Verdict::accepted);
    CHECK(fleet.is("a", WorkerState::stopping, Reason::operator_stop));
    const auto drain = fleet.last(ActionKind::drain, "a");
    REQUIRE(drain);
    CHECK(drain->deadline == fleet.now().mono + 10s);
    CHECK(fleet.done(ActionKind::terminate) == Names{"a"});
    fleet.pass(10s);
    CHECK(fleet.is("a", WorkerState::killing, Reason::operator_stop));
    CHECK(fleet.done(ActionKind::kill) == Names{"a"});
    fleet.exits("a", ExitStatus::signaled(9), false);
    CHECK(fleet.is("a", WorkerState::stopping, Reason::operator_stop));
    fleet->tree_gone(fleet.now(), id("a"), fleet.launch("a"));
    CHECK(fleet.is("a", WorkerState::stopped, Reason::operator_stop));
    CHECK(fleet->stop(fleet.now(), id("a")) == Verdict::already);
    CHECK_FALSE(fleet->next_deadline());
}

TEST_CASE("a stop that had to be a kill says so until the next end; a hang does not") {
    BenchFleet fleet;
    fleet.with({plan("a")});
    fleet.up("a");
    (void)fleet->stop(fleet.now(), id("a"));
    fleet.pass(10s);
    fleet.exits("a", ExitStatus::signaled(9));
    const auto killed = [&] { return fleet->view(fleet.now(), id("a"))->killed; };
    CHECK(killed());
    CHECK(fleet->view(fleet.now(), id("a"))->detail ==
          "it did not end in time and had to be killed");
    CHECK(fleet->saved(fleet.now(), id("a"))->killed);
    (void)fleet->start(fleet.now(), id("a"));
    fleet.up("a");
    (void)fleet->stop(fleet.now(), id("a"));
    fleet.exits("a", ExitStatus::exited(0));
    CHECK_FALSE(killed());
    CHECK(fleet->view(fleet.now(), id("a"))->detail.empty());
    (void)fleet->start(fleet.now(), id("a"));
    fleet.up("a");
    fleet.pass(5s);
    fleet.pass(2s);
    CHECK(fleet.is("a", WorkerState::killing, Reason::hung_silent));
    fleet.exits("a", ExitStatus::signaled(9));
    CHECK_FALSE(killed());
}

TEST_CASE("the deadline of a stop ends with the process, whatever its tree still does") {
    BenchFleet fleet;
    fleet.with({plan("a")});
    fleet.up("a");
    (void)fleet->stop(fleet.now(), id("a"));
    fleet.exits("a", ExitStatus::exited(0), false);
    fleet.pass(1min);
    CHECK(fleet.is("a", WorkerState::stopping, Reason::operator_stop));
    CHECK(fleet.done(ActionKind::kill).empty());
    CHECK(fleet.done(ActionKind::alarm) == Names{"a"});
}

TEST_CASE("a start while it stops is noted, and done when it has stopped") {
    BenchFleet fleet;
    fleet.with({plan("a")});
    fleet.up("a");
    fleet.pass(1s);
    (void)fleet->stop(fleet.now(), id("a"));
    CHECK(fleet->start(fleet.now(), id("a")) == Verdict::accepted);
    CHECK(fleet.view("a").wanted);
    fleet.done(ActionKind::launch);
    fleet.exits("a", ExitStatus::exited(0));
    CHECK(fleet.done(ActionKind::launch) == Names{"a"});
    CHECK(fleet.view("a").budget_used == 0);
}

TEST_CASE("a stop before the launch was answered still ends the process") {
    BenchFleet fleet;
    fleet.with({plan("a"), plan("b")});
    (void)fleet->stop(fleet.now(), id("a"));
    (void)fleet->stop(fleet.now(), id("b"));
    fleet.done(ActionKind::terminate);
    fleet->launched(fleet.now(), id("a"), fleet.launch("a"), 100);
    CHECK(fleet.done(ActionKind::terminate) == Names{"a"});
    fleet->launch_failed(fleet.now(), id("b"), fleet.launch("b"), LaunchFailure::transient, "");
    CHECK(fleet.is("b", WorkerState::stopped, Reason::operator_stop));
}
