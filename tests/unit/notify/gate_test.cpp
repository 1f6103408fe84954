#include "notify/gate.hpp"

#include <doctest/doctest.h>

namespace bullpen::notify {
namespace {

using alerts::Like;
using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

const UtcTime k_now = parse_utc("2026-11-22T12:00:00Z").value();

Alert alert(Kind kind, const std::string& account = "a", const std::string& subject = "s") {
    auto made = make_alert(kind, k_now, account, "text", subject);
    made.id = id_of(made, "here");
    return made;
}

GateRules roomy() {
    GateRules rules;
    rules.hourly_max = 10'000;
    rules.daily_max = 10'000;
    return rules;
}

TEST_CASE("within its cooldown the like of each kind is counted, and sent when it is over") {
    for (const auto& known : alerts::catalogue()) {
        CAPTURE(known.name);
        Gate gate(roomy());
        CHECK(gate.offer(alert(known.kind), k_now) == Verdict::send);
        if (known.like == Like::none) {
            CHECK(gate.offer(alert(known.kind), k_now) == Verdict::send);
            CHECK_FALSE(gate.next_due(k_now).has_value());
            continue;
        }
        const auto last = k_now + known.cooldown - Nanos(1);
        CHECK(gate.offer(alert(known.kind), k_now) == Verdict::repeated);
        CHECK(gate.offer(alert(known.kind), last) == Verdict::repeated);
        CHECK(gate.due(last).empty());
        CHECK(gate.next_due(last) == k_now + known.cooldown);
        const auto due = gate.due(k_now + known.cooldown);
        REQUIRE(due.size() == 1);
        CHECK(due.front().kind == known.kind);
        CHECK(due.front().more == 1);  // beside itself
        CHECK(due.front().since == k_now);
        // It is one of its like, with a cooldown of its own.
        CHECK(gate.offer(alert(known.kind), k_now + known.cooldown) == Verdict::repeated);
        // Told once.
        CHECK(gate.due(k_now + known.cooldown).empty());
    }
}

TEST_CASE("the like of an alert is what the catalogue says it is") {
    for (const auto& known : alerts::catalogue()) {
        CAPTURE(known.name);
        const auto verdict_on = [&](const Alert& second) {
            Gate gate(roomy());
            (void)gate.offer(alert(known.kind), k_now);
            return gate.offer(second, k_now) == Verdict::repeated;
        };
        CHECK(verdict_on(alert(known.kind, "a", "s")) == (known.like != Like::none));
        CHECK(verdict_on(alert(known.kind, "a", "t")) ==
              (known.like == Like::home || known.like == Like::account));
        CHECK(verdict_on(alert(known.kind, "b", "s")) == (known.like == Like::home));
    }
}

TEST_CASE("what nobody wants is not sent, by the home's wish or by the account's") {
    for (const auto& known : alerts::catalogue()) {
        const bool about_alerts = known.kind == Kind::alerts_held_back ||
                                  known.kind == Kind::alerts_lost || known.kind == Kind::test;
        for (std::size_t i = 0; i < alerts::k_severities; ++i) {
            CAPTURE(known.name);
            const auto least = static_cast<Severity>(i);
            const bool wanted = about_alerts || known.severity >= least;
            auto by_home = roomy();
            by_home.home.least = least;
            CHECK((Gate(by_home).offer(alert(known.kind), k_now) == Verdict::send) == wanted);
            auto by_account = roomy();
            by_account.accounts["a"].least = least;
            CHECK((Gate(by_account).offer(alert(known.kind), k_now) == Verdict::send) == wanted);
            CHECK(Gate(by_account).offer(alert(known.kind, "b"), k_now) == Verdict::send);
        }
        auto off = roomy();
        off.home.off = {known.kind};
        CHECK((Gate(off).offer(alert(known.kind), k_now) == Verdict::unwanted) == !about_alerts);
    }
}

TEST_CASE("what is muted is not sent, and what was counted before is not told in it") {
    Gate gate(roomy());
    gate.set_mutes({{Kind::crashed, "a", k_now, k_now + hours(1), ""}});
    CHECK(gate.offer(alert(Kind::crashed), k_now) == Verdict::muted);
    CHECK(gate.offer(alert(Kind::crashed, "b"), k_now) == Verdict::send);
    CHECK(gate.offer(alert(Kind::crashed), k_now + hours(1)) == Verdict::send);

    gate.set_mutes({});
    CHECK(gate.offer(alert(Kind::feed_stale), k_now) == Verdict::send);
    CHECK(gate.offer(alert(Kind::feed_stale), k_now) == Verdict::repeated);
    gate.set_mutes({{std::nullopt, "", k_now, k_now + hours(1), ""}});
    CHECK(gate.due(k_now + minutes(30)).empty());
    // A test is always sent.
    CHECK(gate.offer(alert(Kind::test), k_now) == Verdict::send);
}

TEST_CASE(
    "no more are sent within an hour and a day than may be, and twice as many critical ones") {
    for (const bool hourly : {true, false}) {
        CAPTURE(hourly);
        auto rules = roomy();
        (hourly ? rules.hourly_max : rules.daily_max) = 5;
        const Nanos span = hourly ? Nanos(hours(1)) : Nanos(hours(24));
        Gate gate(rules);
        const auto offer = [&](Kind kind, int number, UtcTime now) {
            return gate.offer(alert(kind, "acc" + std::to_string(number)), now);
        };
        for (int i = 0; i < 2; ++i)
            CHECK(offer(Kind::entry, i, k_now) == Verdict::send);
        CHECK(offer(Kind::entry, 6, k_now) == Verdict::held_back);
        for (int i = 0; i < 3; ++i)
            CHECK(offer(Kind::crashed, i, k_now) == Verdict::send);
        CHECK(offer(Kind::crashed, 6, k_now) == Verdict::held_back);
        for (int i = 0; i < 7; ++i)
            CHECK(offer(Kind::fatal, i, k_now) == Verdict::send);
        CHECK(offer(Kind::fatal, 9, k_now) == Verdict::held_back);
        const auto told = gate.due(k_now + hours(1));
        REQUIRE(told.size() == 1);
        CHECK(told.front().kind == Kind::alerts_held_back);
        CHECK(told.front().text.starts_with("3 alerts were not sent since 2026-11-22T12:00:00"));
        CHECK(told.front().text.find("crashed 1, fatal 1, entry 1") != std::string::npos);
        CHECK(offer(Kind::entry, 7, k_now + span - Nanos(1)) == Verdict::held_back);
        CHECK(offer(Kind::entry, 7, k_now + span) == Verdict::send);
    }
}

TEST_CASE("of what may be sent info has half, whatever comes first, and one at least") {
    struct Row {
        int most;
        int info;      // that is sent of a storm of it
        int warnings;  // of a storm after that
        int critical;  // of one after that
    };
    for (const auto& row : {Row{1, 1, 0, 2}, {2, 1, 1, 3}, {3, 1, 2, 4}, {30, 15, 15, 45}}) {
        CAPTURE(row.most);
        auto rules = roomy();
        rules.hourly_max = row.most;
        Gate gate(rules);
        const auto storm = [&](Kind kind) {
            int sent = 0;
            for (int i = 0; i < 100; ++i)
                sent += gate.offer(alert(kind, "acc" + std::to_string(i)), k_now) == Verdict::send
                            ? 1
                            : 0;
            return sent;
        };
        CHECK(storm(Kind::entry) == row.info);
        CHECK(storm(Kind::crashed) == row.warnings);
        CHECK(storm(Kind::fatal) == row.critical);
    }
    // Where nothing else was sent, it has no more either.
    auto rules = roomy();
    rules.daily_max = 4;
    Gate gate(rules);
    CHECK(gate.offer(alert(Kind::crashed), k_now) == Verdict::send);
    CHECK(gate.offer(alert(Kind::entry), k_now) == Verdict::send);
    CHECK(gate.offer(alert(Kind::entry), k_now) == Verdict::send);
    CHECK(gate.offer(alert(Kind::entry), k_now) == Verdict::held_back);
    CHECK(gate.offer(alert(Kind::crashed, "b"), k_now) == Verdict::send);
}

TEST_CASE("one that is held back begins no cooldown") {
    auto rules = roomy();
    rules.hourly_max = 1;
    Gate gate(rules);
    CHECK(gate.offer(alert(Kind::crashed, "a"), k_now) == Verdict::send);
    CHECK(gate.offer(alert(Kind::crashed, "b"), k_now) == Verdict::held_back);
    CHECK(gate.offer(alert(Kind::crashed, "b"), k_now + hours(1)) == Verdict::send);
}

TEST_CASE("a clock that is set back silences nothing for longer than a cooldown") {
    Gate gate(roomy());
    CHECK(gate.offer(alert(Kind::crashed), k_now) == Verdict::send);
    const auto before = k_now - hours(100);
    CHECK(gate.offer(alert(Kind::crashed), before) == Verdict::send);
    CHECK(gate.offer(alert(Kind::crashed), before) == Verdict::repeated);
    const auto next = gate.next_due(before);
    REQUIRE(next.has_value());
    CHECK(*next - before <= gate.cooldown(Kind::crashed));
    CHECK(gate.due(*next).size() == 1);
}

TEST_CASE("other cooldowns count for what is asked from then on") {
    auto rules = roomy();
    rules.cooldowns.at(static_cast<std::size_t>(Kind::crashed)) = Nanos{0};
    Gate gate(rules);
    for (int i = 0; i < 3; ++i)
        CHECK(gate.offer(alert(Kind::crashed), k_now) == Verdict::send);
}

TEST_CASE("what a gate knows does not grow without end, and what it forgets is told") {
    Gate gate(roomy());
    for (std::size_t i = 0; i < GateState::k_keys_max + 50; ++i) {
        (void)gate.offer(alert(Kind::crashed, "a" + std::to_string(i)), k_now + seconds(i));
        (void)gate.offer(alert(Kind::crashed, "a" + std::to_string(i)), k_now + seconds(i));
    }
    CHECK(gate.state().keys.size() <= GateState::k_keys_max + 1);
    CHECK(gate.state().held_back.at(Kind::crashed) >= 49);
}

TEST_CASE("what a gate knows goes over to the next") {
    Gate first(roomy());
    (void)first.offer(alert(Kind::crashed), k_now);
    (void)first.offer(alert(Kind::crashed), k_now);
    Gate second(roomy(), first.state());
    CHECK(second.offer(alert(Kind::crashed), k_now + minutes(1)) == Verdict::repeated);
    REQUIRE(second.due(k_now + minutes(10)).size() == 1);
}

}  // namespace
}  // namespace bullpen::notify
