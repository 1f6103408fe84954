#include "worker/strategy/session_view.hpp"

#include <algorithm>

namespace bullpen::strategy {

namespace {

TradingState state_of(time::TradingState state) {
    switch (state) {
        case time::TradingState::closed: return TradingState::closed;
        case time::TradingState::event_block: return TradingState::blackout;
        case time::TradingState::flatten_mode: return TradingState::flatten;
        case time::TradingState::entry_window: return TradingState::entry_window;
    }
    return TradingState::closed;
}

}  // namespace

SessionFacts session_facts(const time::SessionFacts& session, UtcTime now) {
    SessionFacts facts;
    facts.state = state_of(session.state);
    facts.minute_of_day = session.minute_of_day(now);
    facts.trading_day = session.day;
    facts.entries = session.entries;
    facts.forced = session.forced;
    facts.event_exit = facts.state == TradingState::blackout && session.flatten;
    if (session.flatten_begins != UtcTime::max()) {
        const auto left = (session.flatten_begins - now) / std::chrono::minutes(1);
        facts.minutes_to_flatten =
            static_cast<int>(std::clamp<std::int64_t>(left, 0, SessionFacts::k_never));
    }
    if (session.entries_resume > now)
        facts.entries_resume = session.entries_resume;
    return facts;
}

}  // namespace bullpen::strategy
