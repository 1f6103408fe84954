// What people and the next daemon are told of an account.
#include <algorithm>

#include "supervisor/fleet/core.hpp"

namespace bullpen::fleet {

namespace {

// When the next step comes by itself, on the wall clock as it stands now.
std::optional<UtcTime> until(Instant now, const Account& a, const std::optional<MonoTime>& storm) {
    const bool storms = a.state == WorkerState::waiting && a.reason == Reason::storm_limit;
    const auto& due = storms ? storm : a.state_due;
    // What runs on is not waiting for anything.
    if (!due || a.state == WorkerState::running)
        return std::nullopt;
    return now.utc + (*due - now.mono);
}

}  // namespace

std::vector<AccountId> Fleet::accounts() const {
    std::vector<const Account*> sorted;
    sorted.reserve(core_->accounts.size());
    for (const auto& [id, a] : core_->accounts)
        sorted.push_back(a.get());
    std::sort(sorted.begin(), sorted.end(), [](const Account* x, const Account* y) {
        return std::tie(x->plan.priority, x->id()) < std::tie(y->plan.priority, y->id());
    });
    std::vector<AccountId> ids;
    ids.reserve(sorted.size());
    for (const Account* a : sorted)
        ids.push_back(a->id());
    return ids;
}

std::optional<AccountView> Fleet::view(Instant now, const AccountId& account) const {
    const Account* a = core_->find(account);
    if (a == nullptr)
        return std::nullopt;
    AccountView view;
    view.state = a->state;
    view.exited = a->state == WorkerState::stopped && a->exited;
    view.reason = a->reason;
    view.since = a->since.utc;
    view.until = until(now, *a, core_->storm.shut_until(now.mono));
    view.next = model::text(a->recovery_wanted ? Reason::recovery_launch : a->reason).next;
    view.detail = a->detail;
    if (core_->kept_by_vault(*a)) {
        view.reason = Reason::vault_locked;
        view.next = "it restarts with its new settings when the daemon has the vault's key";
        view.detail = "its settings have changed; it runs on with those before";
    }
    view.wanted = core_->wanted(*a);
    view.recovering = a->recovery || a->recovery_wanted;
    view.leftovers = a->leftovers;
    view.killed = a->killed;
    view.retrying = a->state == WorkerState::waiting && a->reason == Reason::start_queue &&
                    (a->is_restart || a->held_tries > 0);
    view.launch = a->launch;
    view.fence = a->fence;
    view.pid = a->pid;
    view.started = a->started;
    view.restarts = a->restarts;
    view.budget = a->plan.restart.budget;
    view.budget_used = a->policy.budget_used(now.mono, a->plan.restart);
    view.flat = a->flat;
    view.deaths.assign(a->deaths.begin(), a->deaths.end());
    return view;
}

std::optional<SavedAccount> Fleet::saved(Instant now, const AccountId& account) const {
    const Account* a = core_->find(account);
    if (a == nullptr)
        return std::nullopt;
    const bool told = a->state == WorkerState::stopping || a->state == WorkerState::killing;
    SavedAccount kept;
    kept.wanted = a->operator_wants;
    kept.exited = a->exited;
    kept.killed = a->killed;
    kept.fatal =
        a->state == WorkerState::fatal || (Core::wished(*a) && (a->recovery || a->recovery_wanted));
    kept.recovery_done = a->recovery_done;
    if (!a->process || told)
        kept.settled = a->launch;
    if (kept.fatal)
        kept.reason = a->fatal_reason;
    else
        kept.reason = a->operator_wants ? a->reason : a->wish_reason;
    kept.restarts = a->restarts;
    // One that is being stopped and stays wanted is being restarted.
    kept.restart_due = a->is_restart || (a->process && told && core_->wanted(*a));
    kept.fingerprint = a->fingerprint;
    kept.failures = a->policy.failures();
    kept.deaths = a->policy.deaths(now);
    kept.recent.assign(a->deaths.begin(), a->deaths.end());
    if (a->state == WorkerState::backoff && a->state_due)
        kept.retry_at = now.utc + (*a->state_due - now.mono);
    if (a->put_off && Core::wished(*a)) {
        kept.retry_at = now.utc + (a->put_off->first - now.mono);
        kept.reason = a->put_off->second;
    }
    kept.flat = a->flat;
    kept.state = a->state;
    kept.since = a->since.utc;
    kept.launch = a->launch;
    kept.detail = a->detail;
    return kept;
}

}  // namespace bullpen::fleet
