#include "ipc/liveness.hpp"

#include <doctest/doctest.h>
#include <rapidcheck.h>

using namespace bullpen;
using namespace bullpen::ipc;
using namespace std::chrono_literals;

namespace {

constexpr MonoTime k_start{std::chrono::hours(1)};

MonoTime any_time() {
    return k_start + Millis(*rc::gen::inRange(0, 60'000));
}

LivenessLimits any_limits() {
    const Millis late(*rc::gen::inRange(1, 10'000));
    return {late, late + Millis(*rc::gen::inRange(1, 10'000))};
}

int rank(Life life) {
    return static_cast<int>(life);
}

}  // namespace

TEST_CASE("silence makes a verdict worse and never better") {
    CHECK(rc::check("monotone in time", [] {
        Liveness liveness(any_limits(), any_time());
        const MonoTime listening = any_time();
        const MonoTime early = any_time();
        const MonoTime later = early + Millis(*rc::gen::inRange(0, 60'000));
        RC_ASSERT(rank(liveness.verdict(early, listening)) <=
                  rank(liveness.verdict(later, listening)));
    }));
}

TEST_CASE("traffic, and a listener that began anew, make a verdict better and never worse") {
    CHECK(rc::check("monotone in traffic and listening", [] {
        Liveness liveness(any_limits(), any_time());
        const MonoTime now = any_time();
        const MonoTime listening = any_time();
        const Life before = liveness.verdict(now, listening);
        RC_ASSERT(rank(liveness.verdict(now, listening + 1s)) <= rank(before));
        liveness.on_traffic(any_time());
        RC_ASSERT(rank(liveness.verdict(now, listening)) <= rank(before));
    }));
}

TEST_CASE("nobody is lost before dead_after of listening, whatever happened") {
    CHECK(rc::check("a full interval", [] {
        const LivenessLimits limits = any_limits();
        Liveness liveness(limits, any_time());
        liveness.on_traffic(any_time());
        const MonoTime listening = any_time();
        const MonoTime now = any_time();
        if (liveness.verdict(now, listening) == Life::lost) {
            RC_ASSERT(now - listening >= limits.dead_after);
            RC_ASSERT(now - liveness.last_traffic() >= limits.dead_after);
        }
        if (liveness.verdict(now, listening) != Life::alive)
            RC_ASSERT(now - listening >= limits.late_after);
    }));
}

TEST_CASE("the verdict changes at next_change and at no time before") {
    CHECK(rc::check("next_change is exact", [] {
        const Liveness liveness(any_limits(), any_time());
        const MonoTime listening = any_time();
        const MonoTime now = any_time();
        const Life before = liveness.verdict(now, listening);
        const auto next = liveness.next_change(now, listening);
        RC_ASSERT(next.has_value() == (before != Life::lost));
        if (next) {
            RC_ASSERT(*next > now);
            RC_ASSERT(liveness.verdict(*next - 1ns, listening) == before);
            RC_ASSERT(rank(liveness.verdict(*next, listening)) > rank(before));
        }
    }));
}

TEST_CASE("a peer that beats in time is never late, however the listener's clock behaves") {
    CHECK(rc::check("a healthy worker and a daemon that stalls, sleeps and is set back", [] {
        const LivenessLimits limits{2s, 5s};
        Instant now{UtcTime(std::chrono::hours(400'000)), k_start};
        Attention attention(now);
        Liveness liveness(limits, now.mono);
        MonoTime next_beat = now.mono;
        const auto steps = *rc::gen::container<std::vector<int>>(rc::gen::inRange(0, 100));
        for (const int step : steps) {
            // Mostly turns of some milliseconds; sometimes a stall, a suspend, a set clock.
            const Nanos passed = step < 90 ? Nanos(Millis(step * 10)) : Nanos(30s * (step - 89));
            now.mono += passed;
            now.utc += passed + (step == 50 ? Nanos(1h) : step == 51 ? Nanos(-1h) : 0ns);
            attention.on_turn(now);
            // The verdict comes before the beats that waited in the queue were read.
            RC_ASSERT(liveness.verdict(now.mono, attention.listening_since()) == Life::alive);
            while (next_beat <= now.mono) {
                liveness.on_traffic(now.mono);
                next_beat += 1s;
            }
        }
    }));
}

TEST_CASE("a silent peer is lost in the end when the listener listens") {
    CHECK(rc::check("dead_after plus one turn", [] {
        const LivenessLimits limits{2s, 5s};
        Instant now{UtcTime(std::chrono::hours(400'000)), k_start};
        Attention attention(now);
        const Liveness liveness(limits, now.mono);
        while (now.mono < k_start + 5s + Attention::k_turn_max) {
            const Nanos passed = Millis(*rc::gen::inRange(1, 1'000));
            now.mono += passed;
            now.utc += passed;
            attention.on_turn(now);
        }
        RC_ASSERT(liveness.verdict(now.mono, attention.listening_since()) == Life::lost);
    }));
}

TEST_CASE("nothing owed is never overdue, and what is owed is, at next_change") {
    CHECK(rc::check("obligations", [] {
        Obligations obligations(Millis(*rc::gen::inRange(1, 5'000)));
        std::vector<Obligation> all;
        bool owes = false;
        bool says_overdue = false;
        const int count = *rc::gen::inRange(0, 6);
        for (int i = 0; i < count; ++i) {
            Obligation one{"o" + std::to_string(i), Millis(*rc::gen::inRange(-5'000, 5'000)),
                           *rc::gen::arbitrary<bool>(), *rc::gen::inRange(0, 10) == 0};
            owes = owes || !one.done || one.overdue;
            says_overdue = says_overdue || one.overdue;
            all.push_back(std::move(one));
        }
        const MonoTime received = any_time();
        const MonoTime listening = any_time();
        obligations.on_beat(received, all);
        RC_ASSERT(obligations.overdue(MonoTime::max(), listening).has_value() == owes);
        const auto next = obligations.next_change(listening);
        if (says_overdue) {
            RC_ASSERT(obligations.overdue(received, listening).has_value());
        } else if (next) {
            RC_ASSERT(!obligations.overdue(*next - 1ns, listening));
            RC_ASSERT(obligations.overdue(*next, listening).has_value());
        }
    }));
}
