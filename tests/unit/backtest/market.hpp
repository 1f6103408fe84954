// Bars of the seeded market, and settings to run them with.
#pragma once

#include <vector>

#include "common/feed/feed.hpp"
#include "worker/backtest/backtest.hpp"

namespace bullpen::test {

inline std::vector<model::Bar> market(std::uint64_t seed, std::size_t count) {
    feed::SyntheticOptions options;
    options.seed = seed;
    auto feed = feed::open_synthetic(options).value();
    feed->start({});
    std::vector<model::Bar> bars;
    while (bars.size() < count)
        bars.push_back(std::get<model::Bar>(feed->next({})));
    return bars;
}

inline backtest::BacktestSettings run_settings() {
    backtest::BacktestSettings made;
    made.instrument = model::find_instrument("MES").value();
    made.pack = *model::RulePacks::built_in().find("plain").value();
    made.costs = backtest::default_costs(*made.instrument);
    made.cash = {50'000'000'000, model::k_usd};
    return made;
}

}  // namespace bullpen::test
