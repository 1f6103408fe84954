// Every job there is, with the role that says what it may do.
#pragma once

#include <array>
#include <memory>
#include <string_view>
#include <variant>

#include "common/config/job_settings.hpp"
#include "worker/jobs/job.hpp"
#include "worker/jobs/roles.hpp"

namespace bullpen::jobs {

using SignalsJob = std::unique_ptr<Job> (*)(const SignalsRole&);
using StateJob = std::unique_ptr<Job> (*)(const StateRole&);
using PlacementJob = std::unique_ptr<Job> (*)(const PlacementRole&);
using ProtectionJob = std::unique_ptr<Job> (*)(const ProtectionRole&);

struct JobType {
    config::JobKind kind{};
    // The kind of context is the role.
    std::variant<StateJob, PlacementJob, ProtectionJob, SignalsJob> make;

    [[nodiscard]] std::string_view name() const { return config::code(kind); }
    // "state".
    [[nodiscard]] std::string_view role() const;
};

const JobType& job_type(config::JobKind kind);

// All of them, in the order in which they have their turns: what protects and sells before what
// only reads and compares, and that before what buys, so that no exit stands behind an entry.
std::array<config::JobKind, config::k_jobs> kinds_by_urgency();

std::unique_ptr<Job> make_daily_summary(const StateRole& role);
std::unique_ptr<Job> make_retention(const StateRole& role);
std::unique_ptr<Job> make_place_orders_daily(const PlacementRole& role);
std::unique_ptr<Job> make_update_cnc_stoploss(const ProtectionRole& role);
std::unique_ptr<Job> make_sync(const StateRole& role);
std::unique_ptr<Job> make_hourly_candle_watchdog(const ProtectionRole& role);
std::unique_ptr<Job> make_pattern_daily(const SignalsRole& role);

}  // namespace bullpen::jobs
