// What the simulation alone sees and does inside the fleet: it plants defects, one at a time, to
// prove that it would find them, and counts the steps of the worker machine. Only the simulation's
// own build of these sources defines BULLPEN_PLANTED_DEFECTS; in every other build planted() is
// false at compile time and nothing of this remains.
#pragma once

#include <cstdint>

#include "common/model/states.hpp"

namespace bullpen::fleet {

enum class Event : std::uint8_t;

enum class Defect : std::uint8_t {
    none,
    fence_reused,            // a fence is given twice
    fence_block_forgotten,   // a new daemon begins inside a block that was in use
    launch_before_swept,     // a restart does not wait for the proof of a free lock
    storm_limit_off,         // deaths of the home are not counted
    budget_never_spent,      // deaths of an account are not counted
    backoff_reset,           // every start counts as a stable run
    jitter_unbounded,        // the jitter may double the delay
    kill_never_sent,         // a stop waits for ever
    adopted_restarted,       // an adopted worker is restarted
    stop_forgotten,          // an operator's stop is not kept over the daemon's death
    late_daemon_condemns,    // a daemon that did not listen counts the silence
    start_deadline_missing,  // a worker may start for ever
    held_is_crash,           // exit code 77 is counted as a death
    removed_restarted,       // a removed account is restarted when it ends
    hang_unnoticed,          // silence is never fatal
    sweep_not_retried,       // a proof that does not come is not asked for again
    gate_ignored,            // a shut gate does not keep an account from starting
    restart_ends_exited,     // a restart interrupted by the daemon's death ends as EXITED
    clean_exit_restarted,    // `unexpected` restarts after code 0
    recovery_repeated,       // a fatal account is recovered again and again
    shutdown_restarts,       // a worker that dies during the shutdown is restarted
    count_,
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
