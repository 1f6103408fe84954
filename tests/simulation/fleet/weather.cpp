// What happens to the home of the world: its daemon, its clock, its operators, its roster, its
// disk.
#include <algorithm>

#include "world.hpp"

namespace bullpen::simulation {

using namespace std::chrono_literals;
using fleet::Verdict;
using model::Reason;
using model::WorkerState;

void World::handle_home(const Pending& event) {
    const Weather& weather = scenario_.weather;
    switch (event.what) {
        case What::daemon_dies:
            again(event.what, weather.daemon_dies);
            if (fleet_ && !calm_)
                end_daemon();
            break;
        case What::daemon_starts: start_daemon(); break;
        case What::daemon_sleeps:
            again(event.what, weather.daemon_sleeps);
            if (awake() && !calm_) {
                asleep_ = true;
                schedule(log_uniform(random_, Nanos(600ms), Nanos(1h)), What::daemon_wakes, 0,
                         outcome_.daemons);
            }
            break;
        case What::daemon_wakes:
            if (fleet_ && asleep_ && event.launch == outcome_.daemons)
                wake();
            break;
        case What::wall_jumps:
            again(event.what, weather.wall_jumps);
            utc_base_ +=
                log_uniform(random_, Nanos(1s), Nanos(24h)) * (random_.chance(0.5) ? 1 : -1);
            wall_jumped_ = true;
            if (awake()) {
                listening_since_ = mono_;
                fleet_->loop_gap(now(), Nanos(0));
            }
            break;
        case What::command:
            if (event.launch != 0) {
                hasty_command(subjects_[event.account]);
                break;
            }
            again(event.what, weather.commands);
            command();
            break;
        case What::edit:
            again(event.what, weather.edits);
            edit();
            break;
        case What::gate:
            again(event.what, weather.gates);
            gate();
            break;
        case What::stranger:
            again(event.what, weather.strangers);
            stranger();
            break;
        case What::storm:
            again(event.what, weather.storms);
            storm();
            break;
        case What::disk_full:
            again(event.what, weather.disk_full);
            disk_full_ = !calm_;
            schedule(log_uniform(random_, Nanos(1s), Nanos(1h)), What::disk_free);
            break;
        case What::disk_free: disk_full_ = false; break;
        default: handle_end(event); break;
    }
}

void World::handle_end(const Pending& event) {
    switch (event.what) {
        case What::gate_opens: open_gate(event); break;
        case What::stranger_leaves: {
            Subject& s = subjects_[event.account];
            s.stranger = false;
            if (awake() && random_.chance(0.5)) {
                fleet_->lock_free(now(), s.plan.account);
                perform();
            }
            break;
        }
        case What::calm: calm(); break;
        case What::judgement: judgement(); break;
        case What::last_day:
            if (!all_stopped_)
                fail("the shutdown does not end");
            break;
        default: break;
    }
}

// The daemon's loop goes on after it stood still. What it does first is chance; that it says it was
// away comes before everything.
void World::wake() {
    asleep_ = false;
    listening_since_ = mono_;
    fleet_->loop_gap(now(), 1s);
    const bool tick_first = random_.chance(0.5);
    if (tick_first) {
        fleet_->tick(now());
        perform();
    }
    for (const Message& message : std::exchange(inbox_, {})) {
        if (awake())
            deliver(message);
        perform();
    }
    if (awake() && !tick_first) {
        fleet_->tick(now());
        perform();
    }
}

void World::command() {
    if (!awake() || calm_ || shutting_)
        return;
    const double roll = random_.unit();
    if (roll < 0.05) {
        const bool keep = random_.chance(0.3);
        shutting_ = true;
        for (Subject& s : subjects_) {
            if (!keep && s.listed && !s.plan.autostart && !s.exited)
                s.wish = false;
        }
        fleet_->shutdown(now(), keep);
    } else if (roll < 0.15) {
        std::vector<AccountId> some;
        for (const Subject& s : subjects_) {
            if (random_.chance(0.5))
                some.push_back(s.plan.account);
        }
        (void)fleet_->rolling_restart(now(), some);
    } else {
        Subject& s = pick();
        operate(s, static_cast<int>(random_.below(5)));
    }
    perform();
}

// An operator who does not wait until the last tree is cleared away.
void World::hasty_command(Subject& s) {
    if (!awake() || calm_ || shutting_)
        return;
    operate(s, static_cast<int>(random_.below(5)));
    perform();
}

void World::operate(Subject& s, int kind) {
    const auto before = state(s);
    const bool recovering = is_recovering(s);
    const AccountId& account = s.plan.account;
    Verdict verdict{};
    switch (kind) {
        case 0:
        case 1: verdict = fleet_->start(now(), account); break;
        case 2: verdict = fleet_->restart(now(), account); break;
        case 3: verdict = fleet_->stop(now(), account); break;
        default: verdict = fleet_->clear(now(), account); break;
    }
    static constexpr std::array<std::string_view, 5> k_words = {"start", "start", "restart", "stop",
                                                                "clear"};
    if (options_.trace)
        trace("  operator", std::string(k_words[static_cast<std::size_t>(kind)]) + " " +
                                account.str() + " " + std::string(fleet::code(verdict)));
    if (verdict != Verdict::accepted)
        return;
    s.wish = kind < 3;
    s.exited = false;
    s.earliest.reset();
    const bool ended = before == WorkerState::stopped || before == WorkerState::fatal ||
                       (before == WorkerState::stopping && !s.process.alive);
    if (kind == 4 || (kind < 3 && ended) || (kind == 2 && recovering))
        forgive(s);
}

void World::edit() {
    if (calm_ || shutting_ || (fleet_ && asleep_))
        return;
    Subject& s = pick();
    const auto before = state(s);
    const bool recovering = is_recovering(s);
    const auto fingerprint = s.plan.fingerprint;
    switch (random_.below(8)) {
        case 0:
        case 1:
            s.listed = !s.listed;
            if (s.listed)
                list_again(s);
            break;
        case 2:
        case 3:
            s.plan.fingerprint = 1 + random_.below(1000);
            s.earliest.reset();
            break;
        case 4: s.plan.enabled = !s.plan.enabled; break;
        case 5: s.plan.priority = static_cast<int>(random_.between(1, 4)) * 50; break;
        case 6: s.plan.valid = !s.plan.valid; break;
        default: s.program_missing = !s.program_missing; break;
    }
    if (fleet_) {
        apply();
        const bool changed = s.plan.fingerprint != fingerprint;
        if ((before == WorkerState::fatal && state(s) != WorkerState::fatal) ||
            (recovering && changed))
            forgive(s);
        perform();
    }
}

// Its file is back. With a daemon it is a new account; without one, what was kept still counts.
void World::list_again(Subject& s) {
    const bool kept = !fleet_ && s.saved;
    s.wish = kept ? s.saved->wanted : s.plan.autostart;
    s.exited = kept && s.saved->exited;
    s.recovered = kept ? s.saved->recovery_done : s.recovered;
    s.deaths.clear();
    s.earliest.reset();
    s.streak.reset();
    s.murky = true;
    if (fleet_ && !fleet_->knows(s.plan.account))
        s.recovered = false;
}

void World::apply() {
    std::vector<fleet::AccountPlan> plans;
    for (const Subject& s : subjects_) {
        if (s.listed)
            plans.push_back(s.plan);
    }
    fleet_->apply(now(), plans);
}

void World::gate() {
    if (calm_ || (fleet_ && asleep_))
        return;
    static constexpr std::array<Reason, 4> k_gates = {Reason::vault_locked, Reason::token_missing,
                                                      Reason::licence_refused,
                                                      Reason::descriptor_limit};
    const Reason reason = k_gates[random_.below(k_gates.size())];
    const bool home = random_.chance(0.2);
    Subject& s = pick();
    auto& gates = home ? home_gates_ : s.gates;
    if (!gates.insert(reason).second)
        return;
    if (fleet_ && home)
        fleet_->home_gate(now(), reason, true);
    else if (fleet_)
        fleet_->gate(now(), s.plan.account, reason, true, "shut by the simulation");
    schedule(log_uniform(random_, Nanos(1s), Nanos(2h)), What::gate_opens, index(s), home ? 1 : 0,
             static_cast<std::int64_t>(reason));
    perform();
}

void World::open_gate(const Pending& event) {
    if (fleet_ && asleep_) {
        schedule(10s, What::gate_opens, event.account, event.launch, event.value);
        return;
    }
    const auto reason = static_cast<Reason>(event.value);
    Subject& s = subjects_[event.account];
    if (event.launch == 1) {
        home_gates_.erase(reason);
        if (fleet_)
            fleet_->home_gate(now(), reason, false);
    } else {
        s.gates.erase(reason);
        if (fleet_)
            fleet_->gate(now(), s.plan.account, reason, false);
    }
    perform();
}

// Somebody starts the account's program by hand: the lock is theirs.
void World::stranger() {
    Subject& s = pick();
    if (calm_ || s.process.alive || s.children || s.record || s.stranger)
        return;
    s.stranger = true;
    schedule(log_uniform(random_, Nanos(1s), Nanos(3h)), What::stranger_leaves, index(s));
}

void World::storm() {
    if (calm_)
        return;
    const double share = random_.unit();
    for (Subject& s : subjects_) {
        if (s.process.alive && random_.chance(share))
            dies_in(s, log_uniform(random_, Nanos(1ms), Nanos(3s)), -11);
    }
}

// From here on nothing new goes wrong; what has gone wrong has to be put right.
void World::calm() {
    calm_ = true;
    disk_full_ = false;
    if (fleet_ && asleep_)
        wake();
    if (!fleet_)
        schedule(1s, What::daemon_starts);
    for (const Reason reason : std::exchange(home_gates_, {})) {
        if (fleet_)
            fleet_->home_gate(now(), reason, false);
    }
    for (Subject& s : subjects_) {
        s.stranger = false;
        s.program_missing = false;
        s.process.muted_until = mono_;
        s.process.unkillable_until = std::min(s.process.unkillable_until, mono_ + Nanos(1s));
        for (const Reason reason : std::exchange(s.gates, {})) {
            if (fleet_)
                fleet_->gate(now(), s.plan.account, reason, false);
        }
        scenario_.plans[index(s)] = s.plan;
    }
    perform();
    schedule(settling(scenario_), What::judgement);
}

}  // namespace bullpen::simulation
