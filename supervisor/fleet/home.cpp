// What concerns the home as a whole: gates and the start queue, the storm, fences, the shutdown,
// the rolling restart, time.
#include <algorithm>
#include <vector>

#include "supervisor/fleet/core.hpp"

namespace bullpen::fleet {

// After every input: those that left are dropped, those that may start do.
void Fleet::Core::finish(Instant now) {
    if (roll && roll->dirty)
        roll_step(now);
    for (const auto& account : std::exchange(leaving, {})) {
        Account* a = find(account);
        if (a == nullptr || !a->removed || a->state != WorkerState::stopped || a->leftovers)
            continue;
        push(ActionKind::forget, *a);
        dequeue(*a);
        set_due(*a, std::nullopt);
        accounts.erase(account);
    }
    pump(now);
    if (shutting)
        shutdown_step(now);
}

// The account's own gate that is shut, or none.
Reason Fleet::Core::shut_gate(const Account& a) const {
    if (planted(Defect::gate_ignored))
        return Reason::none;
    const auto shut = gates.find(a.id());
    // A worker that ended because its token did ends as one that is held elsewhere.
    if (a.held != Reason::none && (a.held != Reason::lock_held || shut == gates.end()))
        return a.held;
    if (!a.plan.valid)
        return Reason::settings_invalid;
    return shut != gates.end() ? shut->second.begin()->first : Reason::none;
}

void Fleet::Core::dequeue(Account& a) {
    if (!a.place)
        return;
    queue.erase(*a.place);
    a.place.reset();
}

// Puts an account that wants to start into the queue, or says which gate keeps it out.
void Fleet::Core::refresh(Instant now, Account& a) {
    dequeue(a);
    const bool waits = a.state == WorkerState::waiting;
    if (!waits && !(a.state == WorkerState::fatal && a.recovery_wanted))
        return;
    const bool swept_first = a.leftovers;
    const Reason gate = shut_gate(a);
    if (!swept_first && gate == Reason::none) {
        a.place = QueueKey{!a.recovery_wanted, a.plan.priority, a.is_restart ? a.launch.value : 0,
                           a.id().str(), &a};
        queue.insert(*a.place);
    }
    if (!waits || (swept_first && gate == Reason::none))
        return;  // the reason it ended for says what it waits for
    if (gate != Reason::none && gate != a.held && gate != Reason::settings_invalid) {
        set_reason(now, a, gate, gates.at(a.id()).at(gate));
    } else if (gate != Reason::none) {
        set_reason(now, a, gate, a.detail);
    } else if (shutting) {
        set_reason(now, a, Reason::daemon_stopping);
    } else if (!home_gates.empty()) {
        set_reason(now, a, *home_gates.begin());
    } else {
        set_reason(now, a, in_storm(now) ? Reason::storm_limit : Reason::start_queue);
    }
}

void Fleet::Core::refresh_all(Instant now) {
    for (const auto& [account, a] : accounts) {
        if (a->state == WorkerState::waiting || a->place)
            refresh(now, *a);
    }
}

// Starts as many as may start now.
void Fleet::Core::pump(Instant now) {
    staggered = false;
    if (!begun || (shutting && !planted(Defect::shutdown_restarts)))
        return;
    while (!queue.empty()) {
        Account& a = *std::get<Account*>(*queue.begin());
        if (!home_gates.empty() && !planted(Defect::gate_ignored))
            return;
        if (!a.recovery_wanted && in_storm(now))
            return;
        const bool service = a.plan.service;
        if (!service && settings.starts_at_once_max != 0 && starting >= settings.starts_at_once_max)
            return;
        staggered = !service && settings.start_stagger > Nanos(0) && now.mono < next_start;
        if (staggered)
            return;
        if (!start(now, a))
            return;
        if (!service)
            next_start = now.mono + settings.start_stagger;
    }
}

// Launches one account; false when no fence is at hand.
bool Fleet::Core::start(Instant now, Account& a) {
    const LaunchNumber number{last_launch.value + 1};
    const auto lease = leases.grant(a.id(), number);
    if (!lease) {
        ask_for_fences(now);
        return false;
    }
    last_launch = number;
    a.recovery = std::exchange(a.recovery_wanted, false);
    if (a.recovery) {
        a.recovery_done = true;
        save(a);
    }
    a.restarts += std::exchange(a.is_restart, false) ? 1U : 0U;
    a.process = true;
    a.launch = number;
    a.fence = lease->fence;
    a.pid = 0;
    a.started = now.utc;
    a.fingerprint = a.plan.fingerprint;
    a.running_since.reset();
    a.condemned = Reason::none;
    a.liveness = ipc::Liveness({a.plan.late_after, a.plan.dead_after}, now.mono);
    const bool from_fatal = a.state == WorkerState::fatal;
    step(now, a, from_fatal ? Event::recovery : Event::admitted,
         a.recovery ? Reason::recovery_launch : Reason::first_beat_awaited);
    set_due(a, now.mono + a.plan.start_wait);
    ask_for_fences(now);
    return true;
}

void Fleet::Core::ask_for_fences(Instant now) {
    const auto upto = leases.fences().due();
    if (!upto || fences_asked)
        return;
    fences_asked = now.mono + settings.fence_retry;
    push(ActionKind::reserve_fences).fence = *upto;
}

void Fleet::Core::shut_down(Instant now) {
    shutting = true;
    if (roll)
        end_roll(Reason::daemon_stopping, "the daemon shuts down");
    for (const auto& [account, a] : accounts) {
        if (keep_workers)
            continue;
        if (!a->plan.autostart && a->operator_wants && !a->exited) {
            // What only an operator started does not come back with the daemon.
            a->operator_wants = false;
            a->wish_reason = Reason::not_autostarted;
            save(*a);
        }
        reconsider(now, *a);
        if (a->process || a->leftovers)
            busy[a->plan.priority].emplace(a->index, a.get());
    }
    if (keep_workers)
        refresh_all(now);
}

// The lowest in priority stop first; those before them in the order of starts wait until they have.
void Fleet::Core::shutdown_step(Instant now) {
    if (!keep_workers && !busy.empty()) {
        // A drain may take an account out of its level.
        std::vector<Account*> level;
        for (const auto& [index, a] : busy.rbegin()->second) {
            if (a->state == WorkerState::starting || a->state == WorkerState::running ||
                a->state == WorkerState::late)
                level.push_back(a);
        }
        for (Account* const a : level)
            drain(now, *a, Reason::daemon_shutdown);
        return;
    }
    if (!std::exchange(all_stopped_said, true))
        push(ActionKind::all_stopped);
}

void Fleet::Core::end_roll(Reason reason, std::string sentence) {
    auto given_up = std::move(roll->left);
    if (roll->current)
        given_up.push_front(*roll->current);
    roll.reset();
    if (reason != Reason::none)
        alarm(nullptr, reason, "the rolling restart was given up: " + sentence);
    for (const auto& [account, launch] : given_up)
        rolled(account, Rolled::not_reached, "the rolling restart was given up before its turn");
    Action& ended = push(ActionKind::roll_ended);
    ended.reason = reason;
    ended.sentence = std::move(sentence);
}

void Fleet::Core::rolled(const AccountId& account, Rolled rolled, std::string sentence) {
    Action& action = push(ActionKind::rolled);
    action.account = account;
    action.rolled = rolled;
    action.sentence = std::move(sentence);
}

void Fleet::Core::roll_step(Instant now) {
    while (roll && std::exchange(roll->dirty, false)) {
        if (roll->current && !roll_current(now))
            return;
        roll_next(now);
    }
}

// Whether the account being rolled is done with. Ends the roll when it does not come back.
bool Fleet::Core::roll_current(Instant now) {
    const auto [account, before] = *roll->current;
    roll->proven.reset();
    const Account* a = find(account);
    const bool expected = a != nullptr && wanted(*a);
    if (expected && (a->state == WorkerState::backoff || a->state == WorkerState::fatal)) {
        roll->current.reset();
        rolled(account, Rolled::not_back, std::string(model::text(a->reason).sentence));
        end_roll(a->reason, account.str() + " did not come back");
        return false;
    }
    if (expected && (a->launch == before ||
                     (a->state != WorkerState::running && a->state != WorkerState::late)))
        return false;
    // A program that dies as soon as it is up must not be rolled onto the next account.
    const MonoTime proven = expected ? a->running_since.value_or(now.mono) +
                                           std::min(k_roll_stay, a->plan.restart.stable_after)
                                     : now.mono;
    if (now.mono < proven) {
        roll->proven = proven;
        return false;
    }
    if (expected)
        rolled(account, Rolled::restarted, "running as pid " + std::to_string(a->pid));
    else
        rolled(account, Rolled::unchanged, "it was stopped meanwhile");
    roll->current.reset();
    return true;
}

void Fleet::Core::roll_next(Instant now) {
    auto& left = roll->left;
    for (auto entry = left.begin(); entry != left.end();) {
        Account* a = find(entry->first);
        const bool as_before = a != nullptr && a->process && a->launch == entry->second &&
                               worker_machine::next(a->state, Event::drain);
        if (as_before && a->plan.heartbeat == HeartbeatKind::none) {
            const std::string why = "it does not report whether it is flat";
            alarm(a, Reason::rolling_restart, "left out: " + why);
            rolled(entry->first, Rolled::left_out, why);
        } else if (as_before && !(a->state == WorkerState::running && a->at_rest)) {
            ++entry;
            continue;
        } else if (as_before) {
            roll->current = *entry;
            left.erase(entry);
            drain(now, *a, Reason::rolling_restart);
            return;
        } else {
            const bool runs = a != nullptr && a->process;
            rolled(entry->first, Rolled::unchanged,
                   !runs                        ? "it does not run"
                   : a->launch != entry->second ? "it was started anew meanwhile"
                                                : "it is being stopped");
        }
        entry = left.erase(entry);  // what is not up, or new already, has nothing to roll
    }
    if (left.empty())
        end_roll(Reason::none, {});
}

void Fleet::Core::tick(Instant now) {
    while (!timers.empty() && std::get<MonoTime>(*timers.begin()) <= now.mono)
        fire(now, *std::get<Account*>(*timers.begin()));
    put_off_the_heard(now);
    if (storm_shown && !in_storm(now)) {
        storm_shown = false;
        refresh_all(now);
    }
    if (roll && roll->proven && *roll->proven <= now.mono)
        roll->dirty = true;
    if (fences_asked && *fences_asked <= now.mono) {
        fences_asked.reset();
        ask_for_fences(now);
    }
}

std::optional<MonoTime> Fleet::Core::next_deadline() const {
    std::optional<MonoTime> next;
    const auto consider = [&](std::optional<MonoTime> time) {
        if (time && (!next || *time < *next))
            next = time;
    };
    if (!timers.empty())
        consider(std::get<MonoTime>(*timers.begin()));
    if (storm_shown)
        consider(storm.shut_until(MonoTime{}));
    if (staggered)
        consider(next_start);
    consider(fences_asked);
    if (roll)
        consider(roll->proven);
    return next;
}

Action& Fleet::Core::push(ActionKind kind) {
    Action& action = actions.emplace_back();
    action.kind = kind;
    return action;
}

Action& Fleet::Core::push(ActionKind kind, const Account& a, Reason reason, std::string sentence) {
    Action& action = push(kind);
    action.account = a.id();
    action.launch = a.launch;
    action.fence = a.fence;
    action.reason = reason;
    action.recovery = !a.recovery ? RecoveryPolicy::none
                      : a.errand  ? RecoveryPolicy::flatten
                                  : a.plan.recovery;
    action.sentence = std::move(sentence);
    return action;
}

// Of one account, or of the home.
void Fleet::Core::alarm(const Account* a, Reason reason, std::string sentence) {
    Action& action = a != nullptr ? push(ActionKind::alarm, *a) : push(ActionKind::alarm);
    action.reason = reason;
    action.sentence = std::move(sentence);
}

// One action stands for all changes until it is taken.
void Fleet::Core::changed(Account& a) {
    if (!std::exchange(a.change_pending, true))
        push(ActionKind::changed, a);
}

void Fleet::Core::save(Account& a) {
    if (!std::exchange(a.save_pending, true))
        push(ActionKind::save, a);
}

}  // namespace bullpen::fleet
