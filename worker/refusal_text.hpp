// Why an account enters nothing, in the words of its beats. Pure.
#pragma once

#include <optional>
#include <string>

#include "common/base/clock.hpp"
#include "worker/execution/notice.hpp"
#include "worker/risk/risk_gate.hpp"
#include "worker/strategy/gates.hpp"
#include "worker/trading/trader.hpp"

namespace bullpen::worker {

// The code of what the order manager refused, what it means, and when it may change.
std::string text(execution::Refusal refusal);

struct LastRefusal {
    std::string text;
    UtcTime at{};  // of the market
    std::optional<UtcTime> until;
};
// What came last: between a signal and its order, or the gate that kept a bar from being a signal.
// That a pattern was not there counts only before anything else was refused.
std::optional<LastRefusal> last_refusal(const std::optional<trading::Unmade>& unmade,
                                        const strategy::GateCounters& gates);

// Why the newest bar is no entry, since when, and when it may change; empty when it is one.
std::string newest_bar_text(const strategy::GateCounters& gates);

// What lets nothing be entered: its code, what it means, and what can be done about it.
std::string limit_text(risk::DenialCode denial);
std::string limit_text(risk::Limit limit);
// The same of what refuses every entry: RiskGate::standing_denial().
std::string standing_text(risk::DenialCode denial);

}  // namespace bullpen::worker
