#include "state_page.hpp"

#include <string_view>

#include "supervisor/fleet/worker_machine.hpp"

namespace bullpen::fleet {

namespace {

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
        const EventText& text = worker_machine::text(event);
        page += "| `" + std::string(text.code) + "` |";
        for (std::size_t s = 0; s < model::k_worker_states; ++s) {
            const auto next = worker_machine::next(static_cast<model::WorkerState>(s), event);
            page += next ? " " + std::string(model::code(*next)) + " |" : " |";
        }
        page += " " + effects_text(worker_machine::effects(event)) + " |\n";
        meanings += "| `" + std::string(text.code) + "` | " + std::string(text.meaning) + " | " +
                    std::string(text.only) + " |\n";
    }
    page += k_between;
    return page + meanings;
}

}  // namespace bullpen::fleet
