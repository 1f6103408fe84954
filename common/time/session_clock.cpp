#include "common/time/session_clock.hpp"

#include <algorithm>
#include <string>
#include <utility>

#include "common/base/errc.hpp"

namespace bullpen::time {

namespace {

using std::chrono::days;

// Facts that change at `boundary` do not hold across it.
void cut(SessionFacts& facts, UtcTime at, UtcTime boundary) {
    if (boundary <= at)
        facts.begin = std::max(facts.begin, boundary);
    else
        facts.end = std::min(facts.end, boundary);
}

// Keeps the earlier of two times to be flat by; of equal ones the first.
void keep_earliest(SessionFacts& facts, UtcTime candidate, FlattenCause cause) {
    if (candidate < facts.flat_by) {
        facts.flat_by = candidate;
        facts.cause = cause;
    }
}

TradingState state_of(const SessionFacts& facts, bool blocked) {
    if (facts.shut != Shut::open)
        return TradingState::closed;
    if (blocked)
        return TradingState::event_block;
    return facts.flatten ? TradingState::flatten_mode : TradingState::entry_window;
}

}  // namespace

std::string_view code(TradingState state) {
    switch (state) {
        case TradingState::closed: return "closed";
        case TradingState::event_block: return "event_block";
        case TradingState::flatten_mode: return "flatten_mode";
        case TradingState::entry_window: return "entry_window";
    }
    return "";
}

std::string_view code(FlattenCause cause) {
    switch (cause) {
        case FlattenCause::none: return "none";
        case FlattenCause::market_close: return "market_close";
        case FlattenCause::early_close: return "early_close";
        case FlattenCause::account: return "account";
        case FlattenCause::rule_pack: return "rule_pack";
        case FlattenCause::friday: return "friday";
    }
    return "";
}

SessionClock::SessionClock(MarketCalendar calendar, SessionRules rules)
    : calendar_(std::move(calendar)), rules_(rules) {}

void SessionClock::set_blackouts(std::vector<Blackout> blackouts) {
    blackouts_ = std::move(blackouts);
}

// A time of day within the trading day: on its date, or on the evening before it. A time at which
// the market is already shut means its close.
UtcTime SessionClock::on_day(TradingDay day, Nanos time_of_day, const DayHours& hours) const {
    const auto on = [&](TradingDay date) {
        return calendar_.zone()
            .read(LocalTime(Nanos(date.time_since_epoch()) + time_of_day))
            .earliest;
    };
    const UtcTime before = on(day - days(1));
    return std::min(before >= hours.begins ? before : on(day), hours.closes());
}

void SessionClock::add_flatten_times(const DayHours& hours, SessionFacts& facts) const {
    const TradingDay day = hours.day;
    if (rules_.flat_at_close) {
        if (hours.early_close())
            keep_earliest(facts, hours.closes() - rules_.early_close_margin,
                          FlattenCause::early_close);
        else
            keep_earliest(facts, hours.closes(), FlattenCause::market_close);
    }
    if (rules_.flat_by)
        keep_earliest(facts, on_day(day, *rules_.flat_by, hours), FlattenCause::account);
    if (rules_.pack_flat_by)
        keep_earliest(facts, on_day(day, *rules_.pack_flat_by, hours), FlattenCause::rule_pack);
    if (facts.friday() && rules_.friday_flat_by)
        keep_earliest(facts, on_day(day, *rules_.friday_flat_by, hours), FlattenCause::friday);
    if (facts.cause != FlattenCause::none) {
        facts.forced_begins = facts.flat_by - rules_.forced_lead;
        facts.flatten_begins = facts.flat_by - std::max(rules_.flatten_lead, rules_.forced_lead);
    }
    facts.entries_end = facts.flatten_begins;
    if (facts.friday() && rules_.friday_last_entry)
        facts.entries_end =
            std::min(facts.entries_end, on_day(day, *rules_.friday_last_entry, hours));
}

std::optional<UtcTime> SessionClock::add_blackouts(UtcTime at, SessionFacts& facts) const {
    std::optional<UtcTime> until;
    for (const Blackout& blackout : blackouts_) {
        if (blackout.begin >= blackout.end)
            continue;
        cut(facts, at, blackout.begin);
        cut(facts, at, blackout.end);
        if (blackout.begin <= at && at < blackout.end) {
            until = std::max(until.value_or(blackout.end), blackout.end);
            facts.event_flatten = facts.event_flatten || blackout.flatten;
        }
    }
    return until;
}

SessionFacts SessionClock::facts(UtcTime at) const {
    const MarketSpan span = calendar_.span(at);
    const OffsetSpan offset = calendar_.zone().span(at);
    SessionFacts facts;
    facts.begin = std::max(span.begin, offset.begin);
    facts.end = std::min(span.end, offset.end);
    facts.offset = offset.offset;
    facts.shut = span.shut;
    facts.day = span.day;
    facts.early_close = span.early_close;
    facts.assumed = span.assumed;
    facts.covered = span.covered;
    facts.next_open = span.next_open;
    facts.next_close = span.next_close;
    facts.entries_resume = span.next_open;
    const std::optional<UtcTime> blocked = add_blackouts(at, facts);
    if (!span.open()) {
        facts.event_flatten = false;
        // By what the day before had to be flat: what is held by then has outlived it.
        MarketSpan before = span;
        while (!before.open() && before.begin != UtcTime::min())
            before = calendar_.span(before.begin - Nanos(1));
        if (before.open()) {
            SessionFacts ended;
            ended.day = before.day;
            add_flatten_times(calendar_.hours(before.day), ended);
            facts.cause = ended.cause;
        }
        return facts;
    }
    add_flatten_times(calendar_.hours(span.day), facts);
    for (const UtcTime boundary : {facts.entries_end, facts.flatten_begins, facts.forced_begins})
        cut(facts, at, boundary);
    facts.flatten = at >= facts.flatten_begins || facts.event_flatten;
    facts.forced = at >= facts.forced_begins;
    const bool in_time = at < facts.entries_end && (facts.covered || rules_.entries_uncovered);
    facts.entries = in_time && !blocked;
    facts.state = state_of(facts, blocked.has_value());
    if (facts.entries)
        facts.entries_resume = facts.begin;
    else if (in_time && *blocked < facts.entries_end)
        facts.entries_resume = *blocked;
    return facts;
}

Result<Nanos> parse_time_of_day(std::string_view text) {
    const auto digit = [&](std::size_t i) { return text[i] >= '0' && text[i] <= '9'; };
    if (text.size() != 5 || text[2] != ':' || !digit(0) || !digit(1) || !digit(3) || !digit(4))
        return fail(Errc::invalid,
                    "'" + std::string(text.substr(0, 16)) + "' is not a time of day, as in 16:10");
    const int hours = (text[0] - '0') * 10 + (text[1] - '0');
    const int minutes = (text[3] - '0') * 10 + (text[4] - '0');
    if (hours > 23 || minutes > 59)
        return fail(Errc::invalid, "'" + std::string(text) + "' is beyond 23:59");
    return Nanos(std::chrono::hours(hours) + std::chrono::minutes(minutes));
}

}  // namespace bullpen::time
