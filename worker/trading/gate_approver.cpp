#include "worker/trading/gate_approver.hpp"

namespace bullpen::trading {

execution::Verdict GateApprover::approve(const model::OrderTerms& terms,
                                         const execution::Exposure& exposure,
                                         const std::optional<execution::Plan>& plan,
                                         Instant /*now*/) {
    risk::Situation situation;
    situation.exposure = {exposure.held, exposure.position_unknown, exposure.entries_buy,
                          exposure.entries_sell, exposure.exits};
    situation.mode = mode_;
    situation.now = time_;
    if (plan && plan->stop)
        situation.plan = risk::EntryPlan{plan->signal, *plan->stop, target_};
    auto approval = gate_.check(terms, situation);
    if (auto* approved = std::get_if<risk::Approved<model::OrderTerms>>(&approval))
        return *approved;
    return noted(std::get<risk::Denial>(approval));
}

execution::GateDenial GateApprover::deny(const risk::Denial& denial) {
    gate_.count_denial();
    return noted(denial);
}

execution::GateDenial GateApprover::noted(const risk::Denial& denial) {
    last_denial_ = denial;
    return {static_cast<std::uint16_t>(denial.code),
            execution::Label::cut(risk::code(denial.code))};
}

}  // namespace bullpen::trading
