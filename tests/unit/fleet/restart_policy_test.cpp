#include "supervisor/fleet/restart_policy.hpp"

#include <doctest/doctest.h>

namespace {

using namespace bullpen;
using namespace bullpen::fleet;
using namespace std::chrono_literals;
using model::Reason;

constexpr MonoTime k_start{1h};

RestartLimits steady() {
    RestartLimits limits;
    limits.jitter = 0;
    limits.budget = 0;
    return limits;
}

}  // namespace

TEST_CASE("an exit code says whether to try again, to wait, to rest or to give up") {
    using enum Ending;
    const auto ending = [](int code, RestartRule rule) {
        return judge(ExitStatus::exited(code), rule).ending;
    };
    CHECK(ending(0, RestartRule::always) == retry);
    CHECK(ending(0, RestartRule::unexpected) == stop);
    CHECK(ending(0, RestartRule::never) == stop);
    for (const auto rule : {RestartRule::always, RestartRule::unexpected, RestartRule::never}) {
        CHECK(judge(ExitStatus::exited(64), rule).reason == Reason::refused_usage);
        CHECK(ending(64, rule) == fatal);
        CHECK(judge(ExitStatus::exited(78), rule).reason == Reason::refused_configuration);
        CHECK(ending(78, rule) == fatal);
        CHECK(ending(77, rule) == wait);
        CHECK(judge(ExitStatus::exited(75), rule).reason == Reason::exited_temporary);
        CHECK(ending(70, rule) == retry);
        CHECK(ending(1, rule) == retry);
        CHECK(ending(255, rule) == retry);
        CHECK(judge(ExitStatus::signaled(11), rule).reason == Reason::killed_by_signal);
        auto for_memory = ExitStatus::signaled(9);
        for_memory.for_memory = true;
        CHECK(judge(for_memory, rule).reason == Reason::memory_limit);
        CHECK(judge(for_memory, rule).ending == Ending::retry);
        CHECK(judge(ExitStatus::lost(), rule).reason == Reason::exited_unexpectedly);
    }
}

TEST_CASE("the first restart after a stable run is immediate, then each waits twice as long") {
    RestartPolicy policy;
    const RestartLimits limits = steady();
    CHECK(policy.on_death(k_start, 30s, limits, 0.5) == 0s);
    CHECK(policy.on_death(k_start, 1s, limits, 0.5) == 1s);
    CHECK(policy.on_death(k_start, 0s, limits, 0.5) == 2s);
    CHECK(policy.on_death(k_start, 29s, limits, 0.5) == 4s);
    for (int i = 0; i < 20; ++i)
        (void)policy.on_death(k_start, 0s, limits, 0.5);
    CHECK(policy.on_death(k_start, 0s, limits, 0.5) == 60s);
    CHECK(policy.on_death(k_start, 1h, limits, 0.5) == 0s);
}

TEST_CASE("a program that dies before it was ever stable waits from its first death on") {
    RestartPolicy policy;
    CHECK(policy.on_death(k_start, 0s, steady(), 0.5) == 1s);
    CHECK(policy.on_death(k_start, 0s, steady(), 0.5) == 2s);
}

TEST_CASE("the jitter stays within its share of the delay") {
    RestartLimits limits = steady();
    limits.jitter = 0.1;
    CHECK(RestartPolicy().on_death(k_start, 0s, limits, 0.0) == 900ms);
    CHECK(RestartPolicy().on_death(k_start, 0s, limits, 0.999999) < 1100ms);
}

TEST_CASE("more deaths in the window than the budget end it, and old ones are forgotten") {
    RestartPolicy policy;
    const RestartLimits limits;
    MonoTime now = k_start;
    for (int i = 0; i < 10; ++i, now += 1s)
        CHECK(policy.on_death(now, 0s, limits, 0.5));
    CHECK(policy.budget_used(now, limits) == 10);
    CHECK_FALSE(policy.on_death(now, 0s, limits, 0.5));

    RestartPolicy slow;
    for (int i = 0; i < 100; ++i, now += 61s)
        CHECK(slow.on_death(now, 0s, limits, 0.5));
    CHECK(slow.budget_used(now, limits) == 9);
}

TEST_CASE("an operator's start forgives") {
    RestartPolicy policy;
    for (int i = 0; i < 11; ++i)
        (void)policy.on_death(k_start, 0s, RestartLimits(), 0.5);
    policy.forgive();
    CHECK(policy.budget_used(k_start, RestartLimits()) == 0);
    CHECK(policy.failures() == 0);
    CHECK(policy.on_death(k_start, 0s, steady(), 0.5) == 1s);
}

TEST_CASE("the history survives the daemon, whatever was done to the clocks") {
    RestartPolicy policy;
    const RestartLimits limits;
    const Instant before{UtcTime(1000h), k_start};
    for (int i = 0; i < 4; ++i)
        (void)policy.on_death(k_start - i * 1min, 0s, limits, 0.5);
    const auto kept = policy.deaths(before);

    RestartPolicy same;
    same.restore({before.utc + 1min, MonoTime(50h)}, kept, policy.failures());
    CHECK(same.budget_used(MonoTime(50h), limits) == 4);
    CHECK(same.failures() == policy.failures());

    RestartPolicy set_back;
    set_back.restore({before.utc - 24h, k_start}, kept, 4);
    CHECK(set_back.budget_used(k_start, limits) == 4);

    RestartPolicy much_later;
    much_later.restore({before.utc + 24h, k_start}, kept, 4);
    CHECK(much_later.budget_used(k_start, limits) == 0);
}
