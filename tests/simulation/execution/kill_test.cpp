// The worker dies at every single point of the order path, once and twice: whatever it was doing,
// it wins in the end what it wins undisturbed, and no decision becomes two orders.
#include <doctest/doctest.h>

#include <algorithm>
#include <string>

#include "life.hpp"

namespace {

using namespace bullpen;
using namespace bullpen::simulation;

void die_at_every_point(bool replaces) {
    const ScriptFindings whole = run_script({.replaces = replaces});
    REQUIRE_MESSAGE(whole.findings.failure.empty(), whole.findings.failure);
    REQUIRE(whole.findings.trades == 3);
    REQUIRE(whole.points > 100);
    Nanos naked{};
    for (std::uint64_t at = 1; at <= whole.points; ++at) {
        for (const std::uint64_t again : {std::uint64_t{0}, at + 3, at + 17}) {
            const ScriptFindings run =
                run_script({.replaces = replaces, .kill_at = at, .kill_again_at = again});
            INFO("killed at point ", at, " and ", again, ": ", run.findings.failure);
            CHECK(run.findings.failure.empty());
            CHECK(run.findings.deaths >= 1);
            CHECK(run.findings.trades == 3);
            CHECK(run.findings.adopted == 0);
            CHECK(run.findings.net_millionths == whole.findings.net_millionths);
            naked = std::max(naked, run.findings.naked_max);
        }
    }
    CHECK(naked < std::chrono::seconds(32));
    MESSAGE(whole.points << " points, " << 3 * whole.points << " runs; without a stop for at most "
                         << naked / Millis(1) << " ms");
}

}  // namespace

TEST_CASE("the worker dies at every point: stops change in place") {
    die_at_every_point(true);
}

TEST_CASE("the worker dies at every point: a stop takes another's place") {
    die_at_every_point(false);
}

TEST_CASE("every kill point lies on the way of the script") {
    const ScriptFindings in_place = run_script({.replaces = true});
    const ScriptFindings another = run_script({.replaces = false});
    for (std::size_t i = 0; i < execution::k_kill_points; ++i) {
        INFO("point ", execution::code(static_cast<execution::KillPoint>(i)));
        const auto name = execution::code(static_cast<execution::KillPoint>(i));
        CHECK((in_place.counted[i] + another.counted[i] > 0));
        CHECK(execution::kill_point_from(name) == static_cast<execution::KillPoint>(i));
    }
    CHECK(execution::k_kill_points >= 20);
}
