#include "supervisor/daemon/plans.hpp"

namespace bullpen::daemon {

namespace {

fleet::AccountPlan plan(const config::AccountSettings& from) {
    fleet::AccountPlan to{.account = from.id};
    to.fingerprint = from.fingerprint;
    to.enabled = from.enabled;
    to.autostart = from.autostart;
    to.priority = from.priority;
    to.heartbeat = from.heartbeat;
    to.restart.rule = from.restart;
    to.restart.delay = from.restart_delay;
    to.restart.delay_max = from.restart_delay_max;
    to.restart.factor = from.restart_factor;
    to.restart.jitter = from.restart_jitter_percent / 100.0;
    to.restart.budget = static_cast<std::uint32_t>(from.restart_budget);
    to.restart.window = from.restart_window;
    to.restart.stable_after = from.stable_after;
    // A foreign program knows nothing of positions, so there is nothing to recover.
    to.recovery = from.command.empty() ? from.recovery : fleet::RecoveryPolicy::none;
    to.start_wait = from.start_wait;
    to.started_after = from.started_after;
    to.stop_wait = from.stop_wait;
    to.beat_interval = from.beat_interval;
    to.late_after = from.late_after;
    to.dead_after = from.dead_after;
    return to;
}

}  // namespace

std::string may_hold(const std::optional<bool>& flat, bool foreign, bool runs_on) {
    if (!flat && foreign && runs_on)
        return "is a program of its own that does not say whether it is flat";
    return flat == false ? "is not known to be flat" : "";
}

std::vector<fleet::AccountPlan> plans(const config::Roster& roster,
                                      const std::vector<config::AccountSettings>& services) {
    std::vector<fleet::AccountPlan> all;
    all.reserve(services.size() + roster.accounts.size() + roster.invalid.size());
    for (const auto& settings : services) {
        all.push_back(plan(settings));
        all.back().service = true;
    }
    for (const auto& [id, settings] : roster.accounts)
        all.push_back(plan(settings));
    for (const auto& id : roster.invalid) {
        fleet::AccountPlan invalid{.account = id};
        invalid.valid = false;
        all.push_back(std::move(invalid));
    }
    return all;
}

fleet::FleetSettings fleet_settings(const config::DaemonSettings& settings) {
    fleet::FleetSettings to;
    to.storm_deaths_max = static_cast<std::uint32_t>(settings.storm_deaths_max);
    to.storm_window = settings.storm_window;
    to.start_stagger = settings.start_stagger;
    to.starts_at_once_max = static_cast<std::uint32_t>(settings.starts_at_once_max);
    to.adoption_wait = settings.adoption_wait;
    return to;
}

}  // namespace bullpen::daemon
