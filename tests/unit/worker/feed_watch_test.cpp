#include "worker/feed_watch.hpp"

#include <doctest/doctest.h>

#include <utility>
#include <vector>

namespace bullpen::worker {

using namespace std::chrono_literals;

TEST_CASE("a mute feed is subscribed to anew, then connected to, then an operator is told") {
    FeedWatch watch;
    CHECK_FALSE(watch.stale());
    std::vector<std::pair<int, FeedStep>> steps;
    for (int second = 0; second <= 150; ++second) {
        if (const auto step = watch.look(MonoTime(std::chrono::seconds(second)));
            step != FeedStep::none)
            steps.emplace_back(second, step);
        CHECK(watch.stale());
    }
    // Who was told is not told again, and it is not given up.
    CHECK(steps == std::vector<std::pair<int, FeedStep>>{{0, FeedStep::subscribe},
                                                         {15, FeedStep::reconnect},
                                                         {30, FeedStep::alarm},
                                                         {90, FeedStep::reconnect},
                                                         {150, FeedStep::reconnect}});
}

TEST_CASE("a market that is shut is not mute before it opens, and one that is open at once") {
    const auto calendar = time::MarketCalendar::load(time::Market::cme_equity_index);
    REQUIRE(calendar);
    const time::SessionClock clock(*calendar, {});
    // How many minutes of the wall pass after the market has told of everything up to then.
    const auto silence = [&](const char* utc, double speed = 1) {
        const auto at = parse_utc(utc);
        REQUIRE_MESSAGE(at.has_value(), utc);
        return silence_of(clock.facts(*at), *at, speed) / 1min;
    };
    // In the session, up to its last minute.
    CHECK(silence("2025-11-25T15:00:00Z") == 0);
    CHECK(silence("2025-11-25T21:59:00Z") == 0);
    // The maintenance break of an hour; and a minute of it when the market goes sixty times as
    // fast.
    CHECK(silence("2025-11-25T22:00:00Z") == 60);
    CHECK(silence("2025-11-25T22:00:00Z", 60) == 1);
    CHECK(silence("2025-11-25T23:00:00Z") == 0);
    // Thanksgiving from 13:00 to 18:00, Christmas from its eve's 13:15, a weekend.
    CHECK(silence("2025-11-27T18:00:00Z") == 5 * 60);
    CHECK(silence("2025-12-24T18:15:00Z") == 28 * 60 + 45);
    CHECK(silence("2025-12-05T22:00:00Z") == 49 * 60);
    // Good Friday without the report, up to Sunday evening.
    CHECK(silence("2025-04-17T21:00:00Z") == 73 * 60);
    // Before the first bar nothing is known.
    CHECK(silence_of(clock.facts(UtcTime{}), UtcTime{}, 1) == Nanos{});
}

TEST_CASE("a feed that speaks again is as good as new") {
    FeedWatch watch;
    (void)watch.look(MonoTime(1s));
    watch.on_quiet();
    CHECK_FALSE(watch.stale());
    CHECK(watch.look(MonoTime(2s)) == FeedStep::subscribe);
}

}  // namespace bullpen::worker
