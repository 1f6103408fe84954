#include "common/config/together.hpp"

#include <algorithm>
#include <array>
#include <string>
#include <vector>

#include "common/config/event_names.hpp"
#include "common/config/job_hours.hpp"
#include "common/config/job_keys.hpp"
#include "common/config/units.hpp"
#include "common/config/words.hpp"

namespace bullpen::config {

namespace {

using S = StrategySettings;

template <JobKind kind>
bool chain_holds(const AccountSettings& s) {
    return chain_trouble(s, kind).empty();
}
template <JobKind kind>
std::string chain_text(const AccountSettings& s, std::string_view /*second*/) {
    return chain_trouble(s, kind);
}

template <JobKind kind>
std::string end_text(const AccountSettings& s, std::string_view /*second*/) {
    return chain_end_trouble(s, kind);
}
template <JobKind kind>
constexpr Together after_one_that_runs(std::string_view key) {
    return {key, key, [](const AccountSettings& s) { return chain_end_trouble(s, kind).empty(); },
            &end_text<kind>, false};
}

template <JobKind kind>
std::string hours_text(const AccountSettings& s, std::string_view /*second*/) {
    return hours_trouble(s, kind);
}
template <JobKind kind>
constexpr Together at_its_hours(std::string_view key, std::string_view second) {
    return {key, second, [](const AccountSettings& s) { return hours_trouble(s, kind).empty(); },
            &hours_text<kind>, false};
}

template <JobKind kind>
bool shares_are_traded(const AccountSettings& s) {
    return s.jobs->of(kind).schedule.empty() || s.trading == TradingKind::shares;
}
std::string shares_text(const AccountSettings& s, std::string_view /*second*/) {
    return "is for an account that trades shares: set trading = \"shares\", not \"" +
           std::string(word(s.trading)) + "\"";
}

template <auto greater, auto smaller>
bool is_more(const AccountSettings& s) {
    return (*s.strategy).*greater > (*s.strategy).*smaller;
}
std::string not_more(const AccountSettings& /*settings*/, std::string_view second) {
    return "is not more than " + std::string(second);
}

// Of two values of one variable a program sees one, and which is chance.
std::string variables_trouble(const AccountSettings& s) {
    std::vector<std::string_view> seen;
    for (const std::string& entry : s.credentials_environment) {
        const auto name = std::string_view(entry).substr(0, entry.find('='));
        if (std::find(seen.begin(), seen.end(), name) != seen.end())
            return "names the variable " + std::string(name) +
                   " twice, and it can carry only one credential";
        if (s.environment.contains(std::string(name)))
            return "names the variable " + std::string(name) +
                   ", which [environment] sets, too: take one of the two away";
        seen.push_back(name);
    }
    return {};
}

constexpr std::array<Together, 40> k_together = {{
    {"late_after", "beat_interval",
     [](const AccountSettings& s) { return s.late_after >= s.beat_interval; },
     [](const AccountSettings& s, std::string_view) {
         return format_duration(s.late_after) + " is less than beat_interval, " +
                format_duration(s.beat_interval);
     },
     true},
    {"dead_after", "late_after",
     [](const AccountSettings& s) { return s.dead_after > s.late_after; },
     [](const AccountSettings& s, std::string_view) {
         return format_duration(s.dead_after) + " is not more than late_after, " +
                format_duration(s.late_after);
     },
     true},
    {"restart.delay_max", "restart.delay",
     [](const AccountSettings& s) { return s.restart_delay_max >= s.restart_delay; },
     [](const AccountSettings& s, std::string_view) {
         return format_duration(s.restart_delay_max) + " is less than restart.delay, " +
                format_duration(s.restart_delay);
     },
     true},
    {"feed.file", "feed.kind",
     [](const AccountSettings& s) {
         return s.feed.kind != FeedKind::replay || !s.feed.file.empty();
     },
     [](const AccountSettings&, std::string_view) {
         return std::string("is needed, because feed.kind is \"replay\"");
     },
     false},
    {"credentials_environment", "command",
     [](const AccountSettings& s) {
         return s.credentials_environment.empty() || !s.command.empty();
     },
     [](const AccountSettings&, std::string_view) {
         return std::string("is for a command: the built-in worker needs no variables for that");
     },
     false},
    {"credentials_environment", "credentials_environment",
     [](const AccountSettings& s) { return variables_trouble(s).empty(); },
     [](const AccountSettings& s, std::string_view) { return variables_trouble(s); }, false},
    {"heartbeat", "command",
     [](const AccountSettings& s) {
         return s.heartbeat != HeartbeatKind::none || !s.command.empty();
     },
     [](const AccountSettings&, std::string_view) {
         return std::string(
             "is \"none\", which is for a command: by its beats a built-in worker that hangs is "
             "found");
     },
     false},
    {"permit", "command",
     [](const AccountSettings& s) { return s.permit.empty() || !s.command.empty(); },
     [](const AccountSettings&, std::string_view) {
         return std::string("is for a command: the built-in worker needs nothing of that");
     },
     false},
    {"unix_user", "command",
     [](const AccountSettings& s) {
         return s.unix_user.empty() || (!s.command.empty() && s.heartbeat == HeartbeatKind::none);
     },
     [](const AccountSettings&, std::string_view) {
         return std::string(
             "is for a command with heartbeat = \"none\": what a worker of Bullpen's "
             "own reads of the home is open to the home's user alone");
     },
     false},
    {"events.windows", "events.windows",
     [](const AccountSettings& s) { return windows_trouble(s.events->windows).empty(); },
     [](const AccountSettings& s, std::string_view) { return windows_trouble(s.events->windows); },
     true},
    {"jobs.daily_summary.schedule", "jobs.retention.schedule", &chain_holds<JobKind::daily_summary>,
     &chain_text<JobKind::daily_summary>, true},
    {"jobs.retention.schedule", "jobs.daily_summary.schedule", &chain_holds<JobKind::retention>,
     &chain_text<JobKind::retention>, true},
    {"jobs.place_orders_daily.schedule", "jobs.daily_summary.schedule",
     &chain_holds<JobKind::place_orders_daily>, &chain_text<JobKind::place_orders_daily>, true},
    {"jobs.update_cnc_stoploss.schedule", "jobs.daily_summary.schedule",
     &chain_holds<JobKind::update_cnc_stoploss>, &chain_text<JobKind::update_cnc_stoploss>, true},
    {"jobs.sync.schedule", "jobs.daily_summary.schedule", &chain_holds<JobKind::sync>,
     &chain_text<JobKind::sync>, true},
    {"jobs.hourly_candle_watchdog.schedule", "jobs.daily_summary.schedule",
     &chain_holds<JobKind::hourly_candle_watchdog>, &chain_text<JobKind::hourly_candle_watchdog>,
     true},
    {"jobs.pattern_daily.schedule", "jobs.daily_summary.schedule",
     &chain_holds<JobKind::pattern_daily>, &chain_text<JobKind::pattern_daily>, true},
    {"jobs.place_orders_daily.schedule", "trading", &shares_are_traded<JobKind::place_orders_daily>,
     &shares_text, false},
    {"jobs.update_cnc_stoploss.schedule", "trading",
     &shares_are_traded<JobKind::update_cnc_stoploss>, &shares_text, false},
    {"jobs.sync.schedule", "trading", &shares_are_traded<JobKind::sync>, &shares_text, false},
    {"jobs.hourly_candle_watchdog.schedule", "trading",
     &shares_are_traded<JobKind::hourly_candle_watchdog>, &shares_text, false},
    after_one_that_runs<JobKind::daily_summary>("jobs.daily_summary.schedule"),
    after_one_that_runs<JobKind::retention>("jobs.retention.schedule"),
    after_one_that_runs<JobKind::pattern_daily>("jobs.pattern_daily.schedule"),
    after_one_that_runs<JobKind::place_orders_daily>("jobs.place_orders_daily.schedule"),
    after_one_that_runs<JobKind::update_cnc_stoploss>("jobs.update_cnc_stoploss.schedule"),
    after_one_that_runs<JobKind::sync>("jobs.sync.schedule"),
    after_one_that_runs<JobKind::hourly_candle_watchdog>("jobs.hourly_candle_watchdog.schedule"),
    at_its_hours<JobKind::place_orders_daily>("jobs.place_orders_daily.schedule",
                                              "jobs.place_orders_daily.cancel_before_close"),
    at_its_hours<JobKind::hourly_candle_watchdog>("jobs.hourly_candle_watchdog.schedule",
                                                  "jobs.hourly_candle_watchdog.schedule"),
    {"strategy.band_exit", "strategy.band_entry", &is_more<&S::band_exit, &S::band_entry>,
     &not_more, true},
    {"strategy.rsi_high", "strategy.rsi_low", &is_more<&S::rsi_high, &S::rsi_low>, &not_more, true},
    {"strategy.break_even_ticks", "strategy.break_even_offset",
     &is_more<&S::break_even_ticks, &S::break_even_offset>, &not_more, true},
    {"strategy.partial_2_r", "strategy.partial_1_r", &is_more<&S::partial_2_r, &S::partial_1_r>,
     &not_more, true},
    {"strategy.partial_3_r", "strategy.partial_2_r", &is_more<&S::partial_3_r, &S::partial_2_r>,
     &not_more, true},
    {"strategy.partial_1", "strategy.partial_2",
     [](const AccountSettings& s) {
         return s.strategy->partial_1_percent + s.strategy->partial_2_percent <= 100;
     },
     [](const AccountSettings&, std::string_view second) {
         return "and " + std::string(second) + " are more than the whole position";
     },
     true},
    {"strategy.decay_2_after", "strategy.decay_1_after",
     &is_more<&S::decay_2_after_percent, &S::decay_1_after_percent>, &not_more, true},
    {"strategy.decay_3_after", "strategy.decay_2_after",
     &is_more<&S::decay_3_after_percent, &S::decay_2_after_percent>, &not_more, true},
    {"strategy.volatility_baseline", "strategy.volatility_length",
     &is_more<&S::volatility_baseline, &S::volatility_length>, &not_more, true},
    {"strategy.surge_samples", "strategy.volume_length",
     [](const AccountSettings& s) {
         return s.strategy->surge_samples <= s.strategy->volume_length;
     },
     [](const AccountSettings&, std::string_view second) {
         return "is more than " + std::string(second);
     },
     true},
}};

}  // namespace

std::span<const Together> rules_between_keys() {
    return k_together;
}

}  // namespace bullpen::config
