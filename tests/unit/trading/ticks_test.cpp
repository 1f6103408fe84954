// A trader that is told the trades within the minute, and the quotes that they met: what it does
// about them, and that a journal of bars and ticks rebuilds it.
#include <doctest/doctest.h>

#include <algorithm>
#include <variant>
#include <vector>

#include "common/feed/tick_path.hpp"
#include "common/time/futures_session.hpp"
#include "tests/unit/trading/market.hpp"
#include "worker/indicators/market_indicators.hpp"

namespace bullpen::trading {
namespace {

using test::at;

using Entry = std::variant<model::Bar, model::QuotedTrade, execution::Record>;

// What a worker's journal would hold.
class Journal final : public execution::Recorder {
  public:
    Result<void> durable(const execution::Record& one) override { return record(one); }
    Result<void> record(const execution::Record& one) override {
        entries.emplace_back(one);
        return {};
    }
    std::vector<Entry> entries;
};

struct World : test::Market {
    Journal journal;
    std::vector<execution::Trade> trades;
};

// One life of a trader.
class Life {
  public:
    explicit Life(World& world)
        : world_(world),
          session_(std::move(*time::FuturesSession::load())),
          trader_(std::move(*Trader::create(world.settings, world.port, world.journal))),
          indicators_(*world.settings.instrument, session_, trader_->indicator_settings()) {
        trader_->set_mode(model::TradingMode::active);
    }

    void replay(const Entry& entry) {
        if (const auto* bar = std::get_if<model::Bar>(&entry)) {
            indicators_.add(*bar);
            trader_->replay_bar(*bar, indicators_.values(), indicators_.closed_quarters());
        } else if (const auto* tick = std::get_if<model::QuotedTrade>(&entry)) {
            trader_->replay_tick(*tick);
        } else {
            trader_->replay(std::get<execution::Record>(entry));
        }
    }
    void start(std::uint64_t fence, UtcTime now) {
        auto then = at(now);
        REQUIRE(trader_->start(Fence{fence}, then));
        for (int i = 0; i < 100 && !trader_->orders().reconciled(); ++i) {
            then.mono += Millis(100);
            trader_->serve(then);
        }
        REQUIRE(trader_->orders().reconciled());
        trader_->resume_decision(then);
        keep_trades();
    }
    // `dies`: after the journal has the tick, and before anything is done about it.
    void tick(const model::QuotedTrade& tick, bool dies) {
        world_.port.on_trade(world_.market, tick);
        trader_->serve(at(tick.time));
        world_.journal.entries.emplace_back(tick);
        if (!dies)
            trader_->on_tick(tick, at(tick.time));
        keep_trades();
    }
    void bar(const model::Bar& bar) {
        world_.journal.entries.emplace_back(bar);
        indicators_.add(bar);
        trader_->on_bar(bar, indicators_.values(), indicators_.closed_quarters(), at(bar.end()));
        keep_trades();
    }
    void begin(const model::Bar& bar) { trader_->begin_bar(bar.start, at(bar.start)); }
    [[nodiscard]] const Trader& trader() const { return *trader_; }

  private:
    void keep_trades() {
        const auto closed = trader_->orders().trades();
        world_.trades.insert(world_.trades.end(), closed.begin(), closed.end());
        trader_->orders().take();
    }

    World& world_;
    time::FuturesSession session_;
    std::unique_ptr<Trader> trader_;
    indicators::MarketIndicators indicators_;
};

// Dies with every so many-th tick; 0: never.
std::vector<execution::Trade> lived(std::size_t life) {
    World world;
    auto now = std::make_unique<Life>(world);
    std::uint64_t fence = 1;
    now->start(fence, world.bars.front().start);
    std::vector<model::QuotedTrade> path;
    std::size_t ticks = 0;
    for (const auto& bar : world.bars) {
        feed::make_tick_path(bar, {}, &path);
        now->begin(bar);
        for (const auto& tick : path) {
            const bool dies = life != 0 && ++ticks % life == 0;
            now->tick(tick, dies);
            if (!dies)
                continue;
            now = std::make_unique<Life>(world);
            const auto known = world.journal.entries.size();
            for (std::size_t i = 0; i < known; ++i)
                now->replay(world.journal.entries[i]);
            now->start(++fence, tick.time);
        }
        now->bar(bar);
    }
    return world.trades;
}

std::uint64_t count(const Trader& trader, strategy::Gate gate) {
    return trader.strategy().gates().count(gate);
}

}  // namespace

TEST_CASE("what is held is judged at each trade, and a journal of bars and ticks rebuilds it all") {
    World world;
    Life life(world);
    life.start(1, world.bars.front().start);
    Life rebuilt(world);
    std::size_t told = 0;
    std::size_t within = 0;
    std::vector<model::QuotedTrade> path;
    for (std::size_t i = 0; i < world.bars.size(); ++i) {
        feed::make_tick_path(world.bars[i], {}, &path);
        life.begin(world.bars[i]);
        for (const auto& tick : path) {
            const auto trades = world.trades.size();
            life.tick(tick, false);
            within += world.trades.size() - trades;
        }
        life.bar(world.bars[i]);
        for (; told < world.journal.entries.size(); ++told)
            rebuilt.replay(world.journal.entries[told]);
        if (i % 500 != 0)
            continue;
        CAPTURE(i);
        CHECK(rebuilt.trader().risk().save() == life.trader().risk().save());
        CHECK(rebuilt.trader().strategy().save() == life.trader().strategy().save());
        CHECK(rebuilt.trader().orders().save() == life.trader().orders().save());
    }
    const auto& counters = life.trader().counters();
    CHECK(world.trades.size() > 30);
    CHECK(within > 20);
    CHECK(counters.ticks > 80'000);
    CHECK(counters.exits_on_ticks > 5);
    CHECK(counters.stop_moves > 5);
    CHECK(rebuilt.trader().counters() == counters);
    CHECK(rebuilt.trader().risk().save() == life.trader().risk().save());
    CHECK(rebuilt.trader().strategy().save() == life.trader().strategy().save());
}

TEST_CASE(
    "spreads that ticks tell shut the gates that judge them, and without ticks none is shut") {
    for (const bool with_ticks : {true, false}) {
        World world;
        Life life(world);
        life.start(1, world.bars.front().start);
        std::vector<model::QuotedTrade> path;
        for (const auto& bar : world.bars) {
            life.begin(bar);
            feed::make_tick_path(bar, {}, &path);
            for (const auto& tick : path) {
                if (with_ticks)
                    life.tick(tick, false);
            }
            life.bar(bar);
        }
        const auto refused = count(life.trader(), strategy::Gate::market_stressed) +
                             count(life.trader(), strategy::Gate::spread_abnormal);
        CHECK((refused > 10) == with_ticks);
        CHECK((life.trader().risk().watch().quote().has_value()) == with_ticks);
    }
}

TEST_CASE("a limit of the day that a trade reaches closes what is held within the minute") {
    World world;
    world.settings.orders.unexpected = execution::UnexpectedPolicy::adopt;
    world.settings.risk.daily_loss_max = 50;
    Life life(world);
    life.start(1, world.bars.front().start);
    std::vector<model::QuotedTrade> path;
    bool reached = false;
    for (std::size_t i = 0; i < world.bars.size() && !reached; ++i) {
        // Taken over without a stop, and enough for any trade to reach the limit.
        if (i == 2300)
            world.port.restore(world.market, {400, 400 * world.bars[i].open.ticks}, {});
        feed::make_tick_path(world.bars[i], {}, &path);
        life.begin(world.bars[i]);
        for (std::size_t k = 0; k < path.size() && !reached; ++k) {
            life.tick(path[k], false);
            reached = life.trader().risk().latch().has_value();
        }
        if (!reached)
            life.bar(world.bars[i]);
    }
    REQUIRE(reached);
    const auto& guard = life.trader().orders().book().guards().front();
    CHECK((guard.closing.active || life.trader().risk().position().flat()));
}

TEST_CASE("a trader that dies between two ticks and is made anew trades as one that lives on") {
    const auto whole = lived(0);
    REQUIRE(whole.size() > 30);
    const auto killed = lived(2003);
    REQUIRE(killed.size() == whole.size());
    for (std::size_t i = 0; i < whole.size(); ++i) {
        CAPTURE(i);
        CHECK(killed[i] == whole[i]);
    }
}

}  // namespace bullpen::trading
