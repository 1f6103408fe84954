// How accounts come and go: the roster, what an earlier daemon kept, and the workers it left.
#include <algorithm>
#include <unordered_set>

#include "supervisor/fleet/core.hpp"

namespace bullpen::fleet {

namespace {

// Whether the account's settings are others than those of its last launch.
bool settings_differ(const Account& a) {
    return a.plan.fingerprint != 0 && a.fingerprint != 0 && a.plan.fingerprint != a.fingerprint;
}

// What never was a process, or what no other try would help, is not counted.
bool makes_storm(Reason reason) {
    return reason != Reason::launch_failed && reason != Reason::program_missing &&
           reason != Reason::refused_usage && reason != Reason::refused_configuration;
}

bool is_up(const Account& a) {
    return a.state == WorkerState::starting || a.state == WorkerState::running ||
           a.state == WorkerState::late;
}

}  // namespace

Account& Fleet::Core::create(Instant now, const AccountPlan& plan) {
    auto created = std::make_unique<Account>(plan, next_index++);
    Account& a = *created;
    a.since = now;
    a.operator_wants = plan.autostart;
    a.wish_reason = plan.autostart ? Reason::operator_stop : Reason::not_autostarted;
    accounts.emplace(plan.account, std::move(created));
    take_saved(now, a);
    changed(a);
    return a;
}

// What the earlier daemon knew. A back-off goes on where it was, and a fatal account stays fatal,
// but for settings that changed meanwhile: then both are tried again, as under a running daemon.
void Fleet::Core::take_saved(Instant now, Account& a) {
    const auto found = saved.find(a.id());
    if (found == saved.end())
        return;
    const SavedAccount& kept = found->second;
    a.operator_wants = kept.wanted || planted(Defect::stop_forgotten);
    a.exited = kept.exited;
    a.killed = kept.killed;
    if (!kept.wanted)
        a.wish_reason =
            kept.reason == Reason::not_autostarted ? kept.reason : Reason::operator_stop;
    a.recovery_done = kept.recovery_done;
    if (!planted(Defect::restart_ends_exited))
        a.settled = kept.settled;
    a.restarts = kept.restarts;
    a.is_restart = kept.restart_due;
    a.flat = kept.flat;
    a.fingerprint = kept.fingerprint;
    const auto recent = std::min(kept.recent.size(), Death::k_kept);
    a.deaths.assign(kept.recent.end() - static_cast<std::ptrdiff_t>(recent), kept.recent.end());
    a.policy.restore(now, kept.deaths, kept.failures);
    if (kept.state == WorkerState::running)
        a.ready_at = kept.since;
    a.launch = kept.launch;
    if (kept.fatal && wanted(a) && settings_differ(a)) {
        pardon(a);
    } else if (kept.fatal && wanted(a)) {
        take_fatal(a, kept.reason);
        a.detail = kept.detail;
    } else if (kept.retry_at && wanted(a) && !settings_differ(a)) {
        // A wall clock that was set may not make the wait longer than it can have been.
        const Nanos longest = a.plan.restart.delay_max * 2;
        const Nanos wait = std::clamp(*kept.retry_at - now.utc, Nanos(0), longest);
        a.state = WorkerState::backoff;
        a.reason = kept.reason;
        a.detail = kept.detail;
        a.is_restart = true;
        set_due(a, now.mono + wait);
    }
    // What did not change with the daemon did not begin with it.
    if (kept.since && kept.state != WorkerState::running && *kept.since <= now.utc) {
        const Instant since{*kept.since, now.mono - (now.utc - *kept.since)};
        a.stay = {kept.state, kept.reason, since};
        if (a.state == kept.state && a.reason == kept.reason)
            a.since = since;
    }
    saved.erase(found);
}

// A storm goes on under the next daemon, and so does the counting that leads to one.
void Fleet::Core::recall_storm(Instant now, const std::vector<AccountPlan>& plans) {
    std::vector<MonoTime> deaths;
    for (const auto& plan : plans) {
        const auto kept = saved.find(plan.account);
        if (plan.service || kept == saved.end())
            continue;
        for (const auto& death : kept->second.recent) {
            if (makes_storm(death.reason))
                deaths.push_back(now.mono - std::max(now.utc - death.utc, Nanos(0)));
        }
    }
    std::sort(deaths.begin(), deaths.end());
    for (const auto death : deaths)
        static_cast<void>(storm.on_death(death));
    storm_shown = in_storm(now);
}

void Fleet::Core::take_fatal(Account& a, Reason reason) {
    a.state = WorkerState::fatal;
    a.reason = reason;
    a.fatal_reason = reason;
    a.recovery_wanted = a.flat.has_value() && !*a.flat && !a.recovery_done &&
                        a.plan.recovery != RecoveryPolicy::none;
}

void Fleet::Core::update_plan(Instant now, Account& a, const AccountPlan& plan) {
    const bool back = a.removed;
    if (!back && plan == a.plan)
        return;
    dequeue(a);
    a.removed = false;
    a.plan = plan;
    a.liveness.set_limits({plan.late_after, plan.dead_after});
    if (back) {
        a.exited = false;
        a.operator_wants = plan.autostart;
        a.wish_reason = plan.autostart ? Reason::operator_stop : Reason::not_autostarted;
        save(a);
    }
    follow_settings(now, a);
    changed(a);
    reconsider(now, a);
}

bool Fleet::Core::kept_by_vault(const Account& a) const {
    const auto shut = gates.find(a.id());
    return is_up(a) && settings_differ(a) && wanted(a) && shut != gates.end() &&
           shut->second.contains(Reason::vault_locked);
}

void Fleet::Core::follow_settings(Instant now, Account& a) {
    if (!settings_differ(a) || !wanted(a) || kept_by_vault(a))
        return;
    a.fingerprint = a.plan.fingerprint;
    if (a.recovery)
        pardon(a);
    if (is_up(a))
        drain(now, a, Reason::settings_changed);
    else if (a.state == WorkerState::fatal || a.state == WorkerState::backoff)
        want(now, a);
}

void Fleet::Core::adopt(Instant now, Account& a, const FoundWorker& found) {
    // Not of another launch, nor by a clock that was set since.
    if (a.launch != found.launch || (a.ready_at && *a.ready_at > now.utc))
        a.ready_at.reset();
    const UtcTime run_began = a.ready_at.value_or(found.started);
    const Nanos age = std::max(Nanos(0), now.utc - run_began);
    // The restart that was due has been made: this is it.
    if (a.settled != found.launch)
        a.restarts += std::exchange(a.is_restart, false) ? 1U : 0U;
    a.process = true;
    a.leftovers = false;
    a.launch = found.launch;
    a.fence = found.fence;
    a.pid = found.pid;
    a.started = found.started;
    a.fingerprint = found.fingerprint;
    a.interrupted = a.settled == found.launch;
    a.recovery =
        found.recovery || (a.state == WorkerState::fatal && (a.recovery_done || a.interrupted));
    a.recovery_done = a.recovery_done || found.recovery;
    a.recovery_wanted = false;
    a.liveness = ipc::Liveness({a.plan.late_after, a.plan.dead_after}, now.mono);
    if (a.recovery && a.fatal_reason == Reason::none)
        a.fatal_reason = Reason::restart_budget_spent;
    last_launch = std::max(last_launch, found.launch);
    leases.adopt(a.id(), {found.launch, found.fence});
    step(now, a, Event::adopted, Reason::adoption_awaited);
    // It may have been ready long before this daemon was; a run counts from its start.
    a.running_since = now.mono - age;
    set_due(a, now.mono + std::max(settings.adoption_wait, a.plan.dead_after));
}

void Fleet::Core::begin(Instant now) {
    begun = true;
    listening_since = now.mono;
    for (const auto& [account, kept] : saved)
        push(ActionKind::forget).account = account;
    saved.clear();
    std::vector<Account*> all;
    for (const auto& [account, a] : accounts)
        all.push_back(a.get());
    std::sort(all.begin(), all.end(), [](auto* x, auto* y) { return x->index < y->index; });
    for (Account* a : all) {
        const bool up = a->state == WorkerState::starting;
        const bool differs = settings_differ(*a) && !kept_by_vault(*a);
        if (differs && a->recovery)
            pardon(*a);
        if (up && wanted(*a) && planted(Defect::adopted_restarted))
            drain(now, *a, Reason::restart_requested);
        else if (up && wanted(*a) && (a->interrupted || differs))
            drain(now, *a, a->interrupted ? Reason::restart_requested : Reason::settings_changed);
        else if (up && wanted(*a) && a->plan.heartbeat == HeartbeatKind::none)
            running(now, *a);
        a->interrupted = false;
        // Whoever looks after the home need not have heard it of the daemon before.
        if (a->state == WorkerState::fatal)
            alarm(a, a->reason, std::string(model::text(a->reason).sentence));
        if (a->state == WorkerState::fatal && a->flat == false)
            alarm(a, a->reason, "it is fatal with an open position");
        reconsider(now, *a);
    }
    ask_for_fences(now);
}

}  // namespace bullpen::fleet
