#include "ctl/job_view.hpp"

#include <nlohmann/json.hpp>

#include "common/base/errc.hpp"
#include "common/documents/json_text.hpp"
#include "common/storage/file_system.hpp"
#include "ctl/json_fields.hpp"

namespace bullpen::ctl {

namespace {

using nlohmann::json;

constexpr std::size_t k_file_max = std::size_t{4} * 1024 * 1024;

std::string dumped(const json& object) {
    return documents::json_text(object);
}

JobRunView run_from(const json& object, const std::string& job) {
    JobRunView run;
    run.begun = text_of(object, "begun");
    run.outcome = text_of(object, "outcome");
    run.reason = text_of(object, "reason");
    run.text = text_of(object, "text");
    run.request = text_of(object, "request");
    run.attempt = static_cast<std::int64_t>(count_of(object, "attempt"));
    run.by_hand = flag_of(object, "by_hand");
    run.dry_run = flag_of(object, "dry_run");
    json named = object;
    named["job"] = job;
    run.json = dumped(named);
    return run;
}

JobView job_from(const json& object) {
    JobView job;
    job.job = text_of(object, "job");
    job.schedule = text_of(object, "schedule");
    job.next = text_of(object, "next");
    job.runs = count_of(object, "runs");
    job.missed = count_of(object, "missed");
    if (const auto running = object.find("running");
        running != object.end() && running->is_object())
        job.running = run_from(*running, job.job);
    if (const auto history = object.find("history");
        history != object.end() && history->is_array()) {
        for (const auto& run : *history) {
            if (run.is_object())
                job.history.push_back(run_from(run, job.job));
        }
    }
    return job;
}

}  // namespace

const JobView* JobsView::find(std::string_view name) const {
    for (const auto& job : jobs) {
        if (job.job == name)
            return &job;
    }
    return nullptr;
}

Result<JobsView> parse_jobs(std::string_view text) {
    const auto object = documents::parse_json(text);
    if (!object.is_object() || !object.contains("jobs") || !object["jobs"].is_array())
        return fail(Errc::corrupt, "jobs.json cannot be read; its worker writes it anew");
    JobsView known;
    known.json = dumped(object);
    if (const auto file = object.find("orders_file"); file != object.end() && file->is_object()) {
        known.orders_file = text_of(*file, "name");
        known.orders_file_written = text_of(*file, "modified");
    }
    known.market_time = text_of(object, "market_time");
    known.zone = text_of(object, "zone");
    for (const auto& job : object["jobs"]) {
        if (job.is_object())
            known.jobs.push_back(job_from(job));
    }
    return known;
}

Result<JobsView> read_jobs(const Home& home, const AccountId& account) {
    storage::SystemFileSystem files;
    const auto content = files.read(home.account(account).directory + "/jobs.json", k_file_max);
    if (!content) {
        return fail(Errc::not_found, "nothing is known of jobs of '" + account.str() +
                                         "': there is no such account here, or none of its "
                                         "jobs has a schedule or ever ran");
    }
    return parse_jobs(*content);
}

std::string short_time(std::string_view utc) {
    constexpr std::size_t k_minutes = 16;  // "2026-11-20T14:00"
    if (utc.size() < k_minutes)
        return {};
    return std::string(utc.substr(0, 10)) + " " + std::string(utc.substr(11, 5)) + "Z";
}

std::string outcome_text(const JobRunView& run) {
    if (run.reason.empty() || run.reason == "done" || run.reason == run.outcome)
        return run.outcome;
    return run.outcome + " (" + run.reason + ")";
}

std::vector<std::string> job_lines(const JobsView& known) {
    std::vector<std::string> lines;
    for (const auto& job : known.jobs) {
        if (job.schedule.empty() && job.runs == 0)
            continue;
        std::string line = job.job + ", " + (job.schedule.empty() ? "by hand" : job.schedule);
        if (!job.next.empty())
            line += ", next " + short_time(job.next);
        if (job.running)
            line += ", runs since " + short_time(job.running->begun);
        if (!job.history.empty()) {
            const auto& last = job.history.back();
            line +=
                ", last " + short_time(last.begun) + " " + outcome_text(last) + ": " + last.text;
        }
        if (job.missed > 0)
            line += ", missed " + std::to_string(job.missed);
        lines.push_back(std::move(line));
    }
    if (!known.orders_file.empty()) {
        lines.push_back("orders file " + known.orders_file + ", written " +
                        short_time(known.orders_file_written));
    }
    return lines;
}

}  // namespace bullpen::ctl
