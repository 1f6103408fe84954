#include "common/model/states.hpp"

#include <doctest/doctest.h>

#include <set>
#include <string>

namespace bullpen::model {
namespace {

TEST_CASE("every state's code is read back as the state") {
    std::set<std::string_view> seen;
    for (std::size_t i = 0; i < k_worker_states; ++i) {
        const auto state = static_cast<WorkerState>(i);
        CHECK(worker_state_from(code(state)) == state);
        CHECK(seen.insert(code(state)).second);
    }
    seen.clear();
    for (std::size_t i = 0; i < k_session_states; ++i) {
        const auto state = static_cast<SessionState>(i);
        CHECK(session_state_from(code(state)) == state);
        CHECK(seen.insert(code(state)).second);
    }
    seen.clear();
    for (std::size_t i = 0; i < k_trading_modes; ++i) {
        const auto mode = static_cast<TradingMode>(i);
        CHECK(trading_mode_from(code(mode)) == mode);
        CHECK(seen.insert(code(mode)).second);
    }
}

TEST_CASE("a code nobody knows is no state") {
    CHECK_FALSE(worker_state_from("RUNNING").has_value());
    CHECK_FALSE(worker_state_from("").has_value());
    CHECK_FALSE(session_state_from("running").has_value());
    CHECK_FALSE(trading_mode_from("on").has_value());
}

TEST_CASE("people read supervisorctl's words") {
    CHECK(shown(WorkerState::stopped, false) == "STOPPED");
    CHECK(shown(WorkerState::stopped, true) == "EXITED");
    CHECK(shown(WorkerState::waiting, false) == "WAITING");
    CHECK(shown(WorkerState::starting, false) == "STARTING");
    CHECK(shown(WorkerState::running, false) == "RUNNING");
    CHECK(shown(WorkerState::late, false) == "RUNNING");
    CHECK(shown(WorkerState::stopping, false) == "STOPPING");
    CHECK(shown(WorkerState::killing, false) == "STOPPING");
    CHECK(shown(WorkerState::backoff, false) == "BACKOFF");
    CHECK(shown(WorkerState::fatal, false) == "FATAL");
    CHECK(shown(WorkerState::running, true) == "RUNNING");
}

}  // namespace
}  // namespace bullpen::model
