// Session: a worker as it sees itself, from the lock to the end. A table; start and crash recovery
// are one path. Pure: the worker feeds it what happened and does what it says.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "common/model/states.hpp"

namespace bullpen::worker {

enum class SessionEvent : std::uint8_t {
    lock_taken,
    lock_refused,     // another process has it
    recovered,        // state file and journal are read
    connected,        // data is open, and the broker when there is one
    reconciled,       // what the records say and what the world says agree
    connection_lost,  // to the data or the broker
    drain_requested,  // by the daemon, a signal, or the end of a finite run
    drained,          // everything is on disk
    failed,           // the process cannot go on
};
inline constexpr std::size_t k_session_events = 9;

enum class SessionAction : std::uint8_t {
    none,
    recover,
    connect,
    reconcile,
    trade,
    drain,
    finish,
};

struct SessionStep {
    model::SessionState next = model::SessionState::locking;
    SessionAction action = SessionAction::none;
    // False: the event cannot happen in this state, and a worker that meets it has a defect.
    bool possible = false;

    friend bool operator==(const SessionStep&, const SessionStep&) = default;
};

SessionStep step(model::SessionState state, SessionEvent event);
std::string_view code(SessionEvent event);

}  // namespace bullpen::worker
