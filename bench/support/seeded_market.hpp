// A million bars of the seeded market, and the settings to trade them with, for the benches of the
// engine.
#pragma once

#include <vector>

#include "common/model/bar.hpp"
#include "worker/backtest/backtest.hpp"

namespace bullpen::bench {

// The first `count` bars of seed 1: the same on every machine.
std::vector<model::Bar> seeded_market(std::size_t count);

// As of an account without a file, but for the daily loss limit: days that it ends would make the
// engine look faster than it is.
backtest::BacktestSettings seeded_settings();

}  // namespace bullpen::bench
