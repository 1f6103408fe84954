#include "common/time/session_clock.hpp"

#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <array>
#include <vector>

namespace bullpen::time {
namespace {

using std::chrono::hours;
using std::chrono::minutes;

const MarketCalendar& calendar(Market market) {
    static const auto make = [](Market m) { return *MarketCalendar::load(m); };
    static const std::array<MarketCalendar, k_markets> all = {make(Market::cme_equity_index),
                                                              make(Market::cme_fx),
                                                              make(Market::cme_metals),
                                                              make(Market::cme_energy),
                                                              make(Market::cme_rates),
                                                              make(Market::nse_cash),
                                                              make(Market::nyse),
                                                              make(Market::nse_derivatives)};
    return all[static_cast<std::size_t>(market)];
}

rc::Gen<Market> any_market() {
    return rc::gen::map(rc::gen::inRange<int>(0, static_cast<int>(k_markets)),
                        [](int i) { return static_cast<Market>(i); });
}

// 2020 to 2035, so that the table's years and others are met.
rc::Gen<UtcTime> any_instant() {
    return rc::gen::map(rc::gen::inRange<std::int64_t>(1'577'836'800, 2'082'758'400),
                        [](std::int64_t s) { return UtcTime(std::chrono::seconds(s)); });
}

TEST_CASE("spans tile time: each begins where the one before ended, and holds what it says") {
    CHECK(rc::check("spans tile time", [] {
        const auto& market = calendar(*any_market());
        const UtcTime at = *any_instant();
        const MarketSpan span = market.span(at);
        RC_ASSERT(span.holds(at));
        const MarketSpan next = market.span(span.end);
        RC_ASSERT(next.begin == span.end);
        const MarketSpan last = market.span(span.end - Nanos(1));
        RC_ASSERT(last.begin == span.begin);
        RC_ASSERT(last.shut == span.shut);
        RC_ASSERT(span.day <= next.day);
        // Counters begin anew only where a span begins.
        RC_ASSERT(last.day == span.day);
    }));
}

TEST_CASE("the next opening is open, the instant before it is not, and closes are the other way") {
    CHECK(rc::check("openings open", [] {
        const auto& market = calendar(*any_market());
        const MarketSpan span = market.span(*any_instant());
        RC_ASSERT(market.open(span.next_open));
        RC_ASSERT(!market.open(span.next_open - Nanos(1)));
        RC_ASSERT(!market.open(span.next_close));
        RC_ASSERT(market.open(span.next_close - Nanos(1)));
        RC_ASSERT((span.open() ? span.next_close == span.end : span.next_close > span.next_open));
    }));
}

TEST_CASE("outside of the table, hours are those of the plain week of futures") {
    const FuturesSession plain(calendar(Market::cme_fx).zone());
    const MarketCalendar& metals = calendar(Market::cme_metals);
    const UtcTime end(std::chrono::sys_days(std::chrono::January / 1 / 2036));
    int compared = 0;
    for (UtcTime at(std::chrono::sys_days(std::chrono::January / 1 / 2020)); at < end;) {
        const MarketSpan span = metals.span(at);
        for (const UtcTime moment :
             {span.begin, span.begin + (span.end - span.begin) / 2, span.end - Nanos(1)}) {
            // The table names neither the day that began last nor the one that may begin now: what
            // it only assumes has hours of its own too, though it does not speak for them.
            const DayHours next = metals.hours(plain.trading_day(moment));
            if (span.covered || span.assumed || next.covered || next.holiday != nullptr)
                continue;
            ++compared;
            CAPTURE(moment.time_since_epoch().count());
            CHECK(span.open() == plain.open(moment));
            if (span.open())
                CHECK(span.day == plain.trading_day(moment));
        }
        at = span.end;
    }
    CHECK(compared > 10'000);
}

TEST_CASE("a trading day's open minutes are at most 1380, and each minute belongs to one day") {
    CHECK(rc::check("days are bounded", [] {
        const auto& market = calendar(*any_market());
        const DayHours day = market.hours(market.trading_day(*any_instant()));
        RC_ASSERT(day.count > 0);
        Nanos open{0};
        for (std::size_t i = 0; i < day.count; ++i) {
            const auto& block = day.blocks[i];
            RC_ASSERT(block.opens < block.closes);
            RC_ASSERT(block.opens >= day.begins);
            open += block.closes - block.opens;
            RC_ASSERT(market.trading_day(block.opens) == day.day);
            RC_ASSERT(market.trading_day(block.closes - Nanos(1)) == day.day);
        }
        RC_ASSERT(open <= minutes(1380));
    }));
}

SessionRules any_rules() {
    const auto time = [] {
        return *rc::gen::inRange(0, 3) == 0
                   ? std::optional<Nanos>()
                   : std::optional<Nanos>(minutes(*rc::gen::inRange(0, 1440)));
    };
    SessionRules rules;
    rules.flat_by = time();
    rules.pack_flat_by = time();
    rules.friday_flat_by = time();
    rules.friday_last_entry = time();
    rules.flat_at_close = *rc::gen::arbitrary<bool>();
    rules.entries_uncovered = *rc::gen::arbitrary<bool>();
    rules.flatten_lead = minutes(*rc::gen::inRange(0, 120));
    rules.forced_lead = minutes(*rc::gen::inRange(0, 120));
    rules.early_close_margin = minutes(*rc::gen::inRange(0, 120));
    return rules;
}

TEST_CASE("facts hold for as long as they say, and their parts fit each other") {
    CHECK(rc::check("facts are consistent", [] {
        SessionClock session(calendar(*any_market()), any_rules());
        const UtcTime at = *any_instant();
        std::vector<Blackout> blackouts;
        for (int i = *rc::gen::inRange(0, 4); i > 0; --i) {
            const UtcTime begin = at + minutes(*rc::gen::inRange(-300, 300));
            blackouts.push_back(
                {begin, begin + minutes(*rc::gen::inRange(0, 300)), *rc::gen::arbitrary<bool>()});
        }
        session.set_blackouts(blackouts);
        const SessionFacts facts = session.facts(at);
        RC_ASSERT(facts.holds(at));
        for (const UtcTime other : {facts.begin, facts.end - Nanos(1)}) {
            const SessionFacts same = session.facts(other);
            RC_ASSERT(same.begin == facts.begin);
            RC_ASSERT(same.end == facts.end);
            RC_ASSERT(same.state == facts.state);
            RC_ASSERT(same.entries == facts.entries);
            RC_ASSERT(same.flatten == facts.flatten);
            RC_ASSERT(same.forced == facts.forced);
        }
        bool blocked = false;
        for (const Blackout& blackout : blackouts)
            blocked = blocked || (blackout.begin <= at && at < blackout.end);
        RC_ASSERT((facts.state == TradingState::closed) == (facts.shut != Shut::open));
        RC_ASSERT(!facts.entries || facts.state == TradingState::entry_window);
        RC_ASSERT(!facts.entries || !blocked);
        RC_ASSERT(!facts.entries || !facts.flatten);
        RC_ASSERT(!facts.forced || facts.flatten);
        RC_ASSERT(facts.flatten_begins <= facts.forced_begins);
        RC_ASSERT(facts.forced_begins <= facts.flat_by);
        RC_ASSERT(facts.entries_end <= facts.flatten_begins);
    }));
}

TEST_CASE("another flatten rule never makes an account flat later") {
    CHECK(rc::check("the earliest wins", [] {
        const auto& market = calendar(*any_market());
        const SessionRules rules = any_rules();
        SessionRules stricter = rules;
        stricter.flat_by = minutes(*rc::gen::inRange(0, 1440));
        RC_PRE(!rules.flat_by);
        const UtcTime at = *any_instant();
        const SessionFacts loose = SessionClock(market, rules).facts(at);
        const SessionFacts strict = SessionClock(market, stricter).facts(at);
        RC_ASSERT(strict.flat_by <= loose.flat_by);
        RC_ASSERT(!loose.flatten || strict.flatten);
        RC_ASSERT(!strict.entries || loose.entries);
        RC_ASSERT(loose.shut != Shut::open || strict.flat_by <= loose.next_close ||
                  market.hours(loose.day).count > 1);
    }));
}

}  // namespace
}  // namespace bullpen::time
