#include "ctl/job_brief.hpp"

#include <fcntl.h>
#include <unistd.h>

#include "common/base/descriptor.hpp"
#include "common/storage/file_system.hpp"
#include "ctl/text.hpp"
#include "ipc/json_reader.hpp"

namespace bullpen::ctl {

namespace {

constexpr std::size_t k_size_max = 4UL * 1024 * 1024;
constexpr int k_depth_max = 6;
constexpr std::size_t k_jobs_max = 64;
constexpr std::size_t k_runs_max = 1000;
constexpr std::size_t k_name_max = 100;
constexpr std::size_t k_code_max = 64;
constexpr std::size_t k_text_max = 64UL * 1024;
constexpr std::int64_t k_days_max = 1'000'000;
// Of a sentence that somebody reads in a terminal: the whole of it is in `job history`.
constexpr std::size_t k_shown = 160;

// Those of each run are after those of the ones before it.
Result<void> read_run(const ipc::JsonDocument& document, std::size_t node, JobBrief* job) {
    ipc::Fields run(document, node, "run");
    bool dry_run = false;
    std::string outcome;
    run.boolean("dry_run", &dry_run);
    run.text("outcome", &outcome, k_code_max);
    if (dry_run || outcome == "refused" || outcome.empty())
        return run.status();
    job->outcome = std::move(outcome);
    job->reason.clear();
    job->text.clear();
    run.utc("ended", &job->at);
    run.text("reason", &job->reason, k_code_max);
    run.text("text", &job->text, k_text_max);
    return run.status();
}

Result<void> read_job(const ipc::JsonDocument& document, std::size_t node, JobsBrief* all) {
    ipc::Fields fields(document, node, "job");
    JobBrief job;
    std::string schedule;
    fields.text("job", &job.job, k_name_max, ipc::Need::required);
    fields.text("schedule", &schedule, k_text_max);
    fields.utc("next", &job.next);
    job.running = fields.object("running").has_value();
    fields.each_object("history", ipc::Need::optional, k_runs_max,
                       [&](std::size_t run) { return read_run(document, run, &job); });
    if (!schedule.empty() || job.running || !job.outcome.empty())
        all->jobs.push_back(std::move(job));
    return fields.status();
}

}  // namespace

std::optional<JobsBrief> parse_jobs_brief(std::string_view text) {
    const auto document = ipc::JsonDocument::parse(text, {k_size_max, k_depth_max});
    if (!document)
        return std::nullopt;
    JobsBrief all;
    ipc::Fields fields(*document, 0, "jobs");
    fields.each_object("jobs", ipc::Need::required, k_jobs_max,
                       [&](std::size_t node) { return read_job(*document, node, &all); });
    if (const auto node = fields.object("orders_file")) {
        ipc::Fields file(*document, *node, "orders_file");
        JobsBrief::OrdersFile known;
        file.text("name", &known.name, k_text_max, ipc::Need::required);
        file.utc("modified", &known.modified, ipc::Need::required);
        file.whole("keep_days", &known.keep_days, 0, k_days_max);
        if (!file.ok())
            return std::nullopt;
        all.orders_file = std::move(known);
    }
    return fields.ok() ? std::optional(std::move(all)) : std::nullopt;
}

JobBriefs job_briefs_of(const Home& home, std::span<const ChosenRow> rows) {
    JobBriefs all;
    storage::SystemFileSystem files;
    const auto directory = home.accounts();
    const Descriptor accounts(::open(directory.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
    for (const auto& chosen : rows) {
        const auto account = AccountId::parse(chosen.row->slot->account.view());
        if (chosen.row->slot->service != 0 || !account)
            continue;
        // Most accounts have none, and to look for it is one call.
        const auto file = account->str() + "/jobs.json";
        if (::faccessat(accounts.get(), file.c_str(), F_OK, 0) != 0)
            continue;
        const auto text = files.read(directory + "/" + file, k_size_max);
        if (auto jobs = text ? parse_jobs_brief(*text) : std::nullopt)
            all[account->str()] = std::move(*jobs);
    }
    return all;
}

std::string failed_job_text(std::string_view account, const JobsBrief& jobs) {
    const JobBrief* failed = nullptr;
    for (const auto& job : jobs.jobs) {
        const bool well = job.outcome.empty() || job.outcome == "succeeded" ||
                          job.reason == "stopped" || job.running;
        if (!well && (failed == nullptr || job.at > failed->at))
            failed = &job;
    }
    if (failed == nullptr)
        return {};
    std::string text = std::string(account) + ": job " + failed->job + " " + failed->outcome;
    if (!failed->reason.empty() && failed->reason != failed->outcome)
        text += ", " + failed->reason + ",";
    if (failed->at)
        text += " at " + spaced_utc(format_utc(*failed->at));
    return printable(text + ": " + shortened(failed->text, k_shown));
}

void append_jobs_json(JsonWriter& json, const JobsBrief* jobs, UtcTime now) {
    json.key("jobs").begin_array();
    for (const auto& job : jobs != nullptr ? jobs->jobs : std::vector<JobBrief>()) {
        json.begin_object();
        json.key("job").string(job.job);
        json.key("outcome").text_or_null(job.outcome);
        json.key("reason").text_or_null(job.reason);
        json.key("text").text_or_null(job.text);
        json.key("at").utc_or_null(job.at);
        json.key("next").utc_or_null(job.next);
        json.key("running").boolean(job.running);
        json.end_object();
    }
    json.end_array();
    json.key("orders_file");
    if (jobs == nullptr || !jobs->orders_file) {
        json.null();
        return;
    }
    const auto& file = *jobs->orders_file;
    json.begin_object();
    json.key("name").string(file.name);
    json.key("age_s").seconds(now - file.modified);
    json.key("keep_days");
    file.keep_days ? json.number(*file.keep_days) : json.null();
    json.end_object();
}

}  // namespace bullpen::ctl
