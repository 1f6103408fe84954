// What a trading worker owes besides its bars: to take the exchange's answers, or that none came.
#include <doctest/doctest.h>

#include <algorithm>

#include "tests/integration/worker/paper_scene.hpp"

namespace bullpen {

namespace {

using namespace std::chrono_literals;

ipc::Obligation owed(const ipc::Heartbeat& beat, std::string_view name) {
    const auto found = std::ranges::find(beat.obligations, name, &ipc::Obligation::name);
    REQUIRE(found != beat.obligations.end());
    return *found;
}

}  // namespace

TEST_CASE("an answer that does not come is due in the beat until it is given up") {
    test::PaperScene scene("only_purpose = \"entry\"\nlose_answer = 1\nlose_answer_times = 1\n");
    const auto worker = scene.daemon->launch();
    // Those to its questions come at once; this one was awaited for seconds.
    const auto due = scene.beat([](const ipc::Heartbeat& beat) {
        const auto answer = owed(beat, "answer");
        return !answer.done && answer.due_in < 8s;
    });
    REQUIRE(due);
    CHECK_FALSE(owed(*due, "answer").overdue);
    // The exchange is at fault, and the worker does what is to be done about it.
    const auto done =
        scene.beat([](const ipc::Heartbeat& beat) { return owed(beat, "answer").done; });
    REQUIRE(done);
    CHECK(scene.holds());
    CHECK_FALSE(worker->ended());
}

}  // namespace bullpen
