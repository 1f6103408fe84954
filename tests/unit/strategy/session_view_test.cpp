#include "worker/strategy/session_view.hpp"

#include <doctest/doctest.h>

namespace bullpen::strategy {
namespace {

using namespace std::chrono_literals;

const UtcTime k_now(std::chrono::sys_days(std::chrono::year(2025) / 4 / 8) + 19h + 55min);

time::SessionFacts open_session() {
    time::SessionFacts session;
    session.begin = k_now - 1h;
    session.end = k_now + 1h;
    session.state = time::TradingState::entry_window;
    session.day = std::chrono::year(2025) / 4 / 8;
    session.entries = true;
    session.entries_resume = session.begin;
    session.flatten_begins = k_now + 5min + 30s;
    session.offset = -4h;
    return session;
}

TEST_CASE("the clock of an open session is told as it is") {
    const SessionFacts facts = session_facts(open_session(), k_now);
    CHECK(facts.state == TradingState::entry_window);
    CHECK(facts.entries);
    CHECK(facts.minute_of_day == 15 * 60 + 55);
    CHECK(facts.trading_day == std::chrono::sys_days(std::chrono::year(2025) / 4 / 8));
    CHECK(facts.minutes_to_flatten == 6);
    CHECK(facts.entries_resume == UtcTime{});
    CHECK_FALSE(facts.forced);
}

TEST_CASE("what is brought on minute by minute is what is told of each minute") {
    time::SessionFacts session = open_session();
    session.begin = k_now - 9h;
    session.end = k_now + 14h;
    session.entries_resume = k_now + 1h;
    for (const UtcTime flatten : {k_now + 5min, k_now + 5min + 30s, k_now - 1h, UtcTime::max(),
                                  k_now + std::chrono::minutes(SessionFacts::k_never) + 3min}) {
        session.flatten_begins = flatten;
        SessionFacts carried = session_facts(session, session.begin);
        for (UtcTime now = session.begin + 1min; now < session.end; now += 1min) {
            bring_on_a_minute(carried, session, now);
            const SessionFacts told = session_facts(session, now);
            CAPTURE((now - session.begin) / 1min);
            REQUIRE(carried.minute_of_day == told.minute_of_day);
            REQUIRE(carried.minutes_to_flatten == told.minutes_to_flatten);
            REQUIRE(carried.entries_resume == told.entries_resume);
        }
    }
}

TEST_CASE(
    "within a minute as many minutes are left as at its begin, and none only at flatten time") {
    time::SessionFacts session = open_session();
    session.flatten_begins = k_now + 3min;
    const auto left = [&](Nanos later) {
        return session_facts(session, k_now + later).minutes_to_flatten;
    };
    CHECK(left(0s) == 3);
    CHECK(left(1s) == 3);
    CHECK(left(1min - 1ns) == 3);
    CHECK(left(1min) == 2);
    CHECK(left(2min + 3s) == 1);
    CHECK(left(3min - 1ns) == 1);
    CHECK(left(3min) == 0);
}

TEST_CASE("without a time to be flat by there is no flatten time to come") {
    time::SessionFacts session = open_session();
    session.flatten_begins = UtcTime::max();
    CHECK(session_facts(session, k_now).minutes_to_flatten == SessionFacts::k_never);
}

TEST_CASE("flatten time, its last minutes, an event, and a shut market") {
    time::SessionFacts session = open_session();
    session.state = time::TradingState::flatten_mode;
    session.entries = false;
    session.flatten = true;
    session.flatten_begins = k_now - 1min;
    session.entries_resume = k_now + 3h;
    SessionFacts facts = session_facts(session, k_now);
    CHECK(facts.state == TradingState::flatten);
    CHECK(facts.minutes_to_flatten == 0);
    CHECK(facts.entries_resume == k_now + 3h);
    CHECK_FALSE(facts.forced);
    CHECK_FALSE(facts.event_exit);
    session.forced = true;
    CHECK(session_facts(session, k_now).forced);
    session.forced = false;
    session.state = time::TradingState::event_block;
    CHECK(session_facts(session, k_now).state == TradingState::blackout);
    CHECK(session_facts(session, k_now).event_exit);
    session.flatten = false;
    CHECK_FALSE(session_facts(session, k_now).event_exit);
    session.state = time::TradingState::closed;
    CHECK(session_facts(session, k_now).state == TradingState::closed);
}

}  // namespace
}  // namespace bullpen::strategy
