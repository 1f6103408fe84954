#include "common/time/session_clock.hpp"

#include <doctest/doctest.h>

#include <string>

namespace bullpen::time {
namespace {

using std::chrono::hours;
using std::chrono::minutes;

UtcTime at(const std::string& text) {
    const auto time = parse_utc(text);
    REQUIRE_MESSAGE(time.has_value(), text);
    return *time;
}

// A time on the wall clock of New York: "2025-04-07 16:45".
UtcTime ny(const std::string& text) {
    static const Zone zone = *Zone::load("America/New_York");
    const auto wall = at(text.substr(0, 10) + "T" + text.substr(11) + ":00Z");
    return zone.read(LocalTime(wall.time_since_epoch())).earliest;
}

SessionClock clock(SessionRules rules = {}) {
    static const MarketCalendar calendar = *MarketCalendar::load(Market::cme_equity_index);
    return {calendar, rules};
}

std::string state(const SessionClock& session, const std::string& wall) {
    return std::string(code(session.facts(ny(wall)).state));
}

bool entries(const SessionClock& session, const std::string& wall) {
    return session.facts(ny(wall)).entries;
}

TEST_CASE("an ordinary day has its entry window, its flatten time and its break") {
    const auto session = clock();
    // Tuesday 2025-04-08.
    CHECK(state(session, "2025-04-07 18:00") == "entry_window");
    CHECK(state(session, "2025-04-08 03:00") == "entry_window");
    CHECK(state(session, "2025-04-08 16:44") == "entry_window");
    CHECK(entries(session, "2025-04-08 16:44"));
    CHECK(state(session, "2025-04-08 16:45") == "flatten_mode");
    CHECK_FALSE(entries(session, "2025-04-08 16:45"));
    CHECK_FALSE(session.facts(ny("2025-04-08 16:54")).forced);
    CHECK(session.facts(ny("2025-04-08 16:55")).forced);
    CHECK(state(session, "2025-04-08 16:59") == "flatten_mode");
    CHECK(state(session, "2025-04-08 17:00") == "closed");
    CHECK(state(session, "2025-04-08 17:59") == "closed");
    CHECK(state(session, "2025-04-08 18:00") == "entry_window");
    const auto facts = session.facts(ny("2025-04-08 12:00"));
    CHECK(facts.cause == FlattenCause::market_close);
    CHECK(facts.flat_by == ny("2025-04-08 17:00"));
    CHECK(facts.flatten_begins == ny("2025-04-08 16:45"));
    CHECK(facts.forced_begins == ny("2025-04-08 16:55"));
    CHECK(facts.minutes_to_close(ny("2025-04-08 12:00")) == 300);
}

TEST_CASE("a position of the new session is left alone at 18:05") {
    SessionRules rules;
    rules.pack_flat_by = hours(16) + minutes(10);
    rules.flat_by = hours(15);
    for (const char* evening : {"2025-04-06 18:05", "2025-04-07 18:05", "2025-04-10 18:05",
                                "2025-04-13 18:05", "2025-11-27 18:05", "2025-12-25 18:05"}) {
        CAPTURE(evening);
        const auto session = clock(rules);
        const auto facts = session.facts(ny(evening));
        CHECK(facts.state == TradingState::entry_window);
        CHECK_FALSE(facts.flatten);
        CHECK_FALSE(facts.forced);
        CHECK(facts.entries);
        CHECK(facts.flatten_begins - ny(evening) > hours(12));
    }
}

TEST_CASE("of several flatten times the earliest wins, whichever it is") {
    struct Row {
        const char* day;
        const char* own;
        const char* pack;
        const char* flat_by;
        FlattenCause cause;
    };
    const auto tod = [](const char* text) {
        return *text == 0 ? std::nullopt : std::optional(parse_time_of_day(text).value());
    };
    for (const Row& row : {
             Row{"2025-04-08", "", "", "17:00", FlattenCause::market_close},
             Row{"2025-04-08", "", "16:10", "16:10", FlattenCause::rule_pack},
             Row{"2025-04-08", "15:00", "16:10", "15:00", FlattenCause::account},
             Row{"2025-04-08", "16:30", "16:10", "16:10", FlattenCause::rule_pack},
             Row{"2025-04-08", "16:10", "16:10", "16:10", FlattenCause::account},
             // A time at which the market is shut means its close.
             Row{"2025-04-08", "17:30", "", "17:00", FlattenCause::market_close},
             Row{"2025-04-11", "", "", "16:45", FlattenCause::friday},
             Row{"2025-04-11", "", "16:10", "16:10", FlattenCause::rule_pack},
             // Half days: five minutes before 13:15 and before 13:00.
             Row{"2025-12-24", "", "16:10", "13:10", FlattenCause::early_close},
             Row{"2025-11-28", "", "16:10", "13:10", FlattenCause::early_close},
             Row{"2025-05-26", "12:00", "16:10", "12:00", FlattenCause::account},
             Row{"2025-05-26", "", "16:10", "12:55", FlattenCause::early_close},
             Row{"2025-01-09", "", "16:10", "09:25", FlattenCause::early_close},
         }) {
        CAPTURE(row.day);
        CAPTURE(row.own);
        SessionRules rules;
        rules.flat_by = tod(row.own);
        rules.pack_flat_by = tod(row.pack);
        const auto facts = clock(rules).facts(ny(std::string(row.day) + " 08:00"));
        CHECK(facts.flat_by == ny(std::string(row.day) + " " + row.flat_by));
        CHECK(facts.cause == row.cause);
        CHECK(facts.forced_begins == facts.flat_by - minutes(5));
        CHECK(facts.flatten_begins == facts.flat_by - minutes(15));
    }
}

TEST_CASE("flatten mode lasts from its beginning to the close, and entries stay shut") {
    SessionRules rules;
    rules.pack_flat_by = hours(16) + minutes(10);
    const auto session = clock(rules);
    CHECK(state(session, "2025-04-08 15:54") == "entry_window");
    CHECK(state(session, "2025-04-08 15:55") == "flatten_mode");
    CHECK(session.facts(ny("2025-04-08 16:05")).forced);
    CHECK(session.facts(ny("2025-04-08 16:30")).forced);
    CHECK(state(session, "2025-04-08 16:30") == "flatten_mode");
    CHECK(state(session, "2025-04-08 17:00") == "closed");
    CHECK(session.facts(ny("2025-04-08 16:30")).entries_resume == ny("2025-04-08 18:00"));
}

TEST_CASE("a flat-by time in the evening is of the evening that opens the trading day") {
    SessionRules rules;
    rules.flat_by = hours(20);
    const auto session = clock(rules);
    CHECK(state(session, "2025-04-07 19:44") == "entry_window");
    CHECK(state(session, "2025-04-07 19:45") == "flatten_mode");
    CHECK(state(session, "2025-04-08 10:00") == "flatten_mode");
    CHECK(state(session, "2025-04-08 18:30") == "entry_window");
}

TEST_CASE("on a Friday entries end early and everything is closed earlier") {
    auto rules = SessionRules{};
    rules.flatten_lead = minutes(10);
    const auto session = clock(rules);
    CHECK(entries(session, "2025-04-11 16:29"));
    CHECK_FALSE(entries(session, "2025-04-11 16:30"));
    CHECK(state(session, "2025-04-11 16:30") == "entry_window");
    CHECK(state(session, "2025-04-11 16:35") == "flatten_mode");
    CHECK(session.facts(ny("2025-04-11 16:40")).forced);
    // Thursday evening is Friday's trading day, and Friday evening is shut.
    CHECK(session.facts(ny("2025-04-10 18:30")).friday());
    CHECK(state(session, "2025-04-11 18:30") == "closed");
    CHECK(entries(session, "2025-04-10 16:35"));
}

TEST_CASE("without any flatten rule positions may be held over the close") {
    SessionRules rules;
    rules.flat_at_close = false;
    rules.friday_flat_by.reset();
    rules.friday_last_entry.reset();
    const auto facts = clock(rules).facts(ny("2025-04-11 16:59"));
    CHECK(facts.state == TradingState::entry_window);
    CHECK(facts.entries);
    CHECK(facts.cause == FlattenCause::none);
    CHECK(facts.flat_by == UtcTime::max());
}

TEST_CASE("over which nights a position may be held follows from the day before them") {
    // By the usual rules over none.
    CHECK(clock().facts(ny("2025-04-08 17:30")).cause == FlattenCause::market_close);
    SessionRules rules;
    rules.flat_at_close = false;
    const auto weekly = clock(rules);
    CHECK(weekly.facts(ny("2025-04-08 17:30")).cause == FlattenCause::none);
    CHECK(weekly.facts(ny("2025-04-10 17:30")).cause == FlattenCause::none);
    // Not over the weekend, as Friday has a time of its own.
    CHECK(weekly.facts(ny("2025-04-11 18:30")).cause == FlattenCause::friday);
    CHECK(weekly.facts(ny("2025-04-13 12:00")).cause == FlattenCause::friday);
    rules.friday_flat_by.reset();
    CHECK(clock(rules).facts(ny("2025-04-13 12:00")).cause == FlattenCause::none);
    rules.flat_by = std::chrono::hours(16);
    CHECK(clock(rules).facts(ny("2025-04-08 17:30")).cause == FlattenCause::account);
}

TEST_CASE("closed goes before an event, an event before flatten mode, that before entries") {
    auto session = clock();
    session.set_blackouts({{ny("2025-04-08 16:30"), ny("2025-04-08 18:30"), false},
                           {ny("2025-04-09 13:30"), ny("2025-04-09 15:30"), true}});
    CHECK(state(session, "2025-04-08 16:29") == "entry_window");
    CHECK(state(session, "2025-04-08 16:30") == "event_block");
    CHECK(state(session, "2025-04-08 16:50") == "event_block");
    // Flattening goes on although the state has another name.
    CHECK(session.facts(ny("2025-04-08 16:50")).flatten);
    CHECK(session.facts(ny("2025-04-08 16:55")).forced);
    CHECK(state(session, "2025-04-08 17:00") == "closed");
    CHECK(state(session, "2025-04-08 18:00") == "event_block");
    CHECK_FALSE(session.facts(ny("2025-04-08 18:00")).flatten);
    CHECK(session.facts(ny("2025-04-08 18:00")).entries_resume == ny("2025-04-08 18:30"));
    CHECK(state(session, "2025-04-08 18:30") == "entry_window");
    // Half open: the last instant is the one before its end.
    CHECK(state(session, "2025-04-09 13:30") == "event_block");
    CHECK(session.facts(ny("2025-04-09 14:00")).event_flatten);
    CHECK(session.facts(ny("2025-04-09 15:30") - Nanos(1)).state == TradingState::event_block);
    CHECK(state(session, "2025-04-09 15:30") == "entry_window");
}

TEST_CASE("overlapping blackouts end with the last of them, and empty ones are none") {
    auto session = clock();
    session.set_blackouts({{ny("2025-04-09 14:00"), ny("2025-04-09 15:30"), false},
                           {ny("2025-04-09 13:30"), ny("2025-04-09 14:30"), false},
                           {ny("2025-04-09 10:00"), ny("2025-04-09 10:00"), false},
                           {ny("2025-04-09 11:00"), ny("2025-04-09 09:00"), true}});
    CHECK(state(session, "2025-04-09 10:00") == "entry_window");
    CHECK(state(session, "2025-04-09 13:45") == "event_block");
    CHECK(session.facts(ny("2025-04-09 14:15")).entries_resume == ny("2025-04-09 15:30"));
    CHECK(state(session, "2025-04-09 15:30") == "entry_window");
}

TEST_CASE("nothing is entered on days that the table does not cover, unless it is asked for") {
    CHECK_FALSE(clock().facts(ny("2031-07-02 12:00")).entries);
    CHECK(clock().facts(ny("2031-07-02 12:00")).state == TradingState::entry_window);
    SessionRules rules;
    rules.entries_uncovered = true;
    CHECK(clock(rules).facts(ny("2031-07-02 12:00")).entries);
}

TEST_CASE("the minute of the day is that of the exchange's wall clock, winter and summer") {
    const auto session = clock();
    CHECK(session.facts(at("2025-01-15T15:30:00Z")).minute_of_day(at("2025-01-15T15:30:00Z")) ==
          10 * 60 + 30);
    CHECK(session.facts(at("2025-07-15T15:30:59Z")).minute_of_day(at("2025-07-15T15:30:59Z")) ==
          11 * 60 + 30);
    CHECK(session.facts(at("2025-07-15T02:00:00Z")).hour(at("2025-07-15T02:00:00Z")) == 22);
}

TEST_CASE("a cursor gives what the clock gives, also backwards and across weeks") {
    auto session = clock();
    session.set_blackouts({{ny("2025-03-07 08:00"), ny("2025-03-07 09:30"), true}});
    SessionCursor cursor(session);
    const auto same = [&](UtcTime when) {
        const SessionFacts& cached = cursor.at(when);
        const SessionFacts fresh = session.facts(when);
        CHECK(cached.holds(when));
        CHECK(cached.begin == fresh.begin);
        CHECK(cached.end == fresh.end);
        CHECK(cached.state == fresh.state);
        CHECK(cached.entries == fresh.entries);
        CHECK(cached.day == fresh.day);
        CHECK(cached.forced == fresh.forced);
    };
    for (UtcTime when = ny("2025-03-06 12:00"); when < ny("2025-03-11 12:00"); when += minutes(7))
        same(when);
    same(ny("2025-03-07 08:30"));
    same(ny("2025-03-06 12:00"));
}

TEST_CASE("a time of day is two digits, a colon and two digits") {
    CHECK(parse_time_of_day("00:00").value() == Nanos(0));
    CHECK(parse_time_of_day("23:59").value() == minutes(1439));
    for (const char* bad :
         {"", "16", "16:1", "16:60", "24:00", "4:10", "16-10", "16:10:00", "a6:10"})
        CHECK_FALSE(parse_time_of_day(bad).has_value());
}

}  // namespace
}  // namespace bullpen::time
