// How the jobs of an account stand, in short, for the status of many accounts: out of jobs.json,
// which its worker writes, so that it is known without daemon and worker, too.
#pragma once

#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/clock.hpp"
#include "common/base/home.hpp"
#include "ctl/json_writer.hpp"
#include "ctl/status_code.hpp"

namespace bullpen::ctl {

struct JobBrief {
    std::string job;
    // Of the newest run that has ended, by hand too; a dry run and one that was refused are none.
    std::string outcome;  // empty: there is none
    std::string reason;   // empty: a worker before this one wrote none
    std::string text;
    std::optional<UtcTime> at;
    std::optional<UtcTime> next;  // none: by hand only, or not known
    bool running = false;
};
struct JobsBrief {
    struct OrdersFile {
        std::string name;
        UtcTime modified{};
        std::optional<std::int64_t> keep_days;  // none: nothing removes it
    };
    std::vector<JobBrief> jobs;  // those with a schedule or a run
    std::optional<OrdersFile> orders_file;
};

// None: it cannot be read.
std::optional<JobsBrief> parse_jobs_brief(std::string_view text);
// By account; one without a jobs.json that can be read is not in it.
using JobBriefs = std::map<std::string, JobsBrief, std::less<>>;
JobBriefs job_briefs_of(const Home& home, std::span<const ChosenRow> rows);

// "nse01: job sync failed, broker_unreachable, at 2026-11-20 04:00Z: the broker does not say";
// of the job whose last run ended badly, the newest of them. Empty: none did.
std::string failed_job_text(std::string_view account, const JobsBrief& jobs);
// The members `jobs` and `orders_file` of an account; null: it has no jobs.
void append_jobs_json(JsonWriter& json, const JobsBrief* jobs, UtcTime now);

}  // namespace bullpen::ctl
