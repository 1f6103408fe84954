// The life of one account: which event of the worker machine a fact is, and what follows from it.
#include <algorithm>

#include "common/base/assert.hpp"
#include "supervisor/fleet/core.hpp"

namespace bullpen::fleet {

namespace {

constexpr const char* k_had_to_be_killed = "it did not end in time and had to be killed";

}  // namespace

Account* Fleet::Core::find(const AccountId& account) {
    const auto found = accounts.find(account);
    return found == accounts.end() ? nullptr : found->second.get();
}

// The account, if `launch` is the process that it has.
Account* Fleet::Core::current(const AccountId& account, LaunchNumber launch) {
    Account* a = find(account);
    return a != nullptr && a->process && a->launch == launch ? a : nullptr;
}

bool Fleet::Core::wanted(const Account& a) const {
    if (shutting && !planted(Defect::shutdown_restarts))
        return false;
    if (a.removed && !planted(Defect::removed_restarted))
        return false;
    return wished(a) || a.errand;
}

Reason Fleet::Core::stop_reason(const Account& a) const {
    if (a.removed)
        return Reason::account_removed;
    if (!a.plan.enabled)
        return Reason::account_disabled;
    if (a.exited)
        return Reason::exited_clean;
    if (!a.operator_wants)
        return a.wish_reason;
    return Reason::daemon_shutdown;
}

void Fleet::Core::set_reason(Instant now, Account& a, Reason reason, std::string detail) {
    if (a.reason == reason && a.detail == detail)
        return;
    const bool other = std::exchange(a.reason, reason) != reason;
    a.detail = std::move(detail);
    if (other) {
        a.since = now;
        settle_since(a);
    }
    changed(a);
}

// A try that came to nothing did not end what it met; another death is another back-off.
void Fleet::Core::settle_since(Account& a) {
    // What it waits for, it waits for after a daemon's end as well.
    const bool waited = a.stay && a.stay->state == WorkerState::waiting;
    if (a.state == WorkerState::starting || a.reason == Reason::start_queue ||
        a.reason == Reason::daemon_stopping || (waited && a.reason == Reason::daemon_shutdown))
        return;
    const bool again = a.stay && a.stay->state == a.state && a.stay->reason == a.reason;
    if (again && (a.state == WorkerState::waiting || a.state == WorkerState::stopped)) {
        a.since = a.stay->since;
        return;
    }
    a.stay = {a.state, a.reason, a.since};
    // The next daemon says since when.
    if (a.state == WorkerState::waiting || (a.state == WorkerState::stopped && !a.removed))
        save(a);
}

void Fleet::Core::step(Instant now, Account& a, Event event, Reason reason, std::string detail) {
    const auto next = worker_machine::next(a.state, event);
    BULLPEN_ASSERT(next, "the fleet feeds only events that the state allows");
    observe_step(a.state, event);
    const bool moved = a.state != *next;
    if (moved) {
        const auto counted = a.plan.service ? 0U : 1U;
        starting += *next == WorkerState::starting ? counted : 0U;
        starting -= a.state == WorkerState::starting ? counted : 0U;
        a.state = *next;
        a.since = now;
        dequeue(a);
        set_due(a, std::nullopt);
        // What held it is looked at anew when it waits again: nothing else would end that wait.
        if (*next != WorkerState::waiting)
            a.held = Reason::none;
        changed(a);
        // The next daemon says since when.
        if (a.state == WorkerState::running)
            save(a);
        if (roll)
            roll->dirty = true;
    }
    set_reason(now, a, reason, std::move(detail));
    if (moved)
        settle_since(a);

    const Effects& effects = worker_machine::effects(event);
    if (effects.launch) {
        a.ready_at.reset();
        push(ActionKind::launch, a, reason);
    }
    if (effects.drain && a.plan.heartbeat == HeartbeatKind::zmq) {
        push(ActionKind::drain, a, reason);
        actions.back().deadline = now.mono + a.plan.stop_wait;
    }
    if (effects.terminate)
        push(ActionKind::terminate, a, reason);
    if (effects.kill)
        push(ActionKind::kill, a, reason);
    if (effects.sweep && a.leftovers) {
        push(ActionKind::sweep, a, reason);
        if (!planted(Defect::sweep_not_retried)) {
            a.sweep_due = now.mono + settings.sweep_retry;
            rearm(a);
        }
    }
    if (effects.bundle && a.leftovers)
        push(ActionKind::bundle, a, reason, a.detail);
    if (effects.alarm)
        alarm(&a, reason, std::string(model::text(reason).sentence));
}

// Brings the state in line with what is wanted, after either changed.
void Fleet::Core::reconsider(Instant now, Account& a) {
    const bool want_it = wanted(a);
    switch (a.state) {
        case WorkerState::stopped:
            if (want_it)
                step(now, a, Event::wanted, Reason::start_queue);
            else
                set_reason(now, a, stop_reason(a), a.killed ? k_had_to_be_killed : "");
            break;
        case WorkerState::fatal:
            if (want_it || shutting)
                break;
            pardon(a);
            [[fallthrough]];
        case WorkerState::waiting:
        case WorkerState::backoff:
            if (!want_it) {
                // A crash loop does not end with the daemon: the next one goes on with its
                // back-off.
                if (shutting && a.state == WorkerState::backoff && wished(a) && a.state_due) {
                    a.put_off = {*a.state_due, a.reason};
                    save(a);
                }
                a.recovery_wanted = false;
                a.killed = false;
                step(now, a, a.leftovers ? Event::unwanted_unswept : Event::unwanted,
                     stop_reason(a));
            }
            break;
        case WorkerState::starting:
        case WorkerState::running:
        case WorkerState::late:
            // A shutdown tells them in the order of their priority.
            if (!want_it && !shutting)
                drain(now, a, stop_reason(a));
            break;
        case WorkerState::stopping:
        case WorkerState::killing:
            if (!want_it)
                set_reason(now, a, stop_reason(a), a.detail);
            break;
    }
    if (a.state == WorkerState::waiting || a.state == WorkerState::fatal)
        refresh(now, a);
    if (a.removed && a.state == WorkerState::stopped)
        leaving.push_back(a.id());
}

// An operator, or the roster, wants it up now: no back-off, no retry timer, a fresh budget.
void Fleet::Core::want(Instant now, Account& a) {
    a.operator_wants = true;
    a.exited = false;
    a.held = Reason::none;
    a.held_tries = 0;
    save(a);
    const bool ended = a.state == WorkerState::stopped || a.state == WorkerState::fatal;
    // Of one that is stopping without a process only what is left of its tree is cleared away.
    if (ended || (a.state == WorkerState::stopping && !a.process))
        pardon(a);
    if (ended) {
        step(now, a, Event::wanted, Reason::start_queue);
    } else if (a.state == WorkerState::backoff) {
        step(now, a, Event::retry_due, a.reason, a.detail);
    }
    reconsider(now, a);
}

// What it died of no longer counts. A launch that was to make its position safe is then one like
// any other, and what comes after it is no longer the end.
void Fleet::Core::pardon(Account& a) {
    a.policy.forgive();
    a.recovery = false;
    a.recovery_wanted = false;
    a.recovery_done = false;
    a.errand = false;
    save(a);
}

void Fleet::Core::drain(Instant now, Account& a, Reason reason) {
    save(a);  // before it is told: a daemon that dies between must not take its end for its own
    step(now, a, Event::drain, reason);
    set_due(a, now.mono + a.plan.stop_wait);
}

void Fleet::Core::condemn(Instant now, Account& a, Reason reason, Nanos grace, std::string detail) {
    a.condemned = reason;
    save(a);
    step(now, a, Event::condemned, reason, std::move(detail));
    set_due(a, now.mono + grace);
}

void Fleet::Core::running(Instant now, Account& a) {
    step(now, a, Event::ready, a.recovery ? Reason::recovery_launch : Reason::none);
    if (const auto since = std::exchange(a.ready_at, std::nullopt))
        a.since = {*since, now.mono - (now.utc - *since)};
    if (!a.running_since)
        a.running_since = now.mono;
    if (a.plan.heartbeat == HeartbeatKind::zmq) {
        a.liveness.on_traffic(now.mono);
        set_due(a, a.liveness.next_change(now.mono, listening_since));
    }
}

// Nobody says of a program without heartbeat that it is up: that it stays up says it.
void Fleet::Core::up_after(Instant now, Account& a, Nanos wait) {
    if (wait <= Nanos(0))
        running(now, a);
    else
        set_due(a, now.mono + wait);
}

void Fleet::Core::heard(Instant now, Account& a) {
    a.liveness.on_traffic(now.mono);
    if (a.state != WorkerState::late)
        return;
    step(now, a, Event::heard, a.recovery ? Reason::recovery_launch : Reason::none);
    set_due(a, a.liveness.next_change(now.mono, listening_since));
}

void Fleet::Core::record(Account& a, Instant now, Reason reason, const ExitStatus& status,
                         Nanos ran_for) {
    a.deaths.push_back({now.utc, reason, status, a.launch, ran_for});
    if (a.deaths.size() > Death::k_kept)
        a.deaths.erase(a.deaths.begin());
    save(a);
}

// The process is gone, or never came to be; `leftovers` says whether there is a tree to sweep.
void Fleet::Core::ended(Instant now, Account& a, const ExitStatus& status) {
    const Nanos ran_for = a.running_since ? now.mono - *a.running_since : Nanos(0);
    const bool told =
        a.state == WorkerState::stopping || a.state == WorkerState::killing || a.interrupted;
    a.process = false;
    a.pid = 0;
    a.killed = a.state == WorkerState::killing && a.condemned == Reason::none;
    set_due(a, std::nullopt);
    if (ran_for >= a.plan.restart.stable_after)
        a.held_tries = 0;
    // Whatever became of the one launch more, there is no other.
    const bool recovered =
        a.recovery &&
        (told || a.flat == true || judge(status, a.plan.restart.rule).ending != Ending::wait);
    a.errand = a.errand && !recovered;
    a.recovery = a.recovery && !recovered;
    if (!wanted(a)) {
        step(now, a, Event::ended_stop, stop_reason(a), describe(status));
    } else if (recovered) {
        fatal(now, a, a.fatal_reason, describe(status));
    } else if (a.condemned != Reason::none) {
        died(now, a, a.condemned, status, ran_for);
    } else if (told) {
        a.is_restart = true;
        step(now, a, Event::ended_again, a.reason, describe(status));
    } else {
        ended_by_itself(now, a, status, ran_for);
    }
    a.condemned = Reason::none;
    if (!a.leftovers || planted(Defect::launch_before_swept))
        swept(now, a);
    else if (a.state == WorkerState::waiting || a.state == WorkerState::fatal)
        refresh(now, a);
}

void Fleet::Core::ended_by_itself(Instant now, Account& a, const ExitStatus& status,
                                  Nanos ran_for) {
    const Judgement judgement = judge(status, a.plan.restart.rule);
    switch (judgement.ending) {
        case Ending::retry: died(now, a, judgement.reason, status, ran_for); break;
        case Ending::wait:
            hold(now, a, Event::ended_wait, judgement.reason, describe(status));
            break;
        case Ending::stop:
            a.exited = true;
            save(a);
            step(now, a, Event::ended_stop, judgement.reason, describe(status));
            break;
        case Ending::fatal:
            record(a, now, judgement.reason, status, ran_for);
            fatal(now, a, judgement.reason, describe(status));
            break;
    }
}

// A death that counts: budget, storm, back-off.
void Fleet::Core::died(Instant now, Account& a, Reason reason, const ExitStatus& status,
                       Nanos ran_for) {
    record(a, now, reason, status, ran_for);
    if (a.leftovers && !a.plan.service && storm.on_death(now.mono)) {
        storm_shown = true;
        alarm(nullptr, Reason::storm_limit, std::string(model::text(Reason::storm_limit).sentence));
        refresh_all(now);
    }
    // What it died of last, which the signal that ended it may not tell.
    auto last = std::string(model::text(reason).sentence) + ": " + describe(status);
    if (a.plan.restart.rule == RestartRule::never)
        return fatal(now, a, Reason::never_restart, std::move(last));
    const auto delay = a.policy.on_death(now.mono, ran_for, a.plan.restart, random.unit());
    if (!delay)
        return fatal(now, a, Reason::restart_budget_spent, std::move(last));
    a.is_restart = true;
    step(now, a, Event::ended_retry, reason, describe(status));
    if (*delay > Nanos(0))
        set_due(a, now.mono + *delay);
    else
        step(now, a, Event::retry_due, reason, a.detail);
}

void Fleet::Core::fatal(Instant now, Account& a, Reason reason, std::string detail) {
    const bool open_position = a.flat.has_value() && !*a.flat;
    const bool again = !a.recovery_done || planted(Defect::recovery_repeated);
    a.fatal_reason = reason;
    a.recovery_wanted = open_position && again && a.plan.recovery != RecoveryPolicy::none;
    step(now, a, Event::ended_fatal, reason, std::move(detail));
    if (open_position)
        alarm(&a, reason, "it is fatal with an open position");
    save(a);
}

// Somebody else holds what it needs: it waits and asks again, less and less often.
void Fleet::Core::hold(Instant now, Account& a, Event event, Reason reason, std::string detail) {
    const Nanos first = reason == Reason::disk_full ? settings.disk_retry : settings.held_retry;
    const auto doublings = std::min<std::uint32_t>(a.held_tries++, 16);
    const Nanos wait =
        std::min(first * (std::int64_t{1} << doublings), std::max(first, settings.held_retry_max));
    a.held = reason;
    if (a.recovery) {
        a.recovery = false;
        a.recovery_wanted = true;
    }
    step(now, a, event, reason, std::move(detail));
    set_due(a, now.mono + wait);
}

// The launch came to nothing: there is no process and nothing to sweep.
void Fleet::Core::not_launched(Instant now, Account& a, LaunchFailure failure, std::string detail) {
    const bool final = failure == LaunchFailure::missing_program;
    switch (failure) {
        case LaunchFailure::lock_held:
            return hold(now, a, Event::refused, Reason::lock_held, std::move(detail));
        case LaunchFailure::broker_account_held:
            return hold(now, a, Event::refused, Reason::broker_account_held, std::move(detail));
        case LaunchFailure::disk_full:
            return hold(now, a, Event::refused, Reason::disk_full, std::move(detail));
        case LaunchFailure::missing_program:
        case LaunchFailure::transient: break;
    }
    const Reason reason = final ? Reason::program_missing : Reason::launch_failed;
    if (final || a.recovery) {
        a.errand = false;
        record(a, now, reason, ExitStatus::lost(), Nanos(0));
        fatal(now, a, std::exchange(a.recovery, false) ? a.fatal_reason : reason, detail);
    } else {
        died(now, a, reason, ExitStatus::lost(), Nanos(0));
        set_reason(now, a, a.reason, std::move(detail));
    }
}

void Fleet::Core::swept(Instant now, Account& a) {
    a.leftovers = false;
    a.sweep_alarmed = false;
    a.sweep_due.reset();
    rearm(a);
    leases.release(a.id(), a.launch);
    if (worker_machine::next(a.state, Event::swept))
        step(now, a, Event::swept, a.reason, a.detail);
    if (shutting) {
        const auto level = busy.find(a.plan.priority);
        if (level != busy.end() && level->second.erase(a.index) != 0 && level->second.empty())
            busy.erase(level);
    }
    changed(a);
    reconsider(now, a);
}

void Fleet::Core::set_due(Account& a, std::optional<MonoTime> state_due) {
    a.state_due = state_due;
    rearm(a);
}

void Fleet::Core::rearm(Account& a) {
    std::optional<MonoTime> due = a.state_due;
    if (a.sweep_due && (!due || *a.sweep_due < *due))
        due = a.sweep_due;
    if (due == a.timer)
        return;
    if (a.timer)
        timers.erase({*a.timer, a.index, &a});
    a.timer = due;
    if (due)
        timers.emplace(*due, a.index, &a);
}

void Fleet::Core::fire(Instant now, Account& a) {
    if (a.sweep_due && *a.sweep_due <= now.mono) {
        a.sweep_due.reset();
        step(now, a, Event::sweep_overdue, a.reason, a.detail);
        if (!std::exchange(a.sweep_alarmed, true))
            alarm(&a, a.reason, "something of its last launch is still there, or its lock is held");
    }
    if (!a.state_due || *a.state_due > now.mono) {
        rearm(a);
        return;
    }
    a.state_due.reset();
    switch (a.state) {
        case WorkerState::starting:
        case WorkerState::running:
        case WorkerState::late: check_silence(now, a); break;
        case WorkerState::stopping:
            if (planted(Defect::kill_never_sent))
                break;
            step(now, a, Event::overdue, a.reason, a.detail);
            set_due(a, now.mono + settings.kill_retry);
            break;
        case WorkerState::killing:
            step(now, a, Event::kill_overdue, a.reason, a.detail);
            set_due(a, now.mono + settings.kill_retry);
            break;
        case WorkerState::backoff:
            step(now, a, Event::retry_due, a.reason, a.detail);
            refresh(now, a);
            break;
        case WorkerState::waiting:
            a.held = Reason::none;
            refresh(now, a);
            break;
        case WorkerState::stopped:
        case WorkerState::fatal: break;
    }
    rearm(a);
}

// A deadline of a worker that should be heard has passed. Whoever could not listen condemns nobody:
// the deadline is then counted from when listening began.
void Fleet::Core::check_silence(Instant now, Account& a) {
    const MonoTime since = planted(Defect::late_daemon_condemns) ? MonoTime{} : listening_since;
    if (a.state == WorkerState::starting && a.plan.heartbeat == HeartbeatKind::none && a.pid > 0) {
        running(now, a);
        return;
    }
    if (a.state == WorkerState::starting) {
        const MonoTime patience = since + a.plan.dead_after;
        if (planted(Defect::start_deadline_missing) && a.reason == Reason::first_beat_awaited)
            return;
        if (since > a.since.mono && patience > now.mono)
            set_due(a, patience);
        else if (a.reason == Reason::adoption_awaited)
            condemn(now, a, Reason::hung_silent, settings.condemned_grace,
                    "no hello after adoption");
        else
            condemn(now, a, Reason::start_timeout, settings.condemned_grace, {});
        return;
    }
    const ipc::Life life = a.liveness.verdict(now.mono, since);
    if (life != ipc::Life::alive && a.state == WorkerState::running)
        step(now, a, Event::missed, Reason::beats_missed);
    if (life == ipc::Life::lost && !planted(Defect::hang_unnoticed))
        condemn(now, a, Reason::hung_silent, settings.condemned_grace, {});
    else
        set_due(a, a.liveness.next_change(now.mono, since));
}

// Hundreds of accounts that are heard all the time need not wake the daemon one by one to be found
// well: who is nearly due and was heard since is looked at with those that are.
void Fleet::Core::put_off_the_heard(Instant now) {
    for (auto at = timers.begin();
         at != timers.end() && std::get<MonoTime>(*at) <= now.mono + k_put_off;) {
        Account& a = *std::get<Account*>(*at++);
        if (a.state != WorkerState::running || a.sweep_due || !a.state_due)
            continue;
        const auto due = a.liveness.next_change(now.mono, listening_since);
        if (due && *due > *a.state_due)
            set_due(a, due);
    }
}

}  // namespace bullpen::fleet
