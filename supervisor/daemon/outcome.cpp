#include "supervisor/daemon/outcome.hpp"

#include "common/model/reason.hpp"

namespace bullpen::daemon {

namespace {

using model::WorkerState;

std::string because(const fleet::AccountView& view) {
    std::string text(model::text(view.reason).sentence);
    // That it ended with code 0 is what the sentence says.
    if (!view.detail.empty() && view.reason != model::Reason::exited_clean)
        text += " (" + view.detail + ")";
    return text;
}

std::optional<Outcome> judge_start(const fleet::AccountView& view) {
    switch (view.state) {
        case WorkerState::running:
        case WorkerState::late:
            return Outcome{true, "started", "running as pid " + std::to_string(view.pid)};
        case WorkerState::starting:
        case WorkerState::stopping:
        case WorkerState::killing: return std::nullopt;
        case WorkerState::waiting:
            // These two end by themselves in moments; the others may take as long as they like.
            if (view.reason == model::Reason::start_queue || view.leftovers)
                return std::nullopt;
            return Outcome{false, "waiting", because(view)};
        case WorkerState::stopped:
            if (view.exited)
                return Outcome{true, "exited", because(view)};
            return Outcome{false, "stopped", because(view)};
        case WorkerState::backoff: return Outcome{false, "died", because(view)};
        case WorkerState::fatal: return Outcome{false, "fatal", because(view)};
    }
    return std::nullopt;
}

std::optional<Outcome> judge_stop(const fleet::AccountView& view) {
    const bool still = view.pid != 0 || view.state == WorkerState::stopping ||
                       view.state == WorkerState::killing || view.state == WorkerState::starting;
    if (still)
        return std::nullopt;
    if (view.wanted && view.state != WorkerState::fatal) {
        return Outcome{false, "started_again", "somebody started it meanwhile"};
    }
    if (view.killed)
        return Outcome{true, "killed", "it did not end in time and had to be killed"};
    return Outcome{true, "stopped", ""};
}

}  // namespace

std::optional<Outcome> judge(Goal goal, const fleet::AccountView& view, LaunchNumber before) {
    switch (goal) {
        case Goal::running: return judge_start(view);
        case Goal::stopped: return judge_stop(view);
        case Goal::restarted: break;
    }
    // Its new settings wait, and it runs on for as long as that takes.
    if (view.pid != 0 && view.reason == model::Reason::vault_locked)
        return Outcome{false, "waiting", because(view)};
    // On its way down, or down and not up again yet.
    if (view.launch == before && (view.pid != 0 || view.state == WorkerState::stopping ||
                                  view.state == WorkerState::killing)) {
        return std::nullopt;
    }
    auto outcome = judge_start(view);
    if (outcome && outcome->code == "started") {
        outcome->code = "restarted";
        if (view.killed)
            outcome->message += "; the one before did not end in time and had to be killed";
    }
    return outcome;
}

std::optional<Outcome> judge(Goal goal, fleet::Verdict verdict) {
    switch (verdict) {
        case fleet::Verdict::accepted: return std::nullopt;
        case fleet::Verdict::already:
            if (goal == Goal::stopped)
                return Outcome{true, "already_stopped", ""};
            // Already wanted: it may be running, or on its way, or waiting.
            return std::nullopt;
        case fleet::Verdict::unknown_account:
            return Outcome{false, "unknown_account", "there is no such account in this home"};
        case fleet::Verdict::disabled:
            return Outcome{false, "disabled",
                           "its file says enabled = false; 'bullpenctl enable' changes that"};
        case fleet::Verdict::shutting_down:
            return Outcome{false, "shutting_down", "the daemon starts nothing more"};
        case fleet::Verdict::not_fatal:
            return Outcome{true, "not_fatal", "there is nothing to clear"};
    }
    return std::nullopt;
}

Outcome too_late(const fleet::AccountView& view) {
    return {false, "timed_out",
            "when the time was up it was " + std::string(model::code(view.state)) + ": " +
                because(view)};
}

Outcome judge(fleet::Rolled rolled, const std::string& sentence) {
    switch (rolled) {
        case fleet::Rolled::restarted: return {true, "restarted", sentence};
        case fleet::Rolled::unchanged: return {true, "unchanged", sentence};
        case fleet::Rolled::left_out: return {false, "left_out", sentence};
        case fleet::Rolled::not_back: return {false, "not_back", sentence};
        case fleet::Rolled::not_reached: return {false, "not_reached", sentence};
    }
    return {};
}

}  // namespace bullpen::daemon
