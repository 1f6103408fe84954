// An account that is halted is brought to flat and stays so, whatever its broker tells later.
#include <doctest/doctest.h>

#include "tests/support/forwarding_port.hpp"
#include "tests/unit/trading/market.hpp"
#include "worker/execution/recorder.hpp"

namespace bullpen::trading {
namespace {

using test::at;

// Tells what the test says beside what its broker does, and keeps what was sent.
class TellingPort final : public test::ForwardingPort {
  public:
    using ForwardingPort::ForwardingPort;
    std::optional<MonoTime> poll(Instant now, std::vector<broker::Event>& events) override {
        events.insert(events.end(), told.begin(), told.end());
        told.clear();
        return ForwardingPort::poll(now, events);
    }
    void submit(const risk::Approved<model::OrderTerms>& terms, Instant now) override {
        sent.push_back(*terms);
        ForwardingPort::submit(terms, now);
    }
    std::vector<broker::Event> told;
    std::vector<model::OrderTerms> sent;
};

}  // namespace

TEST_CASE("what comes to be held while an account is halted is closed, and not only protected") {
    for (const auto mode : {model::TradingMode::halted, model::TradingMode::reducing}) {
        test::Market world;
        TellingPort port(world.port);
        execution::NoRecorder nowhere;
        auto trader = std::move(*Trader::create(world.settings, port, nowhere));
        auto now = at(world.bars.front().start);
        REQUIRE(trader->start(Fence{1}, now));
        trader->set_mode(mode);
        world.port.open_bar(world.market, world.bars.front());
        for (int i = 0; i < 100 && !trader->orders().reconciled(); ++i) {
            now.mono += Millis(100);
            trader->serve(now);
        }
        REQUIRE(trader->orders().reconciled());
        REQUIRE(port.sent.empty());
        model::Fill fill;
        fill.execution = model::ExecutionId::cut("LATE");
        fill.symbol = model::Symbol::cut("MES");
        fill.side = model::Side::buy;
        fill.quantity = 2;
        fill.price = world.bars.front().open;
        fill.time = now.utc;
        port.told.emplace_back(fill);
        trader->serve(now);
        const bool halted = mode == model::TradingMode::halted;
        bool closes = false;
        for (int i = 0; i < 100 && !closes; ++i) {
            now.mono += Millis(100);
            trader->serve(now);
            closes = !port.sent.empty() && port.sent.back().purpose == model::Purpose::flatten;
        }
        CHECK(closes == halted);
        REQUIRE_FALSE(port.sent.empty());
        CHECK(port.sent.back().quantity == 2);
        CHECK(port.sent.back().side == model::Side::sell);
    }
}

}  // namespace bullpen::trading
