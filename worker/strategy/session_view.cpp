#include "worker/strategy/session_view.hpp"

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
    facts.trading_day = session.day;
    facts.entries = session.entries;
    const bool outlived =
        session.shut != time::Shut::open && session.cause != time::FlattenCause::none;
    facts.forced = session.forced || outlived;
    facts.event_exit = facts.state == TradingState::blackout && session.flatten;
    bring_to(facts, session, now);
    return facts;
}

}  // namespace bullpen::strategy
