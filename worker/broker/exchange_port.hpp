// ExchangePort: the paper exchange in this process, behind the port, for backtests and the shadow
// mode. Nothing takes time: what a command causes is there at the next poll(). The same orders and
// bars give the same events in every run.
//
// Whoever drives the market asks for events after each step of a bar, so that the order manager
// can react within it:
//
//     port.open_bar(market, bar);
//     do {
//         if (port.pending()) { ... poll(), OrderManager::on_event() ... }
//     } while (port.advance(market));
//     if (port.pending()) { ... as before ... }
//     // then the strategy sees the bar; what it orders fills from the next open on
//
// One account, one thread. A bar without working orders costs a few stores and allocates nothing.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "common/matching/exchange.hpp"
#include "worker/broker/port.hpp"

namespace bullpen::broker {

struct ExchangePortSettings {
    std::string account;  // as the broker writes it
    model::Money cash;    // at the start
    bool can_replace = true;
    // Orders that close something never do more than that: kinder than most brokers, so off.
    bool exits_only_reduce = false;
    // What broker order ids and execution ids begin with, and the broker's words to each order.
    std::string order_prefix = "O";
    std::string execution_prefix = "E";
    std::string text;
};

class ExchangePort final : public Port {
  public:
    explicit ExchangePort(ExchangePortSettings settings);

    // `instrument` outlives the port. An order for a symbol without a market is rejected.
    matching::MarketRef add_market(const model::Instrument& instrument,
                                   const matching::Costs& costs);

    // What an earlier life of the account left here; orders that stand work at once.
    void restore(matching::MarketRef market, const model::Position& position,
                 std::span<const matching::OrderRequest> working);

    // --- the market ---------------------------------------------------------------------------
    void open_bar(matching::MarketRef market, const model::Bar& bar) {
        exchange_.open_bar(market, bar);
    }
    bool advance(matching::MarketRef market) { return exchange_.advance(market); }
    // The whole bar, if it reaches no order; else false, and nothing is done.
    bool pass_bar(matching::MarketRef market, const model::Bar& bar) {
        return exchange_.pass_bar(market, bar);
    }
    void on_tick(matching::MarketRef market, const model::Tick& tick) {
        exchange_.on_tick(market, tick);
    }
    void on_trade(matching::MarketRef market, const model::QuotedTrade& trade) {
        exchange_.on_trade(market, trade);
    }
    // The trading day of the market is over: its day orders expire.
    void end_of_day(matching::MarketRef market) { exchange_.expire_day_orders(market); }
    // Whether poll() has something to tell.
    [[nodiscard]] bool pending() const { return !exchange_.events().empty() || !told_.empty(); }

    // For reports: cash, positions, every order and execution.
    [[nodiscard]] const matching::Exchange& exchange() const { return exchange_; }
    [[nodiscard]] matching::AccountRef account() const { return account_; }

    // --- Port -----------------------------------------------------------------------------------
    [[nodiscard]] int fd() const override { return -1; }
    std::optional<MonoTime> poll(Instant now, std::vector<Event>& events) override;
    void connect(Instant now) override;
    [[nodiscard]] bool connected() const override { return connected_; }
    [[nodiscard]] std::string_view session_account() const override {
        return connected_ ? std::string_view(settings_.account) : std::string_view();
    }
    void submit(const risk::Approved<model::OrderTerms>& terms, Instant now) override;
    void cancel(const model::ClientOrderId& order, Instant now) override;
    void replace(const model::ClientOrderId& order, std::int64_t quantity, model::Price price,
                 Instant now) override;
    [[nodiscard]] bool can_replace() const override { return settings_.can_replace; }
    std::uint64_t query_orders(UtcTime since, Instant now) override;
    std::uint64_t query_fills(UtcTime since, Instant now) override;
    std::uint64_t query_positions(Instant now) override;
    std::uint64_t query_balance(Instant now) override;
    std::uint64_t query_instrument(const model::Symbol& symbol, Instant now) override;

  private:
    [[nodiscard]] std::optional<matching::MarketRef> market_of(std::string_view symbol) const;
    void drain();
    void tell(const matching::Event& event);
    void answer(OrderCommand command, Outcome outcome, const model::ClientOrderId& order,
                std::string_view text);
    [[nodiscard]] OrderReport report_of(const matching::Order& order) const;
    [[nodiscard]] model::Fill fill_of(const matching::Execution& execution) const;
    [[nodiscard]] model::BrokerOrderId broker_id(std::uint64_t number) const;

    ExchangePortSettings settings_;
    matching::Exchange exchange_;
    matching::AccountRef account_;
    std::vector<model::Symbol> symbols_;  // by market
    std::vector<Event> told_;             // not yet asked for
    bool connected_ = false;
    std::uint64_t last_query_ = 0;
};

}  // namespace bullpen::broker
