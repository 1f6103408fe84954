#include "worker/jobs/job_state.hpp"

#include <doctest/doctest.h>

namespace bullpen::jobs {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;

const time::MarketCalendar& market() {
    static const auto k_market = *time::MarketCalendar::load(time::Market::nse_cash);
    return k_market;
}

UtcTime at(const std::string& text) {
    return *parse_utc(text);
}

// A Monday; NSE opens at 03:45 UTC.
const UtcTime k_night = at("2026-07-06T00:00:00Z");
const UtcTime k_slot = at("2026-07-06T08:30:00Z");

JobPlan plan(const std::string& schedule = "14:00") {
    JobPlan plan;
    plan.clock = "wall";
    plan.key = schedule;
    plan.schedule = *time::Schedule::parse(schedule);
    plan.late_max = minutes(5);
    plan.attempts = 3;
    plan.retry_delay = seconds(30);
    return plan;
}

JobState armed(const JobPlan& plan, UtcTime when = k_night) {
    JobState state;
    const auto decision = decide(plan, state, nullptr, market(), when);
    REQUIRE(std::holds_alternative<Armed>(decision));
    apply(state, std::get<Armed>(decision));
    return state;
}

std::optional<Run> begins(const JobPlan& plan, const JobState& state, UtcTime now,
                          const JobState* other = nullptr) {
    const auto decision = decide(plan, state, other, market(), now);
    const auto* begun = std::get_if<Begun>(&decision);
    return begun != nullptr ? std::optional(begun->run) : std::nullopt;
}

std::optional<UtcTime> waits(const JobPlan& plan, const JobState& state, UtcTime now,
                             const JobState* other = nullptr) {
    const auto decision = decide(plan, state, other, market(), now);
    REQUIRE(std::holds_alternative<Wait>(decision));
    return std::get<Wait>(decision).until;
}

void run(JobState& state, const Run& run, UtcTime ended, Outcome outcome) {
    apply(state, Begun{run, 0});
    apply(state, Ended{{run, ended, outcome, ""}});
}

TEST_CASE("a job that is new begins at its next time, not at one that has passed") {
    const auto p = plan();
    const auto state = armed(p, k_slot + minutes(1));
    CHECK(waits(p, state, k_slot + minutes(1)) == k_slot + minutes(24 * 60));
}

TEST_CASE("a job without a schedule waits for nothing") {
    JobPlan p = plan();
    p.schedule.reset();
    CHECK_FALSE(waits(p, {}, k_slot));
}

TEST_CASE("a run begins at its time, once") {
    const auto p = plan();
    auto state = armed(p);
    CHECK(waits(p, state, k_night) == k_slot);
    CHECK_FALSE(begins(p, state, k_slot - Nanos(1)));
    const auto first = begins(p, state, k_slot);
    REQUIRE(first);
    CHECK(first->slot == k_slot);
    run(state, *first, k_slot + seconds(2), Outcome::succeeded);
    CHECK(waits(p, state, k_slot + seconds(2)) == k_slot + minutes(24 * 60));
    CHECK(state.last_success);
}

TEST_CASE("while it runs it is not begun again") {
    const auto p = plan("every 15 min in session");
    auto state = armed(p);
    const auto first = begins(p, state, at("2026-07-06T03:45:00Z"));
    REQUIRE(first);
    apply(state, Begun{*first, 0});
    CHECK_FALSE(begins(p, state, at("2026-07-06T04:00:00Z")));
    // The newest of what came meanwhile is run; the one before it is counted.
    apply(state, Ended{{*first, at("2026-07-06T04:16:00Z"), Outcome::succeeded, ""}});
    const auto decision = decide(p, state, nullptr, market(), at("2026-07-06T04:16:00Z"));
    REQUIRE(std::holds_alternative<Begun>(decision));
    CHECK(std::get<Begun>(decision).run.slot == at("2026-07-06T04:15:00Z"));
    CHECK(std::get<Begun>(decision).missed == 1);
}

TEST_CASE("a run that is late begins until late_max, and is missed after it") {
    const auto p = plan();
    const auto state = armed(p);
    CHECK(begins(p, state, k_slot + minutes(5)));
    const auto decision = decide(p, state, nullptr, market(), k_slot + minutes(5) + Nanos(1));
    REQUIRE(std::holds_alternative<Missed>(decision));
    CHECK(std::get<Missed>(decision).slot == k_slot);
    CHECK(std::get<Missed>(decision).count == 1);
}

TEST_CASE("a worker that was away for days has missed each day's run, and runs the last of them") {
    const auto p = plan();
    auto state = armed(p);
    const auto friday = at("2026-07-10T08:30:00Z");
    const auto decision = decide(p, state, nullptr, market(), friday + minutes(1));
    REQUIRE(std::holds_alternative<Begun>(decision));
    CHECK(std::get<Begun>(decision).run.slot == friday);
    CHECK(std::get<Begun>(decision).missed == 4);
    apply(state, std::get<Begun>(decision));
    CHECK(state.missed == 4);
}

TEST_CASE("a run that failed is tried again after its delay, which doubles, and no more often") {
    const auto p = plan();
    auto state = armed(p);
    auto now = k_slot;
    for (int attempt = 1; attempt <= 3; ++attempt) {
        CAPTURE(attempt);
        const auto begun = begins(p, state, now);
        REQUIRE(begun);
        CHECK(begun->slot == k_slot);
        CHECK(begun->attempt == attempt);
        run(state, *begun, now, attempt == 2 ? Outcome::interrupted : Outcome::failed);
        const auto delay = seconds(30) * attempt;
        if (attempt < 3) {
            CHECK(waits(p, state, now) == now + delay);
            CHECK_FALSE(begins(p, state, now + delay - Nanos(1)));
        }
        now += delay;
    }
    CHECK(waits(p, state, now) == k_slot + minutes(24 * 60));
}

TEST_CASE("a run that went well for long before its process died uses up no attempt") {
    auto p = plan();
    p.late_max = minutes(8 * 60);
    auto state = armed(p);
    auto now = k_slot;
    // Restarted all day.
    for (int restart = 0; restart < 20; ++restart) {
        CAPTURE(restart);
        const auto begun = begins(p, state, now);
        REQUIRE(begun);
        CHECK(begun->attempt == 1);
        CHECK(begun->number == static_cast<std::uint64_t>(restart) + 1);
        now += JobPlan::k_held_out;
        run(state, *begun, now, Outcome::interrupted);
        CHECK(waits(p, state, now) == now + seconds(30));
        now += seconds(30);
    }
    // One that dies again and again, or that fails, has its attempts and no more.
    for (int attempt = 1; attempt <= 3; ++attempt) {
        const auto begun = begins(p, state, now);
        REQUIRE(begun);
        CHECK(begun->attempt == attempt);
        now += attempt == 3 ? minutes(60) : minutes(4);
        run(state, *begun, now, attempt == 3 ? Outcome::failed : Outcome::interrupted);
        now += minutes(2);
    }
    CHECK_FALSE(begins(p, state, now + minutes(60)));
}

TEST_CASE("no attempt begins later than late_max after the run's time") {
    auto p = plan();
    p.late_max = seconds(20);
    auto state = armed(p);
    const auto begun = begins(p, state, k_slot);
    REQUIRE(begun);
    run(state, *begun, k_slot + seconds(1), Outcome::failed);
    CHECK(waits(p, state, k_slot + seconds(1)) == k_slot + minutes(24 * 60));
}

TEST_CASE("a run whose process died and that is not begun again in time is missed, and said once") {
    auto p = plan();
    p.late_max = minutes(60);
    // The next attempt would be too late; or the worker was away until it was.
    for (const auto away : {minutes(0), minutes(90)}) {
        CAPTURE(away.count());
        auto state = armed(p);
        const auto begun = begins(p, state, k_slot);
        REQUIRE(begun);
        const auto ended = k_slot + (away == minutes(0) ? minutes(60) - seconds(5) : minutes(10));
        run(state, *begun, ended, Outcome::interrupted);
        const auto now = ended + away;
        const auto decision = decide(p, state, nullptr, market(), now);
        REQUIRE(std::holds_alternative<Missed>(decision));
        CHECK(std::get<Missed>(decision) == Missed{k_slot, 1});
        apply(state, std::get<Missed>(decision));
        CHECK(state.missed == 1);
        CHECK(waits(p, state, now) == k_slot + minutes(24 * 60));
        CHECK(decode_state(encode(state)).value() == state);
    }
    // One that failed has said so itself.
    auto state = armed(p);
    run(state, *begins(p, state, k_slot), k_slot + minutes(60), Outcome::failed);
    CHECK(waits(p, state, k_slot + minutes(60)) == k_slot + minutes(24 * 60));
}

TEST_CASE("a newer time takes the place of an attempt that waits") {
    auto p = plan("every 15 min in session");
    p.retry_delay = minutes(14);
    p.late_max = minutes(60);
    auto state = armed(p);
    const auto first = begins(p, state, at("2026-07-06T03:45:00Z"));
    REQUIRE(first);
    run(state, *first, at("2026-07-06T03:50:00Z"), Outcome::failed);
    const auto second = begins(p, state, at("2026-07-06T04:04:00Z"));
    REQUIRE(second);
    CHECK(second->slot == at("2026-07-06T04:00:00Z"));
    CHECK(second->attempt == 1);
}

TEST_CASE("a job's own share of the jitter moves every run by the same") {
    auto p = plan();
    p.jitter = seconds(40);
    const auto state = armed(p);
    CHECK(waits(p, state, k_night) == k_slot + seconds(40));
    CHECK_FALSE(begins(p, state, k_slot + seconds(39)));
    CHECK(begins(p, state, k_slot + seconds(40))->slot == k_slot);
    CHECK(begins(p, state, k_slot + seconds(40) + minutes(5)));
    CHECK_FALSE(begins(p, state, k_slot + seconds(41) + minutes(5)));
}

TEST_CASE("another schedule begins from now on") {
    const auto p = plan();
    auto state = armed(p);
    run(state, *begins(p, state, k_slot), k_slot + seconds(1), Outcome::failed);
    const auto other = plan("13:59");
    const auto now = k_slot + seconds(50);
    const auto decision = decide(other, state, nullptr, market(), now);
    REQUIRE(std::holds_alternative<Armed>(decision));
    apply(state, std::get<Armed>(decision));
    CHECK(waits(other, state, now) == at("2026-07-07T08:29:00Z"));
}

TEST_CASE("a clock that went back, and a schedule that changed, repeat no run") {
    const auto p = plan();
    auto state = armed(p);
    run(state, *begins(p, state, k_slot), k_slot + seconds(1), Outcome::succeeded);
    CHECK_FALSE(begins(p, state, k_slot));
    const auto earlier = k_slot - minutes(10);
    const auto changed = plan("14:00 daily");
    const auto decision = decide(changed, state, nullptr, market(), earlier);
    REQUIRE(std::holds_alternative<Armed>(decision));
    apply(state, std::get<Armed>(decision));
    CHECK_FALSE(begins(changed, state, k_slot));
    // A market that is simulated anew has other times.
    auto simulated = p;
    simulated.clock = "synthetic";
    const auto anew = decide(simulated, state, nullptr, market(), earlier);
    REQUIRE(std::holds_alternative<Armed>(anew));
    CHECK(std::get<Armed>(anew).at == earlier);
}

TEST_CASE("what comes after another job begins when that one has succeeded, once for each time") {
    const auto p = plan();
    auto other = armed(p);
    const auto after = plan("after rank");
    auto state = armed(after);
    CHECK_FALSE(waits(after, state, k_night, &other));
    run(other, *begins(p, other, k_slot), k_slot + seconds(1), Outcome::failed);
    CHECK_FALSE(begins(after, state, k_slot + seconds(2), &other));
    run(other, *begins(p, other, k_slot + minutes(1)), k_slot + minutes(1), Outcome::succeeded);
    const auto begun = begins(after, state, k_slot + minutes(1), &other);
    REQUIRE(begun);
    CHECK(begun->slot == k_slot + minutes(1));
    run(state, *begun, k_slot + minutes(1), Outcome::succeeded);
    CHECK_FALSE(begins(after, state, k_slot + minutes(2), &other));
    CHECK_FALSE(waits(after, state, k_slot + minutes(2), &other));
}

TEST_CASE("what comes after a job that nobody has is never begun") {
    const auto after = plan("after rank");
    const auto state = armed(after);
    CHECK_FALSE(waits(after, state, k_slot, nullptr));
}

TEST_CASE("a run by hand leaves the schedule as it is") {
    const auto p = plan();
    auto state = armed(p);
    const auto asked = by_hand(state, k_slot - minutes(1), false, "ctl-1");
    REQUIRE(std::holds_alternative<Begun>(asked));
    apply(state, std::get<Begun>(asked));
    CHECK(std::holds_alternative<std::string>(by_hand(state, k_slot, false, "ctl-2")));
    const auto running = *state.running;
    CHECK(running.by_hand);
    apply(state, Ended{{running, k_slot - seconds(30), Outcome::failed, "no"}});
    // Neither a slot nor an attempt was used.
    const auto begun = begins(p, state, k_slot);
    REQUIRE(begun);
    CHECK(begun->attempt == 1);
    CHECK(begun->number == running.number + 1);
}

TEST_CASE("a run by hand whose process died is begun again, with a schedule and without one") {
    for (const auto* schedule : {"14:00", ""}) {
        auto p = plan();
        JobState state;
        if (*schedule == '\0')
            p.schedule.reset();
        else
            state = armed(p);
        const auto asked = k_slot - minutes(60);
        auto run_now = std::get<Begun>(by_hand(state, asked, false, "ctl-1")).run;
        run(state, run_now, asked + seconds(10), Outcome::interrupted);
        CHECK(waits(p, state, asked + seconds(10)) == asked + seconds(40));
        const auto again = begins(p, state, asked + seconds(40));
        REQUIRE(again);
        CHECK(again->by_hand);
        CHECK(again->attempt == 2);
        CHECK(again->number == run_now.number + 1);
        CHECK(again->slot == asked);
        CHECK(again->request == "ctl-1");
        // Not later than any run may be, no more often than attempts, and not what only failed.
        CHECK_FALSE(begins(p, state, asked + p.late_max + seconds(1)));
        auto failed = state;
        run(failed, *again, asked + seconds(50), Outcome::failed);
        CHECK_FALSE(begins(p, failed, asked + minutes(2)));
        run(state, *again, asked + seconds(50), Outcome::interrupted);
        const auto third = begins(p, state, asked + seconds(110));
        REQUIRE(third);
        run(state, *third, asked + seconds(120), Outcome::interrupted);
        CHECK_FALSE(begins(p, state, asked + minutes(4)));
    }
}

TEST_CASE("a dry run is no success that another job comes after") {
    const auto p = plan();
    auto other = armed(p);
    const auto asked = by_hand(other, k_slot, true, "");
    apply(other, std::get<Begun>(asked));
    apply(other, Ended{{std::get<Begun>(asked).run, k_slot, Outcome::succeeded, ""}});
    CHECK_FALSE(other.last_success);
}

TEST_CASE("the history is bounded, and keeps the newest") {
    JobState state;
    for (std::uint64_t i = 1; i <= 3 * JobState::k_history_max; ++i) {
        Run run;
        run.number = i;
        apply(state, Begun{run, 0});
        apply(state, Ended{{run, k_slot, Outcome::succeeded, ""}});
    }
    CHECK(state.history.size() == JobState::k_history_max);
    CHECK(state.history.back().run.number == 3 * JobState::k_history_max);
}

TEST_CASE("an end that was told already, or of no run, changes nothing") {
    const auto p = plan();
    auto state = armed(p);
    const auto begun = *begins(p, state, k_slot);
    run(state, begun, k_slot + seconds(1), Outcome::succeeded);
    const auto before = state;
    apply(state, Ended{{begun, k_slot + seconds(5), Outcome::failed, ""}});
    CHECK(state == before);
}

TEST_CASE("events and states are read back as they were written") {
    const auto p = plan();
    auto state = armed(p);
    auto begun = *begins(p, state, k_slot);
    begun.request = "ctl-1 \"quoted\"";
    begun.by_hand = true;
    begun.dry_run = true;
    const EndedRun ended{begun, k_slot + seconds(1), Outcome::timed_out, "line\nline \xc3\xa9"};
    const std::vector<JobEvent> events = {Armed{"wall", "14:00", k_night}, Begun{begun, 7},
                                          Missed{k_slot, 3}, Ended{ended}};
    for (const auto& event : events) {
        const auto read = decode_event(encode("sync", event));
        REQUIRE(read);
        CHECK(read->job == "sync");
        CHECK((read->event == event));
    }
    apply(state, Begun{begun, 2});
    apply(state, Ended{ended});
    run(state, *begins(p, state, k_slot), k_slot + seconds(3), Outcome::succeeded);
    apply(state, Begun{begun, 0});
    const auto read = decode_state(encode(state));
    REQUIRE(read);
    CHECK((*read == state));
}

TEST_CASE("a damaged record is an error and never a crash") {
    for (const char* text : {"", "{}", "[]", "{\"job\":1}", R"({"job":"a","event":"x"})",
                             R"({"job":"a","event":"armed","clock":"","plan":"","at":"noon"})",
                             R"({"job":"a","event":"missed","slot":3,"count":-1})"}) {
        CAPTURE(text);
        CHECK_FALSE(decode_event(text));
        CHECK_FALSE(decode_state(text));
    }
}

}  // namespace
}  // namespace bullpen::jobs
