// What holds something and has no worker is closed by a launch for that alone, and is then as it
// was.
#include <doctest/doctest.h>

#include "bench_fleet.hpp"

namespace {

using namespace bullpen;
using namespace bullpen::fleet;
using namespace std::chrono_literals;
using model::Reason;
using model::WorkerState;

// Ran, held something, and was stopped by an operator.
void stopped_with_position(BenchFleet& fleet, std::optional<bool> flat = false) {
    fleet.with({plan("a")});
    fleet.up("a");
    if (flat)
        fleet->position(fleet.now(), id("a"), fleet.launch("a"), *flat);
    (void)fleet->stop(fleet.now(), id("a"));
    fleet.exits("a", ExitStatus::exited(0));
    REQUIRE(fleet.is("a", WorkerState::stopped, Reason::operator_stop));
    fleet.forget();
}

// The launch comes up, closes what is held, and ends.
void close(BenchFleet& fleet) {
    fleet.up("a");
    fleet->position(fleet.now(), id("a"), fleet.launch("a"), true);
    fleet.exits("a", ExitStatus::exited(0));
}

void check_closing_launch(BenchFleet& fleet) {
    const auto launch = fleet.last(ActionKind::launch, "a");
    REQUIRE(launch);
    CHECK(launch->recovery == RecoveryPolicy::flatten);
    CHECK(fleet.is("a", WorkerState::starting, Reason::recovery_launch));
    CHECK(fleet.view("a").recovering);
}

}  // namespace

TEST_CASE("a stopped account that holds something, or may, is closed and is stopped again") {
    for (const auto flat : {std::optional<bool>(), std::optional<bool>(false)}) {
        BenchFleet fleet;
        stopped_with_position(fleet, flat);
        CHECK(fleet->flatten(fleet.now(), id("a")) == Verdict::accepted);
        check_closing_launch(fleet);
        CHECK(fleet->flatten(fleet.now(), id("a")) == Verdict::already);
        close(fleet);
        CHECK(fleet.is("a", WorkerState::stopped, Reason::operator_stop));
        CHECK_FALSE(fleet.view("a").recovering);
        CHECK_FALSE(fleet->next_deadline());
        // It is known to be flat now.
        CHECK(fleet->flatten(fleet.now(), id("a")) == Verdict::already);
        CHECK(fleet.done(ActionKind::launch) == Names{"a"});
    }
}

TEST_CASE("a fatal account is closed once more, whatever its settings say, and stays fatal") {
    BenchFleet fleet;
    fleet.with({plan("a")});
    fleet.up("a");
    fleet->position(fleet.now(), id("a"), fleet.launch("a"), false);
    fleet.exits("a", ExitStatus::exited(78));
    REQUIRE(fleet.is("a", WorkerState::fatal, Reason::refused_configuration));
    fleet.forget();
    for (int i = 0; i < 2; ++i) {
        CHECK(fleet->flatten(fleet.now(), id("a")) == Verdict::accepted);
        check_closing_launch(fleet);
        // The first one dies; that was that, until somebody says it again.
        if (i == 0) {
            fleet.up("a");
            fleet.exits("a", ExitStatus::signaled(9));
        } else {
            close(fleet);
        }
        CHECK(fleet.is("a", WorkerState::fatal, Reason::refused_configuration));
        CHECK_FALSE(fleet.view("a").recovering);
        CHECK(fleet.done(ActionKind::launch) == Names{"a"});
    }
    CHECK(fleet->flatten(fleet.now(), id("a")) == Verdict::already);
}

TEST_CASE("what runs, or comes by itself, is told and not launched for it") {
    BenchFleet fleet;
    fleet.with({plan("a")});
    CHECK(fleet->flatten(fleet.now(), id("a")) == Verdict::already);
    fleet.up("a");
    CHECK(fleet->flatten(fleet.now(), id("a")) == Verdict::already);
    fleet.exits("a", ExitStatus::signaled(9));
    CHECK(fleet->flatten(fleet.now(), id("a")) == Verdict::already);
    CHECK(fleet->flatten(fleet.now(), id("nobody")) == Verdict::unknown_account);
}

TEST_CASE("one that is on its way down is closed by the launch after it") {
    BenchFleet fleet;
    fleet.with({plan("a")});
    fleet.up("a");
    fleet->position(fleet.now(), id("a"), fleet.launch("a"), false);
    (void)fleet->stop(fleet.now(), id("a"));
    CHECK(fleet->flatten(fleet.now(), id("a")) == Verdict::accepted);
    CHECK(fleet.view("a").state == WorkerState::stopping);
    fleet.forget();
    fleet.exits("a", ExitStatus::exited(0));
    check_closing_launch(fleet);
    close(fleet);
    CHECK(fleet.is("a", WorkerState::stopped, Reason::operator_stop));
}

TEST_CASE("a stop ends it, and a start makes it a worker like any other") {
    BenchFleet fleet;
    stopped_with_position(fleet);
    (void)fleet->flatten(fleet.now(), id("a"));
    fleet.up("a");
    SUBCASE("a stop") {
        CHECK(fleet->stop(fleet.now(), id("a")) == Verdict::accepted);
        CHECK(fleet.is("a", WorkerState::stopping, Reason::operator_stop));
        fleet.exits("a", ExitStatus::exited(0));
        CHECK(fleet.is("a", WorkerState::stopped, Reason::operator_stop));
    }
    SUBCASE("a start") {
        CHECK(fleet->start(fleet.now(), id("a")) == Verdict::accepted);
        fleet.forget();
        fleet.exits("a", ExitStatus::exited(0));
        REQUIRE(fleet.last(ActionKind::launch, "a"));
        CHECK(fleet.last(ActionKind::launch, "a")->recovery == RecoveryPolicy::none);
        fleet.up("a");
        CHECK(fleet.is("a", WorkerState::running, Reason::none));
    }
}

TEST_CASE("a launch that cannot be made, or finds its lock held, ends or waits as others do") {
    BenchFleet fleet;
    stopped_with_position(fleet);
    (void)fleet->flatten(fleet.now(), id("a"));
    fleet->launch_failed(fleet.now(), id("a"), fleet.launch("a"), LaunchFailure::lock_held, "");
    CHECK(fleet.is("a", WorkerState::waiting, Reason::lock_held));
    CHECK(fleet.view("a").recovering);
    fleet.forget();
    fleet.pass(1s);
    check_closing_launch(fleet);
    fleet->launch_failed(fleet.now(), id("a"), fleet.launch("a"), LaunchFailure::missing_program,
                         "");
    CHECK(fleet.is("a", WorkerState::stopped, Reason::operator_stop));
    CHECK_FALSE(fleet.view("a").recovering);
}

TEST_CASE("a daemon after this one takes the closing launch for what it is") {
    BenchFleet before;
    stopped_with_position(before);
    (void)before->flatten(before.now(), id("a"));
    before.up("a");
    const auto kept = before.kept("a");
    CHECK_FALSE(kept.fatal);
    BenchFleet after;
    after->restore(after.now(), id("a"), kept);
    after->apply(after.now(), {plan("a")});
    after->adopted(after.now(), id("a"), found(before.launch("a"), after.now()));
    // The order that stands is told to the fleet before it begins.
    CHECK(after->flatten(after.now(), id("a")) == Verdict::accepted);
    after->begin(after.now());
    after->hello(after.now(), id("a"), after.launch("a"), true);
    CHECK(after.is("a", WorkerState::running, Reason::recovery_launch));
    close(after);
    CHECK(after.is("a", WorkerState::stopped, Reason::operator_stop));
}
