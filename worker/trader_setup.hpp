// What the settings of an account make of its trader: for the worker that trades, and for whoever
// rebuilds from its journal what it did. Pure.
#pragma once

#include <string>

#include "common/config/settings.hpp"
#include "worker/trading/trader.hpp"

namespace bullpen::worker {

// Four characters of the alphabet that order ids are written in: the account's own, else made from
// its name: the same on every machine, and different for most accounts. A tag is for people; the
// fence and the number behind it make an id unique.
std::string order_tag(const config::AccountSettings& settings);

// Without a table of holidays. `instrument` outlives what is made of it.
trading::TraderSettings trader_settings(const config::AccountSettings& settings,
                                        const model::Instrument& instrument,
                                        const model::RulePack& pack);

execution::StopPolicy stop_policy(config::AtStop at_stop);

}  // namespace bullpen::worker
