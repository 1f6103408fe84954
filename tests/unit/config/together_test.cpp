#include "common/config/together.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "common/config/job_hours.hpp"
#include "common/config/job_keys.hpp"
#include "common/config/schema.hpp"
#include "tests/support/temporary.hpp"

namespace bullpen::config {

namespace {

std::vector<std::string_view> broken(const AccountSettings& settings) {
    std::vector<std::string_view> names;
    for (const auto& rule : rules_between_keys()) {
        if (!rule.holds(settings))
            names.push_back(rule.first);
    }
    return names;
}

bool is_key(std::string_view name) {
    const auto all = keys<AccountSettings>();
    return std::any_of(all.begin(), all.end(),
                       [name](const auto& key) { return key.row.name == name; });
}

}  // namespace

TEST_CASE("every rule is between keys that there are, and the defaults keep them all") {
    for (const auto& rule : rules_between_keys()) {
        CAPTURE(rule.first);
        CHECK(is_key(rule.first));
        CHECK(is_key(rule.second));
    }
    CHECK(broken(AccountSettings(test::account_id("alpha"))).empty());
}

TEST_CASE("settings of a strategy that contradict each other break the rule of their keys") {
    struct Row {
        void (*change)(StrategySettings&);
        std::string_view named;
    };
    using S = StrategySettings;
    for (const Row& row : {
             Row{[](S& s) { s.band_exit = 2.1; }, "strategy.band_exit"},
             Row{[](S& s) { s.rsi_low = 65; }, "strategy.rsi_high"},
             Row{[](S& s) { s.break_even_offset = 9; }, "strategy.break_even_ticks"},
             Row{[](S& s) { s.partial_1_r = 3; }, "strategy.partial_2_r"},
             Row{[](S& s) { s.partial_3_r = 3; }, "strategy.partial_3_r"},
             Row{[](S& s) { s.partial_1_percent = 71; }, "strategy.partial_1"},
             Row{[](S& s) { s.decay_1_after_percent = 75; }, "strategy.decay_2_after"},
             Row{[](S& s) { s.decay_2_after_percent = 90; }, "strategy.decay_3_after"},
             Row{[](S& s) { s.volatility_length = 200; }, "strategy.volatility_baseline"},
             Row{[](S& s) { s.surge_samples = 21; }, "strategy.surge_samples"},
         }) {
        CAPTURE(row.named);
        AccountSettings settings(test::account_id("alpha"));
        row.change(settings.strategy.edit());
        CHECK(broken(settings) == std::vector<std::string_view>{row.named});
    }
}

// Whether a schedule of a job of shares is refused, and what is noted of it.
struct Judged {
    std::string refused;
    std::string noted;
};
Judged judged(JobKind kind, const std::string& schedule, Nanos before_close) {
    AccountSettings settings(test::account_id("alpha"));
    settings.trading = TradingKind::shares;
    auto& jobs = settings.jobs.edit();
    jobs.all[static_cast<std::size_t>(kind)].schedule = schedule;
    jobs.place_orders.cancel_before_close = before_close;
    const auto trouble = hours_trouble(settings, kind);
    const auto names = broken(settings);
    CHECK(names.size() == (trouble.empty() ? 0 : 1));
    if (!trouble.empty())
        CHECK(names.front() == "jobs." + std::string(code(kind)) + ".schedule");
    return {trouble, hours_note(settings, kind)};
}

TEST_CASE("a time at which a job of shares can never do anything is refused, by its market") {
    constexpr auto k_places = JobKind::place_orders_daily;
    constexpr auto k_watches = JobKind::hourly_candle_watchdog;
    constexpr Nanos k_before = std::chrono::minutes(5);
    struct Row {
        JobKind kind;
        const char* schedule;
        const char* refused;  // a part of it
        const char* noted;
    };
    for (const Row& row : {
             Row{k_places, "09:30 market days", "", ""},
             Row{k_places, "15:09", "", ""},
             // Until 2026-08-03 the market shut at 15:30.
             Row{k_places, "15:10", "", "from 15:10 on nothing is bought"},
             Row{k_places, "15:24", "", "from 15:10 on nothing is bought"},
             Row{k_places, "15:25", "begins it at 15:25 by the market's clock, and from 15:10", ""},
             Row{k_places, "18:30 market days", "from 15:10 on nothing is bought", ""},
             Row{k_places, "09:30,18:30", "", "begins it at 18:30"},
             Row{k_places, "09:30 sun", "on days on which shares are not traded", ""},
             Row{k_places, "09:30 daily", "", ""},
             Row{k_places, "09:30 sat-mon", "", ""},
             Row{k_places, "close - 6 min", "", ""},
             Row{k_places, "close - 5 min", "from 15:10 on", ""},
             Row{k_places, "close + 5 min", "from 15:10 on", ""},
             Row{k_places, "open + 2 min", "", ""},
             Row{k_places, "every 1 min in session", "", ""},
             // Seven or eight in the evening in Kolkata.
             Row{k_places, "09:30 America/New_York", "nothing is bought", ""},
             // In time in summer alone.
             Row{k_places, "10:00 mon-fri Europe/London", "", ""},
             Row{k_watches, "09:15 market days", "", ""},
             Row{k_watches, "15:14", "", ""},
             Row{k_watches, "15:15", "", "from 15:15 on the market is shut"},
             Row{k_watches, "15:30", "from 15:15 on the market is shut", ""},
             Row{k_watches, "close", "the market is shut", ""},
             // It asks the broker, and places what the exchange takes at any hour.
             Row{JobKind::sync, "18:30", "", ""},
             Row{JobKind::update_cnc_stoploss, "18:30", "", ""},
         }) {
        CAPTURE(row.schedule);
        const auto found = judged(row.kind, row.schedule, k_before);
        CHECK(found.refused.empty() == std::string_view(row.refused).empty());
        CHECK_MESSAGE(found.refused.find(row.refused) != std::string::npos, found.refused);
        CHECK(found.noted.empty() == std::string_view(row.noted).empty());
        CHECK_MESSAGE(found.noted.find(row.noted) != std::string::npos, found.noted);
    }
    // With more time before the close it is too late sooner.
    CHECK(judged(k_places, "14:20", std::chrono::hours(1)).refused.empty());
    CHECK_FALSE(judged(k_places, "14:40", std::chrono::hours(1)).refused.empty());
}

TEST_CASE("a job that comes after one without a schedule is refused, once it is an account's") {
    AccountSettings settings(test::account_id("alpha"));
    auto& jobs = settings.jobs.edit();
    const auto at = [&](JobKind kind) -> std::string& {
        return jobs.all[static_cast<std::size_t>(kind)].schedule;
    };
    at(JobKind::retention) = "after daily_summary";
    CHECK(broken(settings) == std::vector<std::string_view>{"jobs.retention.schedule"});
    CHECK(chain_end_trouble(settings, JobKind::retention) ==
          "comes after daily_summary, which has no schedule: set jobs.daily_summary.schedule");
    // [defaults] may leave that to the accounts.
    for (const auto& rule : rules_between_keys())
        CHECK((rule.holds(settings) || !rule.for_defaults));
    at(JobKind::daily_summary) = "close + 5 min";
    CHECK(broken(settings).empty());
}

}  // namespace bullpen::config
