// What holds for every history of deaths, storms, fences and starts.
#include "supervisor/fleet/fleet.hpp"

#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "supervisor/fleet/restart_policy.hpp"
#include "supervisor/fleet/storm_limit.hpp"

namespace {

using namespace bullpen;
using namespace bullpen::fleet;
using namespace std::chrono_literals;

RestartLimits any_limits() {
    RestartLimits limits;
    limits.delay = Nanos(*rc::gen::inRange<std::int64_t>(1, 5'000'000'000));
    limits.delay_max = limits.delay + Nanos(*rc::gen::inRange<std::int64_t>(0, 90'000'000'000));
    limits.factor = 1.0 + *rc::gen::inRange(0, 30) / 10.0;
    limits.jitter = *rc::gen::inRange(0, 50) / 100.0;
    limits.budget = *rc::gen::inRange<std::uint32_t>(0, 12);
    limits.window = std::chrono::seconds(*rc::gen::inRange(1, 900));
    limits.stable_after = std::chrono::seconds(*rc::gen::inRange(0, 60));
    return limits;
}

double any_chance() {
    return *rc::gen::inRange(0, 1'000'000) / 1e6;
}

}  // namespace

TEST_CASE("restart policy") {
    CHECK(rc::check("a delay is never longer than the longest and its jitter, nor negative", [] {
        RestartPolicy policy;
        const RestartLimits limits = any_limits();
        MonoTime now(1h);
        const auto longest = static_cast<double>(limits.delay_max.count()) * (1 + limits.jitter);
        for (int i = 0; i < 40; ++i) {
            const auto ran = std::chrono::seconds(*rc::gen::inRange(0, 90));
            const auto delay = policy.on_death(now, ran, limits, any_chance());
            now += 1s;
            if (!delay)
                continue;
            RC_ASSERT(*delay >= 0s);
            RC_ASSERT(static_cast<double>(delay->count()) <= longest + 1);
            RC_ASSERT((*delay == 0s) == (ran >= limits.stable_after) || delay->count() <= 1);
        }
    }));
    CHECK(rc::check("without jitter, deaths in a row wait longer and longer", [] {
        RestartPolicy policy;
        RestartLimits limits = any_limits();
        limits.jitter = 0;
        limits.budget = 0;
        limits.stable_after = 1h;
        Nanos last(0);
        for (int i = 0; i < 80; ++i) {
            const auto delay = policy.on_death(MonoTime(1h), 0s, limits, any_chance());
            RC_ASSERT(delay.has_value());
            RC_ASSERT(*delay >= last);
            last = *delay;
        }
        RC_ASSERT(limits.factor < 1.2 || last + Nanos(1) >= limits.delay_max);
    }));
    CHECK(rc::check("tries within any window are never more than the budget", [] {
        RestartPolicy policy;
        RestartLimits limits = any_limits();
        limits.budget = std::max<std::uint32_t>(limits.budget, 1);
        MonoTime now(1h);
        std::vector<MonoTime> tries;
        for (int i = 0; i < 60; ++i) {
            now += std::chrono::milliseconds(*rc::gen::inRange(0, 60'000));
            if (policy.on_death(now, 0s, limits, any_chance()))
                tries.push_back(now);
            const auto in_window = std::count_if(tries.begin(), tries.end(), [&](MonoTime time) {
                return time > now - limits.window;
            });
            RC_ASSERT(in_window <= static_cast<std::ptrdiff_t>(limits.budget));
        }
    }));
    CHECK(rc::check("saved and restored, it decides as it would have", [] {
        RestartPolicy policy;
        const RestartLimits limits = any_limits();
        Instant now{UtcTime(100'000h), MonoTime(1h)};
        for (int i = *rc::gen::inRange(0, 20); i > 0; --i) {
            const Nanos step = std::chrono::seconds(*rc::gen::inRange(0, 100));
            now = {now.utc + step, now.mono + step};
            (void)policy.on_death(now.mono, 0s, limits, any_chance());
        }
        RestartPolicy restored;
        restored.restore(now, policy.deaths(now), policy.failures());
        for (int i = 0; i < 5; ++i) {
            const double chance = any_chance();
            RC_ASSERT(policy.on_death(now.mono, 1s, limits, chance) ==
                      restored.on_death(now.mono, 1s, limits, chance));
        }
    }));
}

TEST_CASE("storm limit") {
    CHECK(rc::check("whenever the last window saw as many deaths as allowed, it is shut", [] {
        const auto most = *rc::gen::inRange<std::uint32_t>(1, 8);
        const Nanos window = std::chrono::seconds(*rc::gen::inRange(1, 120));
        StormLimit storm(most, window);
        MonoTime now(1h);
        std::vector<MonoTime> deaths;
        for (int i = 0; i < 100; ++i) {
            now += std::chrono::milliseconds(*rc::gen::inRange(0, 20'000));
            if (*rc::gen::arbitrary<bool>()) {
                (void)storm.on_death(now);
                deaths.push_back(now);
            }
            const auto recent = std::count_if(deaths.begin(), deaths.end(),
                                              [&](MonoTime time) { return time > now - window; });
            const auto until = storm.shut_until(now);
            const bool allowed = recent < static_cast<std::ptrdiff_t>(most);
            RC_ASSERT((allowed || until.has_value()));
            RC_ASSERT(until.value_or(now) <= now + window);
        }
    }));
}

TEST_CASE("fences") {
    CHECK(rc::check("grow through crashes, lost reservations and adopted workers", [] {
        std::optional<Fence> durable;
        Fence greatest;
        Fence last;
        for (int life = 0; life < 6; ++life) {
            const bool lost = *rc::gen::inRange(0, 4) == 0;
            lease::FenceAllocator fences(lost ? std::nullopt : durable, greatest);
            for (int i = *rc::gen::inRange(0, 3000); i > 0; --i) {
                if (const auto due = fences.due(); due && *rc::gen::inRange(0, 10) != 0) {
                    durable = std::max(durable.value_or(Fence{}), *due);
                    fences.reserved(*due);
                }
                if (const auto fence = fences.take()) {
                    RC_ASSERT(*fence > last);
                    RC_ASSERT(*fence < *durable);
                    last = *fence;
                    greatest = last;
                }
            }
        }
    }));
}

TEST_CASE("start queue") {
    CHECK(rc::check("whatever the roster, accounts start by priority and then by name", [] {
        const auto priorities = *rc::gen::container<std::vector<int>>(rc::gen::inRange(-3, 4));
        std::vector<AccountPlan> plans;
        std::set<std::pair<int, std::string>> expected;
        for (std::size_t i = 0; i < priorities.size(); ++i) {
            AccountPlan plan{.account = AccountId::parse("a" + std::to_string(i)).value()};
            plan.priority = priorities[i];
            expected.emplace(priorities[i], plan.account.str());
            plans.push_back(plan);
        }
        Fleet fleet(FleetSettings(), lease::FenceAllocator(Fence{1}, Fence{}), {}, 1);
        const Instant now{UtcTime(1000h), MonoTime(1h)};
        fleet.apply(now, plans);
        fleet.begin(now);
        auto next = expected.begin();
        Fence last;
        while (const auto action = fleet.next_action()) {
            if (action->kind == ActionKind::reserve_fences)
                fleet.fences_reserved(now, action->fence);
            if (action->kind != ActionKind::launch)
                continue;
            RC_ASSERT(next != expected.end());
            RC_ASSERT(action->account->str() == next->second);
            RC_ASSERT(action->fence > last);
            last = action->fence;
            ++next;
        }
        RC_ASSERT(next == expected.end());
    }));
}
