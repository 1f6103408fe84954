#include "supervisor/fleet/worker_machine.hpp"

#include <array>

#include "common/base/assert.hpp"

namespace bullpen::fleet::worker_machine {

namespace {

using model::WorkerState;
using Next = std::optional<WorkerState>;

struct Row {
    EventText text;
    Effects effects;
    std::array<Next, model::k_worker_states> next;  // in the order of WorkerState
};

// Columns, kept to four characters so that the table reads as one.
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

// clang-format off
constexpr std::array<Row, k_events> k_table = {{
    // columns:                              stopped waiting starting running late stopping killing backoff fatal
    {{Event::wanted, "wanted", "it is to run: the roster or an operator says so",
      "in every other state it is on its way already, and the wish is only noted"},
     {},                                    {wait, no___, no___, no___, no___, no___, no___, no___, wait}},
    {{Event::unwanted, "unwanted", "it is not to run any more, and nothing of it runs",
      "with a process it is `drain`, and what is stopped or stopping needs no telling"},
     {},                                    {no___, stop, no___, no___, no___, no___, no___, stop, stop}},
    {{Event::unwanted_unswept, "unwanted_unswept",
      "it is not to run any more, and the end of its last tree is not yet proven",
      "with a process it is `drain`, and what is stopped has nothing left to sweep"},
     {},                                    {no___, stpg, no___, no___, no___, no___, no___, stpg, stpg}},
    {{Event::admitted, "admitted", "every gate is open and its turn has come",
      "only what waits is admitted"},
     {.launch = true},                      {no___, strt, no___, no___, no___, no___, no___, no___, no___}},
    {{Event::refused, "refused", "no process came to be: the lock is held, or the disk is full",
      "a launch is answered while the account is starting; one that was told to stop meanwhile ends "
      "as stopped"},
     {},                                    {no___, no___, wait, no___, no___, no___, no___, no___, no___}},
    {{Event::recovery, "recovery", "one launch more, to make the open position of a fatal account safe",
      "only a fatal account is recovered"},
     {.launch = true, .alarm = true},       {no___, no___, no___, no___, no___, no___, no___, no___, strt}},
    {{Event::adopted, "adopted", "a worker of an earlier daemon was found",
      "workers are found before this daemon has launched any"},
     {},                                    {strt, strt, no___, no___, no___, no___, no___, strt, strt}},
    {{Event::ready, "ready", "it reported ready; without heartbeat: its program executes",
      "a report that comes when it is not awaited changes nothing and is not an event"},
     {},                                    {no___, no___, runs, no___, no___, no___, no___, no___, no___}},
    {{Event::missed, "missed", "nothing was heard for late_after",
      "only one that runs is listened for"},
     {},                                    {no___, no___, no___, late, no___, no___, no___, no___, no___}},
    {{Event::heard, "heard", "something was heard again", "only one that is late was missed"},
     {},                                    {no___, no___, no___, no___, runs, no___, no___, no___, no___}},
    {{Event::condemned, "condemned",
      "it must end: silent, a duty or its start overdue, too much memory, a wrong protocol",
      "without a process there is nobody to condemn, and what is stopping has its own deadline"},
     {.terminate = true},                   {no___, no___, stpg, stpg, stpg, no___, no___, no___, no___}},
    {{Event::drain, "drain", "it is to end in order: stopped, or restarted on request",
      "without a process there is nothing to drain, and what is stopping was told"},
     {.drain = true, .terminate = true},    {no___, no___, stpg, stpg, stpg, no___, no___, no___, no___}},
    {{Event::overdue, "overdue", "it did not end within the time to stop",
      "the time to stop runs only while it is stopping"},
     {.kill = true},                        {no___, no___, no___, no___, no___, kill, no___, no___, no___}},
    {{Event::kill_overdue, "kill_overdue", "SIGKILL was sent and no end was seen",
      "SIGKILL is sent only on entering killing"},
     {.kill = true, .alarm = true},         {no___, no___, no___, no___, no___, no___, kill, no___, no___}},
    {{Event::ended_again, "ended_again", "it ended as it was told, and is wanted",
      "only one that was told to end ends as told; an earlier daemon may have told one that is "
      "found dead"},
     {.sweep = true},                       {no___, no___, wait, no___, no___, wait, wait, no___, no___}},
    {{Event::ended_wait, "ended_wait", "it ended with code 77: lock or lease are held elsewhere",
      "one that was told to end is not asked why it did, and without a process nothing ends"},
     {.sweep = true},                       {no___, no___, wait, wait, wait, no___, no___, no___, no___}},
    {{Event::ended_retry, "ended_retry", "it died, and its restart policy allows another try",
      "without a process nothing ends"},
     {.sweep = true, .bundle = true},       {no___, no___, back, back, back, back, back, no___, no___}},
    {{Event::ended_stop, "ended_stop", "it ended, and is not to start again",
      "without a process nothing ends"},
     {.sweep = true},                       {no___, no___, stpg, stpg, stpg, stpg, stpg, no___, no___}},
    {{Event::ended_fatal, "ended_fatal", "it died, and no further try is made",
      "without a process nothing ends"},
     {.sweep = true, .bundle = true, .alarm = true},
                                            {no___, no___, fatl, fatl, fatl, fatl, fatl, no___, no___}},
    {{Event::swept, "swept", "nothing of its last launch is left, and the lock is free",
      "a process that lives is not swept, and what is stopped was"},
     {},                                    {no___, wait, no___, no___, no___, stop, no___, back, fatl}},
    {{Event::sweep_overdue, "sweep_overdue", "something of its last launch is still there",
      "a process that lives is not swept, and what is stopped was"},
     {.sweep = true},                       {no___, wait, no___, no___, no___, stpg, no___, back, fatl}},
    {{Event::retry_due, "retry_due", "the back-off is over, or an operator does not wait for it",
      "only a back-off ends"},
     {},                                    {no___, no___, no___, no___, no___, no___, no___, wait, no___}},
}};
// clang-format on

constexpr bool in_order() {
    for (std::size_t i = 0; i < k_events; ++i) {
        if (static_cast<std::size_t>(k_table[i].text.event) != i)
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

const EventText& text(Event event) {
    return row(event).text;
}

bool has_process(WorkerState state) {
    switch (state) {
        case WorkerState::starting:
        case WorkerState::running:
        case WorkerState::late:
        case WorkerState::stopping:
        case WorkerState::killing: return true;
        case WorkerState::stopped:
        case WorkerState::waiting:
        case WorkerState::backoff:
        case WorkerState::fatal: return false;
    }
    return false;
}

}  // namespace bullpen::fleet::worker_machine
