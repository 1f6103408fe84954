// What jobs may do, as types: a job is made with the context of its role and has no other way to
// anything. What a context does not offer, a job of that role cannot do.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "common/base/clock.hpp"
#include "common/base/home.hpp"
#include "common/config/job_settings.hpp"
#include "common/storage/file_system.hpp"

namespace bullpen::jobs {

// An account as it is when its job runs.
struct AccountFacts {
    std::string account;
    std::string label;
    std::string trading_day;  // of its market: "2026-11-20"; empty: none has begun
    UtcTime market_time{};
    std::string mode;
    std::string mode_reason;
    std::string position;                  // for people
    std::optional<std::int64_t> quantity;  // none: not known
    std::string day_pnl;                   // decimal; empty: not known
    std::string currency;
    std::vector<std::pair<std::string, std::int64_t>> counters;
    std::string last_error;
};

// Reads the account and keeps its records. It has no broker and no market data.
struct StateRole {
    const AccountFacts& facts;
    const AccountPaths& paths;
    const config::JobsSettings& settings;
    storage::FileSystem& files;
    bool dry_run = false;
};

}  // namespace bullpen::jobs
