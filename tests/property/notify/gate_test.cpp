#include "notify/gate.hpp"

#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <deque>

namespace bullpen::notify {
namespace {

using std::chrono::hours;

struct Tally {
    std::uint64_t wanted = 0;  // offered, and neither unwanted nor muted
    std::uint64_t told = 0;    // by an alert, or by a number in one
    std::deque<std::pair<UtcTime, Severity>> sent;
};

Kind any_kind() {
    // What is about alerts themselves counts apart.
    return static_cast<Kind>(*rc::gen::inRange<int>(0, static_cast<int>(Kind::alerts_held_back)));
}

std::uint64_t number_in(const Alert& alert) {
    return static_cast<std::uint64_t>(std::stoull(alert.text.substr(0, alert.text.find(' '))));
}

std::uint64_t waiting(const GateState& state) {
    std::uint64_t all = 0;
    for (const auto& [key, counted] : state.keys)
        all += counted.more;
    for (const auto& [kind, count] : state.held_back)
        all += count;
    return all;
}

void check_caps(const Tally& tally, const GateRules& rules, UtcTime now) {
    for (const auto& [span, most] : {std::pair(Nanos(hours(1)), rules.hourly_max),
                                     std::pair(Nanos(hours(24)), rules.daily_max)}) {
        int info = 0;
        int warnings = 0;
        int critical = 0;
        for (const auto& [at, severity] : tally.sent) {
            auto& count = severity == Severity::info      ? info
                          : severity == Severity::warning ? warnings
                                                          : critical;
            count += now - at < span ? 1 : 0;
        }
        RC_ASSERT(info <= std::max(1, most / 2));
        RC_ASSERT(info + warnings <= most);
        RC_ASSERT(warnings + critical <= 2 * most);
    }
}

TEST_CASE(
    "every alert that is wanted is told, or waits to be, exactly once; and no cap is passed") {
    CHECK(rc::check("a storm of alerts", [] {
        GateRules rules;
        rules.hourly_max = *rc::gen::inRange(1, 20);
        rules.daily_max = *rc::gen::inRange(1, 60);
        Gate gate(rules);
        auto now = parse_utc("2026-11-22T12:00:00Z").value();
        Tally tally;
        const auto tell = [&](const Alert& alert) {
            if (alert.kind == Kind::alerts_held_back) {
                tally.told += number_in(alert);
                return;
            }
            tally.told += 1 + alert.more;
            tally.sent.emplace_back(now, alert.severity());
        };
        const int steps = *rc::gen::inRange(1, 400);
        for (int i = 0; i < steps; ++i) {
            if (*rc::gen::inRange(0, 20) == 0)  // another process goes on
                gate = Gate(rules, gate.state());
            now += Nanos(std::chrono::seconds(*rc::gen::inRange(0, 900)));
            const auto alert =
                make_alert(any_kind(), now, *rc::gen::element<std::string>("a", "b", ""), "1 x",
                           *rc::gen::element<std::string>("s", "t"));
            const auto verdict = gate.offer(alert, now);
            RC_ASSERT(verdict != Verdict::unwanted && verdict != Verdict::muted);
            ++tally.wanted;
            if (verdict == Verdict::send)
                tell(alert);
            if (*rc::gen::arbitrary<bool>()) {
                for (const auto& due : gate.due(now))
                    tell(due);
            }
            RC_ASSERT(tally.told + waiting(gate.state()) == tally.wanted);
            check_caps(tally, rules, now);
        }
        // In the end nothing waits: what was counted comes out by itself.
        for (int day = 0; day < 1000 && waiting(gate.state()) > 0; ++day) {
            now = std::max(now + Nanos(1), gate.next_due(now).value_or(now));
            for (const auto& due : gate.due(now))
                tell(due);
            check_caps(tally, rules, now);
        }
        RC_ASSERT(waiting(gate.state()) == 0U);
        RC_ASSERT(tally.told == tally.wanted);
    }));
}

TEST_CASE("what is info takes no place of what is critical") {
    CHECK(rc::check("the same critical ones, with info between them and without", [] {
        GateRules rules;
        rules.hourly_max = *rc::gen::inRange(1, 10);
        rules.daily_max = *rc::gen::inRange(1, 30);
        Gate with(rules);
        Gate without(rules);
        auto now = parse_utc("2026-11-22T12:00:00Z").value();
        for (int i = 0; i < 200; ++i) {
            now += Nanos(std::chrono::seconds(*rc::gen::inRange(0, 600)));
            const bool critical = *rc::gen::arbitrary<bool>();
            const auto alert = make_alert(critical ? Kind::hang : Kind::entry, now,
                                          "a" + std::to_string(i), "x", "s");
            const auto verdict = with.offer(alert, now);
            if (critical)
                RC_ASSERT(without.offer(alert, now) == verdict);
        }
    }));
}

TEST_CASE("what is not critical is never more than the cap") {
    CHECK(rc::check("only fills", [] {
        GateRules rules;
        rules.hourly_max = *rc::gen::inRange(1, 10);
        rules.daily_max = *rc::gen::inRange(1, 30);
        Gate gate(rules);
        auto now = parse_utc("2026-11-22T12:00:00Z").value();
        std::vector<UtcTime> sent;
        for (int i = 0; i < 300; ++i) {
            now += Nanos(std::chrono::seconds(*rc::gen::inRange(0, 600)));
            const auto alert = make_alert(Kind::entry, now, "a", "x", std::to_string(i));
            if (gate.offer(alert, now) == Verdict::send)
                sent.push_back(now);
            int hour = 0;
            int day = 0;
            for (const auto at : sent) {
                hour += now - at < hours(1) ? 1 : 0;
                day += now - at < hours(24) ? 1 : 0;
            }
            RC_ASSERT(hour <= rules.hourly_max);
            RC_ASSERT(day <= rules.daily_max);
        }
    }));
}

}  // namespace
}  // namespace bullpen::notify
