// WorkerMachine: the life of a worker as the daemon sees it, as one table. Every pair of state and
// event is in it: the state that follows, or that the pair cannot happen and why. What decides
// which event a fact of the world is (whether a death is retried, whether a gate is open) is in
// Fleet and RestartPolicy; the table only says what follows.
//
// Wanted and observed are separate facts: an account may be wanted and waiting, or not wanted and
// stopping. `docs/worker-states.md` shows the same table; a test compares them.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "common/model/states.hpp"

namespace bullpen::fleet {

enum class Event : std::uint8_t {
    wanted,
    unwanted,
    unwanted_unswept,
    admitted,
    refused,
    recovery,
    adopted,
    ready,
    missed,
    heard,
    condemned,
    drain,
    overdue,
    kill_overdue,
    ended_again,
    ended_wait,
    ended_retry,
    ended_stop,
    ended_fatal,
    swept,
    sweep_overdue,
    retry_due,
    count_,
};
inline constexpr std::size_t k_events = static_cast<std::size_t>(Event::count_);

// What is done on an event, in this order, apart from the new state.
struct Effects {
    bool launch = false;     // start a process
    bool drain = false;      // ask it by message to end
    bool terminate = false;  // ask it by SIGTERM to end
    bool kill = false;       // SIGKILL to its tree
    bool sweep = false;      // kill leftovers, prove the lock free (if there was a process)
    bool bundle = false;     // make a crash bundle (if there was a process)
    bool alarm = false;      // tell the operator
};

namespace worker_machine {

// The state that follows, or none when the pair cannot happen.
[[nodiscard]] std::optional<model::WorkerState> next(model::WorkerState state, Event event);
[[nodiscard]] const Effects& effects(Event event);

}  // namespace worker_machine

std::string_view code(Event event);

}  // namespace bullpen::fleet
