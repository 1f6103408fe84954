#include "supervisor/fleet/worker_machine.hpp"

#include <doctest/doctest.h>

#include <cstdlib>
#include <fstream>
#include <set>
#include <sstream>

#include "state_page.hpp"

namespace {

using namespace bullpen;
using namespace bullpen::fleet;
using model::WorkerState;

bool has_process(WorkerState state) {
    return state == WorkerState::starting || state == WorkerState::running ||
           state == WorkerState::late || state == WorkerState::stopping ||
           state == WorkerState::killing;
}

template <class Visit>
void every_pair(Visit visit) {
    for (std::size_t s = 0; s < model::k_worker_states; ++s) {
        for (std::size_t e = 0; e < k_events; ++e)
            visit(static_cast<WorkerState>(s), static_cast<Event>(e));
    }
}

}  // namespace

TEST_CASE("every pair of state and event is in the table, possible or not") {
    int possible = 0;
    int impossible = 0;
    every_pair([&](WorkerState state, Event event) {
        INFO("state ", model::code(state), ", event ", code(event));
        const auto next = worker_machine::next(state, event);
        (next ? possible : impossible) += 1;
        CHECK_FALSE(code(event).empty());
    });
    CHECK(possible == 56);
    CHECK(possible + impossible == 9 * 22);
}

TEST_CASE("every event has a code of its own") {
    std::set<std::string_view> codes;
    for (std::size_t e = 0; e < k_events; ++e)
        codes.insert(code(static_cast<Event>(e)));
    CHECK(codes.size() == k_events);
}

TEST_CASE("a process comes to be only by a launch or an adoption") {
    every_pair([&](WorkerState state, Event event) {
        const auto next = worker_machine::next(state, event);
        if (!next || has_process(state) || !has_process(*next))
            return;
        INFO("state ", model::code(state), ", event ", code(event));
        // What is left of a tree is swept as `stopping`; it is no new process.
        CHECK((worker_machine::effects(event).launch || event == Event::adopted ||
               event == Event::unwanted_unswept));
    });
}

TEST_CASE("a launch starts from a state without a process, and leads to starting") {
    every_pair([&](WorkerState state, Event event) {
        const auto next = worker_machine::next(state, event);
        if (!next || !worker_machine::effects(event).launch)
            return;
        CHECK_FALSE(has_process(state));
        CHECK(*next == WorkerState::starting);
    });
}

TEST_CASE("a process is left behind only by its end") {
    every_pair([&](WorkerState state, Event event) {
        const auto next = worker_machine::next(state, event);
        if (!next || !has_process(state) || has_process(*next))
            return;
        INFO("state ", model::code(state), ", event ", code(event));
        const bool ends = code(event).starts_with("ended_");
        CHECK((ends || event == Event::swept || event == Event::refused));
        if (ends)
            CHECK(worker_machine::effects(event).sweep);
    });
}

TEST_CASE("from every state every other can be reached") {
    for (std::size_t from = 0; from < model::k_worker_states; ++from) {
        std::set<WorkerState> reached{static_cast<WorkerState>(from)};
        for (std::size_t before = 0; before != reached.size();) {
            before = reached.size();
            every_pair([&](WorkerState state, Event event) {
                if (const auto next = worker_machine::next(state, event);
                    next && reached.contains(state))
                    reached.insert(*next);
            });
        }
        CHECK(reached.size() == model::k_worker_states);
    }
}

TEST_CASE("docs/worker-states.md shows the table as it is") {
    const char* root = std::getenv("BULLPEN_SOURCE_DIR");
    REQUIRE(root != nullptr);
    const std::string path = std::string(root) + "/docs/worker-states.md";
    if (std::getenv("BULLPEN_WRITE_PAGES") != nullptr)
        std::ofstream(path) << state_page();
    std::ostringstream text;
    text << std::ifstream(path).rdbuf();
    CHECK(text.str() == state_page());
}
