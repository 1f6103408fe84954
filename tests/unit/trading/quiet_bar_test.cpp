// A bar on which nothing is decided costs no allocation and no question for the local time, from
// the exchange's open to the strategy's decision, whether a position is held or not.
#include <doctest/doctest.h>

#include <atomic>
#include <cstdlib>
#include <ctime>
#include <new>

#include "common/feed/feed.hpp"
#include "common/time/futures_session.hpp"
#include "worker/broker/exchange_port.hpp"
#include "worker/indicators/market_indicators.hpp"
#include "worker/trading/trader.hpp"

namespace {
std::atomic<long> g_allocations{0};
std::atomic<long> g_local_times{0};
}  // namespace

void* operator new(std::size_t size) {
    ++g_allocations;
    if (void* made = std::malloc(size == 0 ? 1 : size))
        return made;
    throw std::bad_alloc();
}
void* operator new(std::size_t size, const std::nothrow_t&) noexcept {
    ++g_allocations;
    return std::malloc(size == 0 ? 1 : size);
}
void operator delete(void* made) noexcept {
    std::free(made);
}
void operator delete(void* made, std::size_t) noexcept {
    std::free(made);
}

// In place of the library's, for the whole of this program: no test of it asks for a wall clock.
extern "C" {
struct tm* localtime_r(const time_t* at, struct tm* into) noexcept {
    ++g_local_times;
    return gmtime_r(at, into);
}
struct tm* localtime(const time_t* at) noexcept {
    ++g_local_times;
    return gmtime(at);
}
time_t mktime(struct tm* from) noexcept {
    ++g_local_times;
    return timegm(from);
}
}

namespace bullpen::trading {
namespace {

constexpr std::size_t k_warm = 3 * 1380;
constexpr std::size_t k_bars = 20 * 1380;

Instant at(UtcTime utc) {
    return {utc, MonoTime(utc.time_since_epoch())};
}

// Everything that a trader counts but the bars: a bar that changes none of it decided nothing.
TraderCounters decided(const Trader& trader) {
    auto counters = trader.counters();
    counters.bars = 0;
    return counters;
}

TEST_CASE("a bar on which nothing is decided allocates nothing and asks for no local time") {
    feed::SyntheticOptions options;
    options.seed = 11;
    auto feed = std::move(*feed::open_synthetic(options));
    std::vector<model::Bar> bars;
    while (bars.size() < k_bars)
        bars.push_back(std::get<model::Bar>(feed->next({})));
    broker::ExchangePort port({.account = "ACC1", .cash = {50'000'000'000}, .text = {}});
    TraderSettings settings;
    settings.instrument = *model::find_instrument("MES");
    settings.risk.daily_loss_max = 100'000;
    settings.risk.approach = config::ApproachMode::off;
    settings.orders.tag = "TEST";
    settings.orders.account = execution::BrokerAccount::cut("ACC1");
    settings.orders.reconcile_every = Nanos{0};
    settings.orders.verify_after_exit = false;
    const auto market = port.add_market(*settings.instrument, {});
    execution::NoRecorder nowhere;
    const auto trader = std::move(*Trader::create(settings, port, nowhere));
    const auto session = std::move(*time::FuturesSession::load());
    indicators::MarketIndicators indicators(*settings.instrument, session,
                                            trader->indicator_settings());
    REQUIRE(trader->start(Fence{1}, at(bars.front().start)));
    trader->set_mode(model::TradingMode::active);

    long allocations = 0;
    long local_times = 0;
    std::size_t quiet = 0;
    std::size_t held = 0;
    for (std::size_t i = 0; i < bars.size(); ++i) {
        const auto& bar = bars[i];
        const auto before = decided(*trader);
        const auto orders = port.exchange().last_order_number();
        const auto executions = port.exchange().last_execution_number();
        const long allocated = g_allocations;
        const long asked = g_local_times;
        trader->begin_bar(bar.start, at(bar.start));
        port.open_bar(market, bar);
        do {
            if (port.pending())
                trader->serve(at(bar.start));
        } while (port.advance(market));
        if (port.pending())
            trader->serve(at(bar.end()));
        indicators.add(bar);
        trader->on_bar(bar, indicators.values(), indicators.closed_quarters(), at(bar.end()));
        const long now_allocated = g_allocations;
        const long now_asked = g_local_times;
        trader->orders().take();
        const bool nothing = before == decided(*trader) &&
                             orders == port.exchange().last_order_number() &&
                             executions == port.exchange().last_execution_number();
        if (i < k_warm || !nothing)
            continue;
        allocations += now_allocated - allocated;
        local_times += now_asked - asked;
        ++quiet;
        held += trader->risk().position().flat() ? 0 : 1;
    }
    CHECK(allocations == 0);
    CHECK(local_times == 0);
    CHECK(quiet > 20'000);
    CHECK(held > 100);
    // The counting counts, and there was something to be quiet beside.
    CHECK(g_allocations > 1'000);
    CHECK(port.exchange().last_execution_number() > 50);
}

}  // namespace
}  // namespace bullpen::trading
