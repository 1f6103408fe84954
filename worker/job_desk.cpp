#include "worker/job_desk.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "common/base/assert.hpp"
#include "common/base/errc.hpp"
#include "common/documents/json_text.hpp"
#include "common/events/market_days.hpp"
#include "common/storage/atomic_file.hpp"
#include "common/time/recurrence.hpp"
#include "worker/jobs/day_facts.hpp"
#include "worker/trader_setup.hpp"

namespace bullpen::worker {

namespace {

using config::JobKind;
using jobs::Outcome;
using jobs::RunReason;
using nlohmann::json;

constexpr Nanos k_disk_retry = std::chrono::seconds(1);
// For a run whose deadline has passed, to bring to an end what it began.
constexpr Nanos k_winds_up_for = std::chrono::seconds(30);

json run_json(const jobs::Run& run) {
    json object = {{"number", run.number},   {"slot", format_utc(run.slot)},
                   {"attempt", run.attempt}, {"begun", format_utc(run.begun)},
                   {"by_hand", run.by_hand}, {"dry_run", run.dry_run}};
    if (!run.request.empty())
        object["request"] = run.request;
    return object;
}

json ended_json(const jobs::EndedRun& ended) {
    auto object = run_json(ended.run);
    object["ended"] = format_utc(ended.at);
    object["outcome"] = code(ended.outcome);
    const auto reason = code(ended.reason);
    object["reason"] = reason.empty() ? json(nullptr) : json(reason);
    object["text"] = ended.text;
    return object;
}

// The newest of the account's orders files, for people to see how old it is.
json newest_orders_file(AccountContext& context) {
    json newest = nullptr;
    UtcTime modified{};
    const auto names = context.files().list(context.paths().orders);
    for (const auto& name : names ? *names : std::vector<std::string>()) {
        const auto status = context.files().status(context.paths().orders + "/" + name);
        if (!name.starts_with("orders_") || !status || status->modified < modified)
            continue;
        modified = status->modified;
        newest = {{"name", name}, {"modified", format_utc(modified)}, {"keep_days", nullptr}};
    }
    const auto& settings = context.settings().jobs;
    if (newest.is_object() && !settings->of(JobKind::retention).schedule.empty())
        newest["keep_days"] = settings->retention_days;
    return newest;
}

json time_or_null(const std::optional<UtcTime>& time) {
    return time && *time != UtcTime{} ? json(format_utc(*time)) : json(nullptr);
}

}  // namespace

Result<std::unique_ptr<JobDesk>> JobDesk::create(AccountContext& context, Engine& engine,
                                                 broker::SharePort* shares,
                                                 jobs::ShareLedger* ledger,
                                                 std::function<jobs::AccountFacts()> facts) {
    const auto& instrument = engine.observer().instrument();
    const auto market =
        shares != nullptr ? time::Market::nse_cash : time::market_from(instrument.market);
    if (!market) {
        return fail(Errc::invalid, "the market '" + std::string(instrument.market) +
                                       "' has no hours that jobs could go by");
    }
    BULLPEN_TRY(auto holidays, context.holidays());
    events::complete(holidays, context.files(), context.home().shared(), context.clock().utc());
    BULLPEN_TRY(auto calendar, time::MarketCalendar::load(*market, holidays));
    std::unique_ptr<JobDesk> desk(
        new JobDesk(context, engine, shares, ledger, std::move(calendar), std::move(facts)));
    BULLPEN_CHECK(desk->make_plans());
    return desk;
}

JobDesk::JobDesk(AccountContext& context, Engine& engine, broker::SharePort* shares,
                 jobs::ShareLedger* ledger, time::MarketCalendar calendar,
                 std::function<jobs::AccountFacts()> facts)
    : context_(context),
      engine_(engine),
      shares_(shares),
      ledger_(ledger),
      calendar_(std::move(calendar)),
      facts_(std::move(facts)) {}

JobDesk::~JobDesk() = default;

Result<void> JobDesk::make_plans() {
    for (const auto kind : jobs::kinds_by_urgency()) {
        const auto& settings = context_.settings().jobs->of(kind);
        auto& slot = this->slot(kind);
        slot.deadline = settings.deadline;
        auto& plan = slot.plan;
        plan.key = settings.schedule;
        plan.late_max = settings.late_max;
        plan.attempts = settings.attempts;
        plan.retry_delay = settings.retry_delay;
        plan.jitter = time::share_of(settings.jitter,
                                     context_.id().str() + "/" + std::string(config::code(kind)));
        if (settings.schedule.empty())
            continue;
        BULLPEN_TRY(plan.schedule, time::Schedule::parse(settings.schedule));
        slot.after = config::job_kind_from(plan.schedule->after());
    }
    return {};
}

void JobDesk::set_holidays(const time::MarketHolidays& holidays) {
    if (calendar_.holidays() == holidays)
        return;
    calendar_.set_holidays(holidays);
    for (auto& slot : slots_)
        slot.news = true;
    shown_ = false;
}

Result<bool> JobDesk::note(JobKind kind, const jobs::JobEvent& event) {
    BULLPEN_TRY(const bool noted, engine_.record_job(kind, event));
    if (!noted) {
        disk_retry_ = context_.clock().mono() + k_disk_retry;
        return false;
    }
    // Another job may come after this one.
    for (auto& slot : slots_)
        slot.news = true;
    shown_ = false;
    return true;
}

// What was under way when the process before this one died is known to be over.
Result<bool> JobDesk::end_interrupted() {
    for (const auto kind : jobs::kinds_by_urgency()) {
        const auto& state = engine_.jobs().of(kind);
        if (!state.running || slot(kind).running)
            continue;
        const auto at = std::max(market_.value_or(state.running->begun), state.running->begun);
        BULLPEN_TRY(const bool ended,
                    end(kind, at, Outcome::interrupted,
                        ordered_stop_ ? RunReason::stopped : RunReason::interrupted,
                        "its process ended in the middle of it"));
        if (!ended)
            return false;
    }
    return true;
}

Result<void> JobDesk::turn(std::optional<UtcTime> market, Instant now) {
    if (market && (!market_ || *market > *market_)) {
        // Only now is it known when each job comes next.
        shown_ = shown_ && market_.has_value();
        market_ = market;
    }
    if (disk_retry_ && now.mono < *disk_retry_)
        return {};
    disk_retry_.reset();
    if (!interrupted_ended_) {
        BULLPEN_TRY(interrupted_ended_, end_interrupted());
        if (!interrupted_ended_)
            return {};
    }
    if (market_) {
        // A market that is simulated leaps over the time in which it is shut, and is another one
        // than the wall's.
        const auto clock = shares_ != nullptr ? std::string("market of shares")
                                              : engine_.observer().feed_identity();
        for (const auto kind : jobs::kinds_by_urgency()) {
            if (slot(kind).plan.clock != clock) {
                slot(kind).plan.clock = clock;
                slot(kind).seen.reset();
                slot(kind).news = true;
            }
            BULLPEN_CHECK(look(kind, *market_, now));
        }
    }
    for (const auto kind : jobs::kinds_by_urgency()) {
        auto& running = slot(kind).running;
        if (running &&
            (now.mono >= running->next || running->job->turn_came() || now.mono >= running->until))
            BULLPEN_CHECK(go_on(kind, market_.value_or(now.utc), now));
    }
    if (!shown_)
        show(now.utc);
    return {};
}

// From the time that was last looked at to the market's, one time of the schedule after the other:
// where the market's time leaps, none of them is late for that.
Result<void> JobDesk::look(JobKind kind, UtcTime market, Instant now) {
    auto& slot = this->slot(kind);
    // An account that traded shares once may have left a run of theirs.
    if (slot.running || (config::needs_shares(kind) && shares_ == nullptr))
        return {};
    if (!slot.news && (!slot.wakes || *slot.wakes > market))
        return {};
    auto at = slot.seen.value_or(market);
    const auto* other = slot.after ? &engine_.jobs().of(*slot.after) : nullptr;
    while (true) {
        slot.news = false;
        const auto decision =
            jobs::decide(slot.plan, engine_.jobs().of(kind), other, calendar_, at);
        if (const auto* wait = std::get_if<jobs::Wait>(&decision)) {
            if (wait->until && *wait->until <= market) {
                at = *wait->until;
                continue;
            }
            slot.wakes = wait->until;
            slot.seen = market;
            return {};
        }
        if (const auto* begun = std::get_if<jobs::Begun>(&decision)) {
            BULLPEN_TRY(const bool begins, begin(kind, *begun, now));
            slot.news = slot.news || !begins;
            slot.seen = at;
            return {};
        }
        jobs::JobEvent event = jobs::Missed{};
        if (const auto* missed = std::get_if<jobs::Missed>(&decision)) {
            event = *missed;
            trouble_ = "job " + std::string(config::code(kind)) + ": " +
                       std::to_string(missed->count) + " missed, the last of " +
                       format_utc(missed->slot);
            context_.log().warn("job_missed", {{"job", config::code(kind)},
                                               {"slot", format_utc(missed->slot)},
                                               {"count", missed->count}});
        } else {
            event = std::get<jobs::Armed>(decision);
        }
        BULLPEN_TRY(const bool noted, note(kind, event));
        if (!noted) {
            slot.news = true;
            return {};
        }
    }
}

Result<void> JobDesk::run_now(const ipc::RunJob& asked, std::optional<UtcTime> market,
                              Instant now) {
    const auto kind = config::job_kind_from(asked.job);
    if (!kind) {
        trouble_ = "there is no job '" + asked.job + "'";
        context_.log().warn("job_unknown", {{"job", asked.job}, {"request", asked.request}});
        return {};
    }
    const auto at = market.value_or(market_.value_or(now.utc));
    if (config::needs_shares(*kind) && shares_ == nullptr)
        return refuse(*kind, asked, at, RunReason::no_shares,
                      "the account trades no shares: see `trading`");
    auto answer = jobs::by_hand(engine_.jobs().of(*kind), at, asked.dry_run, asked.request);
    if (const auto* begun = std::get_if<jobs::Begun>(&answer)) {
        BULLPEN_TRY(const bool begins, begin(*kind, *begun, now));
        if (!begins)
            trouble_ = "job " + asked.job + " was not begun: the disk is full";
        return {};
    }
    return refuse(*kind, asked, at, RunReason::already_running, std::get<std::string>(answer));
}

Result<void> JobDesk::refuse(JobKind kind, const ipc::RunJob& asked, UtcTime at, RunReason reason,
                             std::string why) {
    jobs::Run run;
    run.slot = at;
    run.begun = at;
    run.by_hand = true;
    run.dry_run = asked.dry_run;
    run.request = asked.request;
    const jobs::EndedRun refused{run, at, Outcome::refused, std::move(why), reason};
    BULLPEN_CHECK(note(kind, jobs::Ended{refused}));
    return {};
}

Result<bool> JobDesk::begin(JobKind kind, const jobs::Begun& begun, Instant now) {
    BULLPEN_TRY(const bool noted, note(kind, begun));
    if (!noted)
        return false;
    context_.log().info("job_begun", {{"job", config::code(kind)},
                                      {"run", begun.run.number},
                                      {"slot", format_utc(begun.run.slot)},
                                      {"attempt", begun.run.attempt},
                                      {"by_hand", begun.run.by_hand},
                                      {"dry_run", begun.run.dry_run},
                                      {"missed", begun.missed}});
    auto& running = slot(kind).running.emplace();
    running.facts = facts_();
    running.facts.market_time = std::max(running.facts.market_time, begun.run.begun);
    jobs::set_day(running.facts, calendar_, day_of(kind, begun.run, running.facts.market_time),
                  shares_ != nullptr);
    running.job = make(kind, running, begun.run.dry_run);
    running.until = now.mono + slot(kind).deadline;
    running.next = now.mono;
    return true;
}

// A summary or a page is of the day of its time, also where the market has gone on, or leapt over
// the night, before it is written. What trades goes by the market as it is.
UtcTime JobDesk::day_of(JobKind kind, const jobs::Run& run, UtcTime market) const {
    const auto& maker = jobs::job_type(kind).make;
    if (!std::holds_alternative<jobs::StateJob>(maker) &&
        !std::holds_alternative<jobs::SignalsJob>(maker))
        return market;
    auto slot = run.slot;
    // The time of one that comes after another is the other's end.
    auto after = slots_.at(static_cast<std::size_t>(kind)).after;
    for (std::size_t i = 0; after && !run.by_hand && i < config::k_jobs; ++i) {
        const auto& other = engine_.jobs().of(*after).last_success;
        if (!other || other->at != slot || other->run.by_hand)
            break;
        slot = other->run.slot;
        after = slots_.at(static_cast<std::size_t>(*after)).after;
    }
    return slot;
}

// Each job gets what its role has, and nothing else.
std::unique_ptr<jobs::Job> JobDesk::make(JobKind kind, const RunningJob& running,
                                         bool dry_run) const {
    const jobs::JobGrounds grounds{running.facts,
                                   context_.paths(),
                                   context_.settings().jobs,
                                   context_.files(),
                                   dry_run,
                                   ledger_,
                                   context_.home().shared() + "/candles"};
    const auto& maker = jobs::job_type(kind).make;
    if (const auto* signals = std::get_if<jobs::SignalsJob>(&maker))
        return (*signals)({grounds});
    if (const auto* state = std::get_if<jobs::StateJob>(&maker))
        return (*state)({grounds, shares_});
    BULLPEN_ASSERT(shares_ != nullptr, "who trades shares has a port to do so");
    if (const auto* placement = std::get_if<jobs::PlacementJob>(&maker))
        return (*placement)(
            {grounds, *shares_, *shares_, *shares_, order_tag(context_.settings())});
    return std::get<jobs::ProtectionJob>(maker)(
        {grounds, *shares_, *shares_, order_tag(context_.settings())});
}

void JobDesk::wake() {
    for (auto& slot : slots_) {
        if (slot.running && slot.running->next == MonoTime::max())
            slot.running->next = MonoTime{};
    }
}

bool JobDesk::wind_up(RunningJob& running, Instant now) {
    if (running.winds_up || !running.job->wind_up())
        return false;
    running.winds_up = true;
    running.until = now.mono + k_winds_up_for;
    return true;
}

Result<void> JobDesk::go_on(JobKind kind, UtcTime market, Instant now) {
    auto& running = *slot(kind).running;
    const auto at = std::max(market, engine_.jobs().of(kind).running->begun);
    const std::string late = "its deadline passed";
    if (now.mono >= running.until && !wind_up(running, now)) {
        BULLPEN_CHECK(end(kind, at, Outcome::timed_out, RunReason::deadline, late));
        return {};
    }
    const auto progress = running.job->step(now);
    const bool dry_run = engine_.jobs().of(kind).running->dry_run;
    if (const auto trouble = running.job->take_trouble(); !trouble.empty()) {
        context_.log().warn("job_trouble",
                            {{"job", config::code(kind)}, {"dry_run", dry_run}, {"text", trouble}});
        if (!dry_run)
            trouble_ = "job " + std::string(config::code(kind)) + ": " + trouble;
    }
    if (const auto* later = std::get_if<jobs::Later>(&progress)) {
        running.next = later->at;
        return {};
    }
    const auto& finished = std::get<jobs::Finished>(progress);
    if (running.winds_up) {
        BULLPEN_CHECK(end(kind, at, Outcome::timed_out,
                          finished.ok ? RunReason::deadline : finished.reason,
                          late + "; " + finished.text));
        return {};
    }
    BULLPEN_CHECK(end(kind, at, finished.ok ? Outcome::succeeded : Outcome::failed, finished.reason,
                      finished.text));
    return {};
}

Result<bool> JobDesk::end(JobKind kind, UtcTime at, Outcome outcome, RunReason reason,
                          std::string text) {
    jobs::EndedRun ended{*engine_.jobs().of(kind).running, at, outcome, std::move(text), reason};
    BULLPEN_TRY(const bool noted, note(kind, jobs::Ended{ended}));
    if (!noted)
        return false;
    slot(kind).running.reset();
    tell(kind, ended);
    return true;
}

void JobDesk::tell(JobKind kind, const jobs::EndedRun& ended) {
    const bool ordered = ended.outcome == Outcome::interrupted && ordered_stop_;
    const log::Fields fields = {{"job", config::code(kind)},
                                {"run", ended.run.number},
                                {"outcome", code(ended.outcome)},
                                {"reason", code(ended.reason)},
                                {"dry_run", ended.run.dry_run},
                                {"ordered", ordered},
                                {"text", ended.text}};
    // Whoever tries a job out sees what comes of it, and who stops an account knows that its jobs
    // stop, too: that is nobody's trouble.
    if (ended.outcome == Outcome::succeeded || ended.run.dry_run || ordered) {
        context_.log().info("job_ended", fields);
        return;
    }
    ++failed_;
    context_.log().warn("job_ended", fields);
    trouble_ = "job " + std::string(config::code(kind)) + " " + std::string(code(ended.outcome)) +
               ": " + ended.text;
}

std::optional<MonoTime> JobDesk::next_deadline() const {
    std::optional<MonoTime> next = disk_retry_;
    for (const auto& slot : slots_) {
        if (!slot.running)
            continue;
        const auto due = slot.running->job->turn_came()
                             ? MonoTime{}
                             : std::min(slot.running->next, slot.running->until);
        next = next ? std::min(*next, due) : due;
    }
    return next;
}

bool JobDesk::under_way() const {
    return std::any_of(slots_.begin(), slots_.end(), [](const Slot& slot) {
        return slot.running && !slot.running->job->interruptible();
    });
}

// An account without jobs has no file of them, and its start waits for none.
bool JobDesk::has_jobs() const {
    for (const auto kind : jobs::kinds_by_urgency()) {
        const auto& plan = slots_.at(static_cast<std::size_t>(kind)).plan;
        if (plan.schedule || engine_.jobs().of(kind) != jobs::JobState{})
            return true;
    }
    return false;
}

// A copy for people: when it cannot be written, the records are still whole.
void JobDesk::show(UtcTime now) {
    shown_ = true;
    if (!has_jobs())
        return;
    json all = json::array();
    for (const auto kind : jobs::kinds_by_urgency()) {
        const auto& state = engine_.jobs().of(kind);
        const auto& plan = slot(kind).plan;
        json history = json::array();
        for (const auto& one : state.history)
            history.push_back(ended_json(one));
        const auto next =
            market_ ? jobs::next_slot(plan, calendar_, *market_) : std::optional<UtcTime>();
        all.push_back(
            {{"job", std::string(config::code(kind))},
             {"role", std::string(jobs::job_type(kind).role())},
             {"schedule", context_.settings().jobs->of(kind).schedule},
             {"next", time_or_null(next)},
             {"runs", state.runs},
             {"missed", state.missed},
             {"last_missed", time_or_null(state.last_missed)},
             {"running", state.running ? run_json(*state.running) : json(nullptr)},
             {"last", state.last ? ended_json(*state.last) : json(nullptr)},
             {"last_success", state.last_success ? ended_json(*state.last_success) : json(nullptr)},
             {"history", std::move(history)}});
    }
    const json object = {{"account", context_.id().str()},
                         {"written", format_utc(now)},
                         {"orders_file", newest_orders_file(context_)},
                         {"market_time", time_or_null(market_)},
                         {"zone", calendar_.zone().name()},
                         {"jobs", std::move(all)}};
    const auto written =
        storage::replace_file(context_.files(), context_.paths().directory + "/jobs.json",
                              documents::json_text(object) + "\n");
    if (!written)
        context_.log().warn("jobs_not_shown", {{"trouble", written.error().message()}});
}

}  // namespace bullpen::worker
