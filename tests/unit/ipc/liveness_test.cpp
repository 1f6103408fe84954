#include "ipc/liveness.hpp"

#include <doctest/doctest.h>

using namespace bullpen;
using namespace bullpen::ipc;
using namespace std::chrono_literals;

namespace {

const MonoTime k_start{std::chrono::hours(1)};
const LivenessLimits k_limits{2s, 5s};

Instant instant(Nanos since_start, Nanos clock_error = 0ns) {
    return {UtcTime(std::chrono::hours(24 * 365) + since_start + clock_error),
            k_start + since_start};
}

}  // namespace

TEST_CASE("a peer is given the full time to speak for the first time") {
    const Liveness liveness(k_limits, k_start);
    CHECK(liveness.verdict(k_start, k_start) == Life::alive);
    CHECK(liveness.verdict(k_start + 2s - 1ns, k_start) == Life::alive);
    CHECK(liveness.verdict(k_start + 2s, k_start) == Life::late);
    CHECK(liveness.verdict(k_start + 5s - 1ns, k_start) == Life::late);
    CHECK(liveness.verdict(k_start + 5s, k_start) == Life::lost);
}

TEST_CASE("any traffic is life, also after the peer was lost") {
    Liveness liveness(k_limits, k_start);
    CHECK(liveness.verdict(k_start + 9s, k_start) == Life::lost);
    liveness.on_traffic(k_start + 9s);
    CHECK(liveness.verdict(k_start + 9s, k_start) == Life::alive);
    CHECK(liveness.verdict(k_start + 11s, k_start) == Life::late);
}

TEST_CASE("traffic that is told out of order does not take life away") {
    Liveness liveness(k_limits, k_start);
    liveness.on_traffic(k_start + 4s);
    liveness.on_traffic(k_start + 1s);
    CHECK(liveness.last_traffic() == k_start + 4s);
}

TEST_CASE("silence does not count while the listener did not listen") {
    const Liveness liveness(k_limits, k_start);
    const MonoTime listening = k_start + 60s;
    CHECK(liveness.verdict(k_start + 60s, listening) == Life::alive);
    CHECK(liveness.verdict(k_start + 62s, listening) == Life::late);
    CHECK(liveness.verdict(k_start + 65s, listening) == Life::lost);
}

TEST_CASE("the next change is exactly when the verdict changes") {
    Liveness liveness(k_limits, k_start);
    CHECK(liveness.next_change(k_start, k_start) == k_start + 2s);
    CHECK(liveness.next_change(k_start + 2s, k_start) == k_start + 5s);
    CHECK_FALSE(liveness.next_change(k_start + 5s, k_start));
    liveness.on_traffic(k_start + 1s);
    CHECK(liveness.next_change(k_start + 1s, k_start) == k_start + 3s);
    CHECK(liveness.next_change(k_start + 1s, k_start + 2s) == k_start + 4s);
}

TEST_CASE("a loop that turns in time keeps listening") {
    Attention attention(instant(0s));
    for (int i = 1; i <= 100; ++i)
        CHECK_FALSE(attention.on_turn(instant(i * Attention::k_turn_max)));
    CHECK(attention.listening_since() == k_start);
}

TEST_CASE("a loop that stood still begins to listen anew") {
    Attention attention(instant(0s));
    CHECK(attention.on_turn(instant(Attention::k_turn_max + 1ns)));
    CHECK(attention.listening_since() == k_start + Attention::k_turn_max + 1ns);
}

TEST_CASE("a clock that jumps, either way, makes the listener begin anew") {
    for (const Nanos jump : {Nanos(1h), Nanos(-1h), Nanos(1s), Nanos(-1s)}) {
        Attention attention(instant(0s));
        CHECK_FALSE(attention.on_turn(instant(100ms)));
        CHECK(attention.on_turn(instant(200ms, jump)));
        CHECK(attention.listening_since() == k_start + 200ms);
        CHECK_FALSE(attention.on_turn(instant(300ms, jump)));
    }
    Attention attention(instant(0s));
    CHECK_FALSE(attention.on_turn(instant(100ms, 999ms)));
}

TEST_CASE("a steady clock that goes backwards is not trusted either") {
    Attention attention(instant(10s));
    CHECK(attention.on_turn(instant(9s)));
}

TEST_CASE("a quiet night without anything due is no hang") {
    Obligations obligations(2s);
    CHECK_FALSE(obligations.overdue(k_start + 24h, k_start));
    obligations.on_beat(k_start, std::vector<Obligation>{{"bar", 45s, true, false}});
    CHECK_FALSE(obligations.overdue(k_start + 24h, k_start));
    CHECK_FALSE(obligations.next_change(k_start));
}

TEST_CASE("the worker's own word that it is overdue counts at once") {
    Obligations obligations(2s);
    obligations.on_beat(k_start, std::vector<Obligation>{{"timer", 10s, true, true}});
    CHECK(obligations.overdue(k_start, k_start) == "timer");
}

TEST_CASE("work that is not reported as done is overdue after its deadline and the grace") {
    Obligations obligations(2s);
    obligations.on_beat(k_start, std::vector<Obligation>{{"bar", 3s, false, false}});
    CHECK_FALSE(obligations.overdue(k_start + 5s - 1ns, k_start));
    CHECK(obligations.next_change(k_start) == k_start + 5s);
    CHECK(obligations.overdue(k_start + 5s, k_start) == "bar");
    obligations.on_beat(k_start + 5s, std::vector<Obligation>{{"bar", 60s, true, false}});
    CHECK_FALSE(obligations.overdue(k_start + 6s, k_start));
}

TEST_CASE("the duty missed the longest is named") {
    Obligations obligations(1s);
    obligations.on_beat(k_start, std::vector<Obligation>{{"late", 2s, false, false},
                                                         {"later", -9s, false, false},
                                                         {"fine", 60s, false, false}});
    CHECK(obligations.overdue(k_start + 30s, k_start) == "later");
}

TEST_CASE("a deadline that passed while nobody listened is judged after a full grace") {
    Obligations obligations(2s);
    obligations.on_beat(k_start, std::vector<Obligation>{{"bar", 1s, false, false}});
    const MonoTime listening = k_start + 60s;
    CHECK_FALSE(obligations.overdue(listening, listening));
    CHECK(obligations.next_change(listening) == listening + 2s);
    CHECK(obligations.overdue(listening + 2s, listening) == "bar");
}

TEST_CASE("a beat with too many obligations keeps the first ones") {
    Obligations obligations(1s);
    std::vector<Obligation> many(Obligations::k_count_max + 1, {"fine", 60s, false, false});
    many.back() = {"over", -60s, false, true};
    obligations.on_beat(k_start, many);
    CHECK_FALSE(obligations.overdue(k_start, k_start));
}
