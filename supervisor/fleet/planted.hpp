// What the simulation alone sees and does inside the fleet: it plants defects, one at a time, to
// prove that it would find them, and counts the steps of the worker machine. Only the simulation's
// own build of these sources defines BULLPEN_PLANTED_DEFECTS; in every other build planted() is
// false at compile time and nothing of this remains.
#pragma once

#include <cstdint>

#include "common/model/states.hpp"

namespace bullpen::fleet {

enum class Event : std::uint8_t;

// What each of them is, is said where they are named: tests/simulation/fleet/defects.cpp.
enum class Defect : std::uint8_t {
    none,
    fence_reused,
    fence_block_forgotten,
    launch_before_swept,
    storm_limit_off,
    budget_never_spent,
    backoff_reset,
    jitter_unbounded,
    kill_never_sent,
    adopted_restarted,
    stop_forgotten,
    late_daemon_condemns,
    start_deadline_missing,
    held_is_crash,
    removed_restarted,
    hang_unnoticed,
    sweep_not_retried,
    gate_ignored,
    restart_ends_exited,
    clean_exit_restarted,
    recovery_repeated,
    shutdown_restarts,
    count_
};

#ifdef BULLPEN_PLANTED_DEFECTS
inline Defect planted_defect = Defect::none;
inline bool planted(Defect defect) {
    return planted_defect == defect;
}
inline void (*step_observer)(model::WorkerState, Event) = nullptr;
inline void observe_step(model::WorkerState state, Event event) {
    if (step_observer != nullptr)
        step_observer(state, event);
}
#else
constexpr bool planted(Defect) {
    return false;
}
constexpr void observe_step(model::WorkerState, Event) {}
#endif

}  // namespace bullpen::fleet
