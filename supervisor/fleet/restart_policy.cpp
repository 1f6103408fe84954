#include "supervisor/fleet/restart_policy.hpp"

#include <algorithm>
#include <cmath>

#include "common/base/exit_code.hpp"
#include "supervisor/fleet/planted.hpp"

namespace bullpen::fleet {

namespace {

using model::Reason;

Nanos backoff(std::uint32_t failures, const RestartLimits& limits, double chance) {
    if (failures == 0)
        return Nanos(0);
    const double factor = std::max(1.0, limits.factor);
    // 64 doublings leave every duration behind; more would only be infinity.
    const double steps = std::min<std::uint32_t>(failures - 1, 64);
    const double delay =
        std::min(static_cast<double>(limits.delay.count()) * std::pow(factor, steps),
                 static_cast<double>(limits.delay_max.count()));
    const double jitter = planted(Defect::jitter_unbounded) ? 1.0 : limits.jitter;
    return Nanos(static_cast<std::int64_t>(delay * (1.0 + jitter * (2.0 * chance - 1.0))));
}

Judgement judge_code(int code, RestartRule rule) {
    switch (code) {
        case value(ExitCode::done):
            if (rule == RestartRule::always || planted(Defect::clean_exit_restarted))
                return {Ending::retry, Reason::exited_unexpectedly};
            return {Ending::stop, Reason::exited_clean};
        case value(ExitCode::usage): return {Ending::fatal, Reason::refused_usage};
        case value(ExitCode::config): return {Ending::fatal, Reason::refused_configuration};
        case value(ExitCode::held_elsewhere):
            if (planted(Defect::held_is_crash))
                return {Ending::retry, Reason::crashed};
            return {Ending::wait, Reason::lock_held};
        case value(ExitCode::temporary): return {Ending::retry, Reason::exited_temporary};
        default: return {Ending::retry, Reason::crashed};
    }
}

}  // namespace

Judgement judge(const ExitStatus& status, RestartRule rule) {
    Judgement judgement{Ending::retry, Reason::exited_unexpectedly};
    if (status.kind == ExitStatus::Kind::code)
        judgement = judge_code(status.value, rule);
    else if (status.kind == ExitStatus::Kind::signal)
        judgement.reason = status.for_memory ? Reason::memory_limit : Reason::killed_by_signal;
    return judgement;
}

std::optional<Nanos> RestartPolicy::on_death(MonoTime now, Nanos ran_for,
                                             const RestartLimits& limits, double chance) {
    if (!planted(Defect::budget_never_spent))
        deaths_.push_back(now);
    forget(now - limits.window);

    const bool stable = ran_for >= limits.stable_after || planted(Defect::backoff_reset);
    if (stable)
        failures_ = 0;
    else
        failures_ = std::max<std::uint32_t>(failures_, 1);
    const Nanos delay = backoff(failures_, limits, chance);
    ++failures_;
    if (limits.budget != 0 && deaths_.size() > limits.budget)
        return std::nullopt;
    return delay;
}

void RestartPolicy::forgive() {
    deaths_.clear();
    failures_ = 0;
}

std::uint32_t RestartPolicy::budget_used(MonoTime now, const RestartLimits& limits) const {
    const auto first = std::upper_bound(deaths_.begin(), deaths_.end(), now - limits.window);
    return static_cast<std::uint32_t>(deaths_.end() - first);
}

std::vector<UtcTime> RestartPolicy::deaths(Instant now) const {
    std::vector<UtcTime> times;
    times.reserve(deaths_.size());
    for (const auto death : deaths_)
        times.push_back(now.utc - (now.mono - death));
    return times;
}

void RestartPolicy::restore(Instant now, const std::vector<UtcTime>& deaths,
                            std::uint32_t failures) {
    deaths_.clear();
    failures_ = failures;
    for (const auto death : deaths)
        deaths_.push_back(now.mono - std::max(Nanos(0), now.utc - death));
    std::sort(deaths_.begin(), deaths_.end());
    forget(MonoTime::min());
}

void RestartPolicy::forget(MonoTime until) {
    const auto newest = deaths_.end() - std::min(std::ssize(deaths_), k_deaths_max);
    const auto later = std::upper_bound(deaths_.begin(), deaths_.end(), until);
    deaths_.erase(deaths_.begin(), std::max(newest, later));
}

}  // namespace bullpen::fleet
