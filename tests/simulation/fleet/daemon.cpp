// The daemon of the world: it performs what the fleet decides, and may die at any one action.
#include <algorithm>

#include "common/base/assert.hpp"
#include "world.hpp"

namespace bullpen::simulation {

using namespace std::chrono_literals;
using fleet::ActionKind;
using fleet::ExitStatus;
using fleet::HeartbeatKind;
using fleet::LaunchFailure;
using model::Reason;

void World::start_daemon() {
    if (fleet_)
        return;
    ++outcome_.daemons;
    // A reservation that cannot be read is made up for by what the lock files say.
    std::optional<Fence> reserved = fences_durable_;
    if (random_.chance(0.05))
        reserved.reset();
    fleet_ = std::make_unique<fleet::Fleet>(scenario_.settings,
                                            lease::FenceAllocator(reserved, fence_last_),
                                            launch_last_, random_.next());
    asleep_ = false;
    shutting_ = false;
    all_stopped_ = false;
    storm_deaths_.clear();
    rolled_.reset();
    listening_since_ = mono_;
    begun_at_ = mono_;
    for (Subject& s : subjects_) {
        if (s.saved)
            fleet_->restore(now(), s.plan.account, *s.saved);
        remember_storm(s);
        s.earliest.reset();
        s.streak.reset();
        s.murky = s.murky || wall_jumped_;
        if (s.murky)
            s.deaths.clear();
    }
    wall_jumped_ = false;
    apply();
    for (Subject& s : subjects_) {
        // Settings that were mended while no daemon ran are tried like any that change.
        const bool was_fatal = s.saved && s.saved->fatal && s.saved->wanted && s.plan.enabled;
        if (was_fatal && s.saved->fingerprint != 0 && s.saved->fingerprint != s.plan.fingerprint)
            forgive(s);
    }
    for (const Reason reason : home_gates_)
        fleet_->home_gate(now(), reason, true);
    for (Subject& s : subjects_) {
        for (const Reason reason : s.gates)
            fleet_->gate(now(), s.plan.account, reason, true);
    }
    find_workers();
    adopting_ = true;
    fleet_->begin(now());
    perform();
    adopting_ = false;
}

// The last deaths of each account that is still there are known to the next daemon. By a clock that
// was set meanwhile nobody can tell when they were.
void World::remember_storm(const Subject& s) {
    if (!s.saved || !s.listed || wall_jumped_)
        return;
    for (const auto& death : s.saved->recent) {
        const auto reason = death.reason;
        if (reason != Reason::launch_failed && reason != Reason::program_missing &&
            reason != Reason::refused_usage && reason != Reason::refused_configuration)
            storm_deaths_.push_back(mono_ - std::max(now().utc - death.utc, Nanos(0)));
    }
    std::sort(storm_deaths_.begin(), storm_deaths_.end());
}

void World::find_workers() {
    for (Subject& s : subjects_) {
        Process& p = s.process;
        s.sweeping.reset();
        s.interrupted = s.saved && s.saved->settled == p.launch;
        const bool recorded = s.record && s.record->launch == p.launch;
        if (p.alive) {
            ++outcome_.adoptions;
            fleet::FoundWorker found{p.launch, p.fence, 1000, p.started, 0, false};
            if (recorded)
                found = *s.record;
            s.record = found;
            p.ready_told.reset();
            p.launched_told.reset();
            p.heard = mono_;
            fleet_->adopted(now(), s.plan.account, found);
            if (s.plan.heartbeat == HeartbeatKind::none)
                p.is_ready = true;
            else
                schedule(log_uniform(random_, Nanos(10ms), Nanos(250ms)), What::hello, index(s),
                         p.launch.value);
        } else if (s.record) {
            // The daemon reads what is left of it: its last words, if it had any.
            const bool words = recorded && p.status.kind == ExitStatus::Kind::code;
            const ExitStatus status = words ? p.status : ExitStatus::lost();
            fleet_->lost(now(), s.plan.account, *s.record, status);
            deliver_exit(s, {What::dies, index(s), 0, 0});
        } else {
            s.children = false;  // a tree without a record is swept before anything is launched
        }
    }
}

// The daemon is gone from one instruction to the next: what it had not done is not done.
void World::end_daemon() {
    while (const auto action = fleet_->next_action()) {
        if (action->kind != ActionKind::save || !action->account)
            continue;
        for (Subject& s : subjects_) {
            if (s.plan.account != *action->account)
                continue;
            s.wish = s.saved ? s.saved->wanted : s.plan.autostart;
            s.exited = s.saved && s.saved->exited;
            s.flat_told = s.saved ? s.saved->flat : std::nullopt;
            s.recovered = s.saved && s.saved->recovery_done;
            s.deaths.clear();
            s.murky = true;
        }
    }
    fleet_.reset();
    asleep_ = false;
    inbox_.clear();
    const Nanos down = random_.chance(0.7) ? log_uniform(random_, Nanos(10ms), Nanos(10s))
                                           : log_uniform(random_, Nanos(10s), Nanos(1h));
    schedule(calm_ ? Nanos(1s) : down, What::daemon_starts);
}

void World::tell(const Message& message) {
    if (!fleet_)
        return;
    if (asleep_) {
        inbox_.push_back(message);
        return;
    }
    deliver(message);
    perform();
}

void World::deliver(const Message& message) {
    Subject& s = subjects_[message.account];
    const AccountId& account = s.plan.account;
    const LaunchNumber launch{message.launch};
    Process& p = s.process;
    const bool same = p.launch == launch;
    if (same && message.what != What::dies && message.what != What::sweep_done)
        p.heard = mono_;
    switch (message.what) {
        case What::ready:
        case What::hello:
            if (same && message.value != 0 && !p.ready_told)
                p.ready_told = mono_;
            if (message.value != 0 && rolled_ == message.account)
                rolled_.reset();  // it came back
            fleet_->hello(now(), account, launch, message.value != 0);
            break;
        case What::beat:
            fleet_->traffic(now(), account, launch);
            if (message.value != 0)
                fleet_->obligation_overdue(now(), account, launch, "bar");
            break;
        case What::misfortune:
            fleet_->over_limit(now(), account, launch, Reason::memory_limit);
            break;
        case What::edit:
            if (same)
                s.flat_told = message.value != 0;
            fleet_->position(now(), account, launch, message.value != 0);
            break;
        case What::dies: deliver_exit(s, message); break;
        case What::sweep_done:
            s.record.reset();
            fleet_->tree_gone(now(), account, launch);
            break;
        default: BULLPEN_ASSERT(false, "no message of a worker");
    }
}

// Tells the fleet of an end (or was told of by lost()), and checks what it makes of it.
void World::deliver_exit(Subject& s, const Message& message) {
    const bool by_adoption = message.launch == 0;
    const bool recovery = s.process.recovery || (s.record && s.record->recovery);
    const auto view = fleet_->view(now(), s.plan.account);
    const bool asked = s.process.told && !s.process.condemned;
    const bool wanted = s.wish && s.listed && s.plan.enabled && !shutting_ && !s.exited;
    ExitStatus status = s.process.status;
    if (by_adoption) {
        s.murky = true;
        s.deaths.clear();
        if (wanted && !asked && status == ExitStatus::exited(0) &&
            s.plan.restart.rule != fleet::RestartRule::always && view)
            s.exited = fleet_->saved(now(), s.plan.account)->exited;
        // One that did not get its lock has recovered nothing.
        if (recovery && status == ExitStatus::exited(77) && s.flat_told != true)
            s.recovered = false;
        return;
    }
    fleet_->exited(now(), s.plan.account, LaunchNumber{message.launch}, status);
    if (wanted && !asked && view && view->launch.value == message.launch)
        check_ended(s, status, recovery);
}

void World::perform() {
    if (performing_)
        return;
    performing_ = true;
    while (fleet_) {
        const auto action = fleet_->next_action();
        if (!action)
            break;
        perform(*action);
        // A worker that was told to end is where what was kept must be right: it dies there most.
        const double weight = action->kind == ActionKind::terminate ? 10 : 1;
        if (fleet_ && !calm_ && random_.chance(weight * scenario_.weather.action_dies)) {
            trace("daemon_dies", "between two actions");
            end_daemon();
        }
    }
    performing_ = false;
    if (fleet_ && all_stopped_)
        daemon_done();
}

// An orderly end of the daemon.
void World::daemon_done() {
    for (const Subject& s : subjects_) {
        if (s.process.alive && last_day_)
            fail("all are said to be stopped, and " + s.plan.account.str() + " runs");
    }
    if (last_day_ && fleet_->next_deadline())
        fail("nothing runs, and a timer does");
    if (last_day_)
        fleet_.reset();
    else
        end_daemon();
}

void World::perform(const fleet::Action& action) {
    if (options_.trace) {
        trace("  does", std::string(fleet::code(action.kind)) + " " +
                            (action.account ? action.account->str() : "") + " launch " +
                            std::to_string(action.launch.value) + " " +
                            std::string(model::code(action.reason)));
    }
    if (action.kind == ActionKind::all_stopped)
        all_stopped_ = true;
    if (action.kind == ActionKind::reserve_fences) {
        if (disk_full_ || (!calm_ && random_.chance(0.05)))
            return;
        fences_durable_ = std::max(fences_durable_.value_or(Fence{}), action.fence);
        fleet_->fences_reserved(now(), action.fence);
        return;
    }
    if (action.kind == ActionKind::roll_ended)
        rolled_.reset();
    if (!action.account)
        return;
    const auto number = std::strtoul(action.account->str().c_str() + 1, nullptr, 10);
    Subject& s = subjects_[number];
    const bool is_process = s.process.alive && s.process.launch == action.launch;
    switch (action.kind) {
        case ActionKind::launch: perform_launch(s, action); break;
        case ActionKind::terminate:
            if (s.process.launch == action.launch)
                check_terminate(s, action);
            if (is_process)
                terminate(s);
            break;
        case ActionKind::kill:
            if (is_process)
                kill(s);
            break;
        case ActionKind::sweep: perform_sweep(s, action); break;
        case ActionKind::save: s.saved = fleet_->saved(now(), s.plan.account); break;
        case ActionKind::forget:
            s.saved.reset();
            s.flat_told.reset();
            break;
        default: break;
    }
}

void World::perform_launch(Subject& s, const fleet::Action& action) {
    check_launch(s, action);
    const auto failed = [&](LaunchFailure failure) {
        if (failure == LaunchFailure::transient)
            note_death(s, Nanos(0), false);
        else if (failure != LaunchFailure::missing_program)
            s.recovered = false;
        fleet_->launch_failed(now(), s.plan.account, action.launch, failure, "as simulated");
    };
    if (disk_full_)
        return failed(LaunchFailure::disk_full);
    if (s.stranger)
        return failed(random_.chance(0.5) ? LaunchFailure::lock_held
                                          : LaunchFailure::broker_account_held);
    if (s.program_missing)
        return failed(LaunchFailure::missing_program);
    if (!calm_ && random_.chance(0.005))
        return failed(LaunchFailure::transient);
    spawn(s, action);
    const double dies = calm_ ? 0 : scenario_.weather.action_dies;
    if (random_.chance(dies)) {
        trace("daemon_dies", "between start and record");
        s.record.reset();
        return end_daemon();
    }
    s.record = fleet::FoundWorker{action.launch,     action.fence,          1000,
                                  s.process.started, s.process.fingerprint, s.process.recovery};
    if (random_.chance(dies)) {
        trace("daemon_dies", "between record and answer");
        return end_daemon();
    }
    s.process.launched_told = mono_;
    s.process.heard = mono_;
    if (s.plan.heartbeat == HeartbeatKind::none)
        s.process.ready_told = mono_ + s.plan.started_after;  // unless it ends before
    fleet_->launched(now(), s.plan.account, action.launch, 1000);
}

void World::perform_sweep(Subject& s, const fleet::Action& action) {
    if (s.process.alive && s.process.launch == action.launch)
        fail(s.plan.account.str() + " is swept while it runs");
    if (!s.record) {
        s.record = fleet::FoundWorker{};
        s.record->launch = action.launch;
    }
    if (s.sweeping == action.launch.value)
        return;
    s.sweeping = action.launch.value;
    const double roll = random_.unit();
    if (roll < 0.75) {
        s.sweeping.reset();
        s.children = false;
        deliver({What::sweep_done, index(s), action.launch.value, 0});
    } else if (roll < 0.9 || calm_) {
        schedule(log_uniform(random_, Nanos(1ms), Nanos(5s)), What::sweep_done, index(s),
                 action.launch.value);
    } else {
        s.sweeping.reset();  // the proof does not come; it has to be asked for again
        if (random_.chance(0.3))
            schedule(log_uniform(random_, Nanos(1ms), Nanos(900ms)), What::command, index(s), 1);
    }
}

}  // namespace bullpen::simulation
