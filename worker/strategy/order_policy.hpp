// OrderPolicy: how an order is placed that a strategy wants: at the market, or first at the near
// side of the book. With `strategy.order_style = "market"`, the default, always at the market. Pure
// questions and answers for whoever places orders; nothing is remembered.
#pragma once

#include <cstdint>
#include <optional>

#include "common/base/clock.hpp"
#include "common/config/settings.hpp"
#include "common/model/order.hpp"
#include "worker/strategy/facts.hpp"

namespace bullpen::strategy {

// What the order is for; what is urgent goes to the market.
enum class Urgency : std::uint8_t {
    entry,
    strong_entry,  // a signal not to be missed
    target,        // an exit that a better price suits
    partial,       // the same, for a shorter time
    urgent,        // a stop, a time, a flatten
};

// How a quantity is placed. The passive part, if any, waits as a limit order at `limit` for at most
// `wait` and then goes to the market.
struct Placement {
    std::int64_t at_market = 0;  // contracts
    std::int64_t passive = 0;
    model::Price limit;
    Nanos wait{0};
    friend bool operator==(const Placement&, const Placement&) = default;
};

enum class QueueAdvice : std::uint8_t { stay, jump, cancel };

class OrderPolicy {
  public:
    static constexpr double k_aggressive_beyond = 3.0;  // times the mean spread
    static constexpr Nanos k_check_every = std::chrono::milliseconds(500);
    static constexpr int k_attempts = 3;
    static constexpr Nanos k_retry_step = std::chrono::milliseconds(500);
    static constexpr double k_slippage_max = 3.0;    // ticks
    static constexpr double k_slippage_alarm = 2.0;  // ticks

    explicit OrderPolicy(const config::StrategySettings& settings) : settings_(settings) {}

    // `spread_ratio`: the spread against its mean; none without a baseline, and then nothing waits.
    [[nodiscard]] Placement place(model::Side side, std::int64_t quantity, Urgency urgency,
                                  const std::optional<Quote>& quote,
                                  std::optional<double> spread_ratio) const;
    // Whether the market has left a waiting order behind, so that it is cancelled.
    [[nodiscard]] bool left_behind(model::Side side, model::Price limit, const Quote& quote) const;
    [[nodiscard]] QueueAdvice queue(std::int64_t contracts_ahead) const;
    // Attempt 1 is the first retry; each is a tick more willing and waits longer before.
    [[nodiscard]] static model::Price retry_limit(model::Side side, model::Price limit,
                                                  int attempt);
    [[nodiscard]] static Nanos retry_wait(int attempt) { return k_retry_step * attempt; }
    // Whether a partly filled entry is kept; otherwise the filled part is closed again.
    [[nodiscard]] bool keeps(std::int64_t filled, std::int64_t quantity) const;

    // Ticks that a market order is expected to slip: 2 before 09:30 of the wall clock and 1 after,
    // more with a wide spread, 3 at the most.
    [[nodiscard]] static double expected_slippage(int minute_of_day,
                                                  std::optional<double> spread_ratio);

  private:
    config::StrategySettings settings_;
};

}  // namespace bullpen::strategy
