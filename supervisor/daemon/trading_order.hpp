// What an operator ordered of an account's trading, and what came of it. Pure.
#pragma once

#include <optional>
#include <string>

#include "common/base/clock.hpp"
#include "ipc/message.hpp"
#include "ipc/trading_order.hpp"
#include "supervisor/daemon/outcome.hpp"
#include "supervisor/fleet/view.hpp"

namespace bullpen::daemon {

using ipc::TradingOrder;

// An order until a worker has done it: each new launch is told again. One that lifts something
// lifts what was there when it was given, and waits no longer than its command: the account may
// halt itself meanwhile, and nobody would be there to see that lifted.
struct StandingOrder {
    TradingOrder order{};
    UtcTime given{};
    MonoTime until{};  // of one that lifts; afterwards nobody is told of it

    [[nodiscard]] bool lifts() const {
        return order == TradingOrder::resume || order == TradingOrder::restart_floor;
    }
    [[nodiscard]] bool stands(MonoTime now) const { return !lifts() || now < until; }
    friend bool operator==(const StandingOrder&, const StandingOrder&) = default;
};

// Whether the account halted itself after it was told to resume: that is not what was to be lifted.
bool is_overtaken(const StandingOrder& standing, const ipc::Heartbeat& beat);
// The outcome for an account of which this is known; none while it is on its way. `beat`: the
// newest of the worker that was told, none before one came. `found`: what an order that lifts found
// to lift (see ipc::to_lift()), none when it is not known.
std::optional<Outcome> judge(const StandingOrder& standing, const fleet::AccountView& view,
                             const ipc::Heartbeat* beat,
                             const std::optional<std::string>& found = std::nullopt);
Outcome too_late(const StandingOrder& standing, const fleet::AccountView& view,
                 const ipc::Heartbeat* beat);

}  // namespace bullpen::daemon
