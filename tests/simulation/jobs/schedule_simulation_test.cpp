// A year of one job, many times over: its process dies and comes back at random, runs take random
// times and fail, the loop is late. What times the schedule has is worked out here minute by
// minute, never asked of the schedule.
#include <doctest/doctest.h>

#include <algorithm>
#include <map>
#include <set>
#include <vector>

#include "common/base/random.hpp"
#include "tests/support/seed.hpp"
#include "worker/jobs/job_state.hpp"

using namespace bullpen;
using namespace bullpen::jobs;
using std::chrono::minutes;
using std::chrono::seconds;

namespace {

constexpr int k_worlds = 40;
constexpr Nanos k_late_of_loop = seconds(1);
constexpr auto k_days = std::chrono::days(366);

struct Interval {
    UtcTime from{};
    UtcTime to{};
};

struct Form {
    enum class Kind { times, session, open, close } kind = Kind::times;
    std::vector<int> minutes_of_day;
    std::string zone;  // empty: the market's
    bool market_days = true;
    std::set<unsigned> weekdays;
    int step = 0;
    int offset = 0;
    std::string text;
};

std::string clock_text(int minute) {
    const auto two = [](int n) { return (n < 10 ? "0" : "") + std::to_string(n); };
    return two(minute / 60) + ":" + two(minute % 60);
}

Form any_form(SeededRandom& random) {
    static constexpr const char* k_days_of_week[] = {"sun", "mon", "tue", "wed",
                                                     "thu", "fri", "sat"};
    Form form;
    form.kind = static_cast<Form::Kind>(random.below(4));
    if (form.kind == Form::Kind::session) {
        form.step = static_cast<int>(random.between(1, 240));
        form.text = "every " + std::to_string(form.step) + " min in session";
        return form;
    }
    if (form.kind == Form::Kind::open || form.kind == Form::Kind::close) {
        const int offset = static_cast<int>(random.below(600));
        const bool before = random.chance(0.5);
        form.offset = before ? -offset : offset;
        form.text = std::string(form.kind == Form::Kind::open ? "open" : "close") +
                    (before ? " - " : " + ") + std::to_string(offset) + " min";
        return form;
    }
    // Many of them around the hour at which clocks change.
    std::set<int> times;
    for (auto n = random.between(1, 4); n > 0; --n)
        times.insert(static_cast<int>(random.chance(0.5) ? random.between(50, 190)
                                                         : random.between(0, 1439)));
    for (const int time : times) {
        form.text += (form.text.empty() ? "" : ",") + clock_text(time);
        form.minutes_of_day.push_back(time);
    }
    static constexpr const char* k_zones[] = {"", "America/New_York", "Europe/London",
                                              "Asia/Kolkata", "Australia/Lord_Howe"};
    form.zone = k_zones[random.below(std::size(k_zones))];
    if (!form.zone.empty())
        form.text += " " + form.zone;
    switch (random.below(3)) {
        case 0: form.text += random.chance(0.5) ? "" : " market days"; break;
        case 1:
            form.market_days = false;
            form.weekdays = {0, 1, 2, 3, 4, 5, 6};
            form.text += " daily";
            break;
        default: {
            form.market_days = false;
            const auto first = static_cast<unsigned>(random.below(7));
            const auto second = static_cast<unsigned>(random.below(7));
            form.weekdays = {first, second};
            form.text += std::string(" ") + k_days_of_week[first] + "," + k_days_of_week[second];
        }
    }
    return form;
}

// Every time of the form in [from, to), minute by minute.
std::vector<UtcTime> oracle(const Form& form, const time::MarketCalendar& market, UtcTime from,
                            UtcTime to) {
    std::set<UtcTime> found;
    const auto own = form.zone.empty() ? market.zone() : *time::Zone::load(form.zone);
    const auto day_and_minute = [](const time::Zone& zone, UtcTime at) {
        const auto local = zone.local(at).time_since_epoch();
        const auto day = std::chrono::floor<std::chrono::days>(local);
        return std::pair(day, static_cast<int>((local - day) / minutes(1)));
    };
    std::map<std::chrono::days, bool> trades;
    const auto is_market_day = [&](std::chrono::days day) {
        const auto known = trades.find(day);
        if (known != trades.end())
            return known->second;
        return trades[day] = market.hours(time::TradingDay(day)).count > 0;
    };
    if (form.kind == Form::Kind::times) {
        // A time has come when the wall clock stands at or beyond it for the first time that day.
        std::set<std::pair<std::chrono::days, int>> passed;
        for (auto at = from - std::chrono::days(1); at < to; at += minutes(1)) {
            const auto [day, minute] = day_and_minute(own, at);
            for (const int wanted : form.minutes_of_day) {
                if (minute < wanted || !passed.insert({day, wanted}).second || at < from)
                    continue;
                const auto weekday = std::chrono::weekday(std::chrono::sys_days(day)).c_encoding();
                if (form.market_days ? is_market_day(day) : form.weekdays.contains(weekday))
                    found.insert(at);
            }
        }
        return {found.begin(), found.end()};
    }
    // Openings and closes as the market's state shows them, a break within a day's trading apart.
    std::map<time::TradingDay, std::vector<UtcTime>> open;
    time::MarketSpan span;
    for (auto at = from - std::chrono::days(2); at < to + std::chrono::days(2); at += minutes(1)) {
        if (!span.holds(at))
            span = market.span(at);
        if (span.open())
            open[span.day].push_back(at);
    }
    const auto add = [&](UtcTime at) {
        if (from <= at && at < to)
            found.insert(at);
    };
    for (const auto& [day, all] : open) {
        if (form.kind == Form::Kind::open)
            add(all.front() + minutes(form.offset));
        if (form.kind == Form::Kind::close)
            add(all.back() + minutes(1) + minutes(form.offset));
        std::size_t in_block = 0;
        for (std::size_t i = 0; form.kind == Form::Kind::session && i < all.size(); ++i) {
            in_block = i > 0 && all[i] - all[i - 1] > minutes(1) ? 0 : in_block;
            if (in_block++ % static_cast<std::size_t>(form.step) == 0)
                add(all[i]);
        }
    }
    return {found.begin(), found.end()};
}

struct World {
    SeededRandom random;
    const time::MarketCalendar& market;
    Form form;
    JobPlan plan;
    UtcTime armed{};
    UtcTime end{};
    JobState state;
    std::vector<Run> begun;
    std::vector<EndedRun> ended;
    std::vector<Interval> idle;  // up, with nothing running
    UtcTime settled_at_end{};
    std::uint64_t given_up = 0;  // runs that died and were not begun again in time
};

// What a worker does with its job for a year, as JobDesk does it: decide, apply, again.
void live(World& w) {
    UtcTime now = w.armed;
    std::optional<UtcTime> run_ends;
    Outcome run_outcome{};
    const auto take = [&](const JobEvent& event) {
        if (const auto* m = std::get_if<Missed>(&event)) {
            const bool died = w.state.last && w.state.last->run.slot == m->slot &&
                              w.state.last->outcome == Outcome::interrupted;
            const auto late = m->slot + w.plan.jitter + w.plan.late_max;
            if (died)
                REQUIRE((now > late || w.state.last->at + w.plan.retry_delay > late));
            w.given_up += died ? 1 : 0;
        }
        apply(w.state, event);
        if (const auto* b = std::get_if<Begun>(&event))
            w.begun.push_back(b->run);
        if (const auto* e = std::get_if<Ended>(&event))
            w.ended.push_back(e->ended);
    };
    UtcTime dies = now + minutes(w.random.between(1, 20'000));
    while (now < w.end) {
        // Everything that is due, then to sleep until the next thing is.
        std::optional<UtcTime> until;
        while (!w.state.running) {
            const auto decision = decide(w.plan, w.state, nullptr, w.market, now);
            if (const auto* wait = std::get_if<Wait>(&decision)) {
                until = wait->until;
                break;
            }
            std::visit(
                [&](const auto& event) {
                    if constexpr (!std::is_same_v<std::decay_t<decltype(event)>, Wait>)
                        take(event);
                },
                decision);
            if (w.state.running) {
                run_ends = now + seconds(w.random.chance(0.1) ? w.random.between(1, 7200)
                                                              : w.random.between(0, 20));
                run_outcome = w.random.chance(0.3) ? Outcome::failed : Outcome::succeeded;
            }
        }
        auto wakes = w.state.running ? *run_ends : until.value_or(w.end);
        wakes = std::max(wakes, now) + Nanos(w.random.below(k_late_of_loop.count()));
        const bool killed = dies <= wakes;
        const auto then = std::min({killed ? dies : wakes, w.end});
        if (!w.state.running)
            w.idle.push_back({now, then});
        now = then;
        if (killed) {
            // What is on disk is all that is left.
            const auto saved = decode_state(encode(w.state));
            REQUIRE(saved);
            REQUIRE((*saved == w.state));
            w.state = *saved;
            now += w.random.chance(0.3) ? Nanos(minutes(w.random.between(1, 6000)))
                                        : Nanos(seconds(w.random.between(0, 400)));
            dies = now + minutes(w.random.between(1, 20'000));
            if (w.state.running)
                take(Ended{{*w.state.running, now, Outcome::interrupted, ""}});
        } else if (w.state.running && now >= *run_ends) {
            take(Ended{{*w.state.running, now, run_outcome, ""}});
        }
    }
}

void check_runs(const World& w, const std::vector<UtcTime>& slots) {
    std::map<UtcTime, int> attempts;
    for (std::size_t i = 0; i < w.begun.size(); ++i) {
        const auto& run = w.begun[i];
        CAPTURE(format_utc(run.slot));
        REQUIRE(std::binary_search(slots.begin(), slots.end(), run.slot));
        REQUIRE(run.slot > w.armed);
        const auto due = run.slot + w.plan.jitter;
        REQUIRE(run.begun >= due);
        REQUIRE(run.begun <= due + w.plan.late_max);
        // Each attempt of a slot once, in their order, and never after a newer slot; one that held
        // out before its process died is none.
        if (i > 0 && w.ended[i - 1].outcome == Outcome::interrupted &&
            w.ended[i - 1].at - w.ended[i - 1].run.begun >= JobPlan::k_held_out)
            attempts[w.ended[i - 1].run.slot] = 0;
        REQUIRE(run.attempt == ++attempts[run.slot]);
        REQUIRE(run.attempt <= w.plan.attempts);
        REQUIRE(run.slot == attempts.rbegin()->first);
    }
    for (std::size_t i = 1; i < w.begun.size(); ++i) {
        REQUIRE(w.ended[i - 1].run == w.begun[i - 1]);
        REQUIRE(w.ended[i - 1].at <= w.begun[i].begun);
        if (w.begun[i].slot == w.begun[i - 1].slot)
            REQUIRE(w.ended[i - 1].outcome != Outcome::succeeded);
    }
}

// Each time was run, or the job says that it missed it; and it misses none that it could have run.
void check_missed(const World& w, const std::vector<UtcTime>& slots) {
    std::set<UtcTime> run;
    for (const auto& one : w.begun)
        run.insert(one.slot);
    std::uint64_t passed = 0;
    for (std::size_t i = 0; i < slots.size(); ++i) {
        const auto slot = slots[i];
        if (slot <= w.armed || slot > w.state.settled)
            continue;
        ++passed;
        if (run.contains(slot))
            continue;
        CAPTURE(format_utc(slot));
        const auto due = slot + w.plan.jitter + k_late_of_loop;
        auto last = slot + w.plan.jitter + w.plan.late_max;
        if (i + 1 < slots.size())
            last = std::min(last, slots[i + 1] + w.plan.jitter);
        auto free = std::partition_point(w.idle.begin(), w.idle.end(),
                                         [&](const Interval& one) { return one.to <= due; });
        for (; free != w.idle.end() && free->from < last; ++free)
            REQUIRE_FALSE((std::max(free->from, due) < std::min(free->to, last)));
    }
    // A run that died and came too late to be begun again is said to be missed as well.
    REQUIRE(run.size() + w.state.missed == passed + w.given_up);
    // Nothing is left behind but what came while the last run or sleep was under way.
    if (!w.idle.empty() && w.idle.back().to == w.end) {
        const auto left = std::upper_bound(slots.begin(), slots.end(), w.state.settled);
        REQUIRE_FALSE((left != slots.end() && *left + w.plan.jitter < w.idle.back().from));
    }
}

}  // namespace

TEST_CASE("no time of a schedule is run twice, and none is missed but by the policy") {
    const auto seed = test::seed("a job's years");
    SeededRandom seeds(seed);
    static constexpr time::Market k_markets_used[] = {time::Market::nse_cash, time::Market::nyse,
                                                      time::Market::cme_equity_index};
    std::uint64_t runs = 0;
    std::uint64_t missed = 0;
    std::uint64_t given_up = 0;
    for (int world = 0; world < k_worlds; ++world) {
        const auto market = *time::MarketCalendar::load(k_markets_used[seeds.below(3)]);
        World w{SeededRandom(seeds.next()), market, {}, {}, {}, {}, {}, {}, {}, {}, {}};
        w.form = any_form(w.random);
        CAPTURE(w.form.text);
        CAPTURE(world);
        w.plan.schedule = *time::Schedule::parse(w.form.text);
        w.plan.clock = "wall";
        w.plan.key = w.form.text;
        w.plan.late_max = seconds(w.random.between(2, 7200));
        w.plan.jitter = w.random.chance(0.5) ? Nanos{0} : Nanos(seconds(w.random.between(0, 59)));
        w.plan.attempts = static_cast<int>(w.random.between(1, 4));
        w.plan.retry_delay = seconds(w.random.between(1, 300));
        // 2024 to 2027, not on a full minute.
        w.armed = UtcTime(seconds(w.random.between(1'704'067'200, 1'767'000'000))) + Nanos(1);
        w.end = w.armed + k_days;
        live(w);
        const auto slots = oracle(
            w.form, market, std::chrono::floor<minutes>(w.armed) - std::chrono::days(2), w.end);
        check_runs(w, slots);
        check_missed(w, slots);
        runs += w.begun.size();
        missed += w.state.missed;
        given_up += w.given_up;
    }
    MESSAGE(runs << " runs, " << missed << " missed, " << given_up
                 << " of them begun and not brought to their end");
    CHECK(runs > 1000);
    CHECK(missed > 100);
}
