#include "state_page.hpp"

#include <array>
#include <string_view>

#include "common/base/assert.hpp"
#include "supervisor/fleet/worker_machine.hpp"

namespace bullpen::fleet {

namespace {

struct EventText {
    Event event;
    std::string_view meaning;
    std::string_view only;  // why it cannot come in the other states
};

constexpr std::array<EventText, k_events> k_texts = {{
    {Event::wanted, "it is to run: the roster or an operator says so",
     "in every other state it is on its way already, and the wish is only noted"},
    {Event::unwanted, "it is not to run any more, and nothing of it runs",
     "with a process it is `drain`, and what is stopped or stopping needs no telling"},
    {Event::unwanted_unswept,
     "it is not to run any more, and the end of its last tree is not yet proven",
     "with a process it is `drain`, and what is stopped has nothing left to sweep"},
    {Event::admitted, "every gate is open and its turn has come", "only what waits is admitted"},
    {Event::refused, "no process came to be: the lock is held, or the disk is full",
     "a launch is answered while the account is starting; one that was told to stop meanwhile ends "
     "as stopped"},
    {Event::recovery, "one launch more, to make the open position of a fatal account safe",
     "only a fatal account is recovered"},
    {Event::adopted, "a worker of an earlier daemon was found",
     "workers are found before this daemon has launched any"},
    {Event::ready, "it reported ready; without heartbeat: it stayed up for started_after",
     "a report that comes when it is not awaited changes nothing and is not an event"},
    {Event::missed, "nothing was heard for late_after", "only one that runs is listened for"},
    {Event::heard, "something was heard again", "only one that is late was missed"},
    {Event::condemned,
     "it must end: silent, a duty or its start overdue, too much memory, a wrong protocol",
     "without a process there is nobody to condemn, and what is stopping has its own deadline"},
    {Event::drain, "it is to end in order: stopped, or restarted on request",
     "without a process there is nothing to drain, and what is stopping was told"},
    {Event::overdue, "it did not end within the time to stop",
     "the time to stop runs only while it is stopping"},
    {Event::kill_overdue, "SIGKILL was sent and no end was seen",
     "SIGKILL is sent only on entering killing"},
    {Event::ended_again, "it ended as it was told, and is wanted",
     "only one that was told to end ends as told; an earlier daemon may have told one that is "
     "found dead"},
    {Event::ended_wait, "it ended with code 77: lock or lease are held elsewhere",
     "one that was told to end is not asked why it did, and without a process nothing ends"},
    {Event::ended_retry, "it died, and its restart policy allows another try",
     "without a process nothing ends"},
    {Event::ended_stop, "it ended, and is not to start again", "without a process nothing ends"},
    {Event::ended_fatal, "it died, and no further try is made", "without a process nothing ends"},
    {Event::swept, "nothing of its last launch is left, and the lock is free",
     "a process that lives is not swept, and what is stopped was"},
    {Event::sweep_overdue, "something of its last launch is still there",
     "a process that lives is not swept, and what is stopped was"},
    {Event::retry_due, "the back-off is over, or an operator does not wait for it",
     "only a back-off ends"},
}};

constexpr std::string_view k_head =
    "# The states of a worker\n"
    "\n"
    "A worker as the daemon sees it is in one of nine states. Whether it is *wanted* (by its file "
    "and by the\n"
    "operator) is a fact apart. The table below is the one in "
    "`supervisor/fleet/worker_machine.cpp`;"
    " a test\n"
    "compares them (and writes this page when run with `BULLPEN_WRITE_PAGES=1`).\n"
    "\n"
    "Each column is the state in which an event comes, each cell the state that follows. An empty "
    "cell cannot\n"
    "happen; the second table says why. What is done is done on the event, whatever the state.\n"
    "\n";

constexpr std::string_view k_between =
    "\n"
    "*Sweep* means: kill what is left of the worker's process tree and prove that its lock is "
    "free. "
    "Nothing is\n"
    "launched before that proof. Sweep and crash bundle are left out where no process came to be.\n"
    "\n"
    "| event | means | why in no other state |\n"
    "|---|---|---|\n";

std::string effects_text(const Effects& effects) {
    std::string text;
    const auto add = [&](bool has, std::string_view word) {
        if (has)
            text += (text.empty() ? "" : ", ") + std::string(word);
    };
    add(effects.launch, "launch");
    add(effects.drain, "drain message");
    add(effects.terminate, "SIGTERM");
    add(effects.kill, "SIGKILL");
    add(effects.sweep, "sweep");
    add(effects.bundle, "crash bundle");
    add(effects.alarm, "alarm");
    return text;
}

}  // namespace

std::string state_page() {
    std::string page(k_head);
    std::string rule = "|---|";
    page += "| event |";
    for (std::size_t s = 0; s < model::k_worker_states; ++s) {
        page += " " + std::string(model::code(static_cast<model::WorkerState>(s))) + " |";
        rule += "---|";
    }
    page += " does |\n" + rule + "---|\n";
    std::string meanings;
    for (std::size_t e = 0; e < k_events; ++e) {
        const auto event = static_cast<Event>(e);
        const EventText& text = k_texts[e];
        BULLPEN_ASSERT(text.event == event, "one text for each event, in their order");
        page += "| `" + std::string(code(event)) + "` |";
        for (std::size_t s = 0; s < model::k_worker_states; ++s) {
            const auto next = worker_machine::next(static_cast<model::WorkerState>(s), event);
            page += next ? " " + std::string(model::code(*next)) + " |" : " |";
        }
        page += " " + effects_text(worker_machine::effects(event)) + " |\n";
        meanings += "| `" + std::string(code(event)) + "` | " + std::string(text.meaning) + " | " +
                    std::string(text.only) + " |\n";
    }
    page += k_between;
    return page + meanings;
}

}  // namespace bullpen::fleet
