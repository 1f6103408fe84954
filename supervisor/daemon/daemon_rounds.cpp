// What the daemon looks at again and again, and its roster.
#include <malloc.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <algorithm>
#include <utility>

#include "common/base/service.hpp"
#include "common/launch/directories.hpp"
#include "common/loop/notify.hpp"
#include "common/process/limits.hpp"
#include "ipc/accept_gate.hpp"
#include "ipc/error_text.hpp"
#include "supervisor/daemon/daemon.hpp"
#include "supervisor/daemon/plans.hpp"
#include "supervisor/daemon/timers.hpp"

namespace bullpen::daemon {

namespace {

// What an operator is told of a roster: what differs, and what is wrong in its files.
ControlDesk::Ending tell(const config::RosterDiff& diff, const config::Roster& roster) {
    ControlDesk::Ending ending;
    ending.ok = !has_errors(roster.problems);
    ending.message = text(diff) + text(roster.problems);
    ending.data =
        "{\"diff\":" + json(diff) + ",\"problems\":" + config::json(roster.problems) + "}";
    return ending;
}

}  // namespace

// What the loop slept through is said before what waited meanwhile is heard.
void Daemon::look_up(Instant now) {
    const auto passed = now.mono - turned_.mono;
    const auto clock_moved = now.utc - turned_.utc - passed;
    turned_ = now;
    if (!attention_.on_turn(now))
        return;
    const auto asleep = machine_asleep();
    if (passed > ipc::Attention::k_turn_max) {
        loop_.latency().add(passed);
        const auto slept = asleep - asleep_;
        log_->warn("stood_still",
                   {{"micros", passed.count() / 1000}, {"asleep_micros", slept.count() / 1000}});
        events_.publish("stood_still", std::nullopt, {{"micros", passed.count() / 1000}});
    } else {
        log_->warn("clock_moved", {{"micros", clock_moved.count() / 1000}});
    }
    asleep_ = asleep;
    fleet_.loop_gap(now, ipc::Attention::k_turn_max);
    leases_.set_listening_since(attention_.listening_since());
}

void Daemon::every_second() {
    const auto now = clock_.now();
    look_up(now);
    fleet_.tick(now);
    control_->tick(now.mono);
    watch_disk();
    watch_files();
    watch_locks();
    calendar_.look();
    vault_.tick();
    starter_.tick(now.mono);
    watch_descriptors();
    watch_connections();
    if (now.mono - measured_ >= k_measure_interval)
        measure();
    log_status(now);
    if (!record_compacted_ && now.mono - started_.mono > k_compact_after) {
        record_compacted_ = true;
        // Failing that, it grows, and is tried again when it has grown much.
        static_cast<void>(record_.compact());
    }
    write_daemon_slot();
    events_.publish_time();
    // Fed from here, where every part had its turn, so that a loop that only spins is not well.
    loop::notify::watchdog();
    pump();
    loop_.set_timer(k_second_timer, now.mono + k_flush_interval / 2, [this] { every_second(); });
}

void Daemon::log_status(Instant now) {
    const auto interval = roster_->daemon.log.status_interval;
    if (interval == Nanos{0} || now.mono - status_told_ < interval)
        return;
    status_told_ = now.mono;
    std::uint64_t processes = 0;
    accounts_.each([&](const Account& account) {
        processes += account.launch && account.launch->pid != 0 ? 1U : 0U;
    });
    const auto& latency = loop_.latency();
    log_->info("status", {{"accounts", static_cast<std::uint64_t>(accounts())},
                          {"processes", processes},
                          {"alarms", alarms_},
                          {"log_dropped", log_->dropped()},
                          {"loop_p99_us", latency.quantile(0.99).count() / 1000},
                          {"loop_max_us", latency.worst().count() / 1000}});
}

void Daemon::write_daemon_slot() {
    const auto now = clock_.now();
    auto facts = board_facts(roster_->daemon, started_);
    if (facts.name.empty())
        facts.name = home_.root().substr(home_.root().find_last_of('/') + 1);
    facts.written = now.utc;
    facts.written_mono = now.mono;
    facts.log_dropped = log_->dropped();
    const auto micros = [](Nanos nanos) {
        return static_cast<std::uint64_t>(nanos.count() / 1000);
    };
    facts.loop_p50_us = micros(loop_.latency().quantile(0.5));
    facts.loop_p99_us = micros(loop_.latency().quantile(0.99));
    facts.loop_max_us = micros(loop_.latency().worst());
    facts.roster_problems =
        roster_->kept.size() + roster_->invalid.size() + (roster_->daemon_kept ? 1 : 0);
    facts.alarms = alarms_;
    facts.stopping = fleet_.shutting_down() ? 1 : 0;
    facts.disk_full = disk_full_ ? 1 : 0;
    const auto isolation = starter_.isolation(roster_->daemon);
    facts.isolation_known = 1;
    facts.landlock = static_cast<std::uint8_t>(isolation.landlock);
    facts.calls_filtered = isolation.calls_filtered ? 1 : 0;
    facts.cgroups = static_cast<std::uint8_t>(use_of(starter_.cgroups(roster_->daemon)));
    facts.users = static_cast<std::uint8_t>(use_of(starter_.users(roster_->daemon)));
    board_.daemon(facts);
}

void Daemon::watch_disk() {
    struct statvfs status {};
    if (::statvfs(home_.root().c_str(), &status) != 0)
        return;
    const auto free = static_cast<std::uint64_t>(status.f_bavail) * status.f_frsize;
    const bool full = free < roster_->daemon.disk_free_min;
    if (full == disk_full_)
        return;
    disk_full_ = full;
    fleet_.home_gate(clock_.now(), model::Reason::disk_full, full);
    if (full) {
        alarm({.reason = model::Reason::disk_full,
               .sentence = "only " + std::to_string(free >> 20) +
                           " MiB are free on the disk of the home; nothing is started"});
    } else {
        log_->info("disk_has_space", {{"free_bytes", free}});
        events_.publish("disk_has_space", std::nullopt, {{"free_bytes", free}});
    }
}

// Accounts that came with an update may be more than this process has descriptors for: those that
// run keep theirs, and the others have what is left, in the order of their starts.
void Daemon::watch_descriptors() {
    const auto limit = process::descriptor_limit().now;
    if (process::descriptors_needed(accounts_.size()) <= limit && !descriptors_short_)
        return;
    descriptors_short_ = process::descriptors_needed(accounts_.size()) > limit;
    std::size_t taken = 0;
    accounts_.each([&](const Account& account) {
        taken += account.launch && account.launch->pid != 0 ? 1U : 0U;
    });
    const auto now = clock_.now();
    for (const auto& id : roster_->start_order()) {
        const auto& account = accounts_.at(id);
        if (account.launch && account.launch->pid != 0)
            continue;
        // One that is new, or was disabled, is about to be wanted.
        const auto view = fleet_.view(now, id);
        const bool fresh = !view || view->reason == model::Reason::account_disabled;
        const bool wanted = fresh ? account.settings->enabled && account.settings->autostart
                                  : view->wanted && view->state != model::WorkerState::fatal;
        const bool room = process::descriptors_needed(taken + 1) <= limit;
        taken += wanted && room ? 1U : 0U;
        fleet_.gate(now, id, model::Reason::descriptor_limit, wanted && !room);
    }
}

// Nobody else gets to the daemon beside one who is always there: so it is ended, as often as that
// may be, and then not started again.
void Daemon::watch_connections() {
    for (const auto& crowd : ipc::take_crowds(clock_.mono())) {
        auto* account = accounts_.by_pid(crowd.session);
        log_->warn("connections_refused", {{"worker", account != nullptr ? account->id.str() : ""},
                                           {"session", crowd.session},
                                           {"count", crowd.refused}});
        if (account == nullptr)
            continue;
        account->last_error = ipc::stamped(ipc::text(crowd), clock_.utc());
        const auto reason = model::Reason::process_limit;
        alarm({.account = account->id,
               .reason = reason,
               .sentence = ipc::text(crowd),
               .advice = "find out why its program connects; bullpenctl stop NAME ends it"});
        fleet_.over_limit(clock_.now(), account->id, account->launch->number, reason);
    }
}

// Reading /proc and cutting logs may wait for the kernel, so it happens on the helper thread, from
// copies.
void Daemon::measure() {
    if (measuring_)
        return;
    measuring_ = true;
    measured_ = clock_.mono();
    loop_.latency().start_window();
    accounts_.each([this](const Account& account) {
        if (account.settings)
            usage_->add(home_, *account.settings, account.launch ? account.launch->pid : 0,
                        k_stdio_lag * account.settings->limits.stdio_max);
    });
    loop_.offload(
        [usage = usage_, trim = std::exchange(read_settings_, false)] {
            // Reading hundreds of files leaves more free memory behind than the daemon holds.
            if (trim)
                ::malloc_trim(0);
            usage->look();
        },
        [this] {
            measuring_ = false;
            for (const auto& found : usage_->take()) {
                if (auto* account = accounts_.find(found.account); account != nullptr)
                    measured(*account, found);
            }
            pump();
        });
}

void Daemon::measured(Account& account, const watch::Finding& found) {
    const auto trouble = [&](const std::string& text) {
        account.last_error = ipc::stamped(text, clock_.utc());
    };
    const auto must_end = [&](model::Reason reason) {
        if (account.launch)
            fleet_.over_limit(clock_.now(), account.id, account.launch->number, reason);
    };
    if (found.stdio_dropped > 0) {
        trouble("it writes too fast: output was thrown away");
        log_->warn("stdio_dropped", {{"worker", account.id}, {"bytes", found.stdio_dropped}});
    }
    if (found.leader != 0 && account.launch && account.launch->pid == found.leader) {
        account.launch->rss_bytes = found.memory;
        if (found.excess.reason != model::Reason::none) {
            trouble(found.excess.sentence);
            must_end(found.excess.reason);
        }
    }
    if (found.disk) {
        account.disk_bytes = found.disk->size.bytes;
        const bool over = found.disk->fill == watch::Fill::over;
        if (found.disk->changed) {
            fleet_.gate(clock_.now(), account.id, model::Reason::disk_limit, over,
                        found.disk->text);
            if (found.disk->fill != watch::Fill::fine)
                alarm({.account = account.id,
                       .reason = model::Reason::disk_limit,
                       .sentence = found.disk->text});
        }
        if (over)
            must_end(model::Reason::disk_limit);
    }
    board_.reported(account);
}

struct Daemon::Reading {
    config::Roster roster;
    config::RosterDiff diff;
    vault::Reading vault;  // of an update
    std::string failed;    // why it could not be recorded
};

// What the accounts that are not flat hold.
std::map<AccountId, std::string> Daemon::held() {
    std::map<AccountId, std::string> held;
    accounts_.each([&](const Account& account) {
        const auto view = fleet_.view(clock_.now(), account.id);
        const auto* beat = account.beat();
        const auto position = beat != nullptr ? beat->position : "";
        const bool known = !position.empty() && position != "unknown";
        const bool foreign = account.settings && !account.settings->command.empty();
        auto why = view ? may_hold(view->flat, foreign && !is_service(account.id),
                                   view->wanted && view->launch.value != 0)
                        : std::string();
        if (!why.empty())
            held.emplace(account.id, known ? "holds " + position : std::move(why));
    });
    return held;
}

// Hundreds of files may be read, and the disk may be slow: it is done on the helper thread, one
// reading after the other.
void Daemon::read_roster(bool apply, std::function<void(Reading&)> done) {
    auto reading = std::make_shared<Reading>();
    loop_.offload(
        [this, apply, reading, in_force = roster_, held = held()] {
            reading->roster = reader_.read(clock_.utc(), held);
            reading->diff = config::diff(*in_force, reading->roster);
            // Recorded before anything is launched by it: a worker reads what was applied.
            if (!apply)
                return;
            if (auto written = reader_.apply(reading->roster, clock_.utc()); !written)
                reading->failed = written.error().message();
            reading->vault = vault_.read(reading->roster);
            reader_.place_copies();
            // A start of these has no time for a slow disk; what fails here, the start tells.
            for (const auto& account : reading->diff.added)
                static_cast<void>(
                    launch::make_account_directories(account, home_.account(account)));
        },
        [reading, done = std::move(done)] { done(*reading); });
}

// A look that changes nothing: the reader's cache may hold newer files than are in force.
void Daemon::reread(const Asker& asker) {
    read_roster(false, [this, asker](const Reading& reading) {
        const auto told = tell(reading.diff, reading.roster);
        control_->result(asker, told.ok, reading.diff.empty() ? "no_change" : "changes",
                         told.message, told.data);
    });
}

void Daemon::update(const std::optional<Asker>& asker, Nanos deadline) {
    if (updating_) {
        // One at a time: recording is under way on the helper thread.
        if (asker)
            return control_->error(*asker, "busy", "an update is being recorded; try again");
        update_wanted_ = true;
        return;
    }
    loop::notify::reloading();
    updating_ = true;
    read_roster(true, [this, asker, deadline](Reading& reading) {
        updating_ = false;
        for (const auto& issue : reading.roster.problems)
            log_->warn("settings_problem", {{"problem", text(issue)}});
        if (reading.failed.empty()) {
            take_settings(std::move(reading.roster), std::move(reading.vault));
            fleet_.change_settings(clock_.now(), fleet_settings(roster_->daemon));
            watch_descriptors();
            fleet_.apply(clock_.now(), plans(*roster_, *services_));
            // What is shown of an account comes from its settings, too.
            for (const auto& change : reading.diff.changed) {
                if (fleet_.knows(change.account))
                    changed(change.account);
            }
        }
        updated(asker, deadline, reading.diff, reading.failed);
        if (std::exchange(update_wanted_, false))
            update(std::nullopt, Nanos{0});
    });
}

void Daemon::updated(const std::optional<Asker>& asker, Nanos deadline,
                     const config::RosterDiff& diff, const std::string& error) {
    loop::notify::ready("accounts: " + std::to_string(accounts()));
    if (!error.empty()) {
        log_->error("update_failed", {{"error", error}});
        if (asker)
            control_->error(*asker, "not_recorded", error);
        return pump();
    }
    const std::uint64_t added = diff.added.size();
    const std::uint64_t removed = diff.removed.size();
    const std::uint64_t changed = diff.changed.size();
    log_->info("roster_applied", {{"added", added}, {"removed", removed}, {"changed", changed}});
    audit_changes(diff);
    write_daemon_slot();
    events_.publish("roster_applied", std::nullopt,
                    {{"added", added}, {"removed", removed}, {"changed", changed}});
    if (!asker)
        return pump();
    std::vector<std::pair<AccountId, Goal>> goals;
    const auto wants = [&](const AccountId& id) {
        const auto found = roster_->accounts.find(id);
        return found != roster_->accounts.end() && found->second.enabled && found->second.autostart;
    };
    for (const auto& id : diff.added) {
        if (wants(id))
            goals.emplace_back(id, Goal::running);
    }
    for (const auto& id : diff.removed)
        goals.emplace_back(id, Goal::stopped);
    for (const auto& change : diff.changed) {
        const auto view = fleet_.view(clock_.now(), change.account);
        if (!view)
            continue;
        const bool enabled = std::any_of(change.keys.begin(), change.keys.end(),
                                         [](const auto& key) { return key.key == "enabled"; });
        if (enabled)
            goals.emplace_back(change.account, view->wanted ? Goal::running : Goal::stopped);
        else if (change.restart_needed && view->wanted && view->pid != 0)
            goals.emplace_back(change.account, Goal::restarted);
    }
    control_->follow(*asker, goals, deadline, tell(diff, *roster_));
    pump();
}

}  // namespace bullpen::daemon
