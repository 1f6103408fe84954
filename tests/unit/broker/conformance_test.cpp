#include "tests/support/broker_conformance.hpp"
#include "worker/broker/exchange_port.hpp"
#include "worker/broker/shadow_port.hpp"

using namespace bullpen;
using namespace bullpen::test;

namespace {

const model::Instrument& mes() {
    return **model::find_instrument("MES");
}
matching::Costs costs() {
    matching::Costs made;
    made.commission = {500'000};
    return made;
}

// A port that has its exchange in this process.
class InProcess : public BrokerBench {
  public:
    [[nodiscard]] Instant now() const override { return {time_, MonoTime{}}; }
    void bar(std::int64_t open, std::int64_t high, std::int64_t low, std::int64_t close) override {
        auto& exchange = simulated();
        exchange.open_bar({0}, {time_, model::k_minute, {open}, {high}, {low}, {close}, 1, 1});
        time_ += model::k_minute;
        do {
            (void)port().poll(now(), events);
        } while (exchange.advance({0}));
    }
    bool until(const std::function<bool()>& condition) override {
        (void)port().poll(now(), events);
        return condition();
    }

  protected:
    virtual broker::ExchangePort& simulated() = 0;

  private:
    UtcTime time_{std::chrono::sys_days{std::chrono::year(2025) / 4 / 7}};
};

class ExchangeBench final : public InProcess {
  public:
    ExchangeBench() : port_({.account = "ACC1", .cash = {1'000'000'000}, .text = {}}) {
        port_.add_market(mes(), costs());
    }
    broker::Port& port() override { return port_; }
    [[nodiscard]] std::string account() const override { return "ACC1"; }

  protected:
    broker::ExchangePort& simulated() override { return port_; }

  private:
    broker::ExchangePort port_;
};

class ShadowBench final : public InProcess {
  public:
    ShadowBench() : port_("ACC1", {1'000'000'000}, "7") { port_.add_market(mes(), costs()); }
    broker::Port& port() override { return port_; }
    [[nodiscard]] std::string account() const override { return "shadow:ACC1"; }
    broker::ShadowPort& shadow() { return port_; }

  protected:
    broker::ExchangePort& simulated() override { return port_.simulated(); }

  private:
    broker::ShadowPort port_;
};

}  // namespace

TEST_CASE("the exchange in-process is a broker") {
    broker_conformance([] { return std::make_unique<ExchangeBench>(); });
}

TEST_CASE("the shadow mode looks like a broker from inside") {
    broker_conformance([] { return std::make_unique<ShadowBench>(); });
}

TEST_CASE("nothing of the shadow passes for a trade") {
    ShadowBench bench;
    bench.connect();
    const auto order = bench.terms(model::Side::buy, model::OrderType::market, 1);
    CHECK(bench.outcome(order) == broker::Outcome::accepted);
    bench.bar(400, 404, 396, 402);
    for (const auto& answer : bench.all<broker::Answer>()) {
        CHECK(answer.text == broker::k_shadow_text);
        CHECK(answer.broker_order.view().starts_with("SHADOW"));
    }
    REQUIRE(!bench.all<broker::OrderReport>().empty());
    for (const auto& report : bench.all<broker::OrderReport>())
        CHECK(report.text == broker::k_shadow_text);
    REQUIRE(bench.all<model::Fill>().size() == 1);
    CHECK(bench.all<model::Fill>()[0].execution.view().starts_with("SHADOW"));
    CHECK(bench.all<broker::Connected>()[0].account == "shadow:ACC1");
    // What would have been sent is kept, in order, and no more than there is room for.
    bench.port().cancel(order.id, bench.now());
    bench.port().replace(order.id, 2, {410}, bench.now());
    auto& shadow = bench.shadow();
    REQUIRE(shadow.would_be().size() == 3);
    CHECK(shadow.would_be()[0].command == broker::OrderCommand::submit);
    CHECK(shadow.would_be()[0].terms == order);
    CHECK(shadow.would_be()[2].price.ticks == 410);
    for (std::size_t i = 0; i < broker::ShadowPort::k_would_be_max; ++i)
        bench.port().cancel(order.id, bench.now());
    CHECK(shadow.would_be().size() == broker::ShadowPort::k_would_be_max);
    CHECK(shadow.would_be_dropped() == 3);
}

TEST_CASE("orders that close do no more than that, where the exchange has the rule") {
    broker::ExchangePort port({.account = "A", .cash = {}, .exits_only_reduce = true, .text = {}});
    port.add_market(mes(), {});
    std::vector<broker::Event> events;
    port.connect({});
    model::OrderTerms terms;
    terms.id = model::ClientOrderId::make("TEST", Fence{1}, 1);
    terms.symbol = model::Symbol::cut("MES");
    terms.quantity = 1;
    terms.purpose = model::Purpose::flatten;
    port.submit(approved(terms), {});
    port.open_bar({0}, {UtcTime{}, model::k_minute, {400}, {404}, {396}, {400}, 1, 1});
    while (port.advance({0})) {
    }
    CHECK(port.exchange().position(port.account(), {0}).flat());
    terms.symbol = model::Symbol::cut("ES");
    terms.id = model::ClientOrderId::make("TEST", Fence{1}, 2);
    port.submit(approved(terms), {});
    (void)port.poll({}, events);
    CHECK(!port.pending());
    CHECK(std::get<broker::Answer>(events.back()).outcome == broker::Outcome::rejected);
}
