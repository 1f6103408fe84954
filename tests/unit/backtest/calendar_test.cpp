// A backtest that knows the calendar stands aside as a worker would.
#include "worker/backtest/calendar.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <vector>

#include "tests/unit/backtest/market.hpp"

using namespace bullpen;
using namespace bullpen::backtest;
using namespace std::chrono_literals;

namespace {

constexpr std::size_t k_month = 22UL * 1380;

events::Event event_at(UtcTime at, const std::string& id) {
    events::Event event;
    event.id = id;
    event.series = "us.bls.empsit";
    event.title = "Employment Situation";
    event.currency = "USD";
    event.importance = 3;
    event.utc = at;
    event.zone = "UTC";
    const auto text = format_utc(at);
    event.local = *events::parse_local(text.substr(0, 16));
    return event;
}

// Half an hour before and an hour after each of these; nothing else is stood aside for.
KnownCalendar calendar_of(const std::vector<UtcTime>& times) {
    KnownCalendar known;
    known.snapshot.emplace();
    for (std::size_t i = 0; i < times.size(); ++i)
        known.snapshot->events.push_back(event_at(times[i], "us.bls.empsit:" + std::to_string(i)));
    return known;
}

BacktestSettings settings_with(const KnownCalendar& known, std::string window) {
    auto made = test::run_settings();
    made.calendar = &known;
    made.events.windows = {std::move(window)};
    made.events.on_unknown = config::OnUnknown::trade;
    return made;
}

bool is_within(UtcTime at, UtcTime event) {
    return at >= event - 30min && at < event + 60min;
}

}  // namespace

TEST_CASE("a backtest enters nothing within the window of an event, and elsewhere as without one") {
    const auto bars = test::market(1, k_month);
    const SystemClock clock;
    const auto without = run(test::run_settings(), bars, clock).value();
    REQUIRE(without.trades.size() > 5);
    // An event at the time of every other entry.
    std::vector<UtcTime> times;
    for (std::size_t i = 0; i < without.trades.size(); i += 2)
        times.push_back(without.trades[i].opened);
    const auto known = calendar_of(times);
    const auto with =
        run(settings_with(known, "nfp: 30 min before, 60 min after, block_entries"), bars, clock);
    REQUIRE_MESSAGE(with.has_value(), with.error().message());
    const auto is_blocked = [&](UtcTime at) {
        // Decided on the bar before.
        return std::ranges::any_of(times, [&](UtcTime event) { return is_within(at, event); });
    };
    CHECK(with->trades_hash != without.trades_hash);
    REQUIRE_FALSE(with->trades.empty());
    for (const auto& trade : with->trades) {
        CAPTURE(format_utc(trade.opened));
        CHECK_FALSE(is_blocked(trade.opened));
    }
    CHECK(with->gates.count(strategy::Gate::entries_not_allowed) > 0);
    // The first event blocks the first trade alone: what comes before it is as it was.
    const auto one = calendar_of({without.trades[3].opened});
    const auto after =
        run(settings_with(one, "nfp: 30 min before, 60 min after, block_entries"), bars, clock)
            .value();
    REQUIRE(after.trades.size() >= 3);
    CHECK(std::equal(after.trades.begin(), after.trades.begin() + 3, without.trades.begin()));
}

TEST_CASE("a window that flattens closes what is held before it begins") {
    const auto bars = test::market(1, k_month);
    const SystemClock clock;
    const auto without = run(test::run_settings(), bars, clock).value();
    const auto long_one = std::ranges::find_if(
        without.trades, [](const auto& trade) { return trade.closed - trade.opened > 10min; });
    REQUIRE(long_one != without.trades.end());
    const auto begins = long_one->opened + 5min;
    const auto known = calendar_of({begins + 30min});
    const auto with =
        run(settings_with(known, "nfp: 30 min before, 60 min after, flatten"), bars, clock).value();
    const auto same = std::ranges::find_if(
        with.trades, [&](const auto& trade) { return trade.opened == long_one->opened; });
    REQUIRE(same != with.trades.end());
    // With the bar before, as the next one would be too late.
    CHECK(same->closed == begins - 1min);
    CHECK(same->why.view() == "event");
    // One that does not flatten leaves it.
    const auto left =
        run(settings_with(known, "nfp: 30 min before, 60 min after, block_entries"), bars, clock)
            .value();
    CHECK(std::ranges::any_of(left.trades, [&](const auto& trade) { return trade == *long_one; }));
}

TEST_CASE("what the calendar does not know is traded or not as the settings say") {
    const auto bars = test::market(1, k_month);
    const SystemClock clock;
    const auto without = run(test::run_settings(), bars, clock).value();
    const KnownCalendar nothing;
    auto made = settings_with(nothing, "nfp: 30 min before, 60 min after, block_entries");
    CHECK(run(made, bars, clock)->trades_hash == without.trades_hash);
    made.events.on_unknown = config::OnUnknown::block;
    CHECK(run(made, bars, clock)->trades.empty());
    made.events.enabled = false;
    CHECK(run(made, bars, clock)->trades_hash == without.trades_hash);
    // The times at which figures come out, and no other.
    made.events.enabled = true;
    made.events.on_unknown = config::OnUnknown::slots;
    const auto slots = run(made, bars, clock).value();
    CHECK(slots.trades.size() < without.trades.size());
    CHECK_FALSE(slots.trades.empty());
}

TEST_CASE("standing aside is asked over years, further than one timeline speaks") {
    const auto first = *parse_utc("2024-01-05T13:30:00Z");
    std::vector<UtcTime> times;
    for (int i = 0; i < 30; ++i)
        times.push_back(first + i * 28 * 24h);
    const auto known = calendar_of(times);
    config::EventSettings events;
    events.windows = {"nfp: 30 min before, 60 min after, block_entries"};
    events.on_unknown = config::OnUnknown::trade;
    auto aside = StandingAside::create(known, events).value();
    for (UtcTime at = first - 24h; at < times.back() + 24h; at += 15min) {
        const bool near =
            std::ranges::any_of(times, [&](UtcTime event) { return is_within(at, event); });
        if (aside.at(at).entries == near)
            FAIL_CHECK(format_utc(at));
    }
}
