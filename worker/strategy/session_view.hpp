// The session clock's answer as a strategy is told it.
#pragma once

#include <algorithm>

#include "common/time/session_clock.hpp"
#include "worker/strategy/facts.hpp"

namespace bullpen::strategy {

// `session` holds at `now`.
SessionFacts session_facts(const time::SessionFacts& session, UtcTime now);

// What session_facts() gave for `session` at one time, brought to another: of all facts these are
// the ones that change while the session's do not.
inline void bring_to(SessionFacts& facts, const time::SessionFacts& session, UtcTime now) {
    facts.minute_of_day = session.minute_of_day(now);
    if (session.flatten_begins != UtcTime::max()) {
        // A minute that has begun is not over: at a trade in it the rules of the last minutes would
        // act too early.
        constexpr Nanos k_minute = std::chrono::minutes(1);
        const auto left = (session.flatten_begins - now + k_minute - Nanos{1}) / k_minute;
        facts.minutes_to_flatten =
            static_cast<int>(std::clamp<std::int64_t>(left, 0, SessionFacts::k_never));
    }
    facts.entries_resume = session.entries_resume > now ? session.entries_resume : UtcTime{};
}

// The same from a minute before `now` to `now`, as it is from most bars to the next: without a
// division.
inline void bring_on_a_minute(SessionFacts& facts, const time::SessionFacts& session, UtcTime now) {
    constexpr int k_last = 24 * 60 - 1;
    facts.minute_of_day = facts.minute_of_day == k_last ? 0 : facts.minute_of_day + 1;
    if (facts.minutes_to_flatten == SessionFacts::k_never) [[unlikely]]
        return bring_to(facts, session, now);
    facts.minutes_to_flatten -= facts.minutes_to_flatten > 0 ? 1 : 0;
    facts.entries_resume = session.entries_resume > now ? session.entries_resume : UtcTime{};
}

}  // namespace bullpen::strategy
