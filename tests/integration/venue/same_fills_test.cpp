// What the venue does in its own process, in lockstep, is what the same exchange does inside a
// backtest: the same bars and the same decisions give the same fills, to the tick and the instant.
#include "common/feed/feed.hpp"
#include "tests/support/venue_bench.hpp"
#include "worker/broker/exchange_port.hpp"

using namespace bullpen;
using namespace bullpen::test;

namespace {

constexpr std::uint64_t k_bars = 600;

// Enters now and then, with a stop and a target at the fill, and cancels the one when the other
// fills: knows nothing of where it runs.
class Script {
  public:
    explicit Script(broker::Port& port) : port_(port) {}

    void on_event(const broker::Event& event, Instant now) {
        if (const auto* report = std::get_if<broker::OrderReport>(&event)) {
            if (is_final(report->status))
                std::erase(open_, report->order);
            return;
        }
        const auto* fill = std::get_if<model::Fill>(&event);
        if (fill == nullptr)
            return;
        fills.push_back(*fill);
        position_ += model::sign(fill->side) * fill->quantity;
        if (fill->order == entry_) {
            const auto away = model::sign(fill->side) * 4;
            const auto exit = model::opposite(fill->side);
            send(exit, model::OrderType::stop, fill->price.ticks - away, now);
            send(exit, model::OrderType::limit, fill->price.ticks + 2 * away, now);
        } else {
            for (const auto& other : open_) {
                if (other != fill->order)
                    port_.cancel(other, now);
            }
        }
    }
    void on_close(std::uint64_t bar, Instant now) {
        if (position_ == 0 && open_.empty() && bar % 7 == 0)
            entry_ = send(bar % 2 == 0 ? model::Side::buy : model::Side::sell,
                          model::OrderType::market, 0, now);
    }
    std::vector<model::Fill> fills;

  private:
    model::ClientOrderId send(model::Side side, model::OrderType type, std::int64_t price,
                              Instant now) {
        model::OrderTerms terms;
        terms.id = model::ClientOrderId::make("TEST", Fence{1}, ++sequence_);
        terms.symbol = model::Symbol::cut("MES");
        terms.side = side;
        terms.type = type;
        terms.time_in_force = model::TimeInForce::gtc;
        terms.quantity = 1;
        (type == model::OrderType::stop ? terms.stop : terms.limit) = {
            type == model::OrderType::market ? 0 : price};
        if (type == model::OrderType::market)
            terms.limit = terms.stop = {};
        open_.push_back(terms.id);
        port_.submit(approved(terms), now);
        return terms.id;
    }

    broker::Port& port_;
    std::uint64_t sequence_ = 0;
    std::int64_t position_ = 0;
    model::ClientOrderId entry_;
    std::vector<model::ClientOrderId> open_;
};

std::vector<model::Fill> in_process(const matching::Costs& costs) {
    broker::ExchangePort port({.account = "ACC1", .cash = {}, .text = {}});
    const auto market = port.add_market(**model::find_instrument("MES"), costs);
    feed::SyntheticOptions options;
    options.seed = 11;
    auto feed = std::move(*feed::open_synthetic(options));
    feed->start({});
    Script script(port);
    std::vector<broker::Event> events;
    const auto react = [&] {
        while (port.pending()) {
            (void)port.poll({}, events);
            for (const auto& event : std::exchange(events, {}))
                script.on_event(event, {});
        }
    };
    port.connect({});
    for (std::uint64_t i = 0; i < k_bars; ++i) {
        const auto bar = std::get<model::Bar>(feed->next({}));
        port.open_bar(market, bar);
        do {
            react();
        } while (port.advance(market));
        react();
        script.on_close(i, {});
    }
    return script.fills;
}

std::vector<model::Fill> in_lockstep(std::string_view personality) {
    VenueProcess venue(
        "[market.mes]\npace = \"lockstep\"\nseed = 11\n"
        "[costs.MES]\nslippage = 1\ncommission = \"0.37\"\n",
        personality);
    VenueBench bench(venue);
    bench.with([](auto& settings) { settings.lockstep = true; });
    auto& port = bench.venue_port();
    Script script(port);
    bench.connect();
    std::size_t seen = 0;
    std::uint64_t closed = 0;
    REQUIRE(bench.until([&] {
        for (; seen < bench.events.size(); ++seen)
            script.on_event(bench.events[seen], bench.now());
        for (const auto& step : port.take_steps()) {
            if (step.phase == ipc::MarketPhase::closed) {
                closed = step.bar + 1;
                if (closed > k_bars)
                    return true;
                script.on_close(step.bar, bench.now());
            }
            if (closed < k_bars)
                port.step_done(step.step, bench.now());
        }
        return closed >= k_bars;
    }));
    return script.fills;
}

}  // namespace

TEST_CASE("paper in lockstep and a backtest have the same fills") {
    matching::Costs costs;
    costs.slippage = {1};
    costs.commission = {370'000};
    const auto backtest = in_process(costs);
    REQUIRE(backtest.size() > 50);
    const auto paper = in_lockstep("");
    REQUIRE(paper.size() == backtest.size());
    for (std::size_t i = 0; i < paper.size(); ++i) {
        CAPTURE(i);
        CHECK(paper[i].order == backtest[i].order);
        CHECK(paper[i].side == backtest[i].side);
        CHECK(paper[i].price == backtest[i].price);
        CHECK(paper[i].time == backtest[i].time);
        CHECK(paper[i].fee == backtest[i].fee);
    }
}
