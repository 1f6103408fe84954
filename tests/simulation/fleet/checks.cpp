// The promises, checked as the world goes on. What is expected is worked out here from what the
// world did, never asked of the fleet.
#include <algorithm>
#include <cmath>

#include "world.hpp"

namespace bullpen::simulation {

using namespace std::chrono_literals;
using fleet::ExitStatus;
using fleet::RestartRule;
using model::Reason;
using model::WorkerState;

WorkerState World::state(const Subject& s) const {
    const auto view = fleet_ ? fleet_->view(now(), s.plan.account) : std::nullopt;
    return view ? view->state : WorkerState::stopped;
}

// Whether what runs is the one launch more of an account that is fatal otherwise.
bool World::is_recovering(const Subject& s) const {
    return fleet_ && s.process.alive && (s.process.recovery || (s.record && s.record->recovery));
}

void World::forgive(Subject& s) {
    s.deaths.clear();
    s.streak = 0;
    s.recovered = false;
    s.murky = false;
    s.earliest.reset();
}

void World::check_launch(Subject& s, const fleet::Action& action) {
    const std::string who = s.plan.account.str() + " is launched ";
    const bool recovery = action.recovery != fleet::RecoveryPolicy::none;
    if (s.process.alive)
        fail(who + "while its worker lives");
    if (s.children)
        fail(who + "before the last tree let go of its lock");
    if (!s.listed || !s.plan.enabled || !s.plan.valid)
        fail(who + "although the roster does not want it");
    if (!s.wish || s.exited)
        fail(who + "although it is to stay stopped");
    if (shutting_)
        fail(who + "by a daemon that shuts down");
    if (!s.gates.empty() || !home_gates_.empty())
        fail(who + "although a gate is shut");
    if (action.fence <= fence_last_)
        fail(who + "with a fence that is not greater than the last");

    const auto& limits = s.plan.restart;
    const auto in_window = [&](const std::deque<MonoTime>& times, Nanos window) {
        return std::count_if(times.begin(), times.end(),
                             [&](MonoTime time) { return time > mono_ - window; });
    };
    if (recovery) {
        if (s.recovered || s.flat_told.value_or(true))
            fail(who + "to recover it, a second time or without a position");
        s.recovered = true;
        return;
    }
    if (limits.budget != 0 && in_window(s.deaths, limits.window) > limits.budget)
        fail(who + "more often than its budget allows");
    if (s.earliest && mono_ < *s.earliest)
        fail(who + "before its back-off is over");
    const auto& settings = scenario_.settings;
    if (settings.storm_deaths_max != 0 &&
        in_window(storm_deaths_, settings.storm_window) >= settings.storm_deaths_max)
        fail(who + "in a storm");
    s.earliest.reset();
}

// A death that counts against budget and storm. `ran_for` is none when this daemon did not see the
// whole run.
void World::note_death(Subject& s, std::optional<Nanos> ran_for, bool by_process) {
    const auto& limits = s.plan.restart;
    s.deaths.push_back(mono_);
    if (s.deaths.size() > 100)
        s.deaths.pop_front();
    if (by_process) {
        storm_deaths_.push_back(mono_);
        while (storm_deaths_.front() <= mono_ - scenario_.settings.storm_window)
            storm_deaths_.pop_front();
    }
    s.earliest.reset();
    const bool stable = ran_for && *ran_for >= limits.stable_after;
    if (!ran_for || (!stable && !s.streak)) {
        s.streak.reset();
        return;
    }
    const std::uint32_t failures = stable ? 0 : std::max<std::uint32_t>(*s.streak, 1);
    s.streak = failures + 1;
    if (failures == 0)
        return;
    const double delay =
        std::min(static_cast<double>(limits.delay.count()) * std::pow(limits.factor, failures - 1),
                 static_cast<double>(limits.delay_max.count()));
    s.earliest = mono_ + Nanos(static_cast<std::int64_t>(delay * (1 - limits.jitter) * 0.999));
}

// The fleet was told of an end that nobody had asked for in order.
void World::check_ended(Subject& s, const ExitStatus& status, bool was_recovery) {
    const Process& p = s.process;
    const RestartRule rule = s.plan.restart.rule;
    const auto after = state(s);
    const std::string who = s.plan.account.str() + " ended with " + fleet::describe(status);
    const auto is = [&](int code) { return !p.condemned && status == ExitStatus::exited(code); };
    const auto expect = [&](bool fine, std::string_view what) {
        if (!fine)
            fail(who + " and is " + std::string(model::code(after)) + ", not " + std::string(what));
    };
    const bool goes_on = is(77) && (!was_recovery || s.flat_told != true);
    if (goes_on)
        s.recovered = false;
    if (goes_on)
        return expect(after == WorkerState::waiting, "waiting");
    if (was_recovery)
        return expect(after == WorkerState::fatal, "fatal");
    if (is(0) && rule != RestartRule::always) {
        s.exited = true;
        return expect(after == WorkerState::stopping, "done");
    }
    if (is(64) || is(78))
        return expect(after == WorkerState::fatal, "fatal");
    std::optional<Nanos> ran_for;
    if (p.launched_told)
        ran_for = p.ready_told ? std::max(Nanos(0), mono_ - *p.ready_told) : Nanos(0);
    note_death(s, ran_for, true);
    if (rule == RestartRule::never)
        return expect(after == WorkerState::fatal, "fatal");
    const auto spent = std::count_if(s.deaths.begin(), s.deaths.end(), [&](MonoTime time) {
        return time > mono_ - s.plan.restart.window;
    });
    if (after == WorkerState::fatal)
        return expect(s.murky || spent > s.plan.restart.budget, "tried again");
    expect(after == WorkerState::backoff || after == WorkerState::waiting, "tried again");
}

void World::check_terminate(Subject& s, const fleet::Action& action) {
    Process& p = s.process;
    const std::string who = s.plan.account.str() + " is ended ";
    const Nanos listened = mono_ - listening_since_;
    const MonoTime launched = p.launched_told.value_or(begun_at_);
    switch (action.reason) {
        case Reason::hung_silent:
            // An adopted one is heard only by its hello.
            if (mono_ - (p.ready_told ? p.heard : launched) < s.plan.dead_after ||
                listened < s.plan.dead_after)
                fail(who + "for silence, and was not silent for long enough");
            p.condemned = true;
            return;
        case Reason::start_timeout:
            if (mono_ - launched < s.plan.start_wait || p.ready_told ||
                (listening_since_ > launched && listened < s.plan.dead_after))
                fail(who + "for a late start, and was not late");
            p.condemned = true;
            return;
        case Reason::hung_obligation:
        case Reason::memory_limit:
            if (!p.owes && !p.fat)
                fail(who + "for a fault that it has not");
            p.condemned = true;
            return;
        default: break;
    }
    const bool wanted = s.wish && s.listed && s.plan.enabled && !shutting_;
    const bool again = action.reason == Reason::restart_requested ||
                       action.reason == Reason::settings_changed ||
                       action.reason == Reason::rolling_restart;
    if (wanted && !again)
        fail(who + "although it is wanted");
    const bool same =
        !s.record || s.record->fingerprint == 0 || s.record->fingerprint == s.plan.fingerprint;
    if (adopting_ && wanted && same && !p.told && !s.interrupted)
        fail(who + "because it was adopted");
    if (action.reason == Reason::rolling_restart)
        check_roll(s);
    for (const Subject& other : subjects_) {
        if (action.reason == Reason::daemon_shutdown && other.process.alive && other.listed &&
            other.plan.priority > s.plan.priority)
            fail(who + "before " + other.plan.account.str() + ", which started after it");
    }
    p.told = true;
    p.condemned = false;
}

// One at a time, only when flat, and never past one that did not come back.
void World::check_roll(Subject& s) {
    if (!s.flat_told.value_or(false))
        fail(s.plan.account.str() + " is rolled with an open position");
    if (rolled_ && *rolled_ != index(s)) {
        const Subject& before = subjects_[*rolled_];
        const bool wanted = before.wish && before.listed && before.plan.enabled && !before.exited;
        const auto its = state(before);
        if (wanted && its != WorkerState::running && its != WorkerState::late)
            fail(s.plan.account.str() + " is rolled while " + before.plan.account.str() +
                 " is not up");
    }
    rolled_ = index(s);
}

// Long after the last misfortune, what runs is what is wanted.
void World::judgement() {
    for (const Subject& s : subjects_)
        judge(s);
    if (!outcome_.failure.empty() || !fleet_)
        return fleet_ ? void() : fail("there is no daemon");
    // The last day: some die while all are being stopped.
    for (Subject& s : subjects_) {
        if (s.process.alive && random_.chance(0.3))
            dies_in(s, log_uniform(random_, Nanos(1ms), Nanos(3s)), -11);
    }
    shutting_ = true;
    last_day_ = true;
    schedule(settling(scenario_) * 5, What::last_day);
    fleet_->shutdown(now(), false);
    perform();
}

void World::judge(const Subject& s) {
    const Process& p = s.process;
    const std::string who = s.plan.account.str();
    const auto view = fleet_ ? fleet_->view(now(), s.plan.account) : std::nullopt;
    if (!s.listed) {
        if (view || p.alive)
            fail(who + " has left the roster and is still there");
        return;
    }
    if (!view)
        return fail(who + " is in the roster and unknown");
    const bool wanted = s.wish && s.plan.enabled && !s.exited;
    const std::string is = " is " + std::string(model::code(view->state)) + " (" +
                           std::string(model::code(view->reason)) + ")";
    if (!wanted) {
        if (view->state != WorkerState::stopped || p.alive || s.children)
            fail(who + is + " and should be stopped");
        return;
    }
    if (view->state == WorkerState::fatal) {
        if (p.alive || s.children)
            fail(who + is + " and something of it runs");
        return;
    }
    if (!s.plan.valid && view->state == WorkerState::waiting)
        return;
    if (view->state != WorkerState::running || !p.alive || p.hung || p.launch != view->launch)
        fail(who + is + " and should be running");
}

}  // namespace bullpen::simulation
