// A trader that dies at any bar and is made anew from what a journal holds trades as one that did
// not: the exchange is the same, and lives on.
#include <doctest/doctest.h>

#include <variant>
#include <vector>

#include "common/feed/feed.hpp"
#include "common/time/futures_session.hpp"
#include "worker/broker/exchange_port.hpp"
#include "worker/indicators/market_indicators.hpp"
#include "worker/trading/trader.hpp"

namespace bullpen::trading {
namespace {

constexpr std::size_t k_bars = 9000;

struct Mode {
    model::TradingMode mode{};
};
using Entry = std::variant<model::Bar, Mode, execution::Record>;

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

Instant at(UtcTime utc) {
    return {utc, MonoTime(utc.time_since_epoch())};
}

struct World {
    World() {
        feed::SyntheticOptions options;
        options.seed = 11;
        auto feed = std::move(*feed::open_synthetic(options));
        for (std::size_t i = 0; i < k_bars; ++i)
            bars.push_back(std::get<model::Bar>(feed->next({})));
        settings.instrument = *model::find_instrument("MES");
        settings.risk.daily_loss_max = 100'000;
        settings.risk.approach = config::ApproachMode::off;
        settings.orders.tag = "TEST";
        settings.orders.account = execution::BrokerAccount::cut("ACC1");
        matching::Costs costs;
        costs.slippage = {1};
        costs.commission = {370'000};
        market = port.add_market(*settings.instrument, costs);
    }

    std::vector<model::Bar> bars;
    TraderSettings settings;
    broker::ExchangePort port{{.account = "ACC1", .cash = {50'000'000'000}, .text = {}}};
    matching::MarketRef market;
    Journal journal;
    std::vector<execution::Trade> trades;
};

// One life of a trader; it ends when it is destroyed.
class Life {
  public:
    explicit Life(World& world)
        : world_(world),
          session_(std::move(*time::FuturesSession::load())),
          trader_(std::move(*Trader::create(world.settings, world.port, world.journal))),
          indicators_(*world.settings.instrument, session_, trader_->indicator_settings()) {}

    void restore(const std::string& trader, const std::string& indicators) {
        REQUIRE(trader_->restore(trader));
        REQUIRE(indicators_.restore(indicators));
    }
    void replay(const Entry& entry) {
        if (const auto* bar = std::get_if<model::Bar>(&entry)) {
            indicators_.add(*bar);
            trader_->replay_bar(*bar, indicators_.values(), indicators_.closed_quarters());
        } else if (const auto* mode = std::get_if<Mode>(&entry)) {
            trader_->set_mode(mode->mode);
        } else {
            trader_->replay(std::get<execution::Record>(entry));
        }
    }
    void start(std::uint64_t fence, UtcTime now) {
        REQUIRE(trader_->start(Fence{fence}, at(now)));
        trader_->set_mode(model::TradingMode::active);
        // As a worker does: nothing is decided before both sides were compared.
        auto then = at(now);
        for (int i = 0; i < 100 && !trader_->orders().reconciled(); ++i) {
            then.mono += Millis(100);
            trader_->serve(then);
        }
        REQUIRE(trader_->orders().reconciled());
        trader_->resume_decision(then);
        keep_trades();
    }
    // `dies`: after the journal has the bar, and before anything is done about it.
    void bar(const model::Bar& bar, bool dies) {
        const auto begin = at(bar.start);
        trader_->begin_bar(bar.start, begin);
        world_.port.open_bar(world_.market, bar);
        do {
            if (world_.port.pending())
                trader_->serve(begin);
        } while (world_.port.advance(world_.market));
        if (world_.port.pending())
            trader_->serve(at(bar.end()));
        world_.journal.entries.emplace_back(bar);
        indicators_.add(bar);
        if (!dies)
            trader_->on_bar(bar, indicators_.values(), indicators_.closed_quarters(),
                            at(bar.end()));
        keep_trades();
    }
    [[nodiscard]] std::string save() const { return trader_->save(); }
    [[nodiscard]] std::string save_indicators() const { return indicators_.save(); }
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

// Dies every so many bars, with a snapshot of some bars before each death. 0: never.
std::vector<execution::Trade> lived(std::size_t life, std::size_t snapshot_before) {
    World world;
    auto now = std::make_unique<Life>(world);
    std::uint64_t fence = 1;
    now->start(fence, world.bars.front().start);
    world.journal.entries.emplace_back(Mode{model::TradingMode::active});
    std::string saved;
    std::string indicators;
    std::size_t from = 0;
    for (std::size_t i = 0; i < world.bars.size(); ++i) {
        const bool dies = life != 0 && i % life == life - 1;
        now->bar(world.bars[i], dies);
        if (life != 0 && i % life == life - 1 - snapshot_before && !dies) {
            saved = now->save();
            indicators = now->save_indicators();
            from = world.journal.entries.size();
        }
        if (!dies)
            continue;
        now = std::make_unique<Life>(world);
        if (!saved.empty())
            now->restore(saved, indicators);
        for (std::size_t k = from; k < world.journal.entries.size(); ++k)
            now->replay(world.journal.entries[k]);
        now->start(++fence, world.bars[i].end());
    }
    return world.trades;
}

}  // namespace

TEST_CASE("a trader that dies and is made anew from the journal trades as one that lives on") {
    const auto whole = lived(0, 0);
    REQUIRE(whole.size() > 30);
    struct Row {
        std::size_t life;
        std::size_t snapshot_before;
    };
    for (const Row row : {Row{97, 30}, Row{41, 1}, Row{1009, 700}}) {
        CAPTURE(row.life);
        const auto killed = lived(row.life, row.snapshot_before);
        REQUIRE(killed.size() == whole.size());
        for (std::size_t i = 0; i < whole.size(); ++i) {
            CAPTURE(i);
            CHECK(killed[i] == whole[i]);
        }
    }
}

TEST_CASE("what a trader saves is what it restores, to the byte") {
    World world;
    Life life(world);
    life.start(1, world.bars.front().start);
    for (std::size_t i = 0; i < 4000; ++i)
        life.bar(world.bars[i], false);
    const auto saved = life.save();
    Life next(world);
    next.restore(saved, life.save_indicators());
    CHECK(next.save() == saved);
    CHECK(next.trader().counters() == life.trader().counters());
}

TEST_CASE("what is no saved trader is refused") {
    World world;
    const auto trader = std::move(*Trader::create(world.settings, world.port, world.journal));
    for (const char* text : {"", "{}", "[]", "{\"v\":1}", "nonsense"}) {
        CAPTURE(text);
        CHECK_FALSE(trader->restore(text));
    }
    const auto saved = trader->save();
    auto newer = saved;
    newer.replace(newer.find("\"v\":1"), 5, "\"v\":9");
    const auto refused = trader->restore(newer);
    REQUIRE_FALSE(refused);
}

}  // namespace bullpen::trading
