// The processes of the world.
#include <algorithm>

#include "world.hpp"

namespace bullpen::simulation {

using namespace std::chrono_literals;
using fleet::HeartbeatKind;

namespace {

constexpr std::int64_t k_killed = -9;

// A status as one number: a code, or a signal below zero.
std::int64_t draw_crash(SeededRandom& random) {
    static constexpr std::array<std::int64_t, 8> k_crashes = {-11, -6, -9, 1, 2, 70, 75, 139};
    return k_crashes[random.below(k_crashes.size())];
}

std::int64_t draw_start_failure(SeededRandom& random) {
    const double roll = random.unit();
    if (roll < 0.05)
        return 78;
    if (roll < 0.08)
        return 64;
    if (roll < 0.2)
        return 77;
    return roll < 0.25 ? 0 : draw_crash(random);
}

}  // namespace

void World::spawn(Subject& s, const fleet::Action& action) {
    Process& p = s.process;
    const bool flat = p.flat;  // a position outlives the process
    p = Process{};
    p.flat = flat;
    p.alive = true;
    p.launch = action.launch;
    p.fence = action.fence;
    p.fingerprint = s.plan.fingerprint;
    p.started = now().utc;
    p.recovery = action.recovery != fleet::RecoveryPolicy::none;
    fence_last_ = std::max(fence_last_, action.fence);
    launch_last_ = std::max(launch_last_, action.launch);
    ++outcome_.launches;
    draw_start(s);
}

void World::draw_start(Subject& s) {
    Process& p = s.process;
    const Habits& habits = s.habits;
    const auto account = index(s);
    const Nanos soon = log_uniform(random_, Nanos(1ms), s.plan.start_wait / 2);
    if (calm_) {
        schedule(soon, What::ready, account, p.launch.value);
        return;
    }
    p.ignores_term = random_.chance(habits.ignores_term);
    if (random_.chance(habits.start_fails))
        dies_in(s, soon, draw_start_failure(random_));
    else if (random_.chance(habits.start_hangs))
        p.hung = s.plan.heartbeat == HeartbeatKind::zmq;
    else if (random_.chance(habits.start_slow))
        schedule(s.plan.start_wait * 2, What::ready, account, p.launch.value);
    else
        schedule(soon, What::ready, account, p.launch.value);
}

void World::handle_process(const Pending& event, Subject& s) {
    Process& p = s.process;
    const auto account = event.account;
    switch (event.what) {
        case What::ready:
            if (p.hung)
                break;
            p.is_ready = true;
            if (s.plan.heartbeat == HeartbeatKind::zmq) {
                tell({What::ready, account, event.launch, 1});
                beat(s);
            }
            if (!calm_ && p.alive && p.launch.value == event.launch) {
                schedule(waiting_time(random_, s.habits.uptime), What::misfortune, account,
                         event.launch);
            }
            break;
        case What::hello:
            if (!p.hung)
                tell({What::hello, account, event.launch, p.is_ready ? 1 : 0});
            break;
        case What::beat: beat(s); break;
        case What::misfortune: misfortune(s); break;
        case What::dies: dead(s, event.value); break;
        default: break;
    }
}

// Only the beats that matter: the last one before the fleet would call it late.
void World::beat(Subject& s) {
    Process& p = s.process;
    const auto launch = p.launch.value;
    const auto account = index(s);
    if (p.hung)
        return;
    schedule(s.plan.late_after * 9 / 10, What::beat, account, launch);
    if (p.muted_until > mono_)
        return;
    tell({What::beat, account, launch, p.owes ? 1 : 0});
    if (!p.alive || p.launch.value != launch)
        return;
    if (p.fat)
        tell({What::misfortune, account, launch, 0});
    const bool flat = calm_ || !random_.chance(s.habits.opens_position);
    if (p.alive && p.launch.value == launch && flat != p.flat) {
        p.flat = flat;
        tell({What::edit, account, launch, flat ? 1 : 0});
    }
}

void World::misfortune(Subject& s) {
    Process& p = s.process;
    if (calm_)
        return;
    const double roll = random_.unit();
    const bool beats = s.plan.heartbeat == HeartbeatKind::zmq;
    if (roll < 0.55 || !beats) {
        std::int64_t status = draw_crash(random_);
        const double kind = random_.unit();
        if (kind < 0.15)
            status = 0;
        else if (kind < 0.22)
            status = 77;
        else if (kind < 0.25)
            status = 78;
        dead(s, status);
        return;
    }
    if (roll < 0.70) {
        beat(s);
        p.hung = true;
        p.ignores_term = random_.chance(0.7);
        return;
    }
    if (roll < 0.78)
        p.owes = true;
    else if (roll < 0.83)
        p.fat = true;
    else if (roll < 0.9)
        p.muted_until = mono_ + s.plan.dead_after * 2;
    else
        p.muted_until = mono_ + (s.plan.late_after + s.plan.dead_after) / 2;
    if (random_.chance(s.habits.unkillable))
        p.unkillable_until = mono_ + log_uniform(random_, Nanos(1s), Nanos(10min));
    schedule(waiting_time(random_, s.habits.uptime), What::misfortune, index(s), p.launch.value);
}

void World::dies_in(Subject& s, Nanos in, std::int64_t status) {
    schedule(in, What::dies, index(s), s.process.launch.value, status);
}

void World::dead(Subject& s, std::int64_t status) {
    Process& p = s.process;
    if (!p.alive)
        return;
    if (p.unkillable_until > mono_) {
        dies_in(s, p.unkillable_until - mono_, status);
        return;
    }
    p.alive = false;
    p.status = status < 0 ? fleet::ExitStatus::signaled(static_cast<int>(-status))
                          : fleet::ExitStatus::exited(static_cast<int>(status));
    s.children = random_.chance(s.habits.leaves_children);
    ++outcome_.deaths;
    tell({What::dies, index(s), p.launch.value, status});
}

void World::terminate(Subject& s) {
    Process& p = s.process;
    if (p.hung && p.ignores_term)
        return;
    if (p.ignores_term && !p.hung && random_.chance(0.5))
        return;
    const Nanos drain = log_uniform(random_, Nanos(1ms), s.plan.stop_wait * 3 / 2);
    dies_in(s, drain, random_.chance(0.8) ? 0 : -15);
}

void World::kill(Subject& s) {
    dies_in(s, log_uniform(random_, Nanos(1ms), Nanos(50ms)), k_killed);
}

}  // namespace bullpen::simulation
