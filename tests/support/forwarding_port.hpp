// A broker's port that says and hears what another one does, for whoever adds to it.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "worker/broker/port.hpp"

namespace bullpen::test {

class ForwardingPort : public broker::Port {
  public:
    // `inner` outlives it.
    explicit ForwardingPort(broker::Port& inner) : inner_(inner) {}

    [[nodiscard]] int fd() const override { return inner_.fd(); }
    std::optional<MonoTime> poll(Instant now, std::vector<broker::Event>& events) override {
        return inner_.poll(now, events);
    }
    void connect(Instant now) override { inner_.connect(now); }
    [[nodiscard]] bool connected() const override { return inner_.connected(); }
    [[nodiscard]] std::string_view session_account() const override {
        return inner_.session_account();
    }
    void hurry(bool hurries, Instant now) override { inner_.hurry(hurries, now); }
    void submit(const risk::Approved<model::OrderTerms>& terms, Instant now) override {
        inner_.submit(terms, now);
    }
    void cancel(const model::ClientOrderId& order, Instant now) override {
        inner_.cancel(order, now);
    }
    void replace(const model::ClientOrderId& order, std::int64_t quantity, model::Price price,
                 Instant now) override {
        inner_.replace(order, quantity, price, now);
    }
    [[nodiscard]] bool can_replace() const override { return inner_.can_replace(); }
    [[nodiscard]] bool in_order() const override { return inner_.in_order(); }
    std::uint64_t query_orders(UtcTime since, Instant now) override {
        return inner_.query_orders(since, now);
    }
    std::uint64_t query_fills(UtcTime since, Instant now) override {
        return inner_.query_fills(since, now);
    }
    std::uint64_t query_positions(Instant now) override { return inner_.query_positions(now); }
    std::uint64_t query_balance(Instant now) override { return inner_.query_balance(now); }
    std::uint64_t query_instrument(const model::Symbol& symbol, Instant now) override {
        return inner_.query_instrument(symbol, now);
    }

  private:
    broker::Port& inner_;
};

}  // namespace bullpen::test
