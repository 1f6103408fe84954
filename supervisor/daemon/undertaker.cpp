#include "supervisor/daemon/undertaker.hpp"

#include <memory>
#include <utility>

#include "common/log/json_text.hpp"
#include "common/vault/scrub.hpp"
#include "ipc/error_text.hpp"
#include "supervisor/daemon/last_words.hpp"
#include "supervisor/daemon/timers.hpp"

namespace bullpen::daemon {

namespace {

fleet::ExitStatus status_of(const process::Exited& exited) {
    return exited.signaled ? fleet::ExitStatus::signaled(exited.signal)
                           : fleet::ExitStatus::exited(exited.code);
}

}  // namespace

Undertaker::Undertaker(const Home& home, const Clock& clock, loop::Loop& loop, Accounts& accounts,
                       fleet::Fleet& fleet, LeaseDesk& leases, process::LaunchRecord& record,
                       log::Logger& log)
    : home_(home),
      clock_(clock),
      loop_(loop),
      accounts_(accounts),
      fleet_(fleet),
      leases_(leases),
      record_(record),
      log_(log),
      sweeper_([this](pid_t pid) { return accounts_.by_pid(pid) != nullptr; },
               [this] { return reaped_; }) {}

void Undertaker::reap() {
    exited_.clear();
    process::reap(exited_);
    reaped_ += exited_.size();
    for (const auto& exited : exited_) {
        if (auto* account = accounts_.by_pid(exited.pid)) {
            ended(*account, status_of(exited), exited.text());
        } else if (const auto found = expected_.find(exited.pid); found != expected_.end()) {
            const auto told = std::move(found->second);
            expected_.erase(found);
            told(exited);
        } else {
            log_.debug("orphan_reaped", {{"orphan_pid", static_cast<std::int64_t>(exited.pid)},
                                         {"how", exited.text()}});
        }
    }
    if (!sweeps_.empty())
        step_all();
    if (!exited_.empty() && told_)
        told_();
}

void Undertaker::expect(pid_t pid, std::function<void(const process::Exited&)> told) {
    expected_[pid] = std::move(told);
}

void Undertaker::ended(Account& account, fleet::ExitStatus status, const std::string& how) {
    auto& launch = *account.launch;
    const log::CorrelationScope scope(log_, account.cause_at(clock_.mono()));
    log_.info("worker_ended", {{"worker", account.id},
                               {"launch_number", launch.number.value},
                               {"worker_pid", static_cast<std::int64_t>(launch.pid)},
                               {"how", how}});
    // A worker's last words may still wait in the socket.
    while (leases_.serve()) {
    }
    if (auto written = record_.ended(account.id, launch.number, how); !written) {
        log_.warn("launch_record_failed", {{"error", written.error().message()}});
    }
    leases_.forget(launch);
    if (status.kind == fleet::ExitStatus::Kind::signal && ran_out_)
        status.for_memory = ran_out_(account.id);
    accounts_.clear_pid(account);
    launch.lock.reset();
    launch.broker_lock.reset();
    const auto before = fleet_.view(clock_.now(), account.id);
    fleet_.exited(clock_.now(), account.id, launch.number, status);
    const auto after = fleet_.view(clock_.now(), account.id);
    auto error = printed_last(home_, account, status, how);
    if (error.empty() && before && after)
        error = died_of(account, *before, *after);
    else if (scrub_ && !error.empty())
        error = scrub_(account.id)(std::move(error)).value_or(vault::k_withheld);
    if (!error.empty())
        account.last_error = ipc::stamped(error, clock_.utc());
}

Result<void> Undertaker::watch(Account& account) {
    auto& launch = *account.launch;
    BULLPEN_TRY(auto watch, process::PidWatch::open(launch.pid, launch.start_time));
    launch.child = false;
    launch.watch.emplace(std::move(watch));
    loop_.watch(launch.watch->fd(),
                [this, id = account.id, number = launch.number] { adopted_ended(id, number); });
    return {};
}

void Undertaker::adopted_ended(const AccountId& id, LaunchNumber number) {
    auto* account = accounts_.find(id);
    if (account == nullptr || !account->launch || account->launch->number != number)
        return;
    auto& launch = *account->launch;
    loop_.unwatch(launch.watch->fd());
    launch.watch.reset();
    // The kernel tells an adopted worker's status to its parent only: its own last words stand in.
    while (leases_.serve()) {
    }
    const auto status = launch.last_words ? fleet::ExitStatus::exited(launch.last_words->exit_code)
                                          : unseen_end(home_, id, number, account);
    ended(*account, status, fleet::describe(status));
    if (told_)
        told_();
}

void Undertaker::sweep(const AccountId& id, LaunchNumber number) {
    auto* account = accounts_.find(id);
    process::SweepTarget target{id, number, 0, 0, home_.account(id).lock, home_.root(), false};
    if (account != nullptr && account->launch && account->launch->number == number) {
        target.leader = account->launch->leader;
        target.start_time = account->launch->start_time;
        target.adopted = !account->launch->child;
    }
    Sweep sweep{std::move(target), 0};
    if (step(sweep))
        return;
    sweeps_.insert_or_assign(id, std::move(sweep));
    loop_.set_timer(k_sweep_timer, clock_.mono() + process::Sweeper::k_retry,
                    [this] { step_all(); });
}

void Undertaker::adopt_leftover(process::SweepTarget target) {
    const auto id = target.account;
    sweeps_.insert_or_assign(id, Sweep{std::move(target), 0});
    loop_.set_timer(k_sweep_timer, clock_.mono(), [this] { step_all(); });
}

bool Undertaker::step(Sweep& sweep) {
    const auto looked = sweeper_.step(sweep.target);
    ++sweep.steps;
    if (!looked) {
        log_.warn("sweep_failed",
                  {{"worker", sweep.target.account}, {"error", looked.error().message()}});
        return sweep.steps >= k_sweeps_max;
    }
    const auto& done = *looked;
    if (done.killed > 0) {
        log_.warn("leftovers_killed", {{"worker", sweep.target.account},
                                       {"launch_number", sweep.target.launch.value},
                                       {"processes", static_cast<std::uint64_t>(done.killed)}});
    }
    // Somebody else's process has the lock: nothing of this tree is left, and the next launch finds
    // the lock held and waits.
    if (done.clear || done.foreign) {
        fleet_.tree_gone(clock_.now(), sweep.target.account, sweep.target.launch);
        return true;
    }
    return sweep.steps >= k_sweeps_max;
}

void Undertaker::step_all() {
    bool moved = false;
    for (auto at = sweeps_.begin(); at != sweeps_.end();) {
        if (step(at->second)) {
            at = sweeps_.erase(at);
            moved = true;
        } else {
            ++at;
        }
    }
    if (!sweeps_.empty()) {
        loop_.set_timer(k_sweep_timer, clock_.mono() + process::Sweeper::k_retry,
                        [this] { step_all(); });
    }
    if (moved && told_)
        told_();
}

std::string Undertaker::facts(const Account& account, model::Reason reason,
                              const std::string& why) const {
    std::vector<log::Field> all{{"account", account.id},
                                {"utc", clock_.utc()},
                                {"reason", model::code(reason)},
                                {"why", why}};
    if (account.launch) {
        const auto& launch = *account.launch;
        // Of one that was lost while no daemon ran, the record knows it.
        const auto* const recorded = record_.launch_of(account.id);
        const bool known = recorded != nullptr && recorded->launch == launch.number;
        all.insert(all.end(), {{"launch", launch.number.value},
                               {"fence", launch.fence.value},
                               {"pid", launch.leader == 0 && known ? recorded->pid : launch.leader},
                               {"started", launch.started},
                               {"protocol", launch.protocol},
                               {"worker_version", launch.version}});
        if (const auto* beat = account.beat()) {
            all.insert(all.end(), {{"last_beat", launch.beat_at.utc},
                                   {"session", model::code(beat->session)},
                                   {"mode", model::code(beat->mode)},
                                   {"mode_reason", beat->reason},
                                   {"bars", beat->bars},
                                   {"rss_bytes", beat->rss_bytes},
                                   {"state_hash", beat->state_hash}});
        }
    }
    all.emplace_back("last_error", account.last_error);
    std::string out;
    log::append_json_object(out, all);
    return out + "\n";
}

void Undertaker::bundle(const AccountId& id, LaunchNumber number, model::Reason reason,
                        const std::string& why) {
    auto* account = accounts_.find(id);
    if (account == nullptr || !account->launch || account->launch->number != number)
        return;
    const auto keep = account->settings
                          ? static_cast<std::size_t>(account->settings->crash_bundles_keep)
                          : process::CrashBundle::k_keep;
    if (keep == 0)
        return;
    bundles_.push_back({id, process::CrashBundle::snapshot(home_.account(id), clock_.utc()), reason,
                        facts(*account, reason, why), keep, scrub_ ? scrub_(id) : Scrub()});
    // Written when the successor is on its way.
    if (bundles_.size() == 1)
        loop_.post([this] { write_bundles(); });
}

void Undertaker::write_bundles() {
    for (auto& due : std::exchange(bundles_, {})) {
        auto bundle = std::make_shared<Bundle>(std::move(due));
        loop_.attempt(
            [bundle] { return bundle->taken.finish(bundle->facts, bundle->keep, bundle->scrub); },
            [this, bundle](const std::string& failed) {
                const auto& id = bundle->account;
                if (!failed.empty())
                    return log_.warn("crash_bundle_failed",
                                     {{"worker", id},
                                      {"reason", model::code(bundle->reason)},
                                      {"error", failed}});
                const auto& path = bundle->taken.directory();
                log_.info(
                    "crash_bundle",
                    {{"worker", id}, {"reason", model::code(bundle->reason)}, {"path", path}});
                if (auto* bundled = accounts_.find(id); bundled != nullptr)
                    bundled->crash_bundle = path;
            });
    }
}

}  // namespace bullpen::daemon
