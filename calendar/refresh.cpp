#include "calendar/refresh.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <optional>
#include <set>
#include <thread>
#include <utility>

#include "calendar/attempts.hpp"
#include "calendar/body_store.hpp"
#include "calendar/text.hpp"
#include "common/base/errc.hpp"
#include "common/events/shared_file.hpp"
#include "common/events/staleness.hpp"
#include "common/time/recurrence.hpp"

namespace bullpen::calendar {

namespace {

using events::SourceStatus;
using Outcome = SourceReport::Outcome;

// A body is asked for anew after so long, whatever its source says of its age.
constexpr std::chrono::hours k_whole_again{24 * 7};

std::string url_of(const config::CalendarSettings& settings, std::string_view source) {
    if (source == "fomc-html")
        return settings.fomc_html_url;
    if (source == "fed-json")
        return settings.fed_json_url;
    if (source == "fed-rss")
        return settings.fed_rss_url;
    if (source == "bls-ics")
        return settings.bls_ics_url;
    if (source == "bea-json")
        return settings.bea_json_url;
    if (source == "bea-html")
        return settings.bea_html_url;
    return source == "forexfactory-json" ? settings.forexfactory_json_url : std::string();
}

// One source in this run.
struct Job {
    const Source* source = nullptr;
    SourceStatus status;  // as the last snapshot has it; changed as the run goes
    FetchRequest request;
    bool asked = false;
    std::optional<Result<Fetched>> answer;
    std::optional<std::string> body;  // new, not yet judged
    SourceReport report;
    std::optional<Parsed> statement;  // what counts after this run
};

class Run {
  public:
    Run(const RefreshEnvironment& environment, const RefreshOptions& options)
        : env_(environment),
          options_(options),
          now_(environment.clock.utc()),
          bodies_(environment.files,
                  environment.home.shared() + "/" + std::string(k_bodies_folder)),
          snapshot_path_(environment.home.shared() + "/" + std::string(events::k_snapshot_name)),
          attempts_path_(environment.home.shared() + "/" + std::string(k_attempts_file)) {}

    Result<RefreshReport> run() {
        BULLPEN_CHECK(env_.files.make_directories(env_.home.shared(), 0700));
        load();
        plan();
        BULLPEN_CHECK(ask());
        if (env_.before_parsing)
            env_.before_parsing();
        for (Job& job : jobs_)
            BULLPEN_CHECK(read(job));
        if (asked_)
            BULLPEN_CHECK(save_attempts(env_.files, attempts_path_, attempts_));
        return conclude();
    }

  private:
    void load() {
        auto loaded = events::load_snapshot(env_.files, snapshot_path_);
        if (!loaded.trouble.empty())
            report_.warnings.push_back("the snapshot was damaged: " + loaded.trouble);
        if (loaded.snapshot)
            last_ = std::move(*loaded.snapshot);
        before_ = {last_.events, last_.coverage};
        attempts_ = load_attempts(env_.files, attempts_path_);
    }

    // Every source that is in the settings, or was in an earlier snapshot, takes part; whether it
    // is asked is another matter.
    void plan() {
        for (const Source& source : all_sources()) {
            const std::string name(source.name);
            const auto known =
                std::find_if(last_.sources.begin(), last_.sources.end(),
                             [&](const SourceStatus& status) { return status.source == name; });
            const bool wanted =
                std::find(env_.settings.sources.begin(), env_.settings.sources.end(), name) !=
                env_.settings.sources.end();
            if (!source.fetched || !wanted)
                continue;
            Job job;
            job.source = &source;
            job.status.source = name;
            if (known != last_.sources.end())
                job.status = *known;
            job.report.source = name;
            prepare(job);
            jobs_.push_back(std::move(job));
        }
    }

    void prepare(Job& job) {
        const std::string name(job.source->name);
        job.report.outcome = Outcome::not_asked;
        const bool chosen =
            options_.only.empty() ||
            std::find(options_.only.begin(), options_.only.end(), name) != options_.only.end();
        if (!chosen) {
            job.report.sentence = "it was not to be asked";
            return;
        }
        if (env_.settings.contact.empty()) {
            job.report.sentence = "calendar.contact is not set, and sources want one";
            return;
        }
        if (const auto until = wait_until(attempts_, name, now_)) {
            job.report.sentence = "it was asked a short time ago, and will not be before " +
                                  events::format_instant(*until);
            take_earlier(job);
            return;
        }
        job.asked = true;
        job.request.url = url_of(env_.settings, name);
        job.request.content_type = job.source->content_type;
        // What is not there whole any more must come whole.
        const auto put = bodies_.put_at(job.status.sha256);
        if (put && *put + k_whole_again > now_ && bodies_.get(job.status.sha256)) {
            job.request.etag = job.status.etag;
            job.request.last_modified = job.status.last_modified;
        }
    }

    // What a dry run fetched a short time ago, and no snapshot has.
    void take_earlier(Job& job) {
        const auto found = attempts_.find(job.source->name);
        if (found == attempts_.end() || found->second.sha256.empty() ||
            found->second.sha256 == job.status.sha256)
            return;
        auto body = bodies_.get(found->second.sha256);
        if (!body)
            return;
        job.body = std::move(*body);
        job.status.etag = found->second.etag;
        job.status.last_modified = found->second.last_modified;
    }

    Result<void> ask() {
        for (const Job& job : jobs_) {
            if (job.asked)
                attempts_[std::string(job.source->name)] = {now_, {}, {}, {}};
            asked_ = asked_ || job.asked;
        }
        if (!asked_)
            return {};
        BULLPEN_CHECK(save_attempts(env_.files, attempts_path_, attempts_));
        // Side by side: one slow source must not take the time of the others.
        std::vector<std::thread> threads;
        for (Job& job : jobs_) {
            if (job.asked)
                threads.emplace_back([this, &job] {
                    if (options_.spread.count() > 0 && env_.wait)
                        env_.wait(delay_of(env_.home, *job.source, options_.spread));
                    job.answer = env_.fetcher.fetch(job.request);
                });
        }
        for (std::thread& thread : threads)
            thread.join();
        return {};
    }

    Result<void> read(Job& job) {
        if (job.asked)
            BULLPEN_CHECK(take_answer(job));
        if (job.body)
            BULLPEN_CHECK(judge(job));
        // Without a new body that is believed the last good one says what it said.
        if (!job.statement && !job.status.sha256.empty())
            job.statement = kept(job);
        const bool told = job.report.outcome == Outcome::failed ||
                          job.report.outcome == Outcome::refused ||
                          (!job.asked && !job.status.error.empty());
        if (!job.statement && !job.status.sha256.empty() && !told) {
            job.status.etag.clear();
            job.status.last_modified.clear();
            fail_with(job, Outcome::failed,
                      "its last body " + job.status.sha256.substr(0, 12) +
                          " is damaged, gone or not believed any more");
        }
        return {};
    }

    // What the last good body says; none when it cannot be read or is not believed now.
    std::optional<Parsed> kept(const Job& job) {
        const auto body = bodies_.get(job.status.sha256);
        if (!body)
            return std::nullopt;
        Parsed statement =
            parsed(job, *body, job.status.sha256, job.status.accepted.value_or(now_));
        return statement.accepted ? std::optional(std::move(statement)) : std::nullopt;
    }

    Result<void> take_answer(Job& job) {
        job.status.attempted = now_;
        if (!*job.answer) {
            fail_with(job, Outcome::failed, job.answer->error().message());
            return {};
        }
        Fetched& fetched = **job.answer;
        if (fetched.not_modified) {
            job.report.outcome = Outcome::unchanged;
            job.report.sentence = "its last body is still the newest";
            accept(job);
            return {};
        }
        auto& attempt = attempts_[std::string(job.source->name)];
        job.body = std::move(fetched.body);
        attempt.etag = job.status.etag = fetched.etag;
        attempt.last_modified = job.status.last_modified = fetched.last_modified;
        return {};
    }

    void accept(Job& job) const {
        job.status.accepted = now_;
        job.status.failures = 0;
        job.status.error.clear();
        job.status.refused = false;
    }

    static void fail_with(Job& job, Outcome outcome, std::string sentence) {
        job.report.outcome = outcome;
        job.report.sentence = sentence;
        job.status.refused = outcome == Outcome::refused;
        ++job.status.failures;
        job.status.error = std::move(sentence);
    }

    Parsed parsed(const Job& job, std::string_view body, const std::string& sha, UtcTime fetched) {
        Context context;
        context.zones = &env_.zones;
        context.year_now = year_of(std::chrono::floor<std::chrono::days>(fetched));
        context.fetched = fetched;
        context.sha256 = sha;
        context.etag = job.status.etag;
        return parse(*job.source, body, context);
    }

    // A body that is refused is kept, too, for whoever looks into it.
    Result<void> judge(Job& job) {
        BULLPEN_TRY(const std::string sha, bodies_.put(*job.body));
        attempts_[std::string(job.source->name)].sha256 = sha;
        Parsed statement = parsed(job, *job.body, sha, now_);
        std::string why = statement.accepted          ? vanished_too_many(before_, statement, now_)
                          : statement.reasons.empty() ? "no reason"
                                                      : statement.reasons.front();
        job.report.notes = statement.notes;
        if (!why.empty()) {
            if (statement.reasons.size() > 1)
                why += " (and " + std::to_string(statement.reasons.size() - 1) + " reasons more)";
            // Its marks are those of a body that does not count.
            job.status.etag.clear();
            job.status.last_modified.clear();
            // The body is another one with each try; what is wrong with it is told once.
            fail_with(job, Outcome::refused, why);
            job.report.sentence += "; body " + sha.substr(0, 12);
            return {};
        }
        const bool same = job.status.sha256 == sha;
        job.report.outcome = same ? Outcome::unchanged : Outcome::accepted;
        job.report.sentence =
            std::to_string(statement.events.size()) + " events, body " + sha.substr(0, 12);
        job.status.sha256 = sha;
        accept(job);
        job.statement = std::move(statement);
        return {};
    }

    // Built-in tables, rules, and files of the operator.
    Result<void> add_unfetched(std::vector<Parsed>& statements) {
        Context context;
        context.zones = &env_.zones;
        context.fetched = now_;
        context.year_now = year_of(std::chrono::floor<std::chrono::days>(now_));
        statements.push_back(parse(*find_source("fomc-table"), {}, context));
        statements.push_back(employment_estimates(env_.zones, now_));
        for (const events::OperatorFile& file : events::k_operator_files)
            BULLPEN_CHECK(add_file(file, context, statements));
        return {};
    }

    // A file of the operator is a source among the others: one that is refused leaves the last
    // good one.
    Result<void> add_file(const events::OperatorFile& file, Context context,
                          std::vector<Parsed>& statements) {
        const std::string name(file.name);
        const auto body =
            events::read_shared(env_.files, env_.home.shared() + "/" + name, k_body_size_max);
        if (!body && storage::is_missing(body.error()))
            return {};
        SourceStatus status;
        status.source = file.source;
        for (const SourceStatus& known : last_.sources) {
            if (known.source == file.source)
                status = known;
        }
        status.attempted = now_;
        const auto read = [&](const std::string& text) {
            context.sha256 = sha256(text);
            return parse(*find_source(file.source), text, context);
        };
        Parsed statement = body ? read(*body) : Parsed{};
        status.refused = !statement.accepted;
        if (statement.accepted) {
            status.sha256 = sha256(*body);
            if (!bodies_.get(status.sha256))
                BULLPEN_CHECK(bodies_.put(*body));
            status.accepted = now_;
            status.failures = 0;
            status.error.clear();
        } else {
            const std::string why = body ? statement.reasons.front() : body.error().message();
            report_.warnings.push_back(name + " was refused: " + why);
            ++status.failures;
            status.error = name + " was refused: " + why;
            if (const auto good = bodies_.get(status.sha256))
                statement = read(*good);
        }
        if (statement.accepted)
            statements.push_back(std::move(statement));
        local_.push_back(std::move(status));
        return {};
    }

    Result<RefreshReport> conclude() {
        std::vector<Parsed> statements;
        for (Job& job : jobs_) {
            if (job.statement)
                statements.push_back(std::move(*job.statement));
        }
        BULLPEN_CHECK(add_unfetched(statements));
        Merged merged = merge(before_, statements, now_);
        for (MergeAlarm& alarm : reckon_again(before_, merged.calendar, env_.zones, now_))
            merged.alarms.push_back(std::move(alarm));
        report_.dry_run = options_.dry_run;
        report_.changes = changes(before_, merged.calendar, now_);
        report_.alarms = std::move(merged.alarms);
        for (Job& job : jobs_)
            report_.sources.push_back(job.report);
        report_.generation = last_.generation;
        if (!options_.dry_run)
            BULLPEN_CHECK(write(std::move(merged.calendar)));
        return std::move(report_);
    }

    // What this run found, and what earlier ones did a short time ago: an operator's own run must
    // not take from the daemon what it should tell.
    [[nodiscard]] std::vector<events::RaisedAlarm> raised() const {
        std::vector<events::RaisedAlarm> all;
        for (const MergeAlarm& alarm : report_.alarms)
            all.push_back({now_, alarm});
        for (const Change& change : report_.changes) {
            if (change.urgent)
                all.push_back({now_,
                               {MergeAlarm::Kind::urgent, change.id,
                                std::string(code(change.kind)) + ": " + change.sentence}});
        }
        for (const events::RaisedAlarm& earlier : last_.alarms) {
            const bool again = std::any_of(all.begin(), all.end(), [&](const auto& raised) {
                return raised.alarm == earlier.alarm;
            });
            if (!again && earlier.at + events::k_raised_kept > now_)
                all.push_back(earlier);
        }
        all.resize(std::min(all.size(), events::k_alarms_max));
        return all;
    }

    Result<void> write(Calendar calendar) {
        events::Snapshot snapshot;
        snapshot.generation = last_.generation;
        snapshot.written = now_;
        snapshot.program = "bullpen-calendar " + options_.version;
        snapshot.tzdata = time::tzdata_version();
        snapshot.events = std::move(calendar.events);
        snapshot.coverage = std::move(calendar.coverage);
        snapshot.alarms = raised();
        std::set<std::string> pinned;
        for (const Job& job : jobs_) {
            snapshot.sources.push_back(job.status);
            pinned.insert(job.status.sha256);
        }
        for (const SourceStatus& file : local_) {
            snapshot.sources.push_back(file);
            pinned.insert(file.sha256);
        }
        for (const auto& [source, attempt] : attempts_)
            pinned.insert(attempt.sha256);
        pinned.erase("");
        BULLPEN_CHECK(events::write_snapshot(env_.files, snapshot_path_, snapshot));
        report_.generation = snapshot.generation;
        return bodies_.prune(pinned);
    }

    const RefreshEnvironment& env_;
    const RefreshOptions& options_;
    UtcTime now_;
    BodyStore bodies_;
    std::string snapshot_path_;
    std::string attempts_path_;
    events::Snapshot last_;
    Calendar before_;
    Attempts attempts_;
    bool asked_ = false;
    std::vector<Job> jobs_;
    std::vector<SourceStatus> local_;  // of the operator's files
    RefreshReport report_;
};

}  // namespace

std::string_view code(SourceReport::Outcome outcome) {
    constexpr std::array<std::string_view, 5> k_codes{"accepted", "unchanged", "refused", "failed",
                                                      "not_asked"};
    return k_codes.at(static_cast<std::size_t>(outcome));
}

bool RefreshReport::good() const {
    return std::none_of(sources.begin(), sources.end(), [](const SourceReport& source) {
        return source.outcome == Outcome::refused || source.outcome == Outcome::failed;
    });
}

Nanos delay_of(const Home& home, const Source& source, std::chrono::seconds spread) {
    return time::share_of(spread, home.root() + " " + std::string(source.name));
}

Result<RefreshReport> refresh(const RefreshEnvironment& environment,
                              const RefreshOptions& options) {
    return Run(environment, options).run();
}

}  // namespace bullpen::calendar
