#include "worker/session.hpp"

namespace bullpen::worker {

namespace {

using model::SessionState;
using Action = SessionAction;

using Row = std::array<SessionStep, k_session_events>;
using Table = std::array<Row, model::k_session_states>;

constexpr SessionStep go(SessionState next, Action action) {
    return {next, action, true};
}
constexpr SessionStep stay(SessionState state) {
    return {state, Action::none, true};
}
constexpr SessionStep never(SessionState state) {
    return {state, Action::none, false};
}

constexpr Table make_table() {
    constexpr auto locking = SessionState::locking;
    constexpr auto recovering = SessionState::recovering;
    constexpr auto connecting = SessionState::connecting;
    constexpr auto reconciling = SessionState::reconciling;
    constexpr auto trading = SessionState::trading;
    constexpr auto draining = SessionState::draining;
    constexpr auto closed = SessionState::closed;
    constexpr auto finish = go(closed, Action::finish);
    constexpr auto drain = go(draining, Action::drain);
    // The columns are SessionEvent's, in its order:
    // lock_taken, lock_refused, recovered, connected, reconciled, connection_lost, drain_requested,
    // drained, failed.
    return {{
        // locking: nothing of the account was touched, so a drain has nothing to do.
        {go(recovering, Action::recover), finish, never(locking), never(locking), never(locking),
         never(locking), finish, never(locking), finish},
        {never(recovering), never(recovering), go(connecting, Action::connect), never(recovering),
         never(recovering), never(recovering), drain, never(recovering), finish},
        // Connecting is tried again by the worker, without an event.
        {never(connecting), never(connecting), never(connecting),
         go(reconciling, Action::reconcile), never(connecting), stay(connecting), drain,
         never(connecting), finish},
        {never(reconciling), never(reconciling), never(reconciling), never(reconciling),
         go(trading, Action::trade), go(connecting, Action::connect), drain, never(reconciling),
         finish},
        {never(trading), never(trading), never(trading), never(trading), never(trading),
         go(connecting, Action::connect), drain, never(trading), finish},
        // Told twice to end, or cut off while ending: it goes on ending.
        {never(draining), never(draining), never(draining), never(draining), never(draining),
         stay(draining), stay(draining), finish, finish},
        // Closed is for ever; what was under way may still arrive.
        {never(closed), never(closed), stay(closed), stay(closed), stay(closed), stay(closed),
         stay(closed), stay(closed), stay(closed)},
    }};
}

constexpr Table k_table = make_table();

}  // namespace

SessionStep step(model::SessionState state, SessionEvent event) {
    return k_table.at(static_cast<std::size_t>(state)).at(static_cast<std::size_t>(event));
}

std::string_view code(SessionEvent event) {
    constexpr std::array<std::string_view, k_session_events> codes = {
        "lock_taken",      "lock_refused",    "recovered", "connected", "reconciled",
        "connection_lost", "drain_requested", "drained",   "failed"};
    return codes.at(static_cast<std::size_t>(event));
}

}  // namespace bullpen::worker
