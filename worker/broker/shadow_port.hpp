// ShadowPort: an account whose orders go nowhere. It has no connection and no way to make one; what
// would have been ordered is kept for the log, and what would have become of it is simulated on an
// exchange of its own, so that a strategy in the shadow lives through entries and exits as it would
// elsewhere. Every id begins with SHADOW, every text says so, and its account is named
// "shadow:<account>", so that nothing of it passes for a trade.
#pragma once

#include <string>
#include <vector>

#include "worker/broker/exchange_port.hpp"

namespace bullpen::broker {

inline constexpr std::string_view k_shadow_account_prefix = "shadow:";
inline constexpr std::string_view k_shadow_text = "shadow: nothing was sent";

// What would have been sent.
struct WouldBe {
    OrderCommand command{};
    UtcTime time{};
    model::ClientOrderId order;
    model::OrderTerms terms;    // of a submission
    std::int64_t quantity = 0;  // of a change
    model::Price price;         // of a change
};

class ShadowPort final : public Port {
  public:
    // Not taken in time, the newest are dropped and counted.
    static constexpr std::size_t k_would_be_max = 256;

    // `account` as the broker would write it, without the prefix. `life` tells this process from
    // those of before it, in at most 12 characters: the simulated broker numbers from 1, and its
    // numbers are remembered longer than it lives.
    ShadowPort(const std::string& account, model::Money cash, std::string_view life);

    matching::MarketRef add_market(const model::Instrument& instrument,
                                   const matching::Costs& costs) {
        return simulated_.add_market(instrument, costs);
    }
    // The market is driven as that of an ExchangePort is.
    [[nodiscard]] ExchangePort& simulated() { return simulated_; }

    // Oldest first; clear_would_be() when they have been logged.
    [[nodiscard]] const std::vector<WouldBe>& would_be() const { return would_be_; }
    void clear_would_be() { would_be_.clear(); }
    [[nodiscard]] std::uint64_t would_be_dropped() const { return dropped_; }

    [[nodiscard]] int fd() const override { return -1; }
    std::optional<MonoTime> poll(Instant now, std::vector<Event>& events) override {
        return simulated_.poll(now, events);
    }
    void connect(Instant now) override { simulated_.connect(now); }
    [[nodiscard]] bool connected() const override { return simulated_.connected(); }
    [[nodiscard]] std::string_view session_account() const override {
        return simulated_.session_account();
    }
    void submit(const risk::Approved<model::OrderTerms>& terms, Instant now) override;
    void cancel(const model::ClientOrderId& order, Instant now) override;
    void replace(const model::ClientOrderId& order, std::int64_t quantity, model::Price price,
                 Instant now) override;
    [[nodiscard]] bool can_replace() const override { return true; }
    std::uint64_t query_orders(UtcTime since, Instant now) override {
        return simulated_.query_orders(since, now);
    }
    std::uint64_t query_fills(UtcTime since, Instant now) override {
        return simulated_.query_fills(since, now);
    }
    std::uint64_t query_positions(Instant now) override { return simulated_.query_positions(now); }
    std::uint64_t query_balance(Instant now) override { return simulated_.query_balance(now); }
    std::uint64_t query_instrument(const model::Symbol& symbol, Instant now) override {
        return simulated_.query_instrument(symbol, now);
    }

  private:
    void keep(const WouldBe& command);

    ExchangePort simulated_;
    std::vector<WouldBe> would_be_;
    std::uint64_t dropped_ = 0;
};

}  // namespace bullpen::broker
