// What the fleet decides, done.
#include <csignal>
#include <utility>

#include "common/base/random.hpp"
#include "common/loop/notify.hpp"
#include "common/model/advice.hpp"
#include "common/model/reason.hpp"
#include "ipc/error_text.hpp"
#include "supervisor/daemon/daemon.hpp"
#include "supervisor/daemon/saved_account.hpp"
#include "supervisor/daemon/timers.hpp"

namespace bullpen::daemon {

void Daemon::pump() {
    if (std::exchange(pump_posted_, true))
        return;
    loop_.post([this] {
        pump_posted_ = false;
        turn();
    });
}

void Daemon::turn() {
    const auto start = clock_.mono();
    bool more = false;
    while (auto action = fleet_.next_action()) {
        perform(*action);
        if (ended_)
            break;
        if (clock_.mono() - start > k_turn_max) {
            more = true;
            break;
        }
    }
    if (more)
        pump();
    if (!more || untold_.size() > k_untold_max)
        tell_some();
    if (ended_)
        return loop_.stop();
    auto next = fleet_.next_deadline();
    if (const auto duty = leases_.next_duty(); duty && (!next || *duty < *next))
        next = duty;
    if (next == fleet_timer_)
        return;
    fleet_timer_ = next;
    if (!next)
        return loop_.cancel_timer(k_fleet_timer);
    loop_.set_timer(k_fleet_timer, *next, [this] {
        fleet_timer_.reset();
        const auto now = clock_.now();
        look_up(now);
        fleet_.tick(now);
        leases_.judge_duties(now.mono);
        pump();
    });
}

void Daemon::perform(const fleet::Action& action) {
    using fleet::ActionKind;
    switch (action.kind) {
        case ActionKind::launch: return launch(action);
        case ActionKind::drain:
            if (const auto* account = accounts_.find(*action.account)) {
                leases_.send_drain(*account, action.reason,
                                   std::max(action.deadline - clock_.mono(), Nanos{0}));
            }
            return;
        case ActionKind::terminate: return signal_tree(*action.account, action.launch, SIGTERM);
        case ActionKind::kill:
            log_->warn("kill_needed", {{"worker", *action.account},
                                       {"launch_number", action.launch.value},
                                       {"reason", model::code(action.reason)}});
            return signal_tree(*action.account, action.launch, SIGKILL);
        case ActionKind::sweep: return undertaker_.sweep(*action.account, action.launch);
        case ActionKind::bundle:
            return undertaker_.bundle(*action.account, action.launch, action.reason,
                                      action.sentence);
        case ActionKind::alarm: return alarm(action);
        case ActionKind::changed: return changed(*action.account);
        case ActionKind::save: return save(*action.account);
        case ActionKind::forget: return forget(*action.account);
        case ActionKind::reserve_fences: return reserve_fences(action.fence);
        case ActionKind::rolled:
            return control_->rolled(*action.account, action.rolled, action.sentence);
        case ActionKind::roll_ended:
            tell_all();
            return control_->roll_ended(action.reason, action.sentence);
        case ActionKind::all_stopped:
            tell_all();
            if (shutdown_asker_) {
                std::string others;
                const auto left = left_at_shutdown(others);
                control_->result(*shutdown_asker_, others.empty(),
                                 others.empty() ? "done" : "held_by_hand", left);
            }
            ended_ = true;
            return;
    }
}

std::optional<std::string> Daemon::by_hand(const AccountId& id) const {
    const auto facts = ipc::AccountLock::held_by_hand(home_.account(id).lock);
    return facts ? std::optional(ipc::by_hand_text(*facts)) : std::nullopt;
}

std::string Daemon::left_at_shutdown(std::string& others) const {
    std::size_t killed = 0;
    std::size_t left = 0;
    for (const auto& id : fleet_.accounts()) {
        const auto view = fleet_.view(clock_.now(), id);
        killed += view->killed && view->reason == model::Reason::daemon_shutdown ? 1U : 0U;
        left += view->pid != 0 ? 1U : 0U;
        if (const auto other = by_hand(id); other && view->pid == 0)
            others += "; " + id.str() + ": " + *other;
    }
    if (left != 0)
        return "what runs goes on without a daemon (" + std::to_string(left) + ")";
    return (others.empty() ? "every account is stopped" : "what this daemon started is stopped") +
           (killed == 0 ? "" : "; " + std::to_string(killed) + " of them had to be killed") +
           others;
}

void Daemon::launch(const fleet::Action& action) {
    auto& account = accounts_.at(*action.account);
    const auto now = clock_.now();
    if (!account.settings) {
        return fleet_.launch_failed(now, account.id, action.launch, fleet::LaunchFailure::transient,
                                    "its settings are gone");
    }
    StartOrder order{action.launch, action.fence, Nonce(system_random()), action.recovery};
    auto& launch = account.launch.emplace();
    launch.number = order.number;
    launch.nonce = order.nonce;
    launch.fence = order.fence;
    launch.started = now.utc;
    launch.obligations = obligations(*account.settings);
    auto handed = vault_.hand_over(*account.settings);
    const auto outcome =
        handed ? starter_.start(*account.settings, roster_->daemon, order, *handed)
               : NotStarted{fleet::LaunchFailure::transient, handed.error().message()};
    if (const auto* refused = std::get_if<NotStarted>(&outcome)) {
        account.launch.reset();
        // One that waits is tried again and again.
        const bool known = ipc::unstamped(account.last_error).text == refused->detail;
        account.last_error = ipc::stamped(refused->detail, now.utc);
        log_->log(known ? log::Level::debug : log::Level::warn, "launch_failed",
                  {{"worker", account.id}, {"error", refused->detail}});
        return fleet_.launch_failed(clock_.now(), account.id, action.launch, refused->failure,
                                    refused->detail);
    }
    const auto& started = std::get<Started>(outcome);
    launch.start_time = started.start_time;
    accounts_.set_pid(account, started.pid);
    const log::CorrelationScope scope(*log_, account.cause_at(now.mono));
    account.cause.clear();
    log_->info("worker_started", {{"worker", account.id},
                                  {"launch_number", order.number.value},
                                  {"fence", order.fence.value},
                                  {"worker_pid", static_cast<std::int64_t>(started.pid)}});
    fleet_.launched(clock_.now(), account.id, action.launch, started.pid);
}

Result<void> Daemon::signal_worker(Account& account, int number) {
    auto& launch = *account.launch;
    if (launch.watch)
        return launch.watch->signal(number);
    // A child's pid is its own until it is reaped, which only this thread does.
    if (::kill(launch.pid, number) != 0) {
        return fail_errno("cannot signal pid " + std::to_string(launch.pid));
    }
    return {};
}

void Daemon::signal_tree(const AccountId& id, LaunchNumber number, int signal) {
    auto* account = accounts_.find(id);
    if (account == nullptr || !account->launch || account->launch->number != number ||
        account->launch->pid == 0) {
        return;
    }
    const log::CorrelationScope scope(*log_, account->cause_at(clock_.mono()));
    log_->info("signal_sent", {{"worker", id},
                               {"worker_pid", static_cast<std::int64_t>(account->launch->pid)},
                               {"signal", signal}});
    // While the leader lives, or is not reaped, the number of its group is its own.
    const bool gone = account->launch->watch && account->launch->watch->exited();
    if (gone)
        return;
    if (::kill(-account->launch->pid, signal) != 0) {
        log_->warn("signal_failed",
                   {{"worker", id}, {"error", Error::from_errno("kill").message()}});
    }
    // A stopped process takes no SIGTERM until it goes on.
    if (signal == SIGTERM)
        ::kill(-account->launch->pid, SIGCONT);
}

void Daemon::changed(const AccountId& id) {
    auto view = fleet_.view(clock_.now(), id);
    if (!view)
        return;
    if (view->state == model::WorkerState::stopped || view->state == model::WorkerState::fatal)
        accounts_.at(id).cause.clear();
    untold_.push_back([this, id, view = std::move(*view)] { tell_changed(id, view); });
}

void Daemon::tell_changed(const AccountId& id, const fleet::AccountView& view) {
    if (const auto* account = accounts_.find(id))
        board_.changed(*account, view);
    // A start without a process yet may come to nothing, again and again.
    if (!view.retrying && (view.state != model::WorkerState::starting || view.pid != 0))
        events_.publish_change("state", id,
                               {{"state", model::code(view.state)},
                                {"shown", model::shown(view.state, view.exited)},
                                {"reason", model::code(view.reason)},
                                {"detail", view.detail},
                                {"pid", static_cast<std::int64_t>(view.pid)},
                                {"restarts", view.restarts},
                                {"launch", view.launch.value}});
    // Who asked is answered when the board says so: not while a newer change waits to be told.
    const auto now = fleet_.view(clock_.now(), id);
    if (!now || (now->state == view.state && now->launch == view.launch))
        control_->changed(id);
}

void Daemon::tell_some() {
    const auto start = clock_.mono();
    while (tell_one()) {
        if (clock_.mono() - start > k_turn_max)
            return loop_.post([this] { tell_some(); });
    }
}

void Daemon::tell_all() {
    while (tell_one()) {
    }
}

bool Daemon::tell_one() {
    if (untold_.empty())
        return false;
    const auto told = std::move(untold_.front());
    untold_.pop_front();
    told();
    return true;
}

void Daemon::save(const AccountId& id) {
    auto saved = fleet_.saved(clock_.now(), id);
    if (!saved)
        return;
    saved->last_error = accounts_.at(id).last_error;
    saved->holding = accounts_.at(id).holding;
    if (auto written = record_.save(id, to_text(*saved)); !written) {
        log_->warn("launch_record_failed", {{"worker", id}, {"error", written.error().message()}});
    }
}

void Daemon::forget(const AccountId& id) {
    if (auto written = record_.forget(id); !written) {
        log_->warn("launch_record_failed", {{"worker", id}, {"error", written.error().message()}});
    }
    if (const auto* account = accounts_.find(id); account != nullptr && account->launch) {
        leases_.forget(*account->launch);
    }
    log_->info("account_removed", {{"worker", id}});
    tell_all();
    board_.remove(id);
    leases_.guard().remove(id);
    events_.publish("removed", id, {});
    events_.forget(id);
    starter_.forget(id);
    control_->changed(id);
    accounts_.erase(id);
}

void Daemon::reserve_fences(Fence upto) {
    loop_.attempt([this, upto] { return fences_.reserve(upto); },
                  [this, upto](const std::string& failed) {
                      if (failed.empty())
                          fleet_.fences_reserved(clock_.now(), upto);
                      else
                          log_->error("fence_reservation_failed", {{"error", failed}});
                      pump();
                  });
}

void Daemon::alarm(const fleet::Action& action) {
    ++alarms_;
    const auto& text = model::text(action.reason);
    std::string advice(action.advice.empty() ? text.advice : action.advice);
    if (action.account)
        advice = model::with_name(advice, action.account->str());
    log_->warn("alarm", {{"worker", action.account ? action.account->str() : std::string()},
                         {"reason", text.code},
                         {"sentence", action.sentence},
                         {"advice", advice}});
    // The service manager's journal is where an operator looks first.
    loop::notify::complain("alarm" + (action.account ? " " + action.account->str() : "") + ": " +
                           action.sentence + "; " + advice);
    untold_.push_back([this, action, advice] {
        const auto& told = model::text(action.reason);
        events_.publish("alarm", action.account,
                        {{"reason", told.code}, {"sentence", action.sentence}, {"advice", advice}});
    });
}

}  // namespace bullpen::daemon
