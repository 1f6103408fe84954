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
};
inline constexpr std::size_t k_jobs = 2;

std::string_view code(JobKind kind);
std::optional<JobKind> job_kind_from(std::string_view code);

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

struct JobsSettings {
    std::array<JobSettings, k_jobs> all;
    int retention_days = 90;

    [[nodiscard]] const JobSettings& of(JobKind kind) const {
        return all[static_cast<std::size_t>(kind)];
    }
    friend bool operator==(const JobsSettings&, const JobsSettings&) = default;
};

}  // namespace bullpen::config
