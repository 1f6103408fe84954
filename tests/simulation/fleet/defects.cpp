// The names of the planted defects.
#include <array>

#include "simulate.hpp"

namespace bullpen::simulation {

std::string_view code(fleet::Defect defect) {
    static constexpr std::array<std::string_view, static_cast<std::size_t>(fleet::Defect::count_)>
        k_codes = {
            "none",
            "fence_reused",            // a fence is given twice
            "fence_block_forgotten",   // a new daemon begins inside a block that was in use
            "launch_before_swept",     // a restart does not wait for the proof of a free lock
            "storm_limit_off",         // deaths of the home are not counted
            "budget_never_spent",      // deaths of an account are not counted
            "backoff_reset",           // every start counts as a stable run
            "jitter_unbounded",        // the jitter may double the delay
            "kill_never_sent",         // a stop waits for ever
            "adopted_restarted",       // an adopted worker is restarted
            "stop_forgotten",          // an operator's stop is not kept over the daemon's death
            "late_daemon_condemns",    // a daemon that did not listen counts the silence
            "start_deadline_missing",  // a worker may start for ever
            "held_is_crash",           // exit code 77 is counted as a death
            "removed_restarted",       // a removed account is restarted when it ends
            "hang_unnoticed",          // silence is never fatal
            "sweep_not_retried",       // a proof that does not come is not asked for again
            "gate_ignored",            // a shut gate does not keep an account from starting
            "restart_ends_exited",     // a restart interrupted by the daemon's death ends as EXITED
            "clean_exit_restarted",    // `unexpected` restarts after code 0
            "recovery_repeated",       // a fatal account is recovered again and again
            "shutdown_restarts",       // a worker that dies during the shutdown is restarted
        };
    return k_codes[static_cast<std::size_t>(defect)];
}

}  // namespace bullpen::simulation
