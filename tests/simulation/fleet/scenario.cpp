#include "scenario.hpp"

#include <algorithm>
#include <cmath>

#include "common/base/assert.hpp"

namespace bullpen::simulation {

using namespace std::chrono_literals;

namespace {

double seconds(Nanos time) {
    return static_cast<double>(time.count()) / 1e9;
}

Nanos from_seconds(double time) {
    return Nanos(static_cast<std::int64_t>(time * 1e9));
}

// So many beats of the whole fleet that the run stays short: a longer life beats more slowly.
constexpr double k_beats_max = 6000;

Nanos late_min(const Scenario& scenario, std::uint32_t accounts, bool large) {
    if (large)
        return 60s;
    const double all = seconds(scenario.length) * accounts;
    return std::max<Nanos>(2s, from_seconds(all / (k_beats_max * std::sqrt(accounts))));
}

Habits draw_habits(SeededRandom& random, Nanos length) {
    const auto sometimes = [&](double most) {
        return random.chance(0.5) ? 0.0 : random.unit() * random.unit() * most;
    };
    Habits habits;
    habits.uptime = log_uniform(random, std::clamp<Nanos>(length / 200, 60s, 30min), length * 2);
    habits.start_fails = sometimes(0.8);
    habits.start_hangs = sometimes(0.3);
    habits.start_slow = sometimes(0.3);
    habits.ignores_term = sometimes(0.5);
    habits.unkillable = sometimes(0.2);
    habits.leaves_children = sometimes(0.8);
    habits.opens_position = sometimes(0.3);
    return habits;
}

Weather draw_weather(SeededRandom& random, Nanos length) {
    const auto mean = [&] {
        return random.chance(0.4) ? Nanos(0)
                                  : log_uniform(random, std::max<Nanos>(60s, length / 60), length);
    };
    Weather weather;
    weather.daemon_dies = mean();
    weather.daemon_sleeps = mean();
    weather.wall_jumps = mean();
    weather.commands = mean();
    weather.edits = mean();
    weather.gates = mean();
    weather.strangers = mean();
    weather.disk_full = mean();
    weather.storms = mean();
    weather.action_dies = random.chance(0.7) ? 0 : random.unit() * 0.01;
    return weather;
}

fleet::FleetSettings draw_settings(SeededRandom& random) {
    fleet::FleetSettings settings;
    const bool storm = random.chance(0.7);
    settings.storm_deaths_max = storm ? static_cast<std::uint32_t>(log_uniform(random, 2, 60)) : 0;
    settings.storm_window = log_uniform(random, 10s, 10min);
    if (random.chance(0.3))
        settings.start_stagger = log_uniform(random, Nanos(1ms), Nanos(1s));
    if (random.chance(0.3))
        settings.starts_at_once_max = static_cast<std::uint32_t>(random.between(1, 5));
    return settings;
}

}  // namespace

double log_uniform(SeededRandom& random, double low, double high) {
    return low * std::pow(high / low, random.unit());
}

Nanos log_uniform(SeededRandom& random, Nanos low, Nanos high) {
    return from_seconds(log_uniform(random, seconds(low), std::max(seconds(low), seconds(high))));
}

Nanos waiting_time(SeededRandom& random, Nanos mean) {
    return Nanos(1) + from_seconds(-std::log(1.0 - random.unit()) * seconds(mean));
}

AccountId account_id(std::uint32_t index) {
    auto id = AccountId::parse("a" + std::to_string(index));
    BULLPEN_ASSERT(id, "the simulation names its accounts well");
    return *id;
}

fleet::AccountPlan draw_plan(SeededRandom& random, std::uint32_t index, Nanos late_min) {
    fleet::AccountPlan plan{.account = account_id(index)};
    plan.fingerprint = 1 + random.below(1000);
    plan.enabled = !random.chance(0.03);
    plan.autostart = !random.chance(0.1);
    plan.valid = !random.chance(0.02);
    plan.priority = random.chance(0.5) ? 100 : static_cast<int>(random.between(1, 4)) * 50;
    plan.heartbeat = random.chance(0.15) ? fleet::HeartbeatKind::none : fleet::HeartbeatKind::zmq;
    plan.recovery = static_cast<fleet::RecoveryPolicy>(random.below(3));
    plan.started_after =
        random.chance(0.5) ? Nanos(0) : log_uniform(random, Nanos(10ms), Nanos(5s));
    plan.start_wait = log_uniform(random, Nanos(1s), Nanos(60s));
    plan.stop_wait = log_uniform(random, Nanos(100ms), Nanos(60s));
    plan.late_after = log_uniform(random, late_min, late_min * 8);
    plan.dead_after = plan.late_after * random.between(2, 4);
    plan.beat_interval = plan.late_after / 2;
    auto& restart = plan.restart;
    restart.rule = random.chance(0.6)   ? fleet::RestartRule::always
                   : random.chance(0.8) ? fleet::RestartRule::unexpected
                                        : fleet::RestartRule::never;
    if (random.chance(0.5)) {
        restart.delay = log_uniform(random, Nanos(10ms), Nanos(10s));
        restart.delay_max = std::max(restart.delay, log_uniform(random, Nanos(1s), Nanos(120s)));
        restart.factor = 1.0 + random.unit() * 2;
        restart.jitter = random.unit() * 0.2;
        restart.budget = static_cast<std::uint32_t>(random.between(1, 20));
        restart.window = log_uniform(random, Nanos(1min), Nanos(1h));
        restart.stable_after = log_uniform(random, Nanos(1s), Nanos(5min));
    }
    return plan;
}

Scenario draw_scenario(SeededRandom& random, Size size) {
    Scenario scenario;
    const auto accounts = size.accounts != 0
                              ? size.accounts
                              : static_cast<std::uint32_t>(log_uniform(random, 1, 101));
    const double days = size.days > 0 ? size.days : log_uniform(random, 1.0 / 48, 7);
    scenario.length = from_seconds(days * 86'400);
    scenario.settings = draw_settings(random);
    scenario.weather = draw_weather(random, scenario.length);
    for (std::uint32_t i = 0; i < accounts; ++i) {
        scenario.plans.push_back(draw_plan(random, i, late_min(scenario, accounts, size.days > 0)));
        scenario.habits.push_back(draw_habits(random, scenario.length));
    }
    return scenario;
}

Nanos settling(const Scenario& scenario) {
    Nanos longest = 0s;
    for (const auto& plan : scenario.plans) {
        const Nanos hang = 3 * plan.dead_after + plan.start_wait;
        const Nanos stop = plan.stop_wait + scenario.settings.condemned_grace;
        longest = std::max(longest, 2 * (hang + stop + plan.restart.delay_max * 2));
    }
    const auto count = static_cast<std::int64_t>(scenario.plans.size());
    return longest + 3 * scenario.settings.storm_window + count * scenario.settings.start_stagger +
           (scenario.settings.starts_at_once_max != 0 ? count * Nanos(90s) : 0s) + 20min;
}

}  // namespace bullpen::simulation
