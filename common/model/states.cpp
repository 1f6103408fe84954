#include "common/model/states.hpp"

namespace bullpen::model {

namespace {

constexpr std::array<std::string_view, k_worker_states> k_worker_codes = {
    "stopped", "waiting", "starting", "running", "late", "stopping", "killing", "backoff", "fatal"};
constexpr std::array<std::string_view, k_session_states> k_session_codes = {
    "locking", "recovering", "connecting", "reconciling", "trading", "draining", "closed"};
constexpr std::array<std::string_view, k_trading_modes> k_mode_codes = {"active", "reducing",
                                                                        "idle", "halted", "fenced"};

template <class Enum, std::size_t n>
std::optional<Enum> find(const std::array<std::string_view, n>& codes, std::string_view code) {
    for (std::size_t i = 0; i < n; ++i) {
        if (codes[i] == code)
            return static_cast<Enum>(i);
    }
    return std::nullopt;
}

}  // namespace

std::string_view code(WorkerState state) {
    return k_worker_codes[static_cast<std::size_t>(state)];
}

std::string_view code(SessionState state) {
    return k_session_codes[static_cast<std::size_t>(state)];
}

std::string_view code(TradingMode mode) {
    return k_mode_codes[static_cast<std::size_t>(mode)];
}

std::optional<WorkerState> worker_state_from(std::string_view code) {
    return find<WorkerState>(k_worker_codes, code);
}

std::optional<SessionState> session_state_from(std::string_view code) {
    return find<SessionState>(k_session_codes, code);
}

std::optional<TradingMode> trading_mode_from(std::string_view code) {
    return find<TradingMode>(k_mode_codes, code);
}

std::string_view shown(WorkerState state, bool exited) {
    switch (state) {
        case WorkerState::stopped: return exited ? "EXITED" : "STOPPED";
        case WorkerState::waiting: return "WAITING";
        case WorkerState::starting: return "STARTING";
        case WorkerState::running:
        case WorkerState::late: return "RUNNING";
        case WorkerState::stopping:
        case WorkerState::killing: return "STOPPING";
        case WorkerState::backoff: return "BACKOFF";
        case WorkerState::fatal: return "FATAL";
    }
    return "UNKNOWN";
}

}  // namespace bullpen::model
