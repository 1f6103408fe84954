// The settings of [jobs] in an account's file, part of settings.hpp.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "common/base/clock.hpp"

namespace bullpen::config {

// What a worker can do at times of its own, beside following the market. docs/jobs.md says what
// each does.
enum class JobKind : std::uint8_t {
    daily_summary,
    retention,
    pattern_daily,
    place_orders_daily,
    update_cnc_stoploss,
    sync,
    hourly_candle_watchdog,
};
inline constexpr std::size_t k_jobs = 7;

std::string_view code(JobKind kind);
std::optional<JobKind> job_kind_from(std::string_view code);
// Whether it acts at a broker of shares, and so needs `trading = "shares"`.
constexpr bool needs_shares(JobKind kind) {
    return kind >= JobKind::place_orders_daily;
}

// When a job runs, and what becomes of a run that does not go as it should.
struct JobSettings {
    std::string schedule;                          // time::Schedule; empty = only when asked to
    Nanos late_max = std::chrono::minutes(5);      // a run begins so late, or not at all
    Nanos deadline = std::chrono::minutes(5);      // of a run
    Nanos jitter{0};                               // its time is moved by up to this
    int attempts = 3;                              // how often a run is begun at most
    Nanos retry_delay = std::chrono::seconds(30);  // before the second attempt; doubles
    friend bool operator==(const JobSettings&, const JobSettings&) = default;
};

// How place_orders_daily buys.
enum class ShareOrderKind : std::uint8_t {
    limit,
    market,  // protected: so far from the last price at most
};
// What becomes of shares that got no stop.
enum class Unprotected : std::uint8_t {
    close,  // they are sold at once
    alarm,  // somebody is told
};
struct PlaceOrdersSettings {
    std::string signals;                            // what the file's name begins with
    Nanos signal_age_max = std::chrono::hours(24);  // an older file is none of today
    int positions_max = 10;                         // with all that is held
    int deployment_percent = 50;                    // of the cash that is there
    ShareOrderKind order = ShareOrderKind::limit;
    int limit_above = 50;                       // hundredths of a percent, over the last price
    int protection_percent = 3;                 // of a market order
    Nanos fill_wait = std::chrono::minutes(2);  // of the market's time
    Nanos open_wait = std::chrono::minutes(1);  // from the day's opening to the first order
    Nanos cancel_before_close = std::chrono::minutes(5);  // what has not filled
    Nanos cooldown = std::chrono::hours(2);               // after the account sold a share; 0: none
    Unprotected unprotected = Unprotected::close;
    friend bool operator==(const PlaceOrdersSettings&, const PlaceOrdersSettings&) = default;
};

// What hourly_candle_watchdog sells by.
enum class WatchRule : std::uint8_t {
    previous_low,  // a price below the low of the hourly candle before
    two_lows,      // below that and the low of the one before it
    atr,           // at a stop that trails the highest price by the average true range
};
struct WatchSettings {
    WatchRule rule = WatchRule::two_lows;
    Nanos poll = std::chrono::seconds(5);
    int limit_below = 50;  // hundredths of a percent: how far below its level it sells
    int reprices_max = 20;
    Nanos reprice_after = std::chrono::seconds(10);  // of the market's time
    bool tranches = true;                            // of rule atr
    int stop_step = 25;  // hundredths of a percent: the least move of the stop at the broker
    friend bool operator==(const WatchSettings&, const WatchSettings&) = default;
};

// It goes on as long as the market is open, and is begun anew whenever it dies in between.
inline JobSettings watchdog_run() {
    return {.schedule = {},
            .late_max = std::chrono::hours(8),
            .deadline = std::chrono::hours(12),
            .jitter = Nanos{0},
            .attempts = 10,
            .retry_delay = std::chrono::seconds(1)};
}

struct JobsSettings {
    JobsSettings() {
        all[static_cast<std::size_t>(JobKind::hourly_candle_watchdog)] = watchdog_run();
    }

    std::array<JobSettings, k_jobs> all;
    int retention_days = 90;
    PlaceOrdersSettings place_orders;
    Nanos ghost_after = std::chrono::minutes(10);  // a position that the broker does not have
    WatchSettings watch;
    // With commas: shares that a person holds, which jobs leave alone.
    std::string manual_shares;
    // Hundredths of a percent: how far below its level a stop may sell without an alarm; 0: however
    // far.
    int slippage_alarm = 100;
    // Hundredths of a percent: a price further off the one before needs a second look; 0: none
    // does.
    int price_jump = 300;
    std::string pattern_tickers;  // of pattern_daily, with commas; empty: all that have candles

    [[nodiscard]] const JobSettings& of(JobKind kind) const {
        return all[static_cast<std::size_t>(kind)];
    }
    friend bool operator==(const JobsSettings&, const JobsSettings&) = default;
};

}  // namespace bullpen::config
