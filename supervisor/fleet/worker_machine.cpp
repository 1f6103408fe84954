#include "supervisor/fleet/worker_machine.hpp"

#include <array>

#include "common/base/assert.hpp"

namespace bullpen::fleet::worker_machine {

namespace {

using model::WorkerState;
using Next = std::optional<WorkerState>;

struct Row {
    Event event;
    std::string_view code;
    Effects effects;
    std::array<Next, model::k_worker_states> next;  // in the order of WorkerState
};

// Columns, kept to four characters so that the table reads as one.
// NOLINTBEGIN(readability-identifier-naming)
constexpr Next no___ = std::nullopt;
constexpr Next stop = WorkerState::stopped;
constexpr Next wait = WorkerState::waiting;
constexpr Next strt = WorkerState::starting;
constexpr Next runs = WorkerState::running;
constexpr Next late = WorkerState::late;
constexpr Next stpg = WorkerState::stopping;
constexpr Next kill = WorkerState::killing;
constexpr Next back = WorkerState::backoff;
constexpr Next fatl = WorkerState::fatal;
// NOLINTEND(readability-identifier-naming)

// clang-format off
constexpr std::array<Row, k_events> k_table = {{
    //                          stopped waiting starting running late  stopping killing backoff fatal
    {Event::wanted, "wanted", {},
     {wait, no___, no___, no___, no___, no___, no___, no___, wait}},
    {Event::unwanted, "unwanted", {},
     {no___, stop, no___, no___, no___, no___, no___, stop, stop}},
    {Event::unwanted_unswept, "unwanted_unswept", {},
     {no___, stpg, no___, no___, no___, no___, no___, stpg, stpg}},
    {Event::admitted, "admitted", {.launch = true},
     {no___, strt, no___, no___, no___, no___, no___, no___, no___}},
    {Event::refused, "refused", {},
     {no___, no___, wait, no___, no___, no___, no___, no___, no___}},
    {Event::recovery, "recovery", {.launch = true, .alarm = true},
     {no___, no___, no___, no___, no___, no___, no___, no___, strt}},
    {Event::adopted, "adopted", {},
     {strt, strt, no___, no___, no___, no___, no___, strt, strt}},
    {Event::ready, "ready", {},
     {no___, no___, runs, no___, no___, no___, no___, no___, no___}},
    {Event::missed, "missed", {},
     {no___, no___, no___, late, no___, no___, no___, no___, no___}},
    {Event::heard, "heard", {},
     {no___, no___, no___, no___, runs, no___, no___, no___, no___}},
    {Event::condemned, "condemned", {.terminate = true},
     {no___, no___, stpg, stpg, stpg, no___, no___, no___, no___}},
    {Event::drain, "drain", {.drain = true, .terminate = true},
     {no___, no___, stpg, stpg, stpg, no___, no___, no___, no___}},
    {Event::overdue, "overdue", {.kill = true},
     {no___, no___, no___, no___, no___, kill, no___, no___, no___}},
    {Event::kill_overdue, "kill_overdue", {.kill = true, .alarm = true},
     {no___, no___, no___, no___, no___, no___, kill, no___, no___}},
    {Event::ended_again, "ended_again", {.sweep = true},
     {no___, no___, wait, no___, no___, wait, wait, no___, no___}},
    {Event::ended_wait, "ended_wait", {.sweep = true},
     {no___, no___, wait, wait, wait, no___, no___, no___, no___}},
    {Event::ended_retry, "ended_retry", {.sweep = true, .bundle = true},
     {no___, no___, back, back, back, back, back, no___, no___}},
    {Event::ended_stop, "ended_stop", {.sweep = true},
     {no___, no___, stpg, stpg, stpg, stpg, stpg, no___, no___}},
    {Event::ended_fatal, "ended_fatal", {.sweep = true, .bundle = true, .alarm = true},
     {no___, no___, fatl, fatl, fatl, fatl, fatl, no___, no___}},
    {Event::swept, "swept", {},
     {no___, wait, no___, no___, no___, stop, no___, back, fatl}},
    {Event::sweep_overdue, "sweep_overdue", {.sweep = true},
     {no___, wait, no___, no___, no___, stpg, no___, back, fatl}},
    {Event::retry_due, "retry_due", {},
     {no___, no___, no___, no___, no___, no___, no___, wait, no___}},
}};
// clang-format on

constexpr bool in_order() {
    for (std::size_t i = 0; i < k_events; ++i) {
        if (static_cast<std::size_t>(k_table[i].event) != i)
            return false;
    }
    return true;
}
static_assert(in_order(), "one row for each event, in the order of the enumeration");

const Row& row(Event event) {
    BULLPEN_ASSERT(event < Event::count_, "an event of the table");
    return k_table[static_cast<std::size_t>(event)];
}

}  // namespace

std::optional<WorkerState> next(WorkerState state, Event event) {
    return row(event).next[static_cast<std::size_t>(state)];
}

const Effects& effects(Event event) {
    return row(event).effects;
}

}  // namespace bullpen::fleet::worker_machine

namespace bullpen::fleet {

std::string_view code(Event event) {
    return worker_machine::row(event).code;
}

}  // namespace bullpen::fleet
