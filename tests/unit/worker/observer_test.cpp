// An observer that takes over what another one observed.
#include "worker/observer.hpp"

#include <doctest/doctest.h>

#include "common/base/errc.hpp"
#include "common/feed/feed.hpp"

namespace bullpen::worker {
namespace {

struct Market {
    Market() { feed->start({}); }
    model::Bar next() { return std::get<model::Bar>(feed->next({})); }
    std::unique_ptr<feed::Feed> feed = feed::open_synthetic({}).value();
    const model::Instrument& instrument = feed->instrument();
};

TEST_CASE("an observer that takes over knows what the other one knows, after every bar") {
    Market market;
    auto reckons = Observer::create(market.instrument).value();
    auto takes = Observer::create_shared(market.instrument);
    reckons.begin("market");
    takes.begin("market");
    CHECK(takes.takes_over());
    CHECK_FALSE(takes.warm());
    for (int i = 0; i < 2000; ++i) {
        reckons.add(market.next());
        takes.take(reckons.observation());
        REQUIRE(takes.hash() == reckons.hash());
        REQUIRE(takes.values() == reckons.values());
        REQUIRE(takes.counters() == reckons.counters());
        REQUIRE(takes.position() == reckons.position());
        REQUIRE(takes.last_bar() == reckons.last_bar());
        REQUIRE(std::equal(takes.closed_quarters().begin(), takes.closed_quarters().end(),
                           reckons.closed_quarters().begin(), reckons.closed_quarters().end()));
    }
    CHECK(takes.warm());

    // The same through a save and restore.
    auto again = Observer::create_shared(market.instrument);
    REQUIRE(again.restore(takes.save()).has_value());
    CHECK(again.hash() == reckons.hash());
    CHECK(again.values() == reckons.values());
    CHECK(again.position() == reckons.position());
    CHECK(again.feed_identity() == "market");
}

TEST_CASE("an account that begins to share goes on where it was, one that stops to begins anew") {
    Market market;
    auto reckons = Observer::create(market.instrument).value();
    reckons.begin("market");
    for (int i = 0; i < 100; ++i)
        reckons.add(market.next());
    auto takes = Observer::create_shared(market.instrument);
    REQUIRE(takes.restore(reckons.save()).has_value());
    CHECK(takes.position() == 100);
    CHECK(takes.hash() == reckons.hash());
    CHECK_FALSE(takes.warm());
    // A bar of the journal from before counts, and the next observation says all else.
    const auto bar = market.next();
    takes.add(bar);
    reckons.add(bar);
    CHECK(takes.position() == reckons.position());
    reckons.add(market.next());
    takes.take(reckons.observation());
    CHECK(takes.hash() == reckons.hash());

    auto alone = Observer::create(market.instrument).value();
    const auto restored = alone.restore(takes.save());
    REQUIRE_FALSE(restored.has_value());
    CHECK(restored.error().code() == Errc::invalid);
    CHECK(alone.position() == 0);
}

TEST_CASE("an observer with other indicators goes on where it was, and reckons as if always so") {
    Market market;
    indicators::IndicatorSettings settings;
    settings.rsi_length = 21;
    auto before = Observer::create(market.instrument).value();
    auto always = Observer::create(market.instrument, settings).value();
    before.begin("market");
    always.begin("market");
    for (int i = 0; i < 2000; ++i) {
        const auto bar = market.next();
        before.add(bar);
        always.add(bar);
    }
    auto other = Observer::create(market.instrument, settings).value();
    const auto refused = other.restore(before.save());
    REQUIRE_FALSE(refused.has_value());
    CHECK(refused.error().code() == Errc::invalid);
    REQUIRE(other.restore_without_indicators(before.save()).has_value());
    CHECK(other.feed_identity() == "market");
    CHECK(other.counters() == before.counters());
    CHECK(other.last_bar() == before.last_bar());
    CHECK_FALSE(other.warm());
    // What a journal still had comes before the bars that it is warmed with.
    const auto late = market.next();
    always.add(late);
    other.add(late);
    other.begin_indicators();
    REQUIRE(market.feed
                ->look_over(0, other.position(), [&](const model::Bar& bar) { other.warm_up(bar); })
                .has_value());
    CHECK(other.counters() == always.counters());
    CHECK(other.values() == always.values());
    const auto next = market.next();
    other.add(next);
    always.add(next);
    CHECK(other.values() == always.values());
}

TEST_CASE("a damaged observation is no state") {
    Market market;
    auto reckons = Observer::create(market.instrument).value();
    reckons.begin("market");
    reckons.add(market.next());
    auto takes = Observer::create_shared(market.instrument);
    takes.take(reckons.observation());
    auto saved = takes.save();
    const auto at = saved.find("\"observation\":\"") + 15;
    saved.erase(at, 2);
    auto again = Observer::create_shared(market.instrument);
    const auto restored = again.restore(saved);
    REQUIRE_FALSE(restored.has_value());
    CHECK(restored.error().code() == Errc::corrupt);
}

}  // namespace
}  // namespace bullpen::worker
