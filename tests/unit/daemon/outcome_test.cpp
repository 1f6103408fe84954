// What an operator is told of one account: one sentence after the name and the code, as bullpenctl
// prints them.
#include "supervisor/daemon/outcome.hpp"

#include <doctest/doctest.h>

namespace {

using namespace bullpen;
using namespace bullpen::daemon;
using fleet::AccountView;
using model::Reason;
using model::WorkerState;

std::string said(const std::optional<Outcome>& outcome) {
    return outcome ? (outcome->ok ? "+" : "-") + outcome->code + ", " + outcome->message : "none";
}

AccountView view(WorkerState state, Reason reason, const std::string& detail = {}) {
    AccountView made;
    made.state = state;
    made.reason = reason;
    made.detail = detail;
    made.wanted = true;
    return made;
}

}  // namespace

TEST_CASE("every verdict on an account reads as a sentence that says a thing once") {
    auto up = view(WorkerState::running, Reason::none);
    up.pid = 7;
    up.launch = LaunchNumber{2};
    CHECK(said(judge(Goal::running, up, {})) == "+started, running as pid 7");
    CHECK(said(judge(Goal::restarted, up, LaunchNumber{1})) == "+restarted, running as pid 7");
    CHECK(said(judge(Goal::restarted, up, LaunchNumber{2})) == "none");
    CHECK(said(judge(Goal::running, view(WorkerState::waiting, Reason::start_queue), {})) ==
          "none");
    CHECK(said(judge(Goal::running, view(WorkerState::waiting, Reason::lock_held, "pid 9"), {})) ==
          "-waiting, another process holds the account's lock (pid 9)");
    auto done = view(WorkerState::stopped, Reason::exited_clean, "exit code 0");
    done.exited = true;
    CHECK(said(judge(Goal::running, done, {})) ==
          "+exited, the program ended by itself with code 0");
    CHECK(said(judge(Goal::running, view(WorkerState::backoff, Reason::crashed, "exit code 3"),
                     {})) == "-died, it ended with an error code (exit code 3)");
    CHECK(said(judge(Goal::running, view(WorkerState::fatal, Reason::program_missing), {})) ==
          "-fatal, its program does not exist or may not be run");
    auto down = view(WorkerState::stopped, Reason::operator_stop);
    CHECK(said(judge(Goal::stopped, down, {})) == "-started_again, somebody started it meanwhile");
    down.wanted = false;
    CHECK(said(judge(Goal::stopped, down, {})) == "+stopped, ");
    down.killed = true;
    CHECK(said(judge(Goal::stopped, down, {})) ==
          "+killed, it did not end in time and had to be killed");
    up.killed = true;
    CHECK(said(judge(Goal::running, up, {})) == "+started, running as pid 7");
    CHECK(said(judge(Goal::restarted, up, LaunchNumber{1})) ==
          "+restarted, running as pid 7; the one before did not end in time and had to be killed");
    CHECK(said(too_late(view(WorkerState::starting, Reason::first_beat_awaited))) ==
          "-timed_out, when the time was up it was starting: its process runs and has not reported "
          "ready yet");
}

TEST_CASE("what the fleet answers at once is a verdict, but for what has yet to happen") {
    using fleet::Verdict;
    CHECK(said(judge(Goal::stopped, Verdict::already)) == "+already_stopped, ");
    CHECK(said(judge(Goal::running, Verdict::already)) == "none");
    CHECK(said(judge(Goal::running, Verdict::accepted)) == "none");
    CHECK(said(judge(Goal::running, Verdict::unknown_account)) ==
          "-unknown_account, there is no such account in this home");
    CHECK(said(judge(Goal::running, Verdict::disabled)) ==
          "-disabled, its file says enabled = false; 'bullpenctl enable' changes that");
    CHECK(said(judge(Goal::running, Verdict::shutting_down)) ==
          "-shutting_down, the daemon starts nothing more");
    CHECK(said(judge(Goal::running, Verdict::not_fatal)) ==
          "+not_fatal, there is nothing to clear");
}

TEST_CASE("an account that a rolling restart did not bring back, or left out, is one that failed") {
    using fleet::Rolled;
    CHECK(said(judge(Rolled::restarted, "running as pid 7")) == "+restarted, running as pid 7");
    CHECK(said(judge(Rolled::unchanged, "it does not run")) == "+unchanged, it does not run");
    CHECK_FALSE(judge(Rolled::left_out, "x").ok);
    CHECK_FALSE(judge(Rolled::not_back, "x").ok);
    CHECK_FALSE(judge(Rolled::not_reached, "x").ok);
}
