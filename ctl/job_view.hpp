// What a worker shows of its account's jobs in jobs.json, as plain values.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/home.hpp"
#include "common/base/result.hpp"

namespace bullpen::ctl {

struct JobRunView {
    std::string begun;
    std::string outcome;  // empty: under way
    std::string reason;   // empty: none is told
    std::string text;
    std::string request;
    std::int64_t attempt = 1;
    bool by_hand = false;
    bool dry_run = false;
    std::string json;  // as it is written there, with the job's name
};

struct JobView {
    std::string job;
    std::string schedule;  // empty: by hand only
    std::string next;      // empty: not known
    std::uint64_t runs = 0;
    std::uint64_t missed = 0;
    std::optional<JobRunView> running;
    std::vector<JobRunView> history;  // oldest first
};

struct JobsView {
    std::string json;  // the file
    std::vector<JobView> jobs;
    std::string market_time;  // the jobs' clock; empty: not known
    std::string zone;         // in which schedules are read; empty: an earlier program's file
    std::string orders_file;  // the newest; empty: there is none
    std::string orders_file_written;

    // Null when there is none of that name.
    [[nodiscard]] const JobView* find(std::string_view job) const;
};

// Errc::not_found when the account's worker never wrote it, corrupt when it cannot be read.
Result<JobsView> read_jobs(const Home& home, const AccountId& account);
Result<JobsView> parse_jobs(std::string_view text);

// "2026-11-20 14:00Z" of "2026-11-20T14:00:00.000Z"; empty for what is no time.
std::string short_time(std::string_view utc);
// "failed (signals_too_old)"; the outcome alone where its reason says no more.
std::string outcome_text(const JobRunView& run);
// A line for each job that has a schedule or ever ran.
std::vector<std::string> job_lines(const JobsView& known);

}  // namespace bullpen::ctl
