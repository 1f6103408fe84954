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
    place_orders_daily,
    update_cnc_stoploss,
    sync,
};
inline constexpr std::size_t k_jobs = 5;

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
    Unprotected unprotected = Unprotected::close;
    friend bool operator==(const PlaceOrdersSettings&, const PlaceOrdersSettings&) = default;
};

struct JobsSettings {
    std::array<JobSettings, k_jobs> all;
    int retention_days = 90;
    PlaceOrdersSettings place_orders;
    Nanos ghost_after = std::chrono::minutes(10);  // a position that the broker does not have

    [[nodiscard]] const JobSettings& of(JobKind kind) const {
        return all[static_cast<std::size_t>(kind)];
    }
    friend bool operator==(const JobsSettings&, const JobsSettings&) = default;
};

}  // namespace bullpen::config
