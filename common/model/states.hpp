// The words of the system: what state a worker, its session and its trading are in. Each
// enumerator has a stable text that files, messages and people see.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

namespace bullpen::model {

// A worker as the daemon sees it. Wanted (should it run?) is a fact apart from this one.
enum class WorkerState : std::uint8_t {
    stopped,   // no process, not wanted
    waiting,   // wanted; a gate is shut
    starting,  // process exists, not ready; a deadline runs
    running,   // ready and beating
    late,      // beats missed, below the limit
    stopping,  // told to drain; a deadline runs
    killing,   // SIGKILL sent, waiting for the exit
    backoff,   // died; a timer runs
    fatal,     // budget spent or told not to retry; an operator is needed
};
inline constexpr std::size_t k_worker_states = 9;

// A worker as it sees itself. Start and crash recovery are one path.
enum class SessionState : std::uint8_t {
    locking,
    recovering,
    connecting,
    reconciling,
    trading,
    draining,
    closed,
};
inline constexpr std::size_t k_session_states = 7;

// What a worker may do with orders; apart from its state.
enum class TradingMode : std::uint8_t {
    active,    // entries and exits
    reducing,  // no new entries, resting ones cancelled
    idle,      // no new entries for now
    halted,    // only towards flat; latched on disk until an operator resumes
    fenced,    // sends nothing; another host may hold the lease
};
inline constexpr std::size_t k_trading_modes = 5;

// Lower-case stable codes: "running", "late", ...
std::string_view code(WorkerState state);
std::string_view code(SessionState state);
std::string_view code(TradingMode mode);

std::optional<WorkerState> worker_state_from(std::string_view code);
std::optional<SessionState> session_state_from(std::string_view code);
std::optional<TradingMode> trading_mode_from(std::string_view code);

// What people read, in supervisorctl's words: "RUNNING", "STOPPED", ... `late` reads "RUNNING",
// `killing` reads "STOPPING"; `exited` turns STOPPED into EXITED.
std::string_view shown(WorkerState state, bool exited);

}  // namespace bullpen::model
