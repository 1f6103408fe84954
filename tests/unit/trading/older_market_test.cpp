// Another market under an account: who never traded begins anew with it, who did stays at the time
// that it has come to.
#include <doctest/doctest.h>

#include "common/time/futures_session.hpp"
#include "tests/unit/trading/market.hpp"
#include "worker/execution/recorder.hpp"
#include "worker/indicators/market_indicators.hpp"

namespace bullpen::trading {
namespace {

using test::at;

constexpr std::chrono::year_month_day k_later{std::chrono::year(2025), std::chrono::month(3),
                                              std::chrono::day(3)};

// A trader on the usual exchange, from its first bar until `until` says so.
class Life {
  public:
    explicit Life(std::chrono::year_month_day first)
        : world(**model::find_instrument("MES"), {}, first),
          session_(std::move(*time::FuturesSession::load())),
          trader(std::move(*Trader::create(world.settings, world.port, nowhere_))),
          indicators_(*world.settings.instrument, session_, trader->indicator_settings()) {
        REQUIRE(trader->start(Fence{1}, at(world.bars.front().start)));
        trader->set_mode(model::TradingMode::active);
        auto then = at(world.bars.front().start);
        for (int i = 0; i < 100 && !trader->orders().reconciled(); ++i) {
            then.mono += Millis(100);
            trader->serve(then);
        }
    }
    template <class Condition>
    void run(Condition until) {
        for (; next < world.bars.size() && !until(); ++next) {
            const auto& bar = world.bars[next];
            trader->begin_bar(bar.start, at(bar.start));
            world.port.open_bar(world.market, bar);
            while (world.port.advance(world.market)) {
                if (world.port.pending())
                    trader->serve(at(bar.start));
            }
            trader->serve(at(bar.end()));
            indicators_.add(bar);
            trader->on_bar(bar, indicators_.values(), indicators_.closed_quarters(), at(bar.end()));
        }
        REQUIRE(until());
    }

    test::Market world;

  private:
    execution::NoRecorder nowhere_;
    time::FuturesSession session_;

  public:
    std::unique_ptr<Trader> trader;
    std::size_t next = 0;

  private:
    indicators::MarketIndicators indicators_;
};

}  // namespace

TEST_CASE("who never had an order begins with another market anew, however old it is") {
    Life life(k_later);
    life.run([&] { return life.next == 600; });
    REQUIRE(life.trader->counters().entries == 0);
    const test::Market older;
    CHECK_FALSE(life.trader->is_ahead(older.bars.front()));
    life.trader->begin_market();
    CHECK(life.trader->market_time() == UtcTime{});
    CHECK(life.trader->is_ahead(older.bars.front()));
    CHECK_FALSE(life.trader->risk().trading_day());
    // It forgets the prices of the other one too.
    Life fresh(k_later);
    CHECK(life.trader->strategy().save() == fresh.trader->strategy().save());
}

TEST_CASE("who traded stays at its time, and no bar of an older market is ahead of it") {
    Life life(k_later);
    const auto flat = [&] { return !life.trader->orders().trades().empty(); };
    life.run(flat);
    const auto time = life.trader->market_time();
    const auto day = life.trader->risk().trading_day();
    const test::Market older;
    life.trader->begin_market();
    CHECK(life.trader->market_time() == time);
    CHECK(life.trader->risk().trading_day() == day);
    CHECK_FALSE(life.trader->is_ahead(older.bars.back()));
    CHECK(life.trader->is_ahead(life.world.bars[life.next]));
}

TEST_CASE("over bars of an older market a replay knows what the strategy was shown at work") {
    Life life(k_later);
    life.run([&] { return !life.trader->orders().trades().empty(); });
    life.trader->begin_market();
    const auto saved = life.trader->save();
    // Nobody has told this one of any session yet. What comes too late is replayed as idle.
    test::Market own;
    execution::NoRecorder nowhere;
    const auto again = std::move(*Trader::create(own.settings, own.port, nowhere));
    REQUIRE(again->restore(saved));
    again->set_mode(model::TradingMode::idle);
    const test::Market older;
    auto session = std::move(*time::FuturesSession::load());
    indicators::MarketIndicators indicators(*older.settings.instrument, session,
                                            life.trader->indicator_settings());
    // Over the end of a day and the next one's beginning.
    for (std::size_t i = 0; i < 2000; ++i) {
        const auto& bar = older.bars[i];
        REQUIRE_FALSE(life.trader->is_ahead(bar));
        indicators.add(bar);
        life.trader->on_missed_bar(bar, indicators.values(), indicators.closed_quarters(),
                                   at(bar.end()));
        again->replay_bar(bar, indicators.values(), indicators.closed_quarters());
    }
    CHECK(again->strategy().save() == life.trader->strategy().save());
}

}  // namespace bullpen::trading
