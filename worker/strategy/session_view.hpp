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
        const auto left = (session.flatten_begins - now) / std::chrono::minutes(1);
        facts.minutes_to_flatten =
            static_cast<int>(std::clamp<std::int64_t>(left, 0, SessionFacts::k_never));
    }
    facts.entries_resume = session.entries_resume > now ? session.entries_resume : UtcTime{};
}

}  // namespace bullpen::strategy
