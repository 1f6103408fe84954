#include "worker/jobs/job_state.hpp"

#include <algorithm>

#include "common/base/assert.hpp"

namespace bullpen::jobs {

namespace {

// Counted at once; reckoning more would keep the loop from its work.
constexpr std::uint64_t k_missed_max = 10'000;
constexpr int k_doublings_max = 16;

template <class... Handlers>
struct Overloaded : Handlers... {
    using Handlers::operator()...;
};
template <class... Handlers>
Overloaded(Handlers...) -> Overloaded<Handlers...>;

void remember(JobState& state, const EndedRun& ended) {
    if (state.history.size() >= JobState::k_history_max)
        state.history.erase(state.history.begin());
    state.history.push_back(ended);
}

void end(JobState& state, const EndedRun& ended) {
    if (ended.outcome == Outcome::refused)
        return remember(state, ended);
    if (!state.running || state.running->number != ended.run.number)
        return;
    state.running.reset();
    remember(state, ended);
    if (!ended.run.by_hand)
        state.last = ended;
    if (ended.outcome == Outcome::succeeded && !ended.run.dry_run)
        state.last_success = ended;
}

// The attempt that follows a run which did not succeed, and when; none when it was the last.
struct Retry {
    UtcTime slot{};
    int attempt = 0;
    UtcTime due{};
};

Nanos delay_after(const JobPlan& plan, int attempt) {
    const int doublings = std::min(attempt - 1, k_doublings_max);
    return plan.retry_delay * (std::int64_t{1} << doublings);
}

// Attempts that a run has used up: none after one that held out until its process died, so that
// what looks after stops all day is begun anew at once, however often its worker is restarted.
int attempts_used(const EndedRun& ended) {
    const bool held_out =
        ended.outcome == Outcome::interrupted && ended.at - ended.run.begun >= JobPlan::k_held_out;
    return held_out ? 0 : ended.run.attempt;
}

// Whether it is too late for it, or not.
std::optional<Retry> retry_at_any_time(const JobPlan& plan, const JobState& state) {
    if (!state.last || state.last->outcome == Outcome::succeeded ||
        state.last->run.slot != state.settled)
        return std::nullopt;
    const auto used = attempts_used(*state.last);
    if (used >= plan.attempts)
        return std::nullopt;
    const auto due = state.last->at + delay_after(plan, std::max(used, 1));
    return Retry{state.settled, used + 1, due};
}

UtcTime latest(const JobPlan& plan, UtcTime slot) {
    return slot + plan.jitter + plan.late_max;
}

std::optional<Retry> retry_of(const JobPlan& plan, const JobState& state) {
    const auto retry = retry_at_any_time(plan, state);
    return retry && retry->due <= latest(plan, retry->slot) ? retry : std::nullopt;
}

// A run whose process died would be begun again, and it is too late for that: it was not brought to
// its end, and nobody has been told so.
bool is_given_up(const JobPlan& plan, const JobState& state, UtcTime now) {
    const auto retry = retry_at_any_time(plan, state);
    return retry && state.last->outcome == Outcome::interrupted && state.given_up != retry->slot &&
           std::max(retry->due, now) > latest(plan, retry->slot);
}

// The newest time of the schedule that is not settled and has come, before the job's own share.
std::optional<UtcTime> newest_slot(const JobPlan& plan, const JobState& state,
                                   const JobState* other, const time::MarketCalendar& market,
                                   UtcTime now) {
    std::optional<UtcTime> slot;
    if (!plan.schedule->after().empty()) {
        if (other != nullptr && other->last_success)
            slot = other->last_success->at;
    } else {
        slot = plan.schedule->last(now - plan.jitter, market);
    }
    if (!slot || *slot <= state.settled || *slot + plan.jitter > now)
        return std::nullopt;
    return slot;
}

std::uint64_t slots_in(const JobPlan& plan, const time::MarketCalendar& market, UtcTime from,
                       UtcTime to) {
    return plan.schedule->after().empty() ? plan.schedule->count(from, to, market, k_missed_max)
                                          : 1;
}

Run next_run(const JobState& state, UtcTime slot, int attempt, UtcTime now) {
    Run run;
    run.number = state.runs + 1;
    run.slot = slot;
    run.attempt = attempt;
    run.begun = now;
    return run;
}

// A run by hand whose process died in the middle: what it began is brought to its end. Nobody but a
// person repeats one that failed.
std::optional<Retry> retry_by_hand(const JobPlan& plan, const JobState& state) {
    if (state.history.empty())
        return std::nullopt;
    const auto& last = state.history.back();
    const auto& run = last.run;
    if (!run.by_hand || run.dry_run || last.outcome != Outcome::interrupted ||
        run.attempt >= plan.attempts)
        return std::nullopt;
    return Retry{run.slot, run.attempt + 1, last.at + delay_after(plan, run.attempt)};
}

Run run_again(const JobState& state, UtcTime now) {
    Run run = state.history.back().run;
    run.number = state.runs + 1;
    ++run.attempt;
    run.begun = now;
    return run;
}

// Nothing has come: until when.
Wait wait_of(const JobPlan& plan, const JobState& state, const JobState* other,
             const time::MarketCalendar& market, UtcTime now, const std::optional<Retry>& retry) {
    Wait wait;
    const auto until = [&](UtcTime at) {
        if (at > now && (!wait.until || at < *wait.until))
            wait.until = at;
    };
    if (retry)
        until(retry->due);
    if (plan.schedule->after().empty()) {
        if (const auto next =
                plan.schedule->next(std::max(state.settled, now - plan.jitter), market))
            until(*next + plan.jitter);
    } else if (other != nullptr && other->last_success && other->last_success->at > state.settled) {
        until(other->last_success->at + plan.jitter);
    }
    return wait;
}

// By the schedule alone.
Decision decide_slot(const JobPlan& plan, const JobState& state, const JobState* other,
                     const time::MarketCalendar& market, UtcTime now) {
    if (state.plan != plan.key || state.clock != plan.clock) {
        const bool same_clock = state.clock == plan.clock;
        return Armed{plan.clock, plan.key, same_clock ? std::max(now, state.settled) : now};
    }
    const auto slot = newest_slot(plan, state, other, market, now);
    if (!slot) {
        const auto retry = retry_of(plan, state);
        if (retry && retry->due <= now && now <= latest(plan, retry->slot))
            return Begun{next_run(state, retry->slot, retry->attempt, now), 0};
        if (is_given_up(plan, state, now))
            return Missed{state.settled, 1};
        return wait_of(plan, state, other, market, now, retry);
    }
    const auto passed = slots_in(plan, market, state.settled, *slot);
    BULLPEN_ASSERT(passed > 0, "a slot that has come is one of those since the last");
    if (now > latest(plan, *slot))
        return Missed{*slot, passed};
    return Begun{next_run(state, *slot, 1, now), passed - 1};
}

}  // namespace

std::string_view code(Outcome outcome) {
    switch (outcome) {
        case Outcome::succeeded: return "succeeded";
        case Outcome::failed: return "failed";
        case Outcome::timed_out: return "timed_out";
        case Outcome::interrupted: return "interrupted";
        case Outcome::refused: return "refused";
    }
    return "";
}

std::optional<Outcome> outcome_from(std::string_view text) {
    for (const auto outcome : {Outcome::succeeded, Outcome::failed, Outcome::timed_out,
                               Outcome::interrupted, Outcome::refused}) {
        if (code(outcome) == text)
            return outcome;
    }
    return std::nullopt;
}

void apply(JobState& state, const JobEvent& event) {
    std::visit(Overloaded{[&](const Armed& armed) {
                              state.clock = armed.clock;
                              state.plan = armed.plan;
                              state.settled = armed.at;
                              // Its attempts were at slots of another schedule.
                              state.last.reset();
                          },
                          [&](const Begun& begun) {
                              state.runs = std::max(state.runs, begun.run.number);
                              state.running = begun.run;
                              if (begun.run.by_hand)
                                  return;
                              state.settled = std::max(state.settled, begun.run.slot);
                              state.missed += begun.missed;
                              if (begun.missed > 0)
                                  state.last_missed = begun.run.begun;
                          },
                          [&](const Missed& missed) {
                              state.settled = std::max(state.settled, missed.slot);
                              state.missed += missed.count;
                              state.last_missed = missed.slot;
                              if (state.last && state.last->run.slot == missed.slot)
                                  state.given_up = missed.slot;
                          },
                          [&](const Ended& ended) { end(state, ended.ended); }},
               event);
}

Decision decide(const JobPlan& plan, const JobState& state, const JobState* other,
                const time::MarketCalendar& market, UtcTime now) {
    if (state.running)
        return Wait{};
    const auto again = retry_by_hand(plan, state);
    if (again && again->due <= now && now <= again->slot + plan.late_max)
        return Begun{run_again(state, now), 0};
    auto decision = plan.schedule ? decide_slot(plan, state, other, market, now) : Wait{};
    auto* wait = std::get_if<Wait>(&decision);
    if (wait != nullptr && again && again->due > now)
        wait->until = std::min(wait->until.value_or(again->due), again->due);
    return decision;
}

std::variant<Begun, std::string> by_hand(const JobState& state, UtcTime now, bool dry_run,
                                         std::string request) {
    if (state.running)
        return "it runs already, since " + format_utc(state.running->begun);
    Run run = next_run(state, now, 1, now);
    run.by_hand = true;
    run.dry_run = dry_run;
    run.request = std::move(request);
    return Begun{std::move(run), 0};
}

std::optional<UtcTime> next_slot(const JobPlan& plan, const time::MarketCalendar& market,
                                 UtcTime now) {
    if (!plan.schedule)
        return std::nullopt;
    auto next = plan.schedule->next(now - plan.jitter, market);
    return next ? std::optional(*next + plan.jitter) : std::nullopt;
}

}  // namespace bullpen::jobs
