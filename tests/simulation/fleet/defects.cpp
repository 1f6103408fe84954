// The names of the planted defects.
#include <array>

#include "simulate.hpp"

namespace bullpen::simulation {

std::string_view code(fleet::Defect defect) {
    static constexpr std::array<std::string_view, static_cast<std::size_t>(fleet::Defect::count_)>
        k_codes = {"none",
                   "fence_reused",
                   "fence_block_forgotten",
                   "launch_before_swept",
                   "storm_limit_off",
                   "budget_never_spent",
                   "backoff_reset",
                   "jitter_unbounded",
                   "kill_never_sent",
                   "adopted_restarted",
                   "stop_forgotten",
                   "late_daemon_condemns",
                   "start_deadline_missing",
                   "held_is_crash",
                   "removed_restarted",
                   "hang_unnoticed",
                   "sweep_not_retried",
                   "gate_ignored",
                   "restart_ends_exited",
                   "clean_exit_restarted",
                   "recovery_repeated",
                   "shutdown_restarts"};
    return k_codes[static_cast<std::size_t>(defect)];
}

}  // namespace bullpen::simulation
