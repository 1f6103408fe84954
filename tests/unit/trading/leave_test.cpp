// A trader that asks before it enters, and one whose broker describes the instrument otherwise.
#include <doctest/doctest.h>

#include <map>
#include <vector>

#include "common/time/futures_session.hpp"
#include "tests/unit/trading/market.hpp"
#include "worker/indicators/market_indicators.hpp"

namespace bullpen::leave {
namespace {

using namespace trading;  // NOLINT: what is tested

using execution::Refusal;
using test::at;

class Journal final : public execution::Recorder {
  public:
    Result<void> durable(const execution::Record& one) override { return record(one); }
    Result<void> record(const execution::Record& one) override {
        if (const auto* intended = std::get_if<execution::Intended>(&one)) {
            if (intended->terms.purpose == model::Purpose::entry)
                entries.push_back(*intended);
        } else if (const auto* denied = std::get_if<execution::Denied>(&one)) {
            ++denials[denied->refusal];
        }
        return {};
    }
    std::vector<execution::Intended> entries;
    std::map<std::uint16_t, int> denials;
};

// A market of the simulated exchange, which may describe its instrument otherwise than the table.
struct Market : test::Market {
    using test::Market::Market;

    // Calls `between` after each bar, with the time of its end.
    template <class Between>
    void run(Between between) {
        auto trader = std::move(*Trader::create(settings, port, journal));
        const auto session = std::move(*time::FuturesSession::load());
        indicators::MarketIndicators indicators(*settings.instrument, session,
                                                trader->indicator_settings());
        REQUIRE(trader->start(Fence{1}, at(bars.front().start)));
        trader->set_mode(model::TradingMode::active);
        for (const auto& bar : bars) {
            trader->begin_bar(bar.start, at(bar.start));
            port.open_bar(market, bar);
            do {
                trader->serve(at(bar.start));
            } while (port.advance(market));
            trader->serve(at(bar.end()));
            indicators.add(bar);
            trader->on_bar(bar, indicators.values(), indicators.closed_quarters(), at(bar.end()));
            between(*trader, at(bar.end()));
        }
    }

    Journal journal;
};

int denied(const Journal& journal, Refusal refusal) {
    const auto found = journal.denials.find(static_cast<std::uint16_t>(refusal));
    return found == journal.denials.end() ? 0 : found->second;
}

// A broker that is asked for an instrument, and answers when the test says so.
class Asked final : public broker::Port {
  public:
    [[nodiscard]] int fd() const override { return -1; }
    std::optional<MonoTime> poll(Instant /*now*/, std::vector<broker::Event>& /*events*/) override {
        return std::nullopt;
    }
    void connect(Instant /*now*/) override {}
    [[nodiscard]] bool connected() const override { return true; }
    [[nodiscard]] std::string_view session_account() const override { return {}; }
    void submit(const risk::Approved<model::OrderTerms>& /*terms*/, Instant /*now*/) override {}
    void cancel(const model::ClientOrderId& /*order*/, Instant /*now*/) override {}
    void replace(const model::ClientOrderId& /*order*/, std::int64_t /*quantity*/,
                 model::Price /*price*/, Instant /*now*/) override {}
    [[nodiscard]] bool can_replace() const override { return false; }
    std::uint64_t query_orders(UtcTime /*since*/, Instant /*now*/) override { return 0; }
    std::uint64_t query_fills(UtcTime /*since*/, Instant /*now*/) override { return 0; }
    std::uint64_t query_positions(Instant /*now*/) override { return 0; }
    std::uint64_t query_balance(Instant /*now*/) override { return 0; }
    std::uint64_t query_instrument(const model::Symbol& /*symbol*/, Instant /*now*/) override {
        return ++times;
    }
    std::uint64_t times = 0;
};

}  // namespace

TEST_CASE("who must ask enters with leave, not without, and not on the bar after") {
    Market market(**model::find_instrument("MES"));
    market.settings.asks_before_entry = true;
    int asked = 0;
    int granted = 0;
    int refused = 0;
    std::uint64_t counted = 0;
    std::uint64_t miscounted = 0;
    market.run([&](Trader& trader, Instant now) {
        counted = trader.counters().refused.at(static_cast<std::size_t>(Refusal::not_granted));
        miscounted = trader.counters().denied.front();
        const auto question = trader.question();
        if (!question)
            return;
        CHECK(*question != 0);
        const auto before = market.journal.entries.size();
        switch (asked++ % 3) {
            case 0:
                trader.answer(Refusal::none, now);
                // The account's own limits may still say no.
                if (market.journal.entries.size() == before)
                    break;
                ++granted;
                REQUIRE(market.journal.entries.size() == before + 1);
                CHECK(model::sign(market.journal.entries.back().terms.side) *
                          market.journal.entries.back().terms.quantity ==
                      *question);
                break;
            case 1:
                ++refused;
                trader.answer(Refusal::not_granted, now);
                CHECK(market.journal.entries.size() == before);
                break;
            default: break;  // nobody answers
        }
    });
    CHECK(asked > 30);
    CHECK(granted > 5);
    CHECK(market.journal.entries.size() == static_cast<std::size_t>(granted));
    CHECK(denied(market.journal, Refusal::not_granted) == refused);
    CHECK(counted >= static_cast<std::uint64_t>(refused) - 1);
    CHECK(miscounted == 0);
    CHECK(denied(market.journal, Refusal::no_grant) >= asked / 3 - 1);
}

TEST_CASE("leave that is given changes nothing of what is traded") {
    Market free(**model::find_instrument("MES"));
    free.run([](Trader&, Instant) {});
    Market asking(**model::find_instrument("MES"));
    asking.settings.asks_before_entry = true;
    asking.run([](Trader& trader, Instant now) { trader.answer(Refusal::none, now); });
    REQUIRE(free.journal.entries.size() > 30);
    CHECK(asking.journal.entries == free.journal.entries);
}

TEST_CASE("an instrument that the broker describes otherwise is not entered, whatever differs") {
    const auto& ours = **model::find_instrument("MES");
    auto tick = ours;
    tick.tick = model::TickSize{ours.tick.billionths * 2};
    auto tick_value = ours;
    tick_value.tick_value = ours.tick_value * 2;
    auto point_value = ours;
    point_value.point_value = ours.point_value * 10;
    for (const auto* told : {&tick, &tick_value, &point_value}) {
        Market market(*told);
        std::uint64_t refused = 0;
        market.run([&](Trader& trader, Instant) {
            CHECK_FALSE(trader.instrument_check().agreed());
            CHECK(trader.instrument_check().trouble().find("of MES is") != std::string::npos);
            refused = trader.counters().refused.at(static_cast<std::size_t>(Refusal::instrument));
        });
        CHECK(market.journal.entries.empty());
        CHECK(refused > 30);
    }
}

TEST_CASE(
    "an instrument is asked for anew until the broker says what it is, and with each session") {
    const auto& mes = **model::find_instrument("MES");
    const auto symbol = model::Symbol::cut("MES");
    Asked port;
    InstrumentCheck check(mes, std::chrono::seconds(5));
    const auto second = [](int n) { return at(UtcTime(std::chrono::seconds(n))); };
    check.on_time(port, second(1));
    CHECK(port.times == 0);
    check.on_event(broker::Connected{"ACC1"}, second(1));
    check.on_time(port, second(1));
    CHECK(port.times == 1);
    check.on_time(port, second(5));
    CHECK(port.times == 1);
    // The answer is lost.
    check.on_time(port, second(6));
    CHECK(port.times == 2);
    // It is silent: asked again, later.
    check.on_event(broker::InstrumentAnswer{2, symbol, {"MES", {}, {}, {}}, ""}, second(7));
    CHECK_FALSE(check.agreed());
    CHECK_FALSE(check.trouble().empty());
    check.on_time(port, second(21));
    CHECK(port.times == 2);
    check.on_time(port, second(22));
    CHECK(port.times == 3);
    check.on_event(
        broker::InstrumentAnswer{3, symbol, {"MES", mes.tick, mes.tick_value, mes.point_value}, ""},
        second(23));
    CHECK(check.agreed());
    CHECK(check.trouble().empty());
    CHECK_FALSE(check.next_deadline());
    check.on_event(broker::Disconnected{}, second(24));
    CHECK_FALSE(check.agreed());
    check.on_event(broker::Connected{"ACC1"}, second(25));
    check.on_time(port, second(25));
    CHECK(port.times == 4);
}

}  // namespace bullpen::leave
