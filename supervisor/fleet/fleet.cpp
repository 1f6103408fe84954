#include "supervisor/fleet/fleet.hpp"

#include <algorithm>
#include <unordered_set>

#include "common/base/assert.hpp"
#include "supervisor/fleet/core.hpp"

namespace bullpen::fleet {

Fleet::Fleet(FleetSettings settings, lease::FenceAllocator fences, LaunchNumber last_launch,
             std::uint64_t seed)
    : core_(std::make_unique<Core>(settings, fences, last_launch, seed)) {}

Fleet::~Fleet() = default;

void Fleet::restore(Instant /*now*/, const AccountId& account, const SavedAccount& saved) {
    BULLPEN_ASSERT(core_->accounts.empty(), "what was saved is restored before the roster");
    core_->saved.insert_or_assign(account, saved);
}

void Fleet::adopted(Instant now, const AccountId& account, const FoundWorker& found) {
    BULLPEN_ASSERT(!core_->begun, "workers are adopted before the fleet begins");
    Account* a = core_->find(account);
    if (a == nullptr) {
        // Its file is gone: it is stopped in order, and leaves.
        a = &core_->create(now, AccountPlan{.account = account});
        a->removed = true;
    }
    if (a->process) {
        core_->alarm(a, Reason::lock_held, "a second worker was found; it is killed");
        core_->push(ActionKind::kill, *a, Reason::lock_held);
        core_->actions.back().launch = found.launch;
        return;
    }
    core_->adopt(now, *a, found);
}

void Fleet::lost(Instant now, const AccountId& account, const FoundWorker& found,
                 ExitStatus status) {
    adopted(now, account, found);
    Account* a = core_->current(account, found.launch);
    if (a == nullptr)
        return;
    a->leftovers = true;
    if (status.kind == ExitStatus::Kind::unknown && !a->interrupted)
        a->condemned = Reason::lost_while_unsupervised;
    core_->ended(now, *a, status);
    a->interrupted = false;
}

void Fleet::begin(Instant now) {
    core_->begin(now);
    core_->finish(now);
}

void Fleet::apply(Instant now, const std::vector<AccountPlan>& plans) {
    if (core_->shutting)
        return;
    if (!core_->begun && core_->accounts.empty())
        core_->recall_storm(now, plans);
    std::unordered_set<std::string_view> listed;
    for (const auto& plan : plans) {
        listed.insert(plan.account.str());
        if (Account* a = core_->find(plan.account))
            core_->update_plan(now, *a, plan);
        else
            core_->reconsider(now, core_->create(now, plan));
    }
    for (const auto& [account, a] : core_->accounts) {
        if (a->removed || listed.contains(account.str()))
            continue;
        a->removed = true;
        core_->reconsider(now, *a);
    }
    core_->finish(now);
}

void Fleet::change_settings(Instant now, const FleetSettings& settings) {
    const FleetSettings old = std::exchange(core_->settings, settings);
    if (old.storm_deaths_max != settings.storm_deaths_max ||
        old.storm_window != settings.storm_window) {
        core_->storm = StormLimit(settings.storm_deaths_max, settings.storm_window);
        core_->storm_shown = false;
        core_->refresh_all(now);
    }
    core_->finish(now);
}

Verdict Fleet::start(Instant now, const AccountId& account) {
    Account* a = core_->find(account);
    if (a == nullptr || a->removed)
        return Verdict::unknown_account;
    if (core_->shutting)
        return Verdict::shutting_down;
    if (!a->plan.enabled)
        return Verdict::disabled;
    const bool up = core_->wanted(*a) && worker_machine::next(a->state, Event::drain);
    if (up && !a->errand)
        return Verdict::already;
    if (a->errand)
        core_->pardon(*a);
    core_->want(now, *a);
    // What came to make it flat is not what is to run.
    if (up)
        core_->drain(now, *a, Reason::restart_requested);
    return core_->accept(now);
}

Verdict Fleet::stop(Instant now, const AccountId& account) {
    Account* a = core_->find(account);
    if (a == nullptr)
        return Verdict::unknown_account;
    const bool was_wanted = std::exchange(a->operator_wants, false);
    if (!was_wanted && !a->exited && a->wish_reason == Reason::operator_stop &&
        a->state == WorkerState::stopped)
        return Verdict::already;
    a->wish_reason = Reason::operator_stop;
    a->exited = a->errand = false;
    core_->save(*a);
    core_->reconsider(now, *a);
    return core_->accept(now);
}

Verdict Fleet::restart(Instant now, const AccountId& account) {
    const Verdict verdict = start(now, account);
    if (verdict != Verdict::already)
        return verdict;
    Account& a = *core_->find(account);
    if (a.recovery)
        core_->pardon(a);
    core_->drain(now, a, Reason::restart_requested);
    return core_->accept(now);
}

Verdict Fleet::clear(Instant now, const AccountId& account) {
    Account* a = core_->find(account);
    if (a == nullptr)
        return Verdict::unknown_account;
    if (a->state != WorkerState::fatal)
        return Verdict::not_fatal;
    core_->pardon(*a);
    return stop(now, account);
}

Verdict Fleet::flatten(Instant now, const AccountId& account) {
    Account* a = core_->find(account);
    if (a == nullptr || a->removed)
        return Verdict::unknown_account;
    if (core_->shutting)
        return Verdict::shutting_down;
    const bool comes = Core::wished(*a) && a->state != WorkerState::fatal;
    if (comes || a->errand || (a->flat == true && !a->process))
        return Verdict::already;
    a->errand = true;
    // One that an earlier daemon launched for this is adopted as such.
    const bool runs = worker_machine::next(a->state, Event::drain) && !a->interrupted;
    (runs ? a->recovery : a->recovery_wanted) = true;
    core_->save(*a);
    core_->reconsider(now, *a);
    return core_->accept(now);
}

Verdict Fleet::rolling_restart(Instant now, const std::vector<AccountId>& accounts) {
    if (core_->shutting)
        return Verdict::shutting_down;
    if (core_->roll)
        return Verdict::already;
    core_->roll = Core::Roll{};
    for (const auto& account : accounts) {
        if (const Account* a = core_->find(account))
            core_->roll->left.emplace_back(account, a->launch);
        else
            core_->rolled(account, Rolled::left_out, "there is no such account");
    }
    return core_->accept(now);
}

void Fleet::shutdown(Instant now, bool keep_workers) {
    if (core_->shutting && (keep_workers || !core_->keep_workers))
        return;
    core_->keep_workers = keep_workers;
    core_->shut_down(now);
    core_->finish(now);
}

void Fleet::gate(Instant now, const AccountId& account, Reason reason, bool shut,
                 std::string detail) {
    BULLPEN_ASSERT(reason >= k_first_gate && reason <= k_last_gate, "the reason is a gate's");
    auto& gates = core_->gates[account];
    if (shut)
        gates.insert_or_assign(reason, std::move(detail));
    else
        gates.erase(reason);
    if (gates.empty())
        core_->gates.erase(account);
    if (Account* a = core_->find(account)) {
        if (core_->begun)
            core_->follow_settings(now, *a);
        core_->refresh(now, *a);
    }
    core_->finish(now);
}

void Fleet::home_gate(Instant now, Reason reason, bool shut) {
    BULLPEN_ASSERT(reason >= k_first_gate && reason <= k_last_gate, "the reason is a gate's");
    const bool changes =
        shut ? core_->home_gates.insert(reason).second : core_->home_gates.erase(reason) != 0;
    if (!changes)
        return;
    core_->refresh_all(now);
    core_->finish(now);
}

void Fleet::lock_free(Instant now, const AccountId& account) {
    Account* a = core_->find(account);
    if (a == nullptr || a->state != WorkerState::waiting || a->held == Reason::none)
        return;
    a->held = Reason::none;
    core_->set_due(*a, std::nullopt);
    core_->refresh(now, *a);
    core_->finish(now);
}

void Fleet::launched(Instant now, const AccountId& account, LaunchNumber launch, pid_t pid) {
    core_->of(now, account, launch, [&](Account& a) {
        a.pid = pid;
        core_->changed(a);
        if (a.state == WorkerState::starting && a.plan.heartbeat == HeartbeatKind::none)
            core_->up_after(now, a, a.plan.started_after);
        // It was told to end before it was there to be told.
        if (a.state == WorkerState::stopping)
            core_->push(ActionKind::terminate, a, a.reason);
        if (a.state == WorkerState::killing)
            core_->push(ActionKind::kill, a, a.reason);
    });
}

void Fleet::launch_failed(Instant now, const AccountId& account, LaunchNumber launch,
                          LaunchFailure failure, std::string detail) {
    core_->of(now, account, launch, [&](Account& a) {
        if (a.state != WorkerState::starting)
            return core_->ended(now, a, ExitStatus::lost());
        a.process = false;
        core_->leases.release(account, launch);
        core_->not_launched(now, a, failure, std::move(detail));
        core_->reconsider(now, a);
    });
}

void Fleet::exited(Instant now, const AccountId& account, LaunchNumber launch, ExitStatus status) {
    core_->of(now, account, launch, [&](Account& a) {
        a.leftovers = true;
        core_->ended(now, a, status);
    });
}

void Fleet::tree_gone(Instant now, const AccountId& account, LaunchNumber launch) {
    Account* a = core_->find(account);
    if (a == nullptr || !a->leftovers || a->launch != launch)
        return;
    core_->swept(now, *a);
    core_->finish(now);
}

void Fleet::fences_reserved(Instant now, Fence upto) {
    core_->fences_asked.reset();
    core_->leases.fences().reserved(upto);
    core_->finish(now);
}

void Fleet::traffic(Instant now, const AccountId& account, LaunchNumber launch) {
    if (Account* a = core_->current(account, launch))
        core_->heard(now, *a);
    if (core_->roll && core_->roll->dirty)
        core_->finish(now);
}

void Fleet::hello(Instant now, const AccountId& account, LaunchNumber launch, bool ready_before) {
    core_->of(now, account, launch, [&](Account& a) {
        core_->heard(now, a);
        if (a.state == WorkerState::starting && ready_before) {
            core_->running(now, a);
        } else if (a.state == WorkerState::starting && a.reason == Reason::adoption_awaited) {
            a.running_since.reset();
            a.ready_at.reset();
            core_->set_reason(now, a, Reason::first_beat_awaited);
            core_->set_due(a, now.mono + a.plan.start_wait);
        }
    });
}

void Fleet::ready(Instant now, const AccountId& account, LaunchNumber launch) {
    hello(now, account, launch, true);
}

void Fleet::position(Instant now, const AccountId& account, LaunchNumber launch, bool flat,
                     bool at_rest) {
    Account* a = core_->current(account, launch);
    if (a == nullptr || (a->flat == flat && a->at_rest == at_rest))
        return;
    a->at_rest = at_rest;
    a->flat = flat;
    core_->save(*a);
    core_->changed(*a);
    if (core_->roll)
        core_->roll->dirty = true;
    core_->finish(now);
}

void Fleet::obligation_overdue(Instant now, const AccountId& account, LaunchNumber launch,
                               std::string_view name) {
    Account* a = core_->current(account, launch);
    if (a == nullptr || (a->state != WorkerState::running && a->state != WorkerState::late))
        return;
    // The word may be as old as the time in which nobody listened; the next beat says it again.
    if (now.mono < core_->listening_since + a->plan.beat_interval + a->plan.late_after)
        return;
    core_->condemn(now, *a, Reason::hung_obligation, core_->settings.condemned_grace,
                   "overdue: " + std::string(name));
    core_->finish(now);
}

void Fleet::must_end(Instant now, const AccountId& account, LaunchNumber launch, Reason reason) {
    Account* a = core_->current(account, launch);
    if (a == nullptr || !worker_machine::next(a->state, Event::condemned))
        return;
    // A tree that multiplies is not waited for.
    const bool hasty = reason == Reason::process_limit;
    core_->condemn(now, *a, reason, hasty ? core_->settings.condemned_grace : a->plan.stop_wait,
                   {});
    core_->finish(now);
}

void Fleet::tick(Instant now) {
    core_->tick(now);
    core_->finish(now);
}

void Fleet::loop_gap(Instant now, Nanos /*gap*/) {
    core_->listening_since = now.mono;
}

std::optional<MonoTime> Fleet::next_deadline() const {
    return core_->next_deadline();
}

std::optional<Action> Fleet::next_action() {
    if (core_->actions.empty())
        return std::nullopt;
    Action action = std::move(core_->actions.front());
    core_->actions.pop_front();
    if (action.kind == ActionKind::changed || action.kind == ActionKind::save) {
        if (Account* a = core_->find(*action.account))
            (action.kind == ActionKind::changed ? a->change_pending : a->save_pending) = false;
    }
    return action;
}

bool Fleet::knows(const AccountId& account) const {
    return core_->find(account) != nullptr;
}

bool Fleet::shutting_down() const {
    return core_->shutting;
}

bool Fleet::rolling() const {
    return core_->roll.has_value();
}

LaunchNumber Fleet::last_launch() const {
    return core_->last_launch;
}

const lease::LeaseTable& Fleet::leases() const {
    return core_->leases;
}

}  // namespace bullpen::fleet
