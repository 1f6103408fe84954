// What is known of one job of an account, and what follows from it: pure. The state is the sum of
// its events, each of which is in the account's journal before it counts; decide() says what is to
// happen next at a time. The times are of the clock that the schedule goes by: the wall's, or a
// simulated market's own.
//
// A run belongs to a time of the schedule, its slot. `settled` only rises, and a slot at or before
// it is never begun anew: so no slot runs twice, whatever dies in between. A slot that is not run
// is counted as missed.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "common/base/clock.hpp"
#include "common/base/result.hpp"
#include "common/time/schedule.hpp"
#include "worker/jobs/run_reason.hpp"

namespace bullpen::jobs {

enum class Outcome : std::uint8_t {
    succeeded,
    failed,
    timed_out,    // its deadline passed
    interrupted,  // the process ended in the middle
    refused,      // asked for by hand, and not begun
};
std::string_view code(Outcome outcome);
std::optional<Outcome> outcome_from(std::string_view code);

struct Run {
    std::uint64_t number = 0;  // counted up for each job from 1
    UtcTime slot{};            // of a run by hand: when it was asked for
    int attempt = 1;
    UtcTime begun{};  // by the schedule's clock
    bool by_hand = false;
    bool dry_run = false;
    std::string request;  // who asked for it by hand
    friend bool operator==(const Run&, const Run&) = default;
};

struct EndedRun {
    Run run;
    UtcTime at{};
    Outcome outcome{};
    std::string text;  // what came of it, for people
    RunReason reason{};
    friend bool operator==(const EndedRun&, const EndedRun&) = default;
};

// --- events -------------------------------------------------------------------------------------

// From `at` on the job goes by this schedule on this clock; what was before is settled.
struct Armed {
    std::string clock;
    std::string plan;
    UtcTime at{};
    friend bool operator==(const Armed&, const Armed&) = default;
};
struct Begun {
    Run run;
    std::uint64_t missed = 0;  // older slots that this one takes the place of
    friend bool operator==(const Begun&, const Begun&) = default;
};
struct Missed {
    UtcTime slot{};  // the newest of them
    std::uint64_t count = 0;
    friend bool operator==(const Missed&, const Missed&) = default;
};
struct Ended {
    EndedRun ended;
    friend bool operator==(const Ended&, const Ended&) = default;
};
using JobEvent = std::variant<Armed, Begun, Missed, Ended>;

// --- state --------------------------------------------------------------------------------------

struct JobState {
    static constexpr std::size_t k_history_max = 32;

    std::string clock;  // whose times these are
    std::string plan;   // that it was armed with; empty: never
    UtcTime settled{};
    std::uint64_t runs = 0;  // by hand, too
    std::uint64_t missed = 0;
    UtcTime last_missed{};
    UtcTime given_up{};  // of the run that died and was not begun again in time, once it is told
    std::optional<Run> running;
    std::optional<EndedRun> last;          // of a slot
    std::optional<EndedRun> last_success;  // not of a dry run
    std::vector<EndedRun> history;         // oldest first

    friend bool operator==(const JobState&, const JobState&) = default;
};

// What an event makes of the state. An `Ended` of a run that is not under way changes nothing but
// the history of refusals.
void apply(JobState& state, const JobEvent& event);

// --- decisions ----------------------------------------------------------------------------------

// How a job is to run.
struct JobPlan {
    // A run that was under way for so long when its process died uses up no attempt. Its end is
    // known when the next process begins, so the time without one counts too: however it dies, it
    // is not begun anew more often than that.
    static constexpr Nanos k_held_out = std::chrono::minutes(5);

    std::string clock;                       // "wall", or the market's that gives the time
    std::string key;                         // what it is armed with; another one arms it anew
    std::optional<time::Schedule> schedule;  // none: only by hand
    Nanos late_max{};
    Nanos jitter{};  // this job's own share: its runs are later by so much, always the same
    int attempts = 1;
    Nanos retry_delay{};
};

struct Wait {
    std::optional<UtcTime> until;  // when it may be otherwise; none: when something happens
};
using Decision = std::variant<Wait, Armed, Begun, Missed>;

// What is to happen at `now`. `other` is the state of the job that this one comes after, null where
// it comes after none.
Decision decide(const JobPlan& plan, const JobState& state, const JobState* other,
                const time::MarketCalendar& market, UtcTime now);

// A run by hand at `now`, or the sentence of why not.
std::variant<Begun, std::string> by_hand(const JobState& state, UtcTime now, bool dry_run,
                                         std::string request);

// The next time of the schedule as people are told it, without what is late or retried.
std::optional<UtcTime> next_slot(const JobPlan& plan, const time::MarketCalendar& market,
                                 UtcTime now);

// --- records ------------------------------------------------------------------------------------

std::string encode(std::string_view job, const JobEvent& event);
struct NamedEvent {
    std::string job;
    JobEvent event;
};
// Errc::corrupt.
Result<NamedEvent> decode_event(std::string_view text);
// JSON of an object.
std::string encode(const JobState& state);
Result<JobState> decode_state(std::string_view text);

}  // namespace bullpen::jobs
