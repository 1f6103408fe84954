// GateApprover: asks the risk gate for the order manager, and adds what only the trader knows: the
// mode, and the target that an entry is taken for.
#pragma once

#include <optional>

#include "common/model/states.hpp"
#include "worker/execution/approver.hpp"
#include "worker/risk/risk_gate.hpp"

namespace bullpen::trading {

class GateApprover : public execution::Approver {
  public:
    // `gate` outlives it.
    explicit GateApprover(risk::RiskGate& gate) : gate_(gate) {}

    void set_mode(model::TradingMode mode) { mode_ = mode; }
    [[nodiscard]] model::TradingMode mode() const { return mode_; }
    // The market's time, which an order's situation is judged by.
    void set_time(UtcTime time) { time_ = time; }
    [[nodiscard]] UtcTime market_time() const override { return time_; }
    // Of the entry that is decided on next.
    void set_target(std::optional<model::Price> target) { target_ = target; }
    // Of an entry that the gate's size() leaves no contract: denied as by approve().
    execution::GateDenial deny(const risk::Denial& denial);
    // Why the gate said no the last time it did.
    [[nodiscard]] const std::optional<risk::Denial>& last_denial() const { return last_denial_; }

    execution::Verdict approve(const model::OrderTerms& terms, const execution::Exposure& exposure,
                               const std::optional<execution::Plan>& plan, Instant now) override;

  private:
    execution::GateDenial noted(const risk::Denial& denial);

    risk::RiskGate& gate_;
    model::TradingMode mode_ = model::TradingMode::idle;
    UtcTime time_{};
    std::optional<model::Price> target_;
    std::optional<risk::Denial> last_denial_;
};

}  // namespace bullpen::trading
