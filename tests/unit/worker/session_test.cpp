#include "worker/session.hpp"

#include <doctest/doctest.h>

#include <set>
#include <string>
#include <vector>

namespace bullpen::worker {

namespace {

using model::SessionState;
using Action = SessionAction;
using Event = SessionEvent;

struct Row {
    SessionState state;
    Event event;
    SessionStep step;
};

// Every pair, written out a second time, by event: what is not listed cannot happen.
std::vector<Row> legal_rows() {
    const auto L = SessionState::locking;
    const auto R = SessionState::recovering;
    const auto N = SessionState::connecting;
    const auto C = SessionState::reconciling;
    const auto T = SessionState::trading;
    const auto D = SessionState::draining;
    const auto X = SessionState::closed;
    std::vector<Row> rows = {
        {L, Event::lock_taken, {R, Action::recover, true}},
        {L, Event::lock_refused, {X, Action::finish, true}},
        {R, Event::recovered, {N, Action::connect, true}},
        {N, Event::connected, {C, Action::reconcile, true}},
        {C, Event::reconciled, {T, Action::trade, true}},
        {N, Event::connection_lost, {N, Action::none, true}},
        {C, Event::connection_lost, {N, Action::connect, true}},
        {T, Event::connection_lost, {N, Action::connect, true}},
        {D, Event::connection_lost, {D, Action::none, true}},
        {L, Event::drain_requested, {X, Action::finish, true}},
        {D, Event::drain_requested, {D, Action::none, true}},
        {D, Event::drained, {X, Action::finish, true}},
    };
    for (const auto state : {R, N, C, T})
        rows.push_back({state, Event::drain_requested, {D, Action::drain, true}});
    for (const auto state : {L, R, N, C, T, D})
        rows.push_back({state, Event::failed, {X, Action::finish, true}});
    for (const auto event :
         {Event::recovered, Event::connected, Event::reconciled, Event::connection_lost,
          Event::drain_requested, Event::drained, Event::failed}) {
        rows.push_back({X, event, {X, Action::none, true}});
    }
    return rows;
}

}  // namespace

TEST_CASE("every event in every session state does what the table says") {
    const auto rows = legal_rows();
    int legal = 0;
    for (std::size_t s = 0; s < model::k_session_states; ++s) {
        for (std::size_t e = 0; e < k_session_events; ++e) {
            const auto state = static_cast<SessionState>(s);
            const auto event = static_cast<SessionEvent>(e);
            SessionStep expected{state, Action::none, false};
            for (const auto& row : rows) {
                if (row.state == state && row.event == event)
                    expected = row.step;
            }
            legal += expected.possible ? 1 : 0;
            const auto pair = std::string(model::code(state)) + " x " + std::string(code(event));
            CHECK_MESSAGE(step(state, event) == expected, pair);
        }
    }
    CHECK(static_cast<std::size_t>(legal) == rows.size());
}

TEST_CASE("from every session state there is a way to closed, and none out of it") {
    for (std::size_t s = 0; s < model::k_session_states; ++s) {
        const auto state = static_cast<SessionState>(s);
        CHECK(step(state, Event::failed).next == SessionState::closed);
        const auto drained = step(step(state, Event::drain_requested).next, Event::drained);
        CHECK(drained.next == SessionState::closed);
    }
    for (std::size_t e = 0; e < k_session_events; ++e) {
        CHECK(step(SessionState::closed, static_cast<SessionEvent>(e)).next ==
              SessionState::closed);
    }
}

TEST_CASE("the way from start to trading is locking, recovering, connecting, reconciling") {
    auto state = SessionState::locking;
    for (const auto event :
         {Event::lock_taken, Event::recovered, Event::connected, Event::reconciled}) {
        CHECK(step(state, event).possible);
        state = step(state, event).next;
    }
    CHECK(state == SessionState::trading);
}

TEST_CASE("every session event has a name of its own") {
    std::set<std::string_view> names;
    for (std::size_t e = 0; e < k_session_events; ++e)
        names.insert(code(static_cast<SessionEvent>(e)));
    CHECK(names.size() == k_session_events);
}

}  // namespace bullpen::worker
