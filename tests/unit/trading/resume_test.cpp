// A trader that dies at any bar and is made anew from what a journal holds trades as one that did
// not: the exchange is the same, and lives on.
#include <doctest/doctest.h>

#include <algorithm>
#include <functional>
#include <nlohmann/json.hpp>
#include <random>
#include <variant>
#include <vector>

#include "common/time/futures_session.hpp"
#include "tests/support/forwarding_port.hpp"
#include "tests/unit/trading/market.hpp"
#include "worker/indicators/market_indicators.hpp"

namespace bullpen::trading {
namespace {

using test::at;

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

matching::Costs usual_costs() {
    matching::Costs costs;
    costs.slippage = {1};
    costs.commission = {370'000};
    return costs;
}

struct World : test::Market {
    explicit World(std::chrono::year_month_day first = k_first)
        : test::Market(**model::find_instrument("MES"), usual_costs(), first) {}

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
    // `dies`: after the journal has the bar, and before anything is done about it. `look` is called
    // at each instant at which a worker may be stopped.
    void bar(
        const model::Bar& bar, bool dies, const std::function<void()>& look = [] {}) {
        const auto begin = at(bar.start);
        trader_->begin_bar(bar.start, begin);
        look();
        world_.port.open_bar(world_.market, bar);
        do {
            if (world_.port.pending())
                trader_->serve(begin);
            look();
        } while (world_.port.advance(world_.market));
        if (world_.port.pending())
            trader_->serve(at(bar.end()));
        world_.journal.entries.emplace_back(bar);
        indicators_.add(bar);
        if (!dies)
            trader_->on_bar(bar, indicators_.values(), indicators_.closed_quarters(),
                            at(bar.end()));
        look();
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

TEST_CASE("a state file that counted signals without a size for itself is read all the same") {
    World world;
    Life life(world);
    life.start(1, world.bars.front().start);
    for (std::size_t i = 0; i < 4000; ++i)
        life.bar(world.bars[i], false);
    const auto saved = life.save();
    auto older = nlohmann::json::parse(saved);
    older["counters"]["no_size"] = 3;
    older["last_unmade"] = {{"refusal", 0}, {"no_size", true}, {"at", 1}};
    Life next(world);
    next.restore(older.dump(), life.save_indicators());
    CHECK(next.trader().counters() == life.trader().counters());
    CHECK(next.trader().orders().save() == life.trader().orders().save());
}

TEST_CASE("a signal that no contract fits is denied by the limit's name, and rebuilt as it was") {
    World world;
    // Five dollars of 50,000: few stops are so near, and those are not worth their costs.
    world.settings.risk.per_trade_percent = 0.01;
    Life life(world);
    life.start(1, world.bars.front().start);
    world.journal.entries.emplace_back(Mode{model::TradingMode::active});
    Life rebuilt(world);
    for (const auto& bar : world.bars)
        life.bar(bar, false);
    for (const auto& entry : world.journal.entries)
        rebuilt.replay(entry);
    const auto& counters = life.trader().counters();
    CHECK(counters.denied.at(static_cast<std::size_t>(risk::DenialCode::risk_per_trade)) > 30);
    CHECK(counters.entries == 0);
    CHECK(life.trader().risk().day().denied > 0);
    REQUIRE(life.trader().last_unmade());
    REQUIRE(life.trader().last_unmade()->denial);
    CHECK(life.trader().last_unmade()->denial->code == risk::DenialCode::risk_per_trade);
    CHECK(life.trader().last_unmade()->denial->limit == 5'000'000);
    CHECK(rebuilt.trader().counters() == counters);
    CHECK(rebuilt.trader().risk().save() == life.trader().risk().save());
}

TEST_CASE("what a journal rebuilds is what the trader was, to the byte") {
    World world;
    Life life(world);
    life.start(1, world.bars.front().start);
    world.journal.entries.emplace_back(Mode{model::TradingMode::active});
    Life rebuilt(world);
    std::size_t told = 0;
    for (std::size_t i = 0; i < world.bars.size(); ++i) {
        life.bar(world.bars[i], false);
        for (; told < world.journal.entries.size(); ++told)
            rebuilt.replay(world.journal.entries[told]);
        if (i % 500 == 0) {
            CAPTURE(i);
            CHECK(rebuilt.trader().risk().save() == life.trader().risk().save());
        }
    }
    CHECK(rebuilt.trader().counters().bars == life.trader().counters().bars);
}

TEST_CASE("whenever it is stopped around the end of a day, a journal rebuilds what was saved") {
    using namespace std::chrono;
    struct Row {
        const char* days;
        year_month_day first;
    };
    for (const Row row :
         {Row{"a week", World::k_first}, Row{"Martin Luther King's day", year(2025) / 1 / 16},
          Row{"Independence Day", year(2025) / 7 / 1},
          Row{"Thanksgiving and the early close after it", year(2025) / 11 / 25}}) {
        for (const bool overnight : {false, true}) {
            const std::string days = row.days;
            CAPTURE(days);
            CAPTURE(overnight);
            World world(row.first);
            world.settings.session.trade_uncovered_days = true;
            world.settings.session.flat_at_close = !overnight;
            Life life(world);
            life.start(1, world.bars.front().start);
            world.journal.entries.emplace_back(Mode{model::TradingMode::active});
            Life rebuilt(world);
            std::size_t told = 0;
            std::size_t looks = 0;
            std::size_t differences = 0;
            std::mt19937 chance(7);
            const auto look = [&] {
                for (; told < world.journal.entries.size(); ++told)
                    rebuilt.replay(world.journal.entries[told]);
                ++looks;
                const bool same =
                    rebuilt.trader().risk().save() == life.trader().risk().save() &&
                    rebuilt.trader().orders().save() == life.trader().orders().save() &&
                    rebuilt.trader().strategy().save() == life.trader().strategy().save();
                differences += same ? 0 : 1;
            };
            constexpr std::size_t k_near = 3;  // bars
            std::size_t after_break = k_near;
            for (std::size_t i = 0; i < world.bars.size(); ++i) {
                const auto begins_block = [&](std::size_t k) {
                    return k < world.bars.size() && k > 0 &&
                           world.bars[k].start != world.bars[k - 1].end();
                };
                after_break = begins_block(i) ? 0 : after_break + 1;
                const bool near = after_break < k_near || begins_block(i + 1) ||
                                  begins_block(i + 2) || chance() % 200 == 0;
                if (near)
                    life.bar(world.bars[i], false, look);
                else
                    life.bar(world.bars[i], false);
            }
            CHECK(looks > 100);
            CHECK(differences == 0);
        }
    }
}

TEST_CASE("in the bar in which a limit closes a position, a journal rebuilds the same strategy") {
    World world;
    world.settings.orders.unexpected = execution::UnexpectedPolicy::adopt;
    world.settings.risk.daily_loss_max = 50;
    Life life(world);
    life.start(1, world.bars.front().start);
    world.journal.entries.emplace_back(Mode{model::TradingMode::active});
    Life rebuilt(world);
    std::size_t told = 0;
    std::size_t i = 0;
    while (!life.trader().risk().latch() && i < world.bars.size()) {
        // Taken over without a stop, in the middle of a day, and enough for any bar to reach the
        // limit.
        constexpr std::size_t k_when = 2300;
        if (i == k_when)
            world.port.restore(world.market, {400, 400 * world.bars[i].open.ticks}, {});
        life.bar(world.bars[i++], false);
        for (; told < world.journal.entries.size(); ++told)
            rebuilt.replay(world.journal.entries[told]);
    }
    REQUIRE(life.trader().risk().latch());
    CHECK(life.trader().orders().book().guards().front().closing.active);
    CHECK(rebuilt.trader().strategy().save() == life.trader().strategy().save());
}

// The exchange, with something for the trader to hear after the events of one poll.
class Whispering final : public test::ForwardingPort {
  public:
    using ForwardingPort::ForwardingPort;

    std::optional<MonoTime> poll(Instant now, std::vector<broker::Event>& events) override {
        const auto due = ForwardingPort::poll(now, events);
        if (!events.empty() && ++polls == when)
            events.emplace_back(what);
        return due;
    }

    int polls = 0;  // that told something
    int when = 0;
    broker::Event what = broker::Disconnected{};
};

// The polls that a trader needs until it has taken over what it finds at the exchange; with
// `whisper`, a fill comes with the last of them, and what a journal rebuilds is compared.
int taken_over(int whisper) {
    World world;
    constexpr std::int64_t k_found = 3;
    const auto price = world.bars.front().open;
    world.settings.orders.unexpected = execution::UnexpectedPolicy::adopt;
    world.port.restore(world.market, {k_found, k_found * price.ticks}, {});
    Whispering port(world.port);
    model::Fill fill;
    fill.execution = model::ExecutionId::cut("X1");
    fill.symbol = model::Symbol::cut("MES");
    fill.side = model::Side::sell;
    fill.quantity = k_found;
    fill.price = price + model::Ticks{40};
    fill.time = world.bars.front().end();
    port.what = fill;
    port.when = whisper;
    auto trader = std::move(*Trader::create(world.settings, port, world.journal));
    auto now = at(world.bars.front().start);
    REQUIRE(trader->start(Fence{1}, now));
    const auto adopted = [&] {
        return std::any_of(
            world.journal.entries.begin(), world.journal.entries.end(), [](const Entry& entry) {
                const auto* record = std::get_if<execution::Record>(&entry);
                return record != nullptr && std::holds_alternative<execution::Adopted>(*record);
            });
    };
    for (int i = 0; i < 1000 && !adopted(); ++i) {
        now.mono += Millis(100);
        trader->serve(now);
    }
    REQUIRE(adopted());
    if (whisper != 0) {
        CHECK(trader->risk().position().flat());
        Life rebuilt(world);
        for (const auto& entry : world.journal.entries)
            rebuilt.replay(entry);
        CHECK(rebuilt.trader().risk().save() == trader->risk().save());
    }
    return port.polls;
}

TEST_CASE("what is taken over counts before a fill that comes right behind it") {
    (void)taken_over(taken_over(0));
}

TEST_CASE("a fill at the end of its bar, or after it, does not take the bar from the limits") {
    for (const Nanos late : {Nanos(0), Nanos(std::chrono::milliseconds(300))}) {
        CAPTURE(late.count());
        World world;
        Life rebuilt(world);
        const auto& bar = world.bars.front();
        model::Fill fill;
        fill.execution = model::ExecutionId::cut("X1");
        fill.symbol = model::Symbol::cut("MES");
        fill.side = model::Side::buy;
        fill.quantity = 1;
        fill.price = bar.close;
        fill.time = bar.end() + late;
        rebuilt.replay(execution::Record(execution::Filled{fill, fill.time}));
        rebuilt.replay(bar);
        CHECK(rebuilt.trader().counters().bars == 1);
        // The same bar again is no news.
        rebuilt.replay(bar);
        CHECK(rebuilt.trader().counters().bars == 1);
    }
}

// The strategy's part of what a trader saved.
std::string strategy_in(const std::string& saved) {
    const std::string key = "\"strategy\":\"";
    const auto from = saved.find(key);
    REQUIRE(from != std::string::npos);
    return saved.substr(from, saved.find('"', from + key.size()) - from);
}

TEST_CASE("a trader without its strategy decides nothing and keeps what the strategy had saved") {
    World world;
    constexpr std::size_t k_lived = 500;
    std::string saved;
    {
        Life life(world);
        life.start(1, world.bars.front().start);
        for (std::size_t i = 0; i < k_lived; ++i)
            life.bar(world.bars[i], false);
        saved = life.save();
    }
    auto settings = world.settings;
    settings.strategy.name = "nonesuch";
    CHECK_FALSE(Trader::create(settings, world.port, world.journal).has_value());
    settings.without_strategy = true;
    const auto without = std::move(*Trader::create(settings, world.port, world.journal));
    CHECK_FALSE(without->has_strategy());
    REQUIRE(without->restore(saved));
    CHECK(without->strategy_trouble().empty());
    for (std::size_t i = k_lived; i < world.bars.size(); ++i)
        without->replay_bar(world.bars[i], {}, {});
    CHECK(without->counters().bars == world.bars.size());
    CHECK(without->counters().signals == 0);
    CHECK_FALSE(without->has_decision());
    const auto between = without->save();
    CHECK(strategy_in(between) == strategy_in(saved));
    const auto with = std::move(*Trader::create(world.settings, world.port, world.journal));
    REQUIRE(with->restore(between));
    CHECK(with->has_strategy());
    CHECK(with->strategy_trouble().empty());
    CHECK(strategy_in(with->save()) == strategy_in(saved));
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
    newer.replace(newer.find("\"v\":2"), 5, "\"v\":9");
    const auto refused = trader->restore(newer);
    REQUIRE_FALSE(refused);
}

}  // namespace bullpen::trading
