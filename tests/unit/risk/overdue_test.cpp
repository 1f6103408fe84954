#include "worker/risk/overdue.hpp"

#include <doctest/doctest.h>

#include "common/model/rule_pack.hpp"
#include "worker/risk/session_rules.hpp"

namespace bullpen::risk {

namespace {

UtcTime utc(const char* text) {
    const auto at = parse_utc(text);
    REQUIRE_MESSAGE(at.has_value(), text);
    return *at;
}

struct Rules {
    explicit Rules(const time::SessionRules& rules)
        : clock(*time::MarketCalendar::load(time::Market::cme_equity_index), rules) {}
    // In winter, when 16:10 in New York is 21:10 in UTC.
    [[nodiscard]] Overdue judge(const char* opened, const char* at) const {
        return overdue(clock.facts(utc(at)), clock.facts(utc(opened)), utc(at));
    }
    time::SessionClock clock;
};

time::SessionRules topstep() {
    time::SessionRules rules;
    rules.pack_flat_by = std::chrono::hours(16) + std::chrono::minutes(10);
    return rules;
}

}  // namespace

TEST_CASE("what is held near the time to be flat by is closed by the clock, after the strategy") {
    const Rules rules(topstep());
    const auto* const opened = "2025-11-25T20:30:00Z";
    CHECK(rules.judge(opened, "2025-11-25T21:00:00Z") == Overdue::none);
    // From 16:05 on the strategy closes, and has two minutes for it.
    CHECK(rules.judge(opened, "2025-11-25T21:06:59Z") == Overdue::none);
    CHECK(rules.judge(opened, "2025-11-25T21:07:00Z") == Overdue::flat_by);
    CHECK(rules.judge(opened, "2025-11-25T21:09:59Z") == Overdue::flat_by);
    CHECK(rules.judge(opened, "2025-11-25T21:30:00Z") == Overdue::flat_by);
    // What is sent in the break would wait for the evening.
    CHECK(rules.judge(opened, "2025-11-25T22:30:00Z") == Overdue::none);
}

TEST_CASE("a short time for closing is shared with the strategy") {
    auto short_rules = topstep();
    short_rules.forced_lead = std::chrono::minutes(1);
    const Rules rules(short_rules);
    CHECK(rules.judge("2025-11-25T20:30:00Z", "2025-11-25T21:09:29Z") == Overdue::none);
    CHECK(rules.judge("2025-11-25T20:30:00Z", "2025-11-25T21:09:30Z") == Overdue::flat_by);
}

TEST_CASE("a position that outlived its day is closed, one of the new session is left alone") {
    const Rules rules(topstep());
    // Opened before 16:10, and still there at 18:05 or on the next morning.
    CHECK(rules.judge("2025-11-25T20:30:00Z", "2025-11-25T23:05:00Z") == Overdue::overnight);
    CHECK(rules.judge("2025-11-25T20:30:00Z", "2025-11-26T15:00:00Z") == Overdue::overnight);
    // Over a weekend.
    CHECK(rules.judge("2025-11-21T20:00:00Z", "2025-11-23T23:01:00Z") == Overdue::overnight);
    // Of 18:05 it is the new day's, at midnight as well.
    CHECK(rules.judge("2025-11-25T23:05:00Z", "2025-11-25T23:06:00Z") == Overdue::none);
    CHECK(rules.judge("2025-11-25T23:05:00Z", "2025-11-26T05:01:00Z") == Overdue::none);
}

TEST_CASE("who may hold overnight is not closed for it") {
    time::SessionRules rules;
    rules.flat_at_close = false;
    rules.friday_flat_by = std::nullopt;
    const Rules free(rules);
    CHECK(free.judge("2025-11-25T20:30:00Z", "2025-11-26T15:00:00Z") == Overdue::none);
    CHECK(free.judge("2025-11-25T20:30:00Z", "2025-11-25T21:59:59Z") == Overdue::none);
    // Only flat over the weekend: what is held since Thursday is closed on Friday, by its time.
    rules.friday_flat_by = std::chrono::hours(16);
    const Rules weekly(rules);
    CHECK(weekly.judge("2025-11-20T20:30:00Z", "2025-11-21T15:00:00Z") == Overdue::none);
    CHECK(weekly.judge("2025-11-20T20:30:00Z", "2025-11-21T20:58:00Z") == Overdue::flat_by);
}

}  // namespace bullpen::risk
