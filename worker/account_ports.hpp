// The ports to its broker that an account acts through. A worker makes them here and nowhere else
// (a rule of the tree), of the context of the account alone: so there is none without an account,
// and none whose account is another one's. A backtest has no account, and a port of its own.
#pragma once

#include <memory>
#include <span>

#include "worker/account_context.hpp"
#include "worker/broker/shadow_port.hpp"
#include "worker/broker/share_port.hpp"
#include "worker/broker/venue_port.hpp"

namespace bullpen::worker {

// Errc::invalid for a broker that is not known, and errors of the port's make(). The instruments
// outlive the port.
Result<std::unique_ptr<broker::VenuePort>> make_venue_port(
    const AccountContext& context, std::span<const model::Instrument* const> instruments);
Result<std::unique_ptr<broker::SharePort>> make_share_port(const AccountContext& context);

// Of an account in the shadow, with its balance in the currency of `instrument`.
std::unique_ptr<broker::ShadowPort> make_shadow_port(const AccountContext& context,
                                                     const model::Instrument& instrument);

}  // namespace bullpen::worker
